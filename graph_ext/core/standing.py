"""What of a past commit still stands, and who has changed the rest since.

A place is one thing that a commit can change: whether an element exists, one of its fields, one
of its properties, the blueprint. A commit that was taken back counts for nothing, place by place:
an undo that left a place alone leaves there what it would have undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, assert_never

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

__all__ = ["Author", "PastCommit", "Place", "Since", "Touch", "name_of", "place_of"]


class Author(Protocol):
    """Who made a commit; ``protocol.Actor`` is one."""

    @property
    def actor_id(self) -> str:
        """The stable key."""

    @property
    def name(self) -> str:
        """For people."""


class PastCommit(Protocol):
    """A commit as undo needs it; ``protocol.Commit`` is one, whole or a part."""

    @property
    def rev(self) -> int:
        """Its number."""

    @property
    def actor(self) -> Author:
        """Who made it."""

    @property
    def undoes(self) -> int | None:
        """The rev that it undoes."""

    @property
    def redoes(self) -> int | None:
        """The rev of the undo that it takes back."""

    @property
    def events(self) -> Sequence[Event]:
        """What it did."""


class Place(NamedTuple):
    """One thing that a commit can change; no ``field``: whether the element exists."""

    kind: str  # "node", "link" or "blueprint"
    element_id: str
    field: str = ""


class Touch(NamedTuple):
    """A commit that has changed a place, who made it, and the rev that it takes back."""

    rev: int
    actor_id: str
    by: str
    takes_back: int | None = None


def name_of(author: Author) -> str:
    """Return how people call an author."""
    return author.name or author.actor_id


def place_of(event: Event) -> Place:
    """Return what an event changes."""
    match event:
        case NodeCreated() | NodeDeleted():
            return Place("node", event.node_id)
        case NodeLinked() | NodeUnlinked():
            return Place("link", event.link_id)
        case NodeUpdated():
            return Place("node", event.node_id, event.field)
        case PropertyChanged() | PropertyDeleted():
            field = f"properties.{event.property_name}"
            if event.node_id is not None:
                return Place("node", event.node_id, field)
            return Place("link", event.link_id or "", field)
        case BlueprintUpdated():
            return Place("blueprint", "")
        case _:
            assert_never(event)


class Since:
    """What later commits have changed of the elements of one commit.

    Parameters
    ----------
    events : sequence of Event
        The commit's.
    later : iterable of PastCommit
        All commits after it, rev ascending; those in parts one part after the other.
    """

    def __init__(self, events: Sequence[Event], later: Iterable[PastCommit]) -> None:
        # (kind, element_id) -> field -> the later commits whose change of it stands, oldest first
        self._touches: dict[tuple[str, str], dict[str, list[Touch]]] = {}
        for event in events:
            self._touches[place_of(event)[:2]] = {}
            # parents and ends that are to come back with it
            self._touches.update({("node", node_id): {} for node_id in _named_by(event)})
        # links and children that came to the commit's nodes later -> who made or moved them
        self._makers: dict[tuple[str, str], Touch] = {}
        # place -> the last commit that was counted there: each counts once
        self._counted: dict[Place, int] = {}
        for commit in later:
            takes_back = commit.undoes if commit.undoes is not None else commit.redoes
            touch = Touch(commit.rev, commit.actor.actor_id, name_of(commit.actor), takes_back)
            for event in commit.events:
                self._note(event, touch)

    def last(self, place: Place) -> Touch | None:
        """Return the last later change of a place that stands."""
        touches = self._touches.get(place[:2], {}).get(place.field)
        return touches[-1] if touches else None

    def gone_again(self, place: Place, rev: int) -> Touch | None:
        """Return who has deleted an element once more, after its deletion in a rev was undone."""
        touches = self._touches.get(place[:2], {}).get(place.field, [])
        return touches[-1] if any(touch.takes_back == rev for touch in touches) else None

    def edits_by_others(self, place: Place, author_id: str) -> list[Touch]:
        """Return who else has edited an element, but for the order of siblings.

        Siblings are renumbered when somebody places another node: that edits none of them.
        """
        return [
            touch
            for field, touches in self._touches.get(place[:2], {}).items()
            if field not in {"", "order"}
            for touch in touches
            if touch.actor_id != author_id
        ]

    def maker(self, kind: str, element_id: str) -> Touch | None:
        """Return who has brought a link or a child to one of the commit's nodes."""
        return self._makers.get((kind, element_id))

    def let_go(self) -> None:
        """Empty it, one by one: see core/history.py."""
        while self._touches:
            self._touches.popitem()
        while self._makers:
            self._makers.popitem()
        while self._counted:
            self._counted.popitem()

    def _note(self, event: Event, touch: Touch) -> None:
        match event:
            case NodeLinked():
                if self._has_node(event.source_id) or self._has_node(event.target_id):
                    self._makers["link", event.link_id] = touch
            case NodeCreated():
                if self._has_node(event.parent_id):
                    self._makers["node", event.node_id] = touch
            case NodeUpdated(field="parent_id"):
                if self._has_node(event.new_value):
                    self._makers["node", event.node_id] = touch
            case _:
                pass
        place = place_of(event)
        fields = self._touches.get(place[:2])
        if fields is None or self._counted.get(place) == touch.rev:
            return
        self._counted[place] = touch.rev
        touches = fields.setdefault(place.field, [])
        if touches and touches[-1].rev == touch.takes_back:
            touches.pop()
        else:
            touches.append(touch)

    def _has_node(self, node_id: object) -> bool:
        return ("node", node_id) in self._touches


def _named_by(event: Event) -> Iterable[str]:
    """Return the nodes that have to be there for an event to be taken back."""
    match event:
        case NodeUnlinked():
            return (event.source_id, event.target_id)
        case NodeDeleted(parent_id=str(parent_id)):
            return (parent_id,)
        case NodeUpdated(field="parent_id", old_value=str(parent_id)):
            return (parent_id,)
        case _:
            return ()
