"""A hub over a store in memory that can be made to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from graph_ext.core.access import Role
from graph_ext.core.commands import Command
from graph_ext.core.errors import GraphError
from graph_ext.core.expectations import Expectation
from graph_ext.hub.client import Client
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.request import Done
from graph_ext.hub.session import Session
from graph_ext.protocol import Actor, Commit, Cursor, Joined, JoinSession, SubmitCommand
from graph_ext.stores.memory import MemoryStore
from tests.commits import counter
from tests.fakes import FakeClock, FakeSink, FaultyStore

_new_command_id = counter("command-")


class Person:
    """Somebody in a session, with a sink of their own."""

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.sink = FakeSink()
        self.failures: list[GraphError] = []
        self.client: Client

    async def join(
        self,
        *,
        since: Cursor | None = None,
        pending: list[str] | None = None,
        role: Role | None = "owner",
        credit: int | None = None,
    ) -> Person:
        message = JoinSession(
            session_id=self.session.session_id,
            client_id=self.name,
            since=since,
            pending=pending or [],
            credit=credit,
        )
        actor = Actor(f"user:{self.name}", self.name)
        self.client = await self.session.join(
            message, actor, lambda: role, self.sink, lambda _, error: self.failures.append(error)
        )
        return self

    def submit(
        self,
        command: Command,
        command_id: str = "",
        *,
        more: bool = False,
        size: int = 100,
        base_rev: int | None = None,
        expect: Sequence[Expectation] = (),
        dry_run: bool = False,
    ) -> asyncio.Future[Done]:
        """Submit a command."""
        message = SubmitCommand(
            session_id=self.session.session_id,
            command_id=command_id or _new_command_id(),
            command=command,
            more=more,
            base_rev=base_rev,
            expect=list(expect),
            dry_run=dry_run,
        )
        done: asyncio.Future[Done] = asyncio.get_running_loop().create_future()

        def answered(_: str, outcome: Done | GraphError) -> None:
            if done.done():
                return
            if isinstance(outcome, Done):
                done.set_result(outcome)
            else:
                done.set_exception(outcome)

        self.session.submit(self.client, [message], size, answered)
        return done

    def send(self, command: Command, command_id: str = "", **fields: Any) -> asyncio.Future[int]:
        """Submit a command; return the future of its rev alone."""
        rev: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def pass_on(done: asyncio.Future[Done]) -> None:
            error = done.exception()
            if error is None:
                rev.set_result(done.result().rev)
            else:
                rev.set_exception(error)

        self.submit(command, command_id, **fields).add_done_callback(pass_on)
        return rev

    @property
    def epoch(self) -> str:
        joined = self.sink.messages[0]
        assert isinstance(joined, Joined)
        return joined.epoch

    @property
    def commits(self) -> list[Commit]:
        return [message for message in self.sink.messages if isinstance(message, Commit)]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> FaultyStore:
    return FaultyStore(MemoryStore())


@pytest.fixture
def limits() -> HubLimits:
    return HubLimits(batch_commands=5000, batch_bytes=100_000, sessions_open=3, idle_s=60)


@pytest.fixture
def hub(
    store: FaultyStore,
    clock: FakeClock,
    limits: HubLimits,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[Hub]:
    numbers = counter("")
    hub = Hub(store, limits, clock, lambda: f"{int(numbers()):032x}")
    yield hub
    store.failing = ""
    store.held = None
    jp_asyncio_loop.run_until_complete(hub.close())


@pytest.fixture
def session(hub: Hub, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Session:
    async def make() -> Session:
        return await hub.open((await hub.create("plan")).session_id)

    return jp_asyncio_loop.run_until_complete(make())
