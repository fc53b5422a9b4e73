"""Undo in a session, from its log."""

import asyncio

import pytest

from graph_ext.core.commands import Redo, Undo
from graph_ext.core.errors import (
    NotFoundError,
    UndoEmptyError,
)
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from tests.commits import many, node
from tests.hub.conftest import Person
from tests.hub.late_joiner import everything


async def test_undo_takes_back_the_actors_own_last_command(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a"))
    await bob.send(node("b"))
    assert await ada.send(Undo()) == 3
    assert ada.commits[-1].undoes == 1
    assert await everything(session) == ({"b"}, set())
    assert await ada.send(Redo()) == 4
    assert ada.commits[-1].redoes == 3
    assert await everything(session) == ({"a", "b"}, set())
    with pytest.raises(UndoEmptyError):
        await ada.send(Redo())


async def test_undo_of_a_commit_in_parts_over_a_long_log(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(many(2000, 500))
    await asyncio.gather(*(bob.send(node(f"bob{i}")) for i in range(50)))
    await bob.send(many(2000, prefix="m"))
    assert await ada.send(Undo()) == 53
    nodes, links = await everything(session)
    assert len(nodes) == 2050
    assert links == set()
    assert await ada.send(Redo()) == 54
    nodes, links = await everything(session)
    assert (len(nodes), len(links)) == (4050, 500)


async def test_undo_of_an_unknown_rev_is_said(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    with pytest.raises(NotFoundError, match="rev 7"):
        await ada.send(Undo(rev=7))
    with pytest.raises(NotFoundError):
        await ada.send(Undo(rev=0))


async def test_undo_survives_a_restart(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await ada.send(node("b"))
    session.leave(ada.client)
    await hub._close(session.session_id)
    session = await hub.open(session.session_id)
    ada = await Person(session, "ada").join()
    assert await ada.send(Undo()) == 3
    assert await everything(session) == ({"a"}, set())
