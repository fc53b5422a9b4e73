"""A session's last commits, kept for those in this process who have not seen them yet.

Owned by the replica, whose lock guards it. Those who watch are cursors (watching/cursor.py) and
have no queue: what is not here any more, they read from the server's log. Kept only while somebody
watches.
"""

from __future__ import annotations

from collections import deque
from typing import Literal, Protocol
from weakref import WeakSet

from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.events import Event, NodeDeleted, NodeUnlinked
from graph_ext.protocol import Commit

__all__ = ["MAX_COMMITS", "MAX_EVENTS", "Departed", "RecentCommits"]

MAX_COMMITS = 1000
MAX_EVENTS = 20_000
"""How much is kept; the last commit is, whatever its size."""

_MAX_DEPARTED = 20_000  # elements


class Reader(Protocol):
    """Somebody who goes through the commits: a cursor."""

    @property
    def rev(self) -> int:
        """The last one that they have seen."""


class Departed(Struct, frozen=True):
    """What an element was that is gone since ``rev``; for a node, the ends are empty."""

    rev: int
    type_id: str
    source_id: str = ""
    target_id: str = ""


class RecentCommits:
    """Commits up to the replica's rev, as far as they are kept."""

    def __init__(self) -> None:
        # ascending, no gap; all of one epoch
        self._commits: deque[Commit] = deque()
        # how many events are in them
        self._events = 0
        # elements that were deleted while somebody watched, those of the lowest rev first
        self._departed: dict[tuple[Literal["node", "link"], str], Departed] = {}
        self._readers: WeakSet[Reader] = WeakSet()

    def serve(self, reader: Reader) -> None:
        """Keep commits for somebody, for as long as they exist."""
        self._readers.add(reader)

    def forget(self, reader: Reader) -> None:
        """Keep none for them any longer."""
        self._readers.discard(reader)

    def keep(self, commit: Commit, events: list[Event]) -> None:
        """Take the next commit, of which all the events are given."""
        seen = min((reader.rev for reader in self._readers), default=commit.rev)
        if seen < commit.rev:
            if events is not commit.events:
                commit = replace(commit, events=events)
            self._commits.append(commit)
            self._events += len(events)
            self._note(commit.rev, events)
        while self._commits and (self._commits[0].rev <= seen or self._is_much()):
            self._events -= len(self._commits.popleft().events)
        while self._departed:
            element, departed = next(iter(self._departed.items()))
            if departed.rev > seen and len(self._departed) <= _MAX_DEPARTED:
                break
            del self._departed[element]

    def clear(self) -> None:
        """Drop all: the replica has come to its rev another way."""
        self._commits.clear()
        self._events = 0
        self._departed.clear()

    def after(self, rev: int) -> Commit | None:
        """Return the commit that follows a rev; None where it is not kept."""
        if not self._commits:
            return None
        index = rev + 1 - self._commits[0].rev
        return self._commits[index] if 0 <= index < len(self._commits) else None

    def departed(self, kind: Literal["node", "link"], element_id: str, rev: int) -> Departed | None:
        """Return what an element was at a rev that was deleted since, as far as that is known."""
        found = self._departed.get((kind, element_id))
        return found if found is not None and found.rev >= rev else None

    def _is_much(self) -> bool:
        count = len(self._commits)
        return count > MAX_COMMITS or (self._events > MAX_EVENTS and count > 1)

    def _note(self, rev: int, events: list[Event]) -> None:
        element: tuple[Literal["node", "link"], str]
        for event in events:
            match event:
                case NodeDeleted():
                    element = ("node", event.node_id)
                    found = Departed(rev, event.blueprint_type_id)
                case NodeUnlinked():
                    element = ("link", event.link_id)
                    found = Departed(rev, event.link_type_id, event.source_id, event.target_id)
                case _:
                    continue
            # to the end, where the highest rev is
            self._departed.pop(element, None)
            self._departed[element] = found
