"""What the hub asks of a store, and nothing more; stores/ implement it, one contract suite tests it.

A store holds the catalog of sessions and, per session, a log of commits with the current state
beside it. All methods that touch a disk are coroutines, so that a store decides on its threads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from msgspec import Struct

from graph_ext.core.graph import Graph
from graph_ext.protocol import Outcome

__all__ = ["Append", "CatalogEntry", "LogEntry", "Record", "SessionStore", "Store"]


class CatalogEntry(Struct, frozen=True):
    """A session as the catalog knows it. ``at`` fields: Unix seconds, UTC."""

    session_id: str
    name: str
    created_at: float
    updated_at: float
    rev: int
    nodes: int
    links: int


class LogEntry(Struct, frozen=True):
    """A commit without its events: what undo stacks and history lists are derived from."""

    rev: int
    actor_id: str
    actor_name: str
    command_id: str
    at: float
    label: str
    undoes: int | None
    redoes: int | None
    count: int


class Record(Struct, frozen=True, gc=False):
    """One encoded ``commit`` message: a whole commit, or one part of a long one."""

    rev: int
    part: int
    last: bool
    body: bytes


class Append(Struct, frozen=True, gc=False):
    """A commit to make durable: its log entry, its records, and the state it leaves behind.

    ``nodes`` and ``links``: (id, encoded state, or None where the element is gone), in any order,
    each id once. ``blueprint``: encoded, where it changed.
    """

    entry: LogEntry
    records: Sequence[Record]
    nodes: Sequence[tuple[str, bytes | None]]
    links: Sequence[tuple[str, bytes | None]]
    blueprint: bytes | None = None


class SnapshotPage(Struct, frozen=True, gc=False):
    """Encoded elements of one consistent rev, nodes before links."""

    rev: int
    total: int
    blueprint: bytes
    nodes: Sequence[bytes]
    links: Sequence[bytes]
    last: bool


class SessionStore(Protocol):
    """One session's log and state, held by one server at a time."""

    epoch: str
    rev: int
    floor: int
    damaged: str

    async def load(self) -> Graph:
        """Build the graph at ``rev`` from the stored state."""

    async def append(self, commits: Sequence[Append]) -> None:
        """Make commits durable, all or none; their revs follow ``rev`` without a gap.

        Raises
        ------
        UnavailableError
            The disk is full or fails; nothing was written.
        """

    async def records(self, after_rev: int, after_part: int, max_bytes: int) -> list[Record]:
        """Read records after a place in the log: at least one if there is any."""

    def snapshot(self, page_bytes: int) -> AsyncIterator[SnapshotPage]:
        """Read the state at one rev, page by page, while writing goes on."""

    async def outcome(self, command_id: str, actor_id: str) -> Outcome | None:
        """What became of a command of this actor, if it is known."""

    async def entries(
        self, *, actor_id: str | None = None, before_rev: int | None = None, limit: int = 100
    ) -> list[LogEntry]:
        """Read the newest log entries (of one actor), newest first."""

    async def close(self) -> None:
        """Let go of the session; others may open it."""


class Store(Protocol):
    """The catalog of sessions, and the way to each."""

    async def list(self) -> list[CatalogEntry]:
        """Every session, by name."""

    async def create(self, session_id: str, name: str, epoch: str, at: float) -> CatalogEntry:
        """Make an empty session.

        Raises
        ------
        DuplicateIdError
            A session has that name already.
        """

    async def rename(self, session_id: str, name: str) -> CatalogEntry:
        """Give a session another name (DuplicateIdError, NotFoundError)."""

    async def delete(self, session_id: str) -> None:
        """Delete a closed session for good (NotFoundError)."""

    async def open(self, session_id: str) -> SessionStore:
        """Open a session for this server alone.

        Raises
        ------
        NotFoundError
            No such session.
        UnavailableError
            Another server has it open.
        """

    async def close(self) -> None:
        """Close everything."""
