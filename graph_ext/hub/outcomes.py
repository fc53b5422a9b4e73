"""What became of recent commands, so that one that is sent again is not done again.

The store knows all commits for ever; this is the part of it that needs no disk: the outcomes of the
newest, and of all others whether they may have been there at all. Refusals are remembered for a
while only: they changed nothing. Called by hub/pipeline.py; filled by hub/session.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import islice

from graph_ext.core.errors import (
    ForbiddenError,
    GraphError,
    RateLimitedError,
    ReadOnlyError,
    UnavailableError,
)
from graph_ext.hub.ports import LogEntry, SessionStore
from graph_ext.hub.seen import Seen

__all__ = ["CommandKey", "Outcomes"]

CommandKey = tuple[str, str]
"""(command_id, actor_id): another actor's id never matches."""

_SLICE_KEYS = 2000  # read from the store at once

# what may be over when the command comes again
_PASSING = (ForbiddenError, RateLimitedError, ReadOnlyError, UnavailableError)


class Outcomes:
    """The outcomes of the newest commands of one session.

    Parameters
    ----------
    newest : iterable of LogEntry
        What the store knows, newest first.
    complete : bool
        Whether that is all.
    size : int
        How many commits, and how many refusals, are remembered; of commits an eighth more, so that
        they are forgotten many at a time.
    """

    def __init__(self, newest: Iterable[LogEntry], *, complete: bool, size: int) -> None:
        self._size = size
        # oldest first
        self._revs: dict[CommandKey, int] = {
            (entry.command_id, entry.actor_id): entry.rev for entry in reversed(list(newest))
        }
        self._refusals: dict[CommandKey, GraphError] = {}
        # those that are in the store alone; None until those of the beginning are read
        self._old: Seen | None = Seen() if complete else None
        # those dropped from the revs until then
        self._forgotten: list[CommandKey] = []

    async def read_old(self, store: SessionStore) -> None:
        """Read of all old commands that they were there (UnavailableError)."""
        if self._old is not None:
            return
        old = Seen()
        after = ("", "")
        while keys := await store.command_keys(after, _SLICE_KEYS):
            await asyncio.to_thread(old.add_all, keys)
            after = keys[-1]
        while self._forgotten:
            keys, self._forgotten = self._forgotten, []
            await asyncio.to_thread(old.add_all, keys)
        self._old = old

    def sure(self, key: CommandKey) -> bool:
        """Whether memory knows what became of a command, or that it never was."""
        return (
            key in self._revs
            or key in self._refusals
            or (self._old is not None and key not in self._old)
        )

    def find(self, key: CommandKey) -> int | GraphError | None:
        """The rev that a command became, or why it was refused; None where memory has neither."""
        rev = self._revs.get(key)
        return self._refusals.get(key) if rev is None else rev

    def committed(self, commits: Iterable[tuple[CommandKey, int]]) -> None:
        """Remember commits and their revs, now durable."""
        self._revs.update(commits)
        if len(self._revs) > self._size + self._size // 8:
            self._forget()

    def refused(self, key: CommandKey, error: GraphError) -> None:
        """Remember a refusal that time alone will not lift."""
        if isinstance(error, _PASSING):
            return
        self._refusals[key] = error
        if len(self._refusals) > self._size:
            del self._refusals[next(iter(self._refusals))]

    def _forget(self) -> None:
        """Keep of the oldest only that they were there."""
        oldest = list(islice(self._revs, len(self._revs) - self._size))
        for key in oldest:
            del self._revs[key]
        if self._old is None:
            self._forgotten += oldest
        else:
            self._old.add_all(oldest)
