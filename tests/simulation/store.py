"""The store as it is on a bad day: slow, full, unreadable, and cut off in the middle of a write.

What is durable is kept by the product's own store in memory. What a server has of it is a
:class:`Life` of the store, which dies with it: then a write that was under way has reached the
disk as far as chance will have it, and nothing that the dead server still does gets there.
Used by world.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random

from graph_ext.core.access import Member, Members
from graph_ext.core.errors import UnavailableError
from graph_ext.core.graph import Graph
from graph_ext.hub.copying import copy_session
from graph_ext.hub.ports import (
    Append,
    Appended,
    CatalogEntry,
    LogEntry,
    Place,
    Record,
    Restoration,
    SessionView,
    Sharing,
    SnapshotPage,
    Version,
)
from graph_ext.stores.memory import MemoryStore
from graph_ext.stores.memory_session import MemoryRestoration, MemorySession

__all__ = ["Disk", "Life", "LifeSession"]

Written = Callable[[str, Sequence[Append]], None]
"""Called with the session_id and the commits in the moment in which they are durable."""

Shared = Callable[[str, Members], None]
"""Called with the session_id and its members in the moment in which they are durable."""


class Disk:
    """What outlives the server, and how badly it behaves.

    Attributes
    ----------
    write_s, read_s : float
        How long a write or a read takes at the most.
    write_errors, read_errors : float
        How probable it is that one fails.
    full : bool
        While it is, every write fails.
    """

    def __init__(self, random: Random, written: Written, shared: Shared) -> None:
        self.random = random
        self.written = written
        self.shared = shared
        self.durable = MemoryStore()
        # session_id -> up to which rev its log was let go of
        self.floors: dict[str, int] = {}
        # session_id -> what it was renamed to, and those that were deleted
        self.names: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.write_s = 0.02
        self.read_s = 0.01
        self.write_errors = 0.0
        self.read_errors = 0.0
        self.full = False

    async def write(self) -> None:
        """Take the time of half a write."""
        if self.write_s:
            await asyncio.sleep(self.random.random() * self.write_s)

    async def read(self) -> None:
        """Take the time of a read, which may fail (UnavailableError)."""
        if self.read_s and self.random.random() < 0.5:
            await asyncio.sleep(self.random.random() * self.read_s)
        self.check_read()

    def check_read(self) -> None:
        """Fail now and then (UnavailableError)."""
        if self.read_errors and self.random.random() < self.read_errors:
            raise UnavailableError("The disk can't be read")

    def put_back(self, session_id: str, epoch: str) -> int:
        """Put a closed session back to an earlier rev, which is returned: another history."""
        name, at, session = self.durable._sessions[session_id]
        rev = self.random.randint(session.floor, session.rev)
        restoration = MemoryRestoration(session_id, MemorySession(epoch, at), at)
        with session.view() as view:
            copy_session(view, rev, restoration)
        earlier = restoration.session
        # of commits below the floor too: the same command still gives the same outcome
        earlier._commands = {key: done for key, done in session._commands.items() if done <= rev}
        self.durable._sessions[session_id] = (name, at, earlier)
        return rev

    def refuses(self) -> bool:
        """Whether this write fails."""
        return self.full or self.random.random() < self.write_errors


class Life:
    """The store (hub/ports.py) of one life of the server."""

    def __init__(self, disk: Disk) -> None:
        self.alive = True
        self._disk = disk
        # one thread does what has to do with members
        self._catalog = asyncio.Lock()
        # those that are under way, in the order in which they began
        self._writes: dict[int, tuple[str, MemorySession, Sequence[Append]]] = {}

    async def list(self) -> list[CatalogEntry]:
        await self._disk.read()
        return await self._disk.durable.list()

    async def create(
        self, session_id: str, name: str, epoch: str, at: float, owner: Member | None = None
    ) -> CatalogEntry:
        return await self._disk.durable.create(session_id, name, epoch, at, owner)

    async def rename(self, session_id: str, name: str) -> None:
        await self._disk.write()
        self.check_alive()
        await self._disk.durable.rename(session_id, name)
        self._disk.names[session_id] = name

    async def delete(self, session_id: str) -> None:
        await self._disk.write()
        self.check_alive()
        if self._disk.refuses():
            raise UnavailableError("The disk is full")
        await self._disk.durable.delete(session_id)
        self._disk.deleted.add(session_id)
        await self._disk.write()
        self.check_alive()

    async def tidy(self) -> None:
        await self._disk.read()
        self.check_alive()
        await self._disk.durable.tidy()

    async def open(self, session_id: str) -> LifeSession:
        await self._disk.read()
        self.check_alive()
        session = await self._disk.durable.open(session_id)
        return LifeSession(self, self._disk, session_id, session)

    async def members(self, since: int) -> tuple[int, Mapping[str, Members]]:
        async with self._catalog:
            await self._disk.read()
            self.check_alive()
            return await self._disk.durable.members(since)

    async def sharing(self, session_id: str) -> Sharing:
        await self._disk.read()
        self.check_alive()
        return await self._disk.durable.sharing(session_id)

    async def share(self, session_id: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        async with self._catalog:
            await self._disk.write()
            self.check_alive()
            if self._disk.refuses():
                raise UnavailableError("The disk is full")
            sharing = await self._disk.durable.share(session_id, change)
            self._disk.shared(session_id, sharing.members)
            await self._disk.write()
        self.check_alive()
        return sharing

    async def invited(self, token_hash: bytes) -> tuple[str, str] | None:
        await self._disk.read()
        return await self._disk.durable.invited(token_hash)

    async def restore(self, session_id: str, epoch: str, at: float) -> Restoration:
        return await self._disk.durable.restore(session_id, epoch, at)

    async def adopt(
        self, restoration: Restoration, name: str, owner: Member | None = None
    ) -> CatalogEntry:
        return await self._disk.durable.adopt(restoration, name, owner)

    async def discard(self, restoration: Restoration) -> None:
        await self._disk.durable.discard(restoration)

    async def close(self) -> None:
        await self._disk.durable.close()

    def check_alive(self) -> None:
        """Let a dead server do nothing more (UnavailableError; nobody will hear of it)."""
        if not self.alive:
            raise UnavailableError("This server has died")

    async def end(self, *, killed: bool) -> None:
        """End it; of the writes under way a beginning gets to the disk."""
        self.alive = False
        writes, self._writes = self._writes, {}
        for session_id, session, commits in writes.values():
            if killed and (kept := self._disk.random.randint(0, len(commits))):
                session.append(commits[:kept], _heard)
                self._disk.written(session_id, commits[:kept])
        await self._disk.durable.close()

    async def write(
        self, session_id: str, session: MemorySession, commits: Sequence[Append]
    ) -> None:
        """Make commits durable after a while, or fail."""
        self.check_alive()
        self._writes[id(commits)] = (session_id, session, commits)
        try:
            await self._disk.write()
            self.check_alive()
        finally:
            self._writes.pop(id(commits), None)
        if self._disk.refuses():
            raise UnavailableError("The disk is full")
        # at once; nobody has to be told by the store in memory
        session.append(commits, _heard)
        self._disk.written(session_id, commits)
        # durable, and nobody knows: a server that dies now has committed without a word
        await self._disk.write()
        self.check_alive()


class LifeSession:
    """One open session of a :class:`Life`."""

    def __init__(self, life: Life, disk: Disk, session_id: str, durable: MemorySession) -> None:
        self._life = life
        self._disk = disk
        self.session_id = session_id
        self._durable = durable
        self.epoch = durable.epoch
        self.rev = durable.rev
        self.updated_at = durable.updated_at
        self.damaged = ""

    @property
    def floor(self) -> int:
        return self._durable.floor

    @property
    def log_commits(self) -> int:
        return self._durable.log_commits

    @property
    def log_bytes(self) -> int:
        return self._durable.log_bytes

    @property
    def prompt(self) -> bool:
        return False

    async def load(self) -> Graph:
        await self._read()
        return await self._durable.load()

    def append(self, commits: Sequence[Append], told: Appended) -> None:
        self._appending = asyncio.get_running_loop().create_task(self._append(commits, told))

    async def _append(self, commits: Sequence[Append], told: Appended) -> None:
        try:
            await self._life.write(self.session_id, self._durable, commits)
        except UnavailableError as error:
            told(error)
        else:
            self.rev = self._durable.rev
            self.updated_at = self._durable.updated_at
            told(None)

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        await self._read()
        return self._durable.read(after, max_bytes)

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        self._life.check_alive()
        self._disk.check_read()
        return self._durable.read(after, max_bytes)

    @contextmanager
    def view(self) -> Iterator[SessionView]:
        self._life.check_alive()
        self._disk.check_read()
        with self._durable.view() as view:
            yield view

    async def snapshot(self, page_bytes: int) -> AsyncGenerator[SnapshotPage, None]:
        await self._read()
        async for page in self._durable.snapshot(page_bytes):
            yield page
            await self._read()

    async def outcomes(self, commands: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        wanted = list(commands)
        await self._read()
        return await self._durable.outcomes(wanted)

    async def command_keys(self, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        await self._read()
        return await self._durable.command_keys(after, limit)

    async def entries(
        self, *, actor_id: str | None = None, before_rev: int | None = None, limit: int = 100
    ) -> list[LogEntry]:
        await self._read()
        return await self._durable.entries(actor_id=actor_id, before_rev=before_rev, limit=limit)

    async def versions(self) -> list[Version]:
        await self._read()
        return await self._durable.versions()

    async def set_version(self, version: Version) -> None:
        await self._write()
        await self._durable.set_version(version)

    async def remove_version(self, name: str) -> None:
        await self._write()
        await self._durable.remove_version(name)

    async def floor_within(self, max_bytes: int) -> int:
        await self._read()
        return await self._durable.floor_within(max_bytes)

    async def compact(self, floor: int) -> None:
        await self._write()
        await self._durable.compact(floor)
        self._disk.floors[self.session_id] = self._durable.floor

    async def verify(self) -> str:
        return ""

    async def close(self) -> None:
        if self._life.alive:
            await self._durable.close()

    async def _write(self) -> None:
        await self._disk.write()
        self._life.check_alive()
        if self._disk.refuses():
            raise UnavailableError("The disk is full")

    async def _read(self) -> None:
        self._life.check_alive()
        await self._disk.read()
        self._life.check_alive()


def _heard(_: BaseException | None) -> None: ...
