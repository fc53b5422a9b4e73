"""Undo and redo: what of a commit still can and may be taken back.

Pure: the hub brings the commits out of its log (core/undo_stacks.py says which one), and makes
the events that come back into a commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, assert_never

from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.change import Change
from graph_ext.core.conformance import owner_of
from graph_ext.core.errors import (
    GraphError,
    UndoConflictError,
    UndoNothingLeftError,
)
from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import shown
from graph_ext.core.planning import delete_subtree
from graph_ext.core.standing import PastCommit, Place, Since, Touch, name_of, place_of

__all__ = ["Skipped", "Undone", "plan_undo"]

_REPORTED = 100  # so many skipped places an undo names


class Skipped(Struct, frozen=True, omit_defaults=True):
    """What an undo left as it is: it was changed or deleted since, in ``rev``, by ``by``."""

    reason: Literal["overwritten", "deleted"]
    rev: int
    by: str
    node_id: str | None = None
    link_id: str | None = None
    field: str | None = None


class Undone(Struct, frozen=True):
    """What an undo did: at least one event, and what it left alone (the first hundred)."""

    events: list[Event]
    skipped: list[Skipped]


def plan_undo(
    graph: Graph, target: PastCommit, later: Iterable[PastCommit], *, force: bool = False
) -> Undone:
    """Take back what still stands of a commit, and apply that to the graph: all or nothing.

    A redo is the same, with the undo as the target: what that really did is taken back.

    Parameters
    ----------
    graph : Graph
        As it stands after all of ``later``.
    target : PastCommit
        What to undo, whole.
    later : iterable of PastCommit
        Every commit after it, rev ascending.
    force : bool
        Delete also what others have built on what is undone.

    Raises
    ------
    UndoConflictError
        Others have built on it, or the graph would not fit its blueprint.
    UndoNothingLeftError
        All of it was changed or deleted since.
    """
    undo = _Undo(graph, target, Since(target.events, later), force)
    try:
        for event in reversed(target.events):
            undo.take_back(event)
        undo.settle()
    except BaseException:
        undo.change.rollback()
        raise
    finally:
        undo.let_go()
    return Undone(undo.change.events, undo.skipped[:_REPORTED])


class _Undo:
    """One undo in the making."""

    def __init__(self, graph: Graph, target: PastCommit, since: Since, force: bool) -> None:
        self.graph = graph
        self.rev = target.rev
        self.author = target.actor
        self.since = since
        self.force = force
        self.change = Change(graph)
        self.skipped: list[Skipped] = []
        # what others have built on what would be deleted: said all at once by settle()
        self.built: list[tuple[str, Touch | None]] = []
        # elements that this undo has deleted: the rest of what was done to them went with them
        self.deleted: set[Place] = set()
        # node_ids of those that this undo has brought back, whoever used the id in between
        self.restored: set[str] = set()

    def take_back(self, event: Event) -> None:
        """Take back one event as far as it stands."""
        match event:
            case NodeCreated():
                self._delete_node(event)
            case NodeLinked():
                self._delete_link(event)
            case NodeDeleted():
                self._restore_node(event)
            case NodeUnlinked():
                self._restore_link(event)
            case NodeUpdated() | PropertyChanged() | PropertyDeleted():
                self._restore_value(event)
            case BlueprintUpdated():
                place = place_of(event)
                if touch := self.since.last(place):
                    self._skip("overwritten", touch, place, "blueprint")
                else:
                    self._add(event.inverse())
            case _:
                assert_never(event)

    def settle(self) -> None:
        """Refuse what can't be, once everything is known."""
        if self.built and not self.force:
            names = sorted({touch.by for _, touch in self.built if touch is not None})
            some = "; ".join(what for what, _ in self.built[:5])
            more = f"; and {len(self.built) - 5} more" if len(self.built) > 5 else ""
            raise UndoConflictError(
                f"this would delete what has been built on it since: {some}{more}",
                by=", ".join(names) or None,
                fix="force the undo to delete that too",
            )
        if not self.change.events:
            raise UndoNothingLeftError("nothing is left to undo" + self._reasons())
        try:
            self.change.finish()
        except GraphError as error:
            raise _no_longer(error) from error

    def let_go(self) -> None:
        """Empty what is needed no more, one by one.

        Letting go of 300,000 places at once takes 80 ms, in which no other thread runs.
        """
        while self.deleted:
            self.deleted.pop()
        self.since.let_go()

    def _delete_node(self, event: NodeCreated) -> None:
        place = place_of(event)
        if place in self.deleted:
            return
        node = self.graph.nodes.get(event.node_id)
        if self._is_gone(place, node) or node is None:
            return
        for child in self.graph.children(node.node_id):
            maker = self.since.maker("node", child.node_id)
            self.built.append((f"{owner_of(child)} below {owner_of(node)}", maker))
        for link in self.graph.links_of(node.node_id):
            self.built.append((owner_of(link), self.since.maker("link", link.link_id)))
        self._note_edits(node, place)
        before = len(self.change.events)
        delete_subtree(self.change, node.node_id)
        self.deleted.update(place_of(event) for event in self.change.events[before:])

    def _delete_link(self, event: NodeLinked) -> None:
        place = place_of(event)
        if place in self.deleted:
            return
        link = self.graph.links.get(event.link_id)
        if self._is_gone(place, link) or link is None:
            return
        self._note_edits(link, place)
        self._add(link.created().inverse())
        self.deleted.add(place)

    def _restore_node(self, event: NodeDeleted) -> None:
        place = place_of(event)
        if event.node_id in self.graph.nodes:
            self._skip("overwritten", self.since.last(place), place)
            return
        if touch := self.since.gone_again(place, self.rev):
            self._skip("deleted", touch, place)
            return
        created = event.inverse()
        if created.parent_id is not None and self._is_lost(created.parent_id):
            # what was below a node that is gone for good comes back at the top
            self._skip("deleted", self._loser(created.parent_id), place, "parent_id")
            created = replace(created, parent_id=None)
        self._add(created)
        self.restored.add(created.node_id)

    def _restore_link(self, event: NodeUnlinked) -> None:
        place = place_of(event)
        if event.link_id in self.graph.links:
            self._skip("overwritten", self.since.last(place), place)
            return
        if touch := self.since.gone_again(place, self.rev):
            self._skip("deleted", touch, place)
            return
        for node_id in (event.source_id, event.target_id):
            if self._is_lost(node_id):
                self._skip("deleted", self._loser(node_id), place)
                return
        self._add(event.inverse())

    def _restore_value(self, event: NodeUpdated | PropertyChanged | PropertyDeleted) -> None:
        place = place_of(event)
        existence = Place(place.kind, place.element_id)
        if existence in self.deleted:
            return
        elements = self.graph.nodes if place.kind == "node" else self.graph.links
        if self._is_gone(existence, elements.get(place.element_id), place.field):
            return
        if touch := self.since.last(place):
            self._skip("overwritten", touch, place, place.field)
            return
        inverse = event.inverse()
        if isinstance(inverse, NodeUpdated) and inverse.field == "parent_id":
            parent_id = inverse.new_value
            if isinstance(parent_id, str) and self._is_lost(parent_id):
                self._skip("deleted", self._loser(parent_id), place, "parent_id")
                return
        self._add(inverse)

    def _is_lost(self, node_id: str) -> bool:
        """Say whether the node of that id is not there any more, or is another one by now."""
        if node_id in self.restored:
            return False
        return node_id not in self.graph.nodes or self._loser(node_id) is not None

    def _loser(self, node_id: str) -> Touch | None:
        return self.since.last(Place("node", node_id))

    def _is_gone(self, place: Place, element: Node | Link | None, field: str | None = None) -> bool:
        """Say whether an element of the target is there no more; another may have its id now."""
        touch = self.since.last(place)
        if element is not None and touch is None:
            return False
        self._skip("deleted", touch, place, field)
        return True

    def _add(self, event: Event) -> None:
        try:
            self.change.add(event)
        except GraphError as error:
            raise _no_longer(error) from error

    def _note_edits(self, element: Node | Link, place: Place) -> None:
        for touch in self.since.edits_by_others(place, self.author.actor_id):
            self.built.append((f"{touch.by}'s edit of {owner_of(element)}", touch))

    def _skip(
        self,
        reason: Literal["overwritten", "deleted"],
        touch: Touch | None,
        place: Place,
        field: str | None = None,
    ) -> None:
        # nobody since: the commit itself has done it, as where it deletes what it has changed
        rev, by = (touch.rev, touch.by) if touch else (self.rev, name_of(self.author))
        element_id = place.element_id or None
        self.skipped.append(
            Skipped(
                reason,
                rev,
                by,
                element_id if place.kind == "node" else None,
                element_id if place.kind == "link" else None,
                field,
            )
        )

    def _reasons(self) -> str:
        if not self.skipped:
            return ""
        first = self.skipped[0]
        element_id = first.node_id or first.link_id
        what = "the blueprint" if element_id is None else shown(element_id)
        if first.field is not None and element_id is not None:
            what = f"{first.field} of {what}"
        more = f", and {len(self.skipped) - 1} more" if len(self.skipped) > 1 else ""
        return f": {first.by} has {first.reason} {what} since, in rev {first.rev}{more}"


def _no_longer(error: GraphError) -> UndoConflictError:
    return UndoConflictError(f"this can't be undone any more: {error.message}")
