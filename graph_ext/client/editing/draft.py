"""A batch's draft: its own graph on top of the replica, its edits so far, and what they relied on.

Each edit is checked against the draft at once, by the server's own rules, so that a refusal is
raised at its line. What the server can't know at the end of the batch is settled here as well:
which of a change's conditions the batch itself has made true.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from graph_ext.client.editing.conditions import Conditions
from graph_ext.client.ids import new_id
from graph_ext.client.session.collector import collector_paused
from graph_ext.client.session.progress import counting
from graph_ext.client.session.replica import Replica
from graph_ext.core.change import Change
from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    Edit,
    LinkNodes,
    Redo,
    Undo,
    execute,
    plan_edits,
)
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

Touch = tuple[str, str | None]
"""an element's id, and what of it; None: all of it"""

_SLICE = 500  # edits under the replica's lock at once: some ten milliseconds


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
        # what `g.nx` reads in the batch, by the kind of graph: it goes with it
        self.indexes: dict[object, Any] = {}
        self._live = live
        with live.lock:
            self.layer = live.layered()
            self.graph = self.layer
            self.epoch, self.rev = live.epoch, live.rev
            live.drafts += 1
            live.cast(())  # `g.nx` is to look closer, for those within the batch

    def end(self) -> None:
        """Note that the batch is over."""
        with self.lock:
            self._live.drafts -= 1
            self._live.cast(())

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
        # what the batch has changed
        self._touched: set[Touch] = set()
        # one change after another, where several threads are in the batch; taken before the
        # replica's lock, never after it
        self._changing = threading.RLock()

    @property
    def conditions(self) -> Conditions:
        """What must hold when the batch is made: what its changes asked for, but of themselves."""
        return Conditions(tuple(self._expect), self._base_rev)

    def take(self, command: Command, conditions: Conditions, progress: bool | None = None) -> None:
        """Check a command and make it part of the batch; show progress as ``submit`` does.

        Raises
        ------
        GraphError
            The refusal, as of the server; CONFLICT for what can't be part of a batch.
        """
        if isinstance(command, Undo | Redo):
            raise ConflictError(
                "undo and redo can't be part of a batch", fix="call them before or after it"
            )
        given = command.commands if isinstance(command, Batch) else [command]
        edits = [_named(edit) for edit in given]
        with self._changing, collector_paused(len(edits)):
            with self.replica.lock:
                self._check(conditions)
            if isinstance(command, Batch):
                events = self._made_in_slices(edits, command.label, progress)
                self.label = self.label or command.label
            else:
                events = self._made(edits[0])
            # what the change itself has made true is not yet among the batch's own doings
            self._expect += [each for each in conditions.expect if not self._has_made(each)]
            self.edits += edits
            self._events += events
            self._touched |= _touched_by(events)

    def try_out(self, command: Command, conditions: Conditions) -> list[Event]:
        """Return what a command would do next, and have done nothing (GraphError)."""
        with self._changing:
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
        with self._changing:
            undone = self._events[events:]
            self._take_back(undone)
            del self.edits[edits:], self._events[events:], self._expect[expect:]
            self._touched = _touched_by(self._events)
        return undone

    def _made(self, edit: Edit) -> list[Event]:
        """Check an edit and make it; return what it has done (GraphError)."""
        replica = self.replica
        with replica.lock:
            try:
                events = execute(replica.layer, edit, new_id)
            except GraphError:
                replica.cast(None)  # what was taken back are other objects now
                raise
            replica.cast(events)
        return events

    def _made_in_slices(self, edits: list[Edit], label: str, progress: bool | None) -> list[Event]:
        """Check edits and make them, all or none; return what they have done (GraphError).

        Between the slices others have their turn: those who read the graph outside of the batch,
        and the commits that come.
        """
        replica = self.replica
        change = Change(replica.layer)
        try:
            with counting(len(edits), f"{label or 'Batch'}: checking", progress) as done:
                for first in range(0, len(edits), _SLICE):
                    part = edits[first : first + _SLICE]
                    with replica.lock:
                        before = len(change.events)
                        plan_edits(change, part, new_id, first)
                        replica.cast(change.events[before:])
                    done(len(part))
            with replica.lock:
                change.finish()
        except BaseException:
            self._take_back(change.events)
            raise
        return change.events

    def _take_back(self, events: Sequence[Event]) -> None:
        """Undo events, the last ones of the draft."""
        replica = self.replica
        for end in range(len(events), 0, -_SLICE):
            with replica.lock:
                for event in reversed(events[max(0, end - _SLICE) : end]):
                    replica.layer.apply(event.inverse())
                replica.cast(None)  # what stands is other objects now

    def _check(self, conditions: Conditions) -> None:
        check_expectations(self.replica.layer, conditions.expect)
        base_rev = conditions.base_rev
        if base_rev is not None:
            if base_rev != self.replica.rev:
                raise ConflictError(
                    f"the batch began at rev {self.replica.rev}, not {base_rev}",
                )
            self._base_rev = base_rev

    def _has_made(self, expected: Expectation) -> bool:
        """Tell whether it is the batch's own doing that a condition holds."""
        element_id = (expected.link_id if expected.node_id is None else expected.node_id) or ""
        what: str | None = expected.field
        if expected.property_name is not None:
            what = f"properties.{expected.property_name}"
        return (element_id, None) in self._touched or (element_id, what) in self._touched


def _touched_by(events: Iterable[Event]) -> set[Touch]:
    """Return what events have changed."""
    touched: set[Touch] = set()
    for event in events:
        match event:
            case NodeCreated() | NodeDeleted():
                touched.add((event.node_id, None))
            case NodeLinked() | NodeUnlinked():
                touched.add((event.link_id, None))
            case NodeUpdated():
                touched.add((event.node_id, event.field))
            case BlueprintUpdated():
                pass
            case _:
                element_id = event.link_id if event.node_id is None else event.node_id
                touched.add((element_id or "", f"properties.{event.property_name}"))
    return touched


def _named(edit: Edit) -> Edit:
    """Give what is made its id now: the draft and the server must mean the same by it."""
    match edit:
        case CreateNode():
            links = [replace(link, link_id=link.link_id or new_id()) for link in edit.links]
            return replace(edit, node_id=edit.node_id or new_id(), links=links)
        case LinkNodes(link_id=None):
            return replace(edit, link_id=new_id())
    return edit
