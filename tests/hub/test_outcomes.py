"""A command that comes again is not done again, whatever memory still knows of it (rule 3.5)."""

import asyncio

import pytest

from graph_ext.core.commands import DeleteNode
from graph_ext.core.errors import (
    DuplicateIdError,
    NotFoundError,
    UnavailableError,
)
from graph_ext.hub import opening
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from graph_ext.protocol import Joined
from tests.commits import node
from tests.fakes import FaultyStore
from tests.hub.conftest import Person


async def test_a_command_that_comes_again_is_not_done_again(session: Session) -> None:
    ada = await Person(session, "ada").join()
    first, second = ada.send(node("a"), "k"), ada.send(node("a"), "k")
    assert [await first, await second] == [1, 1], "while it is in flight"
    assert await ada.send(node("a"), "k") == 1, "when it is done"
    await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    again = ada.commits[-1]
    assert (again.rev, again.command_id, again.events) == (1, "k", [])
    assert session.info().rev == 1


async def test_a_refused_command_is_refused_again(session: Session) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(NotFoundError):
        await ada.send(DeleteNode("a"), "k")
    await ada.send(node("a"))
    with pytest.raises(NotFoundError):
        await ada.send(DeleteNode("a"), "k")


async def test_another_actors_command_id_never_matches(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    assert await ada.send(node("a"), "k") == 1
    assert await bob.send(node("b"), "k") == 2


async def test_outcomes_are_told_on_joining(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"), "done")
    with pytest.raises(DuplicateIdError):
        await ada.send(node("a"), "refused")
    back = await Person(session, "ada").join(pending=["done", "refused", "unheard"])
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.outcomes["done"].rev == 1
    assert joined.outcomes["refused"].code == "DUPLICATE_ID"
    assert set(joined.outcomes) == {"done", "refused"}


async def test_commands_forgotten_by_memory_are_looked_up(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 10)
    session = await hub.open((await hub.create("small")).session_id)
    ada = await Person(session, "ada").join()
    await asyncio.gather(*(ada.send(node(f"n{i}"), f"k{i}") for i in range(50)))
    fresh = [ada.send(node(f"m{i}"), f"m{i}") for i in range(300)]
    old = ada.send(node("n0"), "k0")
    assert await asyncio.gather(*fresh, old) == [*range(51, 351), 1]
    back = await Person(session, "ada").join(pending=["k3"])
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.outcomes["k3"].rev == 4


async def test_new_commands_of_a_long_session_need_no_look_up(
    hub: Hub, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 10)
    session = await hub.open((await hub.create("long")).session_id)
    ada = await Person(session, "ada").join()
    await asyncio.gather(*(ada.send(node(f"n{i}"), f"k{i}") for i in range(50)))
    session.leave(ada.client)
    await hub._close(session.session_id)
    session = await hub.open(session.session_id)
    ada = await Person(session, "ada").join()
    first = ada.send(node("at once"), "k50")
    assert session._pipeline._held is not None, "what is old is not known yet"
    assert await first == 51
    await asyncio.wait(session._background)
    store.reads_failing = "the disk can't be read"
    assert await asyncio.gather(*(ada.send(node(f"m{i}"), f"m{i}") for i in range(50))) == list(
        range(52, 102)
    )
    for command_id in ("k0", "k45", "m0"):
        with pytest.raises(UnavailableError, match="done this command before is not known"):
            await ada.send(node("again"), command_id)
    store.reads_failing = ""
    assert [await ada.send(node("again"), name) for name in ("k0", "k45", "m0")] == [1, 46, 52]


async def test_old_commands_are_known_whatever_memory_can_not_read(
    hub: Hub, store: FaultyStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 10)
    session = await hub.open((await hub.create("long")).session_id)
    ada = await Person(session, "ada").join()
    await asyncio.gather(*(ada.send(node(f"n{i}"), f"k{i}") for i in range(50)))
    session.leave(ada.client)
    await hub._close(session.session_id)
    session = await hub.open(session.session_id)
    store.reads_failing = "the disk can't be read"
    await asyncio.wait(session._background)
    assert "can't be read" in caplog.text
    store.reads_failing = ""
    ada = await Person(session, "ada").join()
    assert await ada.send(node("again"), "k3") == 4
    assert await ada.send(node("new"), "new") == 51
