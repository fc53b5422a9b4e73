"""A batch's draft: its own graph on top of the replica, its edits so far, and what they relied on.

Each edit is checked against the draft at once, by the server's own rules, so that a refusal is
raised at its line. What the server can't know at the end of the batch is settled here as well:
which of a change's conditions the batch itself has made true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from graph_ext.client.editing.conditions import Conditions
from graph_ext.client.ids import new_id
from graph_ext.client.session.replica import Replica
from graph_ext.core.commands import Batch, Command, CreateNode, Edit, LinkNodes, Redo, Undo, execute
from graph_ext.core.errors import ConflictError, GraphError
from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
)
from graph_ext.core.expectations import Expectation, check_expectations

__all__ = ["Draft", "DraftReplica"]

Mark = tuple[int, int, int]
"""how many edits, events and conditions there are"""


class DraftReplica(Replica):
    """A replica that stands at the rev at which it was made, with a batch's changes.

    Parameters
    ----------
    live : Replica
        What it stands on; its lock is this one's too.
    """

    def __init__(self, live: Replica) -> None:
        super().__init__()
        self.lock = live.lock
        with live.lock:
            self.layer = live.layered()
            self.graph = self.layer
            self.epoch, self.rev = live.epoch, live.rev
        # `g.nx` in the batch: it goes with it
        self.view: object = None

    def wait_until(self, holds: Callable[[], bool], timeout_s: float | None) -> bool:  # noqa: ARG002
        """Tell whether something holds: nothing will come from elsewhere."""
        with self.lock:
            return holds()


class Draft:
    """What a batch has come to.

    Parameters
    ----------
    live : Replica
        The graph as it stands.
    """

    def __init__(self, live: Replica) -> None:
        # what reads of the graph within the batch see
        self.replica = DraftReplica(live)
        self.edits: list[Edit] = []
        # the label of the first change that has one
        self.label = ""
        self._events: list[Event] = []
        self._expect: list[Expectation] = []
        self._base_rev: int | None = None
        # (id, what of it) of all that the batch has changed; None: all of it
        self._touched: set[tuple[str, str | None]] = set()

    @property
    def conditions(self) -> Conditions:
        """What must hold when the batch is made: what its changes asked for, but of themselves."""
        return Conditions(tuple(self._expect), self._base_rev)

    def take(self, command: Command, conditions: Conditions) -> None:
        """Check a command and make it part of the batch.

        Raises
        ------
        GraphError
            The refusal, as of the server; CONFLICT for what can't be part of a batch.
        """
        if isinstance(command, Undo | Redo):
            raise ConflictError(
                "undo and redo can't be part of a batch", fix="call them before or after it"
            )
        if isinstance(command, Batch):
            edits = [_named(edit) for edit in command.commands]
            checked: Edit | Batch = Batch(edits)
        else:
            edits = [_named(command)]
            checked = edits[0]
        replica = self.replica
        with replica.lock:
            self._check(conditions)
            try:
                events = execute(replica.layer, checked, new_id)
            except GraphError:
                replica.cast(None)  # what was taken back are other objects now
                raise
            replica.cast(events)
            self._expect.extend(
                expected for expected in conditions.expect if not self._has_made(expected)
            )
            self.edits.extend(edits)
            self._events.extend(events)
            self._touch(events)
        if isinstance(command, Batch):
            self.label = self.label or command.label

    def try_out(self, command: Command, conditions: Conditions) -> list[Event]:
        """Return what a command would do next, and have done nothing (GraphError)."""
        with self.replica.lock:
            mark, label = self.mark(), self.label
            self.take(command, conditions)
            self.label = label
            return self.back_to(mark)

    def mark(self) -> Mark:
        """Return where the draft stands, for :meth:`back_to`."""
        return len(self.edits), len(self._events), len(self._expect)

    def back_to(self, mark: Mark) -> list[Event]:
        """Take back what came after a mark; return its events."""
        edits, events, expect = mark
        with self.replica.lock:
            undone = self._events[events:]
            for event in reversed(undone):
                self.replica.layer.apply(event.inverse())
            self.replica.cast(None)
            del self.edits[edits:], self._events[events:], self._expect[expect:]
            self._touched.clear()
            self._touch(self._events)
        return undone

    def _check(self, conditions: Conditions) -> None:
        check_expectations(self.replica.layer, conditions.expect)
        base_rev = conditions.base_rev
        if base_rev is not None:
            if base_rev != self.replica.rev:
                raise ConflictError(
                    f"the batch began at rev {self.replica.rev}, not {base_rev}",
                )
            self._base_rev = base_rev

    def _touch(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case NodeCreated() | NodeDeleted():
                    self._touched.add((event.node_id, None))
                case NodeLinked() | NodeUnlinked():
                    self._touched.add((event.link_id, None))
                case NodeUpdated():
                    self._touched.add((event.node_id, event.field))
                case BlueprintUpdated():
                    pass
                case _:
                    element_id = event.link_id if event.node_id is None else event.node_id
                    self._touched.add((element_id or "", f"properties.{event.property_name}"))

    def _has_made(self, expected: Expectation) -> bool:
        """Tell whether it is the batch's own doing that a condition holds."""
        element_id = (expected.link_id if expected.node_id is None else expected.node_id) or ""
        what: str | None = expected.field
        if expected.property_name is not None:
            what = f"properties.{expected.property_name}"
        return (element_id, None) in self._touched or (element_id, what) in self._touched


def _named(edit: Edit) -> Edit:
    """Give what is made its id now: the draft and the server must mean the same by it."""
    match edit:
        case CreateNode():
            links = [replace(link, link_id=link.link_id or new_id()) for link in edit.links]
            return replace(edit, node_id=edit.node_id or new_id(), links=links)
        case LinkNodes(link_id=None):
            return replace(edit, link_id=new_id())
    return edit
