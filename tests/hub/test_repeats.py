"""A command that comes again has the outcome of the first, whatever happens between (rule 3.5)."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from graph_ext.core.errors import ForbiddenError, RateLimitedError
from graph_ext.core.expectations import Expectation
from graph_ext.hub import opening
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.ports import LAST, SnapshotPage
from graph_ext.hub.request import Done
from graph_ext.hub.session import Session
from graph_ext.protocol import Commit, Rejected
from tests.commits import many, node
from tests.fakes import FaultySession, FaultyStore
from tests.hub.conftest import Person


@pytest.fixture
def limits() -> HubLimits:
    return HubLimits(commands_per_s=6)


async def test_what_memory_drops_before_its_turn_comes_is_not_done_twice(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 1)
    session = await hub.open((await hub.create("small")).session_id)
    ada = await Person(session, "ada").join()
    for name in "abc":
        await ada.send(node(name), name)
    # the store is asked about all of them at once, and memory has room for one
    assert await asyncio.gather(*(ada.send(node(name), name) for name in "abc")) == [1, 2, 3]


async def test_what_is_being_done_was_not_sent_too_fast(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    first = ada.send(node("a"), "k")
    again = [ada.send(node("a"), "k") for _ in range(20)]
    with pytest.raises(RateLimitedError):
        await ada.send(node("b"))
    store.held.set()
    assert await asyncio.gather(first, *again) == [1] * 21


async def test_what_an_editor_has_sent_is_done_though_it_comes_again_from_a_viewer(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join(role="editor")
    store.held = asyncio.Event()
    first = ada.send(node("a"), "k")
    session.set_role(ada.client, "viewer")
    again = ada.send(node("a"), "k")
    with pytest.raises(ForbiddenError):
        await ada.send(node("b"))
    store.held.set()
    assert [await first, await again] == [1, 1]


async def test_who_has_a_commit_in_a_snapshot_is_told_of_it_when_it_comes_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"), "k")
    done = asyncio.Event()
    snapshot = FaultySession.snapshot

    async def lingering(self: FaultySession, page: int) -> AsyncGenerator[SnapshotPage, None]:
        async for each in snapshot(self, page):
            yield each
        await done.wait()  # the store takes its time to find that there is nothing more

    monkeypatch.setattr(FaultySession, "snapshot", lingering)
    late = await Person(session, "ada").join()
    await late.sink.until(lambda messages: len(messages) > 1)
    assert late.client.follower is not None
    assert late.client.follower.place == (1, LAST)
    assert await late.send(node("a"), "k") == 1
    done.set()
    answer = late.sink.messages[-1]
    assert isinstance(answer, Commit)
    assert (answer.rev, answer.command_id, answer.events) == (1, "k", [])


@pytest.mark.parametrize("failing", ["", "the disk is full"])
async def test_3_4_who_joins_again_hears_of_what_it_sends_again_and_of_nothing_before(
    session: Session, store: FaultyStore, failing: str
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    before = ada.submit(node("a"), "k")
    session.leave(ada.client)
    await ada.join(pending=["k"])
    store.failing = failing
    told = len(ada.sink.messages)
    store.held.set()
    assert await before == Done(0)
    assert not any(isinstance(each, Commit | Rejected) for each in ada.sink.messages[:told])
    store.failing = ""
    # what came of the first time is no answer to the second, which is done or was
    assert await ada.send(node("a"), "k") == 1


async def test_who_loses_the_role_is_not_told_what_stands_in_the_way(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await bob.send(node("a", secret="of bob"))
    expect = [Expectation(node_id="a", property_name="secret", value="?")]
    # a long one is before it in line
    answers = [ada.submit(many(3000)), ada.submit(node("b"), expect=expect)]
    session.set_role(ada.client, None)
    assert await asyncio.gather(*answers) == [Done(0), Done(0)]
    assert bob.commits[-1].rev == 2


async def test_who_loses_the_role_before_it_is_answered_hears_nothing_more(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 1)
    session = await hub.open((await hub.create("small")).session_id)
    ada = await Person(session, "ada").join()
    for name in "ab":
        await ada.send(node(name), name)
    told = len(ada.sink.messages)
    # the store is asked about the first, and it takes its time
    answers = [ada.submit(node("a"), "a"), ada.submit(node("c"), dry_run=True)]
    session.set_role(ada.client, None)
    for answer in await asyncio.gather(*answers):
        assert answer.planned is None
    assert len(ada.sink.messages) == told
