"""One session's file, open in this server: its log, its state, its outcomes, its named revs.

Made by sqlite.py. One transaction at a time is written (writer.py), in a thread of its own; reads
(reading.py) have connections of their own, so a view is of one rev while writing goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from filelock import FileLock

from graph_ext.core.errors import ReadOnlyError, UnavailableError
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import (
    LAST,
    Append,
    Appended,
    LogEntry,
    Place,
    Record,
    SnapshotPage,
    Version,
    gone,
)
from graph_ext.stores.appending import Appending
from graph_ext.stores.log import damage_after, tail_start
from graph_ext.stores.noted import add_records, entries_in, outcomes_in
from graph_ext.stores.reading import (
    FileView,
    bytes_between,
    floor_within,
    read_command_keys,
    read_entries,
    read_outcomes,
    read_records,
    read_versions,
)
from graph_ext.stores.recognising import Note
from graph_ext.stores.schema import SESSION, connect, meta, prepare, speaking_of
from graph_ext.stores.slate import size_of, waiting_on
from graph_ext.stores.thread import WritingThread
from graph_ext.stores.writer import Writer

__all__ = ["SqliteSession"]

_T = TypeVar("_T")

_TAIL_BYTES = 8 * 1024 * 1024  # how much of the log is checked before a session opens
_PAGES_AHEAD = 16  # of a snapshot, read in one go: each go is two switches between threads
_VERIFY_RECORDS = 200  # how many records are checked in one go of a full verification


class SqliteSession:
    """One session's file, open here and nowhere else. Made by :class:`SqliteStore`.

    Attributes
    ----------
    epoch, rev, floor, log_bytes, updated_at, damaged
        See :class:`graph_ext.hub.ports.SessionStore`.
    """

    def __init__(self, path: Path, lock: FileLock, reading: ThreadPoolExecutor, note: Note) -> None:
        self._path = path
        self._note = note
        self._lock = lock
        self._reading = reading
        self._writing = WritingThread("graph_ext-write")
        # one at a time: only this moves the floor
        self._compacting = asyncio.Lock()
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
            self.log_bytes: int = values["log_bytes"]
            self.updated_at: float = values["updated_at"]
            chained = values["checksum"]
            start = tail_start(self._reader, self.floor, _TAIL_BYTES)
            self.damaged: str = damage_after(self._reader, start, self.rev, chained).message
        except BaseException:
            self._reader.close()
            raise
        self._writer = Writer(path, self.rev, chained)
        if self.damaged:
            # a damaged log is served to nobody: who follows gets the state
            self.floor = self.rev
        else:
            self._take_over(chained)
        self._note(self._writer.reached)
        self._appending = Appending(path, self._writer, self._writing, reading)

    def _take_over(self, chained: bytes) -> None:
        """Put into the file what a crash has left on the slate (UnavailableError, OSError)."""
        left = waiting_on(self._path, self.rev, chained)
        if left:
            self._writer.append(left)
            self._count(left, size_of(left))
        self._writer.slate.close()

    @property
    def log_commits(self) -> int:
        """How many commits the log has."""
        return self.rev - self.floor

    @property
    def is_open(self) -> bool:
        """Whether it was not closed yet."""
        return self._lock.is_locked

    async def load(self) -> Graph:
        """Build the graph at ``rev`` from the stored state."""

        def load() -> Graph:
            with self.view() as view:
                return view.graph()

        return await self._run(self._reading, load)

    @property
    def prompt(self) -> bool:
        """Whether a short append is done, and told of, before :meth:`append` returns."""
        return self._appending.prompt

    def append(self, commits: Sequence[Append], told: Appended) -> None:
        """Make commits durable, all or none (UnavailableError, ReadOnlyError)."""
        if self.damaged:
            asyncio.get_running_loop().call_soon(told, ReadOnlyError(self.damaged))
            return
        size = size_of(commits)

        def counted(error: BaseException | None) -> None:
            if error is None:
                self._count(commits, size)
            told(error)

        self._appending.append(commits, size, counted)

    def _count(self, commits: Sequence[Append], size: int) -> None:
        self.rev = commits[-1].entry.rev
        self.updated_at = commits[-1].entry.at
        self.log_bytes += size

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log (GoneError, UnavailableError)."""
        return await self._run(self._reading, self.read, after, max_bytes)

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log, in order: at least one if there is any."""
        # asked for first: what leaves it meanwhile is in the file by then
        noted = self._writer.slate.commits()
        with speaking_of("The session's log can't be read"), self._reader_free:
            found = read_records(self._reader, after, max_bytes)
        add_records(found, after, noted, max_bytes)
        # asked afterwards: it is raised before anything below it is deleted
        if after < (self.floor, LAST):
            raise gone(after[0], self.floor)
        return found

    @contextmanager
    def view(self) -> Iterator[FileView]:
        """See the session as it stands now (UnavailableError)."""
        self._writer.follow()
        with closing(FileView(self._path, self._damaged_floor())) as view:
            yield view

    async def snapshot(self, page_bytes: int) -> AsyncGenerator[SnapshotPage, None]:
        """Read the state at one rev, page by page, while writing goes on."""

        def open_view() -> FileView:
            # on a disk that is full, it is of the rev that the file has: a follower reads on there
            with suppress(UnavailableError):
                self._writer.follow()
            return FileView(self._path, None)

        view = await self._run(self._reading, open_view)
        pages = view.pages(page_bytes)
        free = Lock()

        def read() -> list[SnapshotPage]:
            with free:
                return list(islice(pages, _PAGES_AHEAD))

        def close() -> None:
            # a page may still be being read, for a reader that has gone
            with free:
                view.close()

        try:
            # the next ones are read while these are sent
            ahead = self._reading.submit(read)
            while found := await asyncio.wrap_future(ahead):
                if not found[-1].last:
                    ahead = self._reading.submit(read)
                for page in found:
                    yield page
                if found[-1].last:
                    break
        finally:
            # a transaction left open would keep the -wal file growing
            self._reading.submit(close)

    async def outcomes(self, commands: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """Read the revs of those of the (command_id, actor_id) that became commits."""
        wanted = list(commands)
        if not wanted:
            return {}
        noted = outcomes_in(self._writer.slate.commits())
        found = await self._read(read_outcomes, [key for key in wanted if key not in noted])
        return found | {key: noted[key] for key in wanted if key in noted}

    async def command_keys(self, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        """Read the (command_id, actor_id) of all commits, in that order, after one."""
        await self._follow()
        return await self._read(read_command_keys, after, limit)

    async def entries(
        self, *, actor_id: str | None = None, before_rev: int | None = None, limit: int = 100
    ) -> list[LogEntry]:
        """Read the newest log entries (of one actor, before a rev), newest first."""
        before = self.rev + 1 if before_rev is None else before_rev
        noted = self._writer.slate.commits()
        newest = entries_in(noted, before, actor_id)[:limit]
        if noted:
            before = min(before, noted[0].entry.rev)
        rest = limit - len(newest)
        return newest + await self._read(read_entries, self.floor, before, rest, actor_id)

    async def versions(self) -> list[Version]:
        """Read the named revs, by rev."""
        return [each for each in await self._read(read_versions) if each.rev >= self.floor]

    async def set_version(self, version: Version) -> None:
        """Give a rev a name, durably.

        Raises
        ------
        DuplicateIdError, NotFoundError, GoneError, ReadOnlyError, UnavailableError
            See :class:`graph_ext.hub.ports.SessionStore`.
        """
        self._check_writable()
        await self._writing.run(self._writer.set_version, version)

    async def remove_version(self, name: str) -> None:
        """Take a name away (NotFoundError, ReadOnlyError, UnavailableError)."""
        self._check_writable()
        await self._writing.run(self._writer.remove_version, name)

    async def floor_within(self, max_bytes: int) -> int:
        """Find the lowest floor above which the log has at most so many bytes."""
        await self._follow()
        return await self._run(self._reading, floor_within, self._path, max_bytes)

    async def compact(self, floor: int) -> None:
        """Let go of the log up to and including a rev (ReadOnlyError, UnavailableError)."""
        self._check_writable()
        async with self._compacting:
            moved = False
            while not moved:
                named = [version.rev for version in await self.versions()]
                to = min([floor, self.rev, *named])
                if to <= self.floor:
                    break
                await self._follow()
                size = await self._run(self._reading, bytes_between, self._path, self.floor, to)
                moved = await self._writing.run(self._writer.move_floor, to, size)
                if moved:
                    self.log_bytes -= size
                    self.floor = to
            # each time to the end of the line: commits go in between
            while await self._writing.run(self._writer.drop_some):
                pass

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
        self._appending.stop()

        def close() -> None:
            self._writer.close()
            with self._reader_free:
                self._reader.close()
            self._note(self._writer.reached)
            self._lock.release()

        if self.is_open:
            await self._writing.run(close)
            self._writing.end()

    def _check_writable(self) -> None:
        if self.damaged:
            raise ReadOnlyError(self.damaged)

    def _damaged_floor(self) -> int | None:
        """Return the floor that counts in place of the file's."""
        return self.floor if self.damaged else None

    async def _follow(self) -> None:
        """Have all commits in the file (UnavailableError)."""
        if self._writer.slate.size:
            await self._run(self._reading, self._writer.follow)

    async def _read(self, function: Callable[..., _T], *args: Any) -> _T:
        """Call a function with the reader's connection, in a reading thread."""

        def read() -> _T:
            with speaking_of("The session's log can't be read"), self._reader_free:
                return function(self._reader, *args)

        return await self._run(self._reading, read)

    async def _run(
        self, threads: ThreadPoolExecutor, function: Callable[..., _T], *args: Any
    ) -> _T:
        return await asyncio.get_running_loop().run_in_executor(threads, function, *args)
