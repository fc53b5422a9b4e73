"""Fakes: each implements a port, and can do on demand what the real thing does on a bad day."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from graph_ext.core.access import Member, Members
from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.core.graph import Graph
from graph_ext.hub.event_slices import EventSlice
from graph_ext.hub.ports import (
    Append,
    Appended,
    CatalogEntry,
    LogEntry,
    Place,
    Record,
    Restoration,
    SessionStore,
    SessionView,
    Sharing,
    SnapshotPage,
    Store,
    Version,
)
from graph_ext.hub.webhook import Answer
from graph_ext.protocol import ServerMessage, decode_server_frame
from tests.commits import append


class FakeClock:
    """Unix seconds that pass when they are told to."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FakeSink:
    """A sink (hub/channel.py) that keeps what it gets, and is full when it is told to be."""

    def __init__(self, *, full: bool = False) -> None:
        self.frames: list[bytes] = []
        # frames it takes before it is full; None: all
        self.room: int | None = 0 if full else None
        self._waiting: list[Callable[[], None]] = []
        self._arrived = asyncio.Event()

    def writable(self) -> bool:
        return self.room is None or self.room > 0

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)
        if self.room:
            self.room -= 1
        self._arrived.set()

    def when_writable(self, callback: Callable[[], None]) -> None:
        self._waiting.append(callback)

    def drain(self, room: int | None = None) -> None:
        """Take on frames again, so many of them."""
        self.room = room
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()

    @property
    def messages(self) -> list[ServerMessage]:
        return [message for frame in self.frames for message in decode_server_frame(frame)]

    async def until(self, enough: Callable[[list[ServerMessage]], bool]) -> list[ServerMessage]:
        """Wait until the messages are enough; the test's own timeout ends it."""
        while not enough(self.messages):
            self._arrived.clear()
            await self._arrived.wait()
        return self.messages


class FakeTarget(FakeSink):
    """A target of events (hub/events_view.py) that keeps what it gets.

    Attributes
    ----------
    slices : list of EventSlice
        What it got, with the places.
    ended : list of GraphError
        Why it was told that no more comes.
    """

    def __init__(self, *, full: bool = False) -> None:
        super().__init__(full=full)
        self.slices: list[EventSlice] = []
        self.ended: list[GraphError] = []
        self.told = asyncio.Event()

    def end(self, error: GraphError) -> None:
        """Be told that no more comes."""
        self.ended.append(error)
        self.told.set()

    def write_events(self, events: EventSlice, /) -> None:
        self.slices.append(events)
        self.write(events.frame)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(event.body) for each in self.slices for event in each.events]

    @property
    def types(self) -> list[str]:
        return [event.type for each in self.slices for event in each.events]

    async def until_events(self, count: int) -> list[dict[str, Any]]:
        """Wait until there are as many."""
        while len(self.types) < count:
            self._arrived.clear()
            await self._arrived.wait()
        return self.events


class FaultyStore:
    """A store that works like the one within, until it is told otherwise.

    Attributes
    ----------
    failing : str
        Why every append is refused; empty: none is.
    held : asyncio.Event or None
        Appends wait for it.
    appended : list of list of int
        The revs of each group that was tried.
    prompt : bool
        Appends are done, and told of, before they return.
    """

    def __init__(self, within: Store) -> None:
        self.failing = ""
        self.reads_failing = ""
        self.held: asyncio.Event | None = None
        self.appended: list[list[int]] = []
        self.prompt = False
        self._within = within

    async def list(self) -> list[CatalogEntry]:
        return await self._within.list()

    async def create(
        self, session_id: str, name: str, epoch: str, at: float, owner: Member | None = None
    ) -> CatalogEntry:
        return await self._within.create(session_id, name, epoch, at, owner)

    async def rename(self, session_id: str, name: str) -> None:
        await self._within.rename(session_id, name)

    async def delete(self, session_id: str) -> None:
        self.check_writes()
        await self._within.delete(session_id)

    async def tidy(self) -> None:
        await self._within.tidy()

    async def open(self, session_id: str) -> SessionStore:
        return FaultySession(self, await self._within.open(session_id))

    async def restore(self, session_id: str, epoch: str, at: float) -> Restoration:
        self.check_writes()
        return await self._within.restore(session_id, epoch, at)

    async def adopt(
        self, restoration: Restoration, name: str, owner: Member | None = None
    ) -> CatalogEntry:
        self.check_writes()
        return await self._within.adopt(restoration, name, owner)

    async def discard(self, restoration: Restoration) -> None:
        await self._within.discard(restoration)

    def check_writes(self) -> None:
        if self.failing:
            raise UnavailableError(self.failing)

    async def members(self, since: int) -> tuple[int, Mapping[str, Members]]:
        self.check_reads()
        return await self._within.members(since)

    async def sharing(self, session_id: str) -> Sharing:
        self.check_reads()
        return await self._within.sharing(session_id)

    async def share(self, session_id: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        self.check_writes()
        return await self._within.share(session_id, change)

    async def invited(self, token_hash: bytes) -> tuple[str, str] | None:
        self.check_reads()
        return await self._within.invited(token_hash)

    async def close(self) -> None:
        await self._within.close()

    def check_reads(self) -> None:
        if self.reads_failing:
            raise UnavailableError(self.reads_failing)


class FaultySession:
    """One session of a :class:`FaultyStore`."""

    def __init__(self, store: FaultyStore, within: SessionStore) -> None:
        self._store = store
        self._within = within
        self.epoch = within.epoch
        self.rev = within.rev
        self.updated_at = within.updated_at
        self.damaged = within.damaged

    @property
    def prompt(self) -> bool:
        return self._store.prompt

    async def load(self) -> Graph:
        self._check_reads()
        return await self._within.load()

    def append(self, commits: Sequence[Append], told: Appended) -> None:
        self._store.appended.append([commit.entry.rev for commit in commits])
        if self._store.prompt:
            self._within.append(commits, lambda _: None)
            self.rev = self._within.rev
            self.updated_at = self._within.updated_at
            told(None)
            return
        self._appending = asyncio.get_running_loop().create_task(self._append(commits, told))

    async def _append(self, commits: Sequence[Append], told: Appended) -> None:
        if self._store.held is not None:
            await self._store.held.wait()
        try:
            self._check_writes()
            await append(self._within, commits)
        except GraphError as error:
            told(error)
        else:
            self.rev = self._within.rev
            self.updated_at = self._within.updated_at
            told(None)

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        self._check_reads()
        return await self._within.records(after, max_bytes)

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        self._check_reads()
        return self._within.read(after, max_bytes)

    def snapshot(self, page_bytes: int) -> AsyncGenerator[SnapshotPage, None]:
        self._check_reads()
        return self._within.snapshot(page_bytes)

    async def outcomes(self, commands: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        self._check_reads()
        return await self._within.outcomes(commands)

    async def command_keys(self, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        self._check_reads()
        return await self._within.command_keys(after, limit)

    async def entries(
        self, *, actor_id: str | None = None, before_rev: int | None = None, limit: int = 100
    ) -> list[LogEntry]:
        self._check_reads()
        return await self._within.entries(actor_id=actor_id, before_rev=before_rev, limit=limit)

    @property
    def floor(self) -> int:
        return self._within.floor

    @property
    def log_commits(self) -> int:
        return self._within.log_commits

    @property
    def log_bytes(self) -> int:
        return self._within.log_bytes

    @contextmanager
    def view(self) -> Iterator[SessionView]:
        self._check_reads()
        with self._within.view() as view:
            yield view

    async def versions(self) -> list[Version]:
        self._check_reads()
        return await self._within.versions()

    async def set_version(self, version: Version) -> None:
        self._check_writes()
        await self._within.set_version(version)

    async def remove_version(self, name: str) -> None:
        self._check_writes()
        await self._within.remove_version(name)

    async def floor_within(self, max_bytes: int) -> int:
        self._check_reads()
        return await self._within.floor_within(max_bytes)

    async def compact(self, floor: int) -> None:
        self._check_writes()
        await self._within.compact(floor)

    async def verify(self) -> str:
        return await self._within.verify()

    async def close(self) -> None:
        await self._within.close()

    def _check_writes(self) -> None:
        self._store.check_writes()

    def _check_reads(self) -> None:
        self._store.check_reads()


class FakeSender:
    """A sender of webhooks (hub/webhook.py) whose receivers do as they are told.

    Attributes
    ----------
    answers : list of Answer or GraphError
        What comes next; when there are none, 204.
    held : asyncio.Event or None
        Requests wait for it.
    requests : list of tuple
        (url, headers, body) of what was sent.
    """

    def __init__(self) -> None:
        self.answers: list[Answer | GraphError] = []
        self.held: asyncio.Event | None = None
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self._arrived = asyncio.Event()

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        self.requests.append((url, headers, body))
        self._arrived.set()
        if self.held is not None:
            await self.held.wait()
        answer = self.answers.pop(0) if self.answers else Answer(204)
        if isinstance(answer, GraphError):
            raise answer
        return answer

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]

    @property
    def types(self) -> list[str]:
        return [event["type"] for message in self.messages for event in message["events"]]

    async def until(self, count: int) -> list[dict[str, Any]]:
        """Wait for as many requests."""
        while len(self.requests) < count:
            self._arrived.clear()
            await self._arrived.wait()
        return self.messages
