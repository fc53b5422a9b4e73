"""One session's file, open in this server: its log, its state, its outcomes.

Made by sqlite.py. One transaction at a time is written (writer.py), in the store's writing threads;
reads have a connection of their own, so a snapshot sees one rev while writing goes on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from filelock import FileLock

from graph_ext.core.errors import ReadOnlyError
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import LAST, Append, LogEntry, Place, Record, SnapshotPage
from graph_ext.stores.log import damage_after, tail_start
from graph_ext.stores.schema import SESSION, connect, meta, prepare, speaking_of
from graph_ext.stores.state import read_graph, read_pages
from graph_ext.stores.writer import Writer

__all__ = ["SqliteSession"]

_T = TypeVar("_T")

_TAIL_BYTES = 8 * 1024 * 1024  # how much of the log is checked before a session opens
_VERIFY_RECORDS = 200  # how many records are checked in one go of a full verification
_ENTRY_COLUMNS = "rev, actor_id, actor_name, command_id, at, label, undoes, redoes, count"


class SqliteSession:
    """One session's file, open here and nowhere else. Made by :class:`SqliteStore`.

    Attributes
    ----------
    epoch, rev, floor, updated_at, damaged
        See :class:`graph_ext.hub.ports.SessionStore`.
    """

    def __init__(
        self, path: Path, lock: FileLock, reading: ThreadPoolExecutor, writing: ThreadPoolExecutor
    ) -> None:
        self._path = path
        self._lock = lock
        self._reading = reading
        self._writing = writing
        # shared by the reading threads, one at a time
        self._reader = connect(path)
        self._reader_free = Lock()
        try:
            prepare(self._reader, SESSION)
            values = meta(self._reader)
            self._reader.text_factory = bytes
            self.epoch: str = values["epoch"]
            self.rev: int = values["rev"]
            self.floor: int = values["floor"]
            self.updated_at: float = values["updated_at"]
            chained = values["checksum"]
            start = tail_start(self._reader, _TAIL_BYTES)
            self.damaged: str = damage_after(self._reader, start, self.rev, chained).message
        except BaseException:
            self._reader.close()
            raise
        if self.damaged:
            # a damaged log is served to nobody: who follows gets the state
            self.floor = self.rev
        self._writer = Writer(path, self.rev, chained)

    async def load(self) -> Graph:
        """Build the graph at ``rev`` from the stored state."""

        def load() -> Graph:
            with (
                speaking_of("The session's graph can't be read"),
                closing(_reading_connection(self._path)) as connection,
            ):
                return read_graph(connection)

        return await self._run(self._reading, load)

    async def append(self, commits: Sequence[Append]) -> None:
        """Make commits durable, all or none (UnavailableError, ReadOnlyError)."""
        if self.damaged:
            raise ReadOnlyError(self.damaged)
        await self._run(self._writing, self._writer.append, commits)
        self.rev = commits[-1].entry.rev
        self.updated_at = commits[-1].entry.at

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log (GoneError, UnavailableError)."""
        return await self._run(self._reading, self.read, after, max_bytes)

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log, in order: at least one if there is any."""
        found: list[Record] = []
        size = 0
        with speaking_of("The session's log can't be read"), self._reader_free:
            rows = self._reader.execute(
                "SELECT rev, part, last, body FROM commits WHERE (rev, part) > (?, ?) "
                "ORDER BY rev, part",
                after,
            )
            for rev, part, last, body in rows:
                size += len(body)
                if found and size > max_bytes:
                    break
                found.append(Record(rev, part, bool(last), body))
            rows.close()
        return found

    async def snapshot(self, page_bytes: int) -> AsyncGenerator[SnapshotPage, None]:
        """Read the state at one rev, page by page, while writing goes on."""
        connection = await self._run(self._reading, _reading_connection, self._path)
        pages = read_pages(connection, page_bytes)
        free = Lock()

        def read() -> SnapshotPage | None:
            with speaking_of("The session's graph can't be read"), free:
                return next(pages, None)

        def close() -> None:
            # a page may still be being read, for a reader that has gone
            with free:
                connection.close()

        try:
            while (page := await self._run(self._reading, read)) is not None:
                yield page
        finally:
            # a transaction left open would keep the -wal file growing
            self._reading.submit(close)

    async def outcomes(self, commands: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """Read the revs of those of the (command_id, actor_id) that became commits."""
        wanted = list(commands)

        def read() -> dict[tuple[str, str], int]:
            found: dict[tuple[str, str], int] = {}
            query = "SELECT rev FROM commands WHERE command_id = ? AND actor_id = ?"
            with speaking_of("The session's log can't be read"), self._reader_free:
                for key in wanted:
                    row = self._reader.execute(query, key).fetchone()
                    if row is not None:
                        found[key] = row[0]
            return found

        return await self._run(self._reading, read) if wanted else {}

    async def command_keys(self, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        """Read the (command_id, actor_id) of all commits, in that order, after one."""

        def read() -> list[tuple[str, str]]:
            with speaking_of("The session's log can't be read"), self._reader_free:
                rows = self._reader.execute(
                    "SELECT command_id, actor_id FROM commands "
                    "WHERE (command_id, actor_id) > (?, ?) ORDER BY command_id, actor_id LIMIT ?",
                    (*after, limit),
                ).fetchall()
            return [(command_id.decode(), actor_id.decode()) for command_id, actor_id in rows]

        return await self._run(self._reading, read)

    async def entries(
        self, *, actor_id: str | None = None, before_rev: int | None = None, limit: int = 100
    ) -> list[LogEntry]:
        """Read the newest log entries (of one actor, before a rev), newest first."""
        before = self.rev + 1 if before_rev is None else before_rev
        whose, values = ("", ()) if actor_id is None else (" AND actor_id = ?", (actor_id,))
        query = (
            f"SELECT {_ENTRY_COLUMNS} FROM commits "  # noqa: S608 - columns of ours, not input
            f"WHERE part = 0 AND rev < ?{whose} ORDER BY rev DESC LIMIT ?"
        )

        def read() -> list[LogEntry]:
            with speaking_of("The session's log can't be read"), self._reader_free:
                rows = self._reader.execute(query, (before, *values, limit)).fetchall()
            return [_entry(*row) for row in rows]

        return await self._run(self._reading, read)

    async def verify(self) -> str:
        """Check the whole log, in slices; ``damaged`` is set to what is returned."""
        place: Place = (0, LAST)
        while not self.damaged:

            def check(place: Place = place) -> tuple[str, Place]:
                with self._reader_free:
                    found = damage_after(self._reader, place, limit=_VERIFY_RECORDS)
                return found.message, found.place

            message, reached = await self._run(self._reading, check)
            if message:
                self.damaged = message
                self.floor = self.rev
            if reached == place:
                break
            place = reached
        return self.damaged

    async def close(self) -> None:
        """Let go of the session; others may open it."""

        def close() -> None:
            self._writer.close()
            with self._reader_free:
                self._reader.close()
            self._lock.release()

        if self._lock.is_locked:
            await self._run(self._writing, close)

    async def _run(
        self, threads: ThreadPoolExecutor, function: Callable[..., _T], *args: Any
    ) -> _T:
        return await asyncio.get_running_loop().run_in_executor(threads, function, *args)


def _reading_connection(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    # bodies travel as they are stored: decoding them would be work for nothing
    connection.text_factory = bytes
    return connection


def _entry(rev: int, actor_id: bytes, actor_name: bytes, command_id: bytes, *rest: Any) -> LogEntry:
    at, label, undoes, redoes, count = rest
    return LogEntry(
        rev,
        actor_id.decode(),
        actor_name.decode(),
        command_id.decode(),
        at,
        label.decode(),
        undoes,
        redoes,
        count,
    )
