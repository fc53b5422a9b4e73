"""A session is deleted for good before anybody hears of it; else it goes on as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from graph_ext.core.errors import GoneError, NotFoundError, UnavailableError
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.session import Session
from graph_ext.protocol import SessionUpdated
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import counter, node
from tests.fakes import FakeClock, FaultyStore
from tests.hub.conftest import Person


async def test_one_that_can_not_be_deleted_goes_on_and_nobody_hears_of_it(
    hub: Hub, session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    told = len(ada.sink.messages)
    store.failing = "the disk is full"
    with pytest.raises(UnavailableError, match="full"):
        await hub.delete(session.session_id)
    store.failing = ""
    assert len(ada.sink.messages) == told
    assert await ada.send(node("a")) == 1
    assert await hub.open(session.session_id) is session
    await hub.delete(session.session_id)
    assert ada.sink.messages[-1] == SessionUpdated(
        session_id=session.session_id, name="plan", ended=True
    )


async def test_commands_are_taken_until_it_is_deleted_and_have_their_outcome(
    hub: Hub, session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    before = ada.send(node("a"))
    deleting = asyncio.ensure_future(hub.delete(session.session_id))
    while session._intake.closing is None:
        await asyncio.sleep(0)
    with pytest.raises(GoneError, match="was deleted"):
        await ada.send(node("b"))
    with pytest.raises(NotFoundError):
        await hub.info(session.session_id)
    store.held.set()
    await deleting
    assert before.result() == 1


def hub_in(folder: Path) -> Hub:
    return Hub(SqliteStore(folder), HubLimits(), FakeClock(), counter("0" * 31))


async def test_a_hub_that_closes_waits_for_a_deletion(tmp_path: Path) -> None:
    hub = hub_in(tmp_path)
    made = await hub.create("plan")
    session = await hub.open(made.session_id)
    ada = await Person(session, "ada").join()
    deleting = asyncio.ensure_future(hub.delete(made.session_id))
    while not hub._door(made.session_id).locked():
        await asyncio.sleep(0)
    await hub.close()
    await deleting
    assert isinstance(ada.sink.messages[-1], SessionUpdated)
    assert list(tmp_path.glob(f"{made.session_id}*")) == []


async def test_a_hub_that_closes_begins_no_deletion(tmp_path: Path) -> None:
    hub = hub_in(tmp_path)
    made = await hub.create("plan")
    deleting = asyncio.ensure_future(hub.delete(made.session_id))
    await asyncio.sleep(0)
    await hub.close()
    with pytest.raises(UnavailableError, match="stopping"):
        await deleting
    hub = hub_in(tmp_path)
    await hub.open(made.session_id)
    await hub.close()


async def test_what_a_crash_has_left_of_deleted_sessions_is_gone_after_the_next_start(
    tmp_path: Path,
) -> None:
    hub = hub_in(tmp_path)
    made, kept = await hub.create("plan"), await hub.create("kept")
    await hub.close()
    # and here the server dies
    store = SqliteStore(tmp_path)
    await store.delete(made.session_id)
    await store.close()
    assert list(tmp_path.glob(f"{made.session_id}*")) != []
    hub = hub_in(tmp_path)
    await hub.sweep()
    assert list(tmp_path.glob(f"{made.session_id}*")) == []
    assert [each.session_id for each in await hub.list()] == [kept.session_id]
    await hub.open(kept.session_id)
    await hub.close()
