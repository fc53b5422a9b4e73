"""What the hub counts while it works; telemetry/ reads it.

Counting costs an addition: no clock, no lock, no queue. Only names and numbers are kept, nothing
of what is in a graph. Called by hub/session.py and hub/journal.py, on the event loop.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field

from graph_ext.hub.ports import LogEntry

__all__ = ["Activity", "Happened", "Tally"]

_HAPPENED = 10_000  # kept for a reader that comes each second; the oldest are dropped
_ACTORS = 100  # named in one activity

Kind = Literal["opened", "closed", "deleted", "renamed", "connected", "disconnected", "members"]


class Activity(Struct):
    """What was committed in one session since it was last asked.

    ``changes`` counts events, ``undone`` the commits that undo or redo, ``actors`` the commits of
    each actor_id.
    """

    session_id: str
    first_rev: int
    last_rev: int
    commits: int = 0
    changes: int = 0
    undone: int = 0
    actors: Counter[str] = field(default_factory=Counter)


class Happened(Struct, frozen=True):
    """Something that is no commit."""

    session_id: str
    kind: Kind
    client_id: str = ""
    actor_id: str = ""


class Tally:
    """The counters of one hub; they only grow.

    Attributes
    ----------
    commits, changes : int
        Durable commits, and their events.
    refusals : Counter of str
        By code.
    writes : int
        Transactions; ``write_s`` is how long they took in all, ``writes_within`` how many took at
        most each of ``WRITE_BOUNDS_S``.
    """

    WRITE_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

    def __init__(self) -> None:
        self.commits = 0
        self.changes = 0
        self.refusals: Counter[str] = Counter()
        self.writes = 0
        self.write_s = 0.0
        self.writes_within = [0] * len(self.WRITE_BOUNDS_S)
        # session_id -> what has happened there since take()
        self._activities: dict[str, Activity] = {}
        self._happened: deque[Happened] = deque(maxlen=_HAPPENED)

    def published(self, session_id: str, entries: Sequence[LogEntry]) -> None:
        """Count commits of one session, in order."""
        activity = self._activities.get(session_id)
        if activity is None:
            first = entries[0].rev
            activity = self._activities[session_id] = Activity(session_id, first, first)
        changes = sum([entry.count for entry in entries])
        undone = [entry for entry in entries if entry.undoes or entry.redoes]
        actors = activity.actors
        for actor_id, commits in Counter([entry.actor_id for entry in entries]).items():
            if actor_id in actors or len(actors) < _ACTORS:
                actors[actor_id] += commits
        activity.undone += len(undone)
        activity.changes += changes
        self.changes += changes
        activity.last_rev = entries[-1].rev
        activity.commits += len(entries)
        self.commits += len(entries)

    def refused(self, code: str) -> None:
        """Count a command that was refused."""
        self.refusals[code] += 1

    def wrote(self, took_s: float) -> None:
        """Count a transaction."""
        self.writes += 1
        self.write_s += took_s
        for index, bound in enumerate(self.WRITE_BOUNDS_S):
            if took_s <= bound:
                self.writes_within[index] += 1

    def happened(
        self, session_id: str, kind: Kind, client_id: str = "", actor_id: str = ""
    ) -> None:
        """Note something that is no commit."""
        self._happened.append(Happened(session_id, kind, client_id, actor_id))

    def take(self) -> tuple[list[Happened], list[Activity]]:
        """Return what has happened since this was last called, the commits added up."""
        taken = list(self._happened), list(self._activities.values())
        self._happened.clear()
        self._activities.clear()
        return taken
