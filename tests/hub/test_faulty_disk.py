"""A disk that refuses: what is not durable is taken back, and writing resumes by itself."""

import asyncio

import pytest

from graph_ext.core.commands import Batch, DeleteNode, SetProperty, UpdateNode
from graph_ext.core.errors import (
    NotFoundError,
    ReadOnlyError,
    UnavailableError,
)
from graph_ext.hub.session import Session
from tests.commits import Maker, link, many, node
from tests.fakes import FaultyStore
from tests.hub.conftest import Person
from tests.hub.late_joiner import everything


async def test_what_the_disk_refuses_is_taken_back_and_writing_resumes(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(Batch([node("a", effort=1), node("b")]))
    store.failing = "disk full"
    lost = [
        ada.send(SetProperty("effort", 2, node_id="a")),
        ada.send(UpdateNode("a", name="A")),
        ada.send(link("ab", "a", "b")),
        bob.send(DeleteNode("b")),
    ]
    outcomes = await asyncio.gather(*lost, return_exceptions=True)
    assert all(isinstance(outcome, UnavailableError) for outcome in outcomes)
    assert len(bob.commits) == 1, "nobody sees what is not durable"
    store.failing = ""
    assert await ada.send(SetProperty("effort", 3, node_id="a")) == 2
    assert ada.commits[-1].events[0].old_value == 1  # type: ignore[union-attr]
    assert await everything(session) == ({"a", "b"}, set())


async def test_a_command_refused_by_the_disk_may_come_again(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.failing = "disk full"
    with pytest.raises(UnavailableError):
        await ada.send(node("a"), "k")
    store.failing = ""
    assert await ada.send(node("a"), "k") == 1


async def test_commands_behind_a_failed_write_are_judged_by_what_is_durable(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    store.failing = "disk full"
    long = ada.send(many(1000))
    while not store.appended:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    # planned while the batch is in flight, so lost with it
    with_it = ada.send(SetProperty("x", 1, node_id="n1"))
    store.held.set()
    outcomes = await asyncio.gather(long, with_it, return_exceptions=True)
    assert all(isinstance(outcome, UnavailableError) for outcome in outcomes)
    store.failing = ""
    with pytest.raises(NotFoundError):
        await ada.send(SetProperty("x", 1, node_id="n1"))
    assert await ada.send(node("n1")) == 1


async def test_a_long_command_waits_until_what_is_in_flight_is_durable_or_taken_back(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    store.failing = "disk full"
    short, long = ada.send(node("a")), ada.send(many(1000))
    # as long as it would take, several times over
    await asyncio.to_thread(Maker(), many(5000))
    assert store.appended == [[1]]
    store.held.set()
    with pytest.raises(UnavailableError):
        await short
    store.failing = ""
    assert await long == 1
    nodes, _ = await everything(session)
    assert nodes == {f"n{i}" for i in range(1000)}


async def test_an_error_of_ours_is_answered_and_the_graph_is_read_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("graph_ext.hub.pipeline.draft", broken)
        with pytest.raises(UnavailableError, match="failed"):
            await ada.send(node("b"))
    assert "ZeroDivisionError" in caplog.text
    assert await ada.send(node("b")) == 2


async def test_a_damaged_log_is_read_but_not_written(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    session._store.damaged = "damaged from rev 1"
    with pytest.raises(ReadOnlyError):
        await ada.send(node("b"))
    with pytest.raises(ReadOnlyError):
        await ada.send(many(500))
    assert session.info().read_only == "damaged from rev 1"
