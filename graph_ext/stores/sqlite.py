"""The embedded store: one SQLite file (WAL, synchronous=FULL) per session, and a catalog.

Everything that touches the disk runs in threads of the store's own. One transaction at a time is
written per session (writer.py); reads have connections of their own, so a snapshot sees one rev
while writing goes on. A lock file beside each open session keeps other servers out of it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from graph_ext.core.errors import DuplicateIdError, ReadOnlyError, UnavailableError
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import (
    LAST,
    Append,
    CatalogEntry,
    LogEntry,
    Place,
    Record,
    SnapshotPage,
)
from graph_ext.stores.catalog import Catalog, session_files
from graph_ext.stores.log import damage_after, tail_start
from graph_ext.stores.schema import SESSION, connect, meta, prepare, speaking_of
from graph_ext.stores.state import read_graph, read_pages
from graph_ext.stores.writer import Writer

__all__ = ["SqliteSession", "SqliteStore"]

_T = TypeVar("_T")

_TAIL_BYTES = 8 * 1024 * 1024  # how much of the log is checked before a session opens
_VERIFY_RECORDS = 200  # how many records are checked in one go of a full verification
_ENTRY_COLUMNS = "rev, actor_id, actor_name, command_id, at, label, undoes, redoes, count"


class SqliteStore:
    """Sessions in a folder.

    Parameters
    ----------
    folder : Path
        Made on the first write.
    server : str
        For people: how this server is called in the message that another one gives when a session
        is open here.
    """

    def __init__(self, folder: Path, server: str = "") -> None:
        self._folder = folder
        self._server = server or f"process {os.getpid()}"
        self._catalog = Catalog(folder)
        # the catalog's own thread, so that its file and its memory are used one at a time
        self._catalog_thread = ThreadPoolExecutor(1, "graph_ext-catalog")
        # reads never wait for the disk to take a write
        self._reading = ThreadPoolExecutor(4, "graph_ext-read")
        self._writing = ThreadPoolExecutor(4, "graph_ext-write")
        # session_id -> those open here
        self._open: dict[str, SqliteSession] = {}

    async def list(self) -> list[CatalogEntry]:
        """Every session, by name."""
        return await self._in_catalog("The list of sessions can't be read", self._catalog.entries)

    async def create(self, session_id: str, name: str, epoch: str, at: float) -> CatalogEntry:
        """Make an empty session (DuplicateIdError, UnavailableError)."""
        files = session_files(self._folder, session_id)

        def make() -> CatalogEntry:
            # the file first: what a crash leaves between the two is a file that nobody lists
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with closing(connect(files[0], create=True)) as connection:
                    prepare(
                        connection,
                        SESSION,
                        session_id=session_id,
                        epoch=epoch,
                        rev=0,
                        floor=0,
                        checksum=b"",
                        updated_at=at,
                        nodes=0,
                        links=0,
                        blueprint="{}",
                    )
                return self._catalog.add(session_id, name, at)
            except (sqlite3.Error, OSError, DuplicateIdError):
                _remove(files)
                raise

        return await self._in_catalog("The session could not be made", make)

    async def rename(self, session_id: str, name: str) -> None:
        """Give a session another name (DuplicateIdError, NotFoundError, UnavailableError)."""
        await self._in_catalog(
            "The session could not be renamed", self._catalog.rename, session_id, name
        )

    async def delete(self, session_id: str) -> None:
        """Delete a closed session for good (NotFoundError, UnavailableError)."""

        def remove() -> None:
            self._catalog.check(session_id)
            lock = self._lock(session_id)
            try:
                self._catalog.remove(session_id)
                _remove(session_files(self._folder, session_id))
            finally:
                lock.release()

        await self._in_catalog("The session could not be deleted", remove)

    async def open(self, session_id: str) -> SqliteSession:
        """Open a session for this server alone (NotFoundError, UnavailableError)."""

        def take() -> SqliteSession:
            self._catalog.check(session_id)
            lock = self._lock(session_id)
            try:
                path = session_files(self._folder, session_id)[0]
                return SqliteSession(path, lock, self._reading, self._writing)
            except BaseException:
                lock.release()
                raise

        session = await self._in_catalog("The session's file can't be opened", take)
        self._open[session_id] = session
        return session

    async def close(self) -> None:
        """Close every session, and end the threads."""
        for session in self._open.values():
            await session.close()
        self._open.clear()
        for threads in (self._catalog_thread, self._reading, self._writing):
            threads.shutdown(wait=False)

    def _lock(self, session_id: str) -> FileLock:
        path = session_files(self._folder, session_id)[3]
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            holder = ""
            with suppress(OSError):
                holder = path.read_text()
            raise UnavailableError(
                f"Another Jupyter server has this session open ({holder or 'it left no name'})",
                fix="use that server, or stop it",
            ) from None
        with suppress(OSError):  # where the system lets nobody write into a locked file
            path.write_text(self._server)
        return lock

    async def _in_catalog(self, failing: str, function: Callable[..., _T], *args: Any) -> _T:
        def call() -> _T:
            with speaking_of(failing):
                return function(*args)

        return await asyncio.get_running_loop().run_in_executor(self._catalog_thread, call)


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
        """Read records after a place in the log, in order: at least one if there is any."""

        def read() -> list[Record]:
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

        return await self._run(self._reading, read)

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


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
