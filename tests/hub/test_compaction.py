"""A session's log stays within its limits while it is used (rules 7.8 and 7.9)."""

from __future__ import annotations

import asyncio

import pytest

from graph_ext.core.errors import GoneError
from graph_ext.hub import compaction as module
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.session import Session
from graph_ext.protocol import Actor, Commit, Cursor, Joined, Snapshot
from tests.commits import many, node
from tests.fakes import FaultyStore
from tests.hub.conftest import Person

ADA = Actor("user:ada", "ada")


@pytest.fixture
def limits() -> HubLimits:
    return HubLimits(batch_commands=5000, log_commits=20, log_bytes=200_000, tail_bytes=1000)


async def settled(session: Session) -> None:
    while session._compaction._task is not None:
        await asyncio.wait([session._compaction._task])


async def test_old_commits_go_when_there_are_too_many(session: Session) -> None:
    ada = await Person(session, "ada").join()
    floors = set()
    for i in range(100):
        await ada.send(node(f"n{i}"))
        await settled(session)
        assert session._store.log_commits <= 20
        floors.add(session._store.floor)
    assert len(floors) < 40, "not with every commit"
    assert session._store.log_commits >= 18
    assert len((await session.past.graph_at(session._store.floor)).nodes) == session._store.floor


async def test_old_commits_go_when_they_are_too_long_and_the_last_stays(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for i in range(4):
        await ada.send(many(500, prefix=f"n{i}-"))
        await settled(session)
    assert (session._store.log_bytes, session._store.log_commits) <= (200_000, 3)
    await ada.send(many(3000, prefix="long"))
    await settled(session)
    assert session._store.log_commits == 1
    assert session._store.log_bytes > 200_000
    await ada.send(node("next"))
    await settled(session)
    assert session._store.log_commits == 1
    assert session._store.log_bytes < 1000


async def test_a_named_rev_stays_reachable(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for i in range(5):
        await ada.send(node(f"n{i}"))
    await session.versions.set("draft", ADA, 3)
    for i in range(60):
        await ada.send(node(f"m{i}"))
    await settled(session)
    assert session._store.floor == 3
    assert len((await session.past.graph_at(3)).nodes) == 3
    await session.versions.remove("draft")
    for i in range(5):
        await ada.send(node(f"o{i}"))
    await settled(session)
    assert session._store.log_commits <= 20
    with pytest.raises(GoneError):
        await session.past.graph_at(3)


async def test_who_comes_back_from_below_the_floor_gets_the_graph(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for i in range(50):
        await ada.send(node(f"n{i}"))
    await settled(session)
    floor = session._store.floor
    for since, mode in ((floor - 1, "snapshot"), (floor, "resume")):
        back = await Person(session, "ada").join(since=Cursor(ada.epoch, since))
        messages = await back.sink.until(
            lambda messages: any(
                (isinstance(m, Commit) and m.rev == 50) or isinstance(m, Snapshot) for m in messages
            )
        )
        joined = messages[0]
        assert isinstance(joined, Joined)
        assert (joined.mode, joined.floor) == (mode, floor)
    assert [commit.rev for commit in back.commits] == list(range(floor + 1, 51))


async def test_a_disk_that_fails_is_not_asked_again_at_once(
    session: Session, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    compact = session._store.compact

    async def counted(floor: int) -> None:
        nonlocal asked
        asked += 1
        store.failing = "disk full" if asked == 1 else ""
        try:
            await compact(floor)
        finally:
            store.failing = ""

    monkeypatch.setattr(session._store, "compact", counted)
    ada = await Person(session, "ada").join()
    for i in range(40):
        await ada.send(node(f"n{i}"))
        await settled(session)
    assert (asked, session._store.floor) == (1, 0)
    monkeypatch.setattr(module, "_RETRY_S", 0.0)
    session._compaction._not_before = 0.0
    await ada.send(node("later"))
    await settled(session)
    assert session._store.log_commits <= 20


async def test_a_log_that_is_too_long_already_is_shortened_on_opening(
    hub: Hub, session: Session
) -> None:
    ada = await Person(session, "ada").join()
    session._compaction._not_before = float("inf")
    for i in range(50):
        await ada.send(node(f"n{i}"))
    assert session._store.log_commits == 50
    session.leave(ada.client)
    await hub._close(session.session_id)
    session = await hub.open(session.session_id)
    await settled(session)
    assert session._store.log_commits <= 20
