"""Sessions are made, found, opened when needed, closed when not, and told about."""

import asyncio

import pytest

from graph_ext.core.blueprint import Blueprint, LinkType, NodeType
from graph_ext.core.errors import (
    DuplicateIdError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    UnavailableError,
)
from graph_ext.hub.access import Caller
from graph_ext.hub.hub import Hub
from graph_ext.hub.ports import SessionStore
from graph_ext.protocol import Actor, Snapshot
from tests.commits import node
from tests.fakes import FakeClock, FaultyStore
from tests.hub.conftest import Person


async def test_a_session_is_made_and_found_by_name(hub: Hub) -> None:
    made = await hub.create("  plan ")
    assert (made.name, made.rev, made.nodes, made.clients) == ("plan", 0, 0, 0)
    await hub.create("goal")
    assert [info.name for info in await hub.list()] == ["goal", "plan"]
    assert [info.session_id for info in await hub.list(name="plan")] == [made.session_id]
    assert await hub.list(name="nothing") == []
    assert (await hub.info(made.session_id)).name == "plan"


async def test_a_session_begins_with_its_blueprint(hub: Hub) -> None:
    blueprint = Blueprint(node_types={"Task": NodeType()}, link_types={"blocks": LinkType()})
    made = await hub.create("plan", blueprint)
    assert made.rev == 1
    ada = await Person(await hub.open(made.session_id), "ada").join()
    page = (await ada.sink.until(lambda messages: len(messages) > 1))[1]
    assert isinstance(page, Snapshot)
    assert page.blueprint == blueprint


async def test_a_blueprint_that_is_none_makes_no_session(hub: Hub) -> None:
    blueprint = Blueprint(node_types={"Task": NodeType(allowed_children=("Nobody",))})
    with pytest.raises(SchemaError):
        await hub.create("plan", blueprint)
    assert await hub.list() == []


async def test_who_opens_a_session_while_it_is_renamed_has_its_name(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = (await hub.create("plan")).session_id
    begun, held = asyncio.Event(), asyncio.Event()
    open_file = FaultyStore.open

    async def slow(self: FaultyStore, session_id: str) -> SessionStore:
        begun.set()
        await held.wait()
        return await open_file(self, session_id)

    monkeypatch.setattr(FaultyStore, "open", slow)
    opening = asyncio.ensure_future(hub.open(session_id))
    await begun.wait()
    renaming = asyncio.ensure_future(hub.rename(session_id, "goal"))
    for _ in range(5):
        await asyncio.sleep(0)
    held.set()
    assert (await renaming).name == (await opening).name == "goal"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 257, "\x7f", "bidi \u202e trick"])
async def test_a_name_is_for_people(hub: Hub, name: str) -> None:
    with pytest.raises(SchemaError, match="name"):
        await hub.create(name)
    made = await hub.create("fine")
    with pytest.raises(SchemaError, match="name"):
        await hub.rename(made.session_id, name)


async def test_a_name_is_given_once(hub: Hub) -> None:
    made = await hub.create("Zoë")
    with pytest.raises(DuplicateIdError, match="Zoë"):
        await hub.create("Zoe\u0308")
    with pytest.raises(DuplicateIdError):
        await hub.rename((await hub.create("goal")).session_id, "Zoë")
    assert (await hub.rename(made.session_id, "Zoë 2")).name == "Zoë 2"


@pytest.mark.parametrize("session_id", ["0" * 32, "", "../../etc/passwd", "A" * 32])
async def test_an_unknown_session_is_not_found(hub: Hub, session_id: str) -> None:
    for call in (hub.open, hub.info, hub.delete):
        with pytest.raises(NotFoundError):
            await call(session_id)
    with pytest.raises(NotFoundError):
        await hub.rename(session_id, "name")


async def test_the_list_tells_what_is_open_as_it_is_now(hub: Hub, clock: FakeClock) -> None:
    made = await hub.create("plan")
    session = await hub.open(made.session_id)
    ada = await Person(session, "ada").join()
    clock.now = 2000.0
    await ada.send(node("a"))
    (info,) = await hub.list()
    assert (info.rev, info.nodes, info.clients, info.updated_at) == (1, 1, 1, 2000.0)


async def test_watchers_are_told_when_the_list_changes(hub: Hub) -> None:
    told: list[int] = []

    def changed() -> None:
        told.append(1)

    hub.watch(changed, Caller(Actor("user:ada"), may_read=True, may_write=False))
    made = await hub.create("plan")
    await hub.rename(made.session_id, "goal")
    with pytest.raises(DuplicateIdError):
        await hub.create("goal")
    await hub.delete(made.session_id)
    hub.unwatch(changed)
    await hub.create("more")
    assert len(told) == 3


async def test_two_who_open_at_once_get_the_same_session(hub: Hub) -> None:
    made = await hub.create("plan")
    first, second = await asyncio.gather(hub.open(made.session_id), hub.open(made.session_id))
    assert first is second


async def test_a_session_that_nobody_needs_is_closed(
    hub: Hub, store: FaultyStore, clock: FakeClock
) -> None:
    made = await hub.create("plan")
    session = await hub.open(made.session_id)
    ada = await Person(session, "ada").join()
    clock.now += 100
    await hub.sweep()
    assert await hub.open(made.session_id) is session, "somebody was in it"
    session.leave(ada.client)
    clock.now += 59
    await hub.sweep()
    assert await hub.open(made.session_id) is session
    clock.now += 61
    await hub.sweep()
    # only a closed session can be opened by somebody else
    await (await store.open(made.session_id)).close()
    assert await hub.open(made.session_id) is not session


async def test_the_longest_idle_makes_room_for_another(hub: Hub, clock: FakeClock) -> None:
    made = [await hub.create(f"s{i}") for i in range(4)]
    opened = []
    for info in made[:3]:
        clock.now += 1
        opened.append(await hub.open(info.session_id))
    await Person(opened[0], "ada").join()
    await hub.open(made[3].session_id)
    assert await hub.open(made[0].session_id) is opened[0]
    assert await hub.open(made[2].session_id) is opened[2]
    await Person(await hub.open(made[3].session_id), "bob").join()
    await Person(opened[2], "eve").join()
    with pytest.raises(RateLimitedError, match="3 sessions"):
        await hub.open(made[1].session_id)


async def test_a_session_that_can_not_be_read_stays_closed(hub: Hub, store: FaultyStore) -> None:
    made = await hub.create("plan")
    store.reads_failing = "the disk is gone"
    with pytest.raises(UnavailableError, match="the disk is gone"):
        await hub.open(made.session_id)
    store.reads_failing = ""
    await hub.open(made.session_id)


async def test_a_hub_that_is_closing_opens_nothing(hub: Hub) -> None:
    made = await hub.create("plan")
    await hub.close()
    with pytest.raises(UnavailableError, match="stopping"):
        await hub.open(made.session_id)
