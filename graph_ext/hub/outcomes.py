"""What became of recent commands, so that one that is sent again is not done again.

The store knows all commits for ever; this is the part of it that needs no disk. Refusals are
remembered for a while only: they changed nothing. Called by hub/session.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from graph_ext.core.errors import (
    ForbiddenError,
    GraphError,
    RateLimitedError,
    ReadOnlyError,
    UnavailableError,
)
from graph_ext.hub.ports import LogEntry

__all__ = ["CommandKey", "Outcomes"]

CommandKey = tuple[str, str]
"""(command_id, actor_id): another actor's id never matches."""

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
        How many commits, and how many refusals, are remembered.

    Attributes
    ----------
    complete : bool
        Whether an unknown command is new for certain; never again once something was forgotten.
    """

    def __init__(self, newest: Iterable[LogEntry], *, complete: bool, size: int) -> None:
        self.complete = complete
        self._size = size
        self._revs: dict[CommandKey, int] = {
            (entry.command_id, entry.actor_id): entry.rev for entry in reversed(list(newest))
        }
        self._refusals: dict[CommandKey, GraphError] = {}

    def rev(self, key: CommandKey) -> int | None:
        """The rev that a command became."""
        return self._revs.get(key)

    def refusal(self, key: CommandKey) -> GraphError | None:
        """Why a command was refused."""
        return self._refusals.get(key)

    def committed(self, key: CommandKey, rev: int) -> None:
        """Remember a commit, now durable."""
        self._revs[key] = rev
        if len(self._revs) > self._size:
            del self._revs[next(iter(self._revs))]
            self.complete = False

    def refused(self, key: CommandKey, error: GraphError) -> None:
        """Remember a refusal that time alone will not lift."""
        if isinstance(error, _PASSING):
            return
        self._refusals[key] = error
        if len(self._refusals) > self._size:
            del self._refusals[next(iter(self._refusals))]
