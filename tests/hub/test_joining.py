"""Joining a session: anew, or after the last rev that one has (rules 2.2 to 2.5)."""

import asyncio

import pytest

from graph_ext.core.commands import SetProperty
from graph_ext.core.errors import (
    SchemaError,
)
from graph_ext.hub.channel import FAR_COMMITS
from graph_ext.hub.session import Session
from graph_ext.protocol import Cursor, Joined, Snapshot
from tests.commits import many, node
from tests.hub.conftest import Person


async def test_a_client_resumes_where_it_was(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for name in "abc":
        await ada.send(node(name))
    epoch = ada.commits[0].epoch
    back = await Person(session, "ada").join(since=Cursor(epoch, 1))
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert (joined.mode, joined.rev, joined.floor) == ("resume", 3, 0)
    assert [commit.rev for commit in back.commits] == [2, 3]


@pytest.mark.parametrize("since", [Cursor("another", 1), Cursor("", 0), None])
async def test_another_history_needs_a_snapshot(session: Session, since: Cursor | None) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    back = await Person(session, "ada").join(since=since)
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.mode == "snapshot"


async def test_a_rev_that_never_was_needs_a_snapshot(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    epoch = ada.commits[0].epoch
    back = await Person(session, "ada").join(since=Cursor(epoch, 2))
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.mode == "snapshot"


async def test_who_comes_back_from_far_behind_gets_a_snapshot(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await asyncio.gather(
        ada.send(node("a"), "first"),
        *(ada.send(SetProperty("x", i, node_id="a"), f"k{i}") for i in range(FAR_COMMITS)),
    )
    near = await Person(session, "ada").join(since=Cursor(ada.epoch, 1))
    far = await Person(session, "ada").join(since=Cursor(ada.epoch, 0), pending=["first", "k7"])
    modes = [message.mode for message in (near.sink.messages[0], far.sink.messages[0])]  # type: ignore[union-attr]
    assert modes == ["resume", "snapshot"]
    joined = far.sink.messages[0]
    assert isinstance(joined, Joined)
    assert {name: found.rev for name, found in joined.outcomes.items()} == {"first": 1, "k7": 9}


async def test_a_large_graph_is_resumed_from_further_behind(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(FAR_COMMITS + 10))
    await asyncio.gather(
        *(ada.send(SetProperty("x", i, node_id="n1")) for i in range(FAR_COMMITS + 5))
    )
    back = await Person(session, "ada").join(since=Cursor(ada.epoch, 1))
    assert back.sink.messages[0].mode == "resume"  # type: ignore[union-attr]


async def test_who_does_not_read_for_long_sees_a_gap_and_mends_it(session: Session) -> None:
    ada = await Person(session, "ada").join()
    slow = await Person(session, "slow").join()
    await slow.sink.until(lambda messages: isinstance(messages[-1], Snapshot))
    slow.sink.room = 0
    mine = slow.send(node("mine"), "mine")
    await asyncio.gather(
        ada.send(node("a")),
        *(ada.send(SetProperty("x", i, node_id="a")) for i in range(FAR_COMMITS + 5)),
    )
    assert await mine == 1
    slow.sink.drain()
    last = FAR_COMMITS + 7
    assert [commit.rev for commit in slow.commits] == [last], "a gap"
    since = Cursor(ada.epoch, 0)
    session.leave(slow.client)
    back = await Person(session, "slow").join(since=since, pending=["mine"])
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert (joined.mode, joined.rev, joined.outcomes["mine"].rev) == ("snapshot", last, 1)


@pytest.mark.parametrize("credit", [0, -1, 10**6])
async def test_credit_is_a_sensible_number(session: Session, credit: int) -> None:
    with pytest.raises(SchemaError, match="from 1 to"):
        await Person(session, "ada").join(credit=credit)
    ada = await Person(session, "ada").join(credit=1)
    with pytest.raises(SchemaError, match="from 1 to"):
        session.grant(ada.client, credit)


async def test_a_client_grants_pages_as_it_takes_them(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(2000))
    late = await Person(session, "late").join(credit=1)
    seen: list[Snapshot] = []
    while not seen or seen[-1].more:
        messages = await late.sink.until(
            lambda messages: any(isinstance(message, Snapshot) for message in messages)
        )
        seen += [message for message in messages if isinstance(message, Snapshot)]
        late.sink.frames.clear()
        session.grant(late.client, 1)
    assert len(seen) > 3
    assert sum(len(page.nodes) for page in seen) == 2000
