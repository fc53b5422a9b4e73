"""A batch that comes in several messages happens when the last is there, once, or not at all."""

import pytest

from graph_ext.core.commands import Batch
from graph_ext.core.errors import (
    BadMessageError,
    ForbiddenError,
    RateLimitedError,
    TooLargeError,
)
from graph_ext.hub.hub import Hub
from graph_ext.hub.pace import Pace
from graph_ext.hub.session import Session
from tests.commits import link, many, node
from tests.hub.conftest import Person
from tests.hub.late_joiner import everything


async def test_a_batch_in_parts_happens_when_the_last_is_there(session: Session) -> None:
    ada = await Person(session, "ada").join()
    assert await ada.send(Batch([node("a")], "Import"), "k", more=True) == 0
    assert await ada.send(Batch([node("b")]), "k", more=True) == 0
    await ada.send(node("between"))
    assert await ada.send(Batch([link("ab", "a", "b")]), "k") == 2
    assert [event.node_id for event in ada.commits[0].events] == ["between"]  # type: ignore[union-attr]
    assert len(ada.commits[1].events) == 3
    assert ada.commits[1].label == "Import"


async def test_a_batch_over_its_limit_is_refused_once(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for i in range(5):
        await ada.send(Batch([node(f"{i}-{j}") for j in range(1000)]), "k", more=True)
    with pytest.raises(TooLargeError, match="5000 commands"):
        await ada.send(Batch([node("one more")]), "k", more=True)
    assert await ada.send(Batch([node("and another")]), "k", more=True) == 0
    assert await ada.send(Batch([node("last")]), "k") == 0
    with pytest.raises(TooLargeError, match="bytes"):
        await ada.send(Batch([node("heavy")]), "k2", more=True, size=100_001)
    with pytest.raises(TooLargeError, match="5000 commands"):
        await ada.send(many(5001))
    assert await ada.send(node("small")) == 1
    assert await everything(session) == ({"small"}, set())


async def test_only_a_batch_comes_in_parts(session: Session) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(BadMessageError):
        await ada.send(node("a"), "k", more=True)


async def test_a_batch_of_which_a_part_was_refused_is_never_done(
    hub: Hub, session: Session
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a")]), "k", more=True)
    session.set_role(ada.client, "viewer")
    with pytest.raises(ForbiddenError):
        await ada.send(Batch([node("b")]), "k", more=True)
    with pytest.raises(ForbiddenError):
        await ada.send(Batch([node("d")]), "k2", more=True)
    session.set_role(ada.client, "owner")
    assert await ada.send(Batch([node("c")]), "k") == 0
    assert await ada.send(Batch([node("e")]), "k2") == 0
    await ada.send(Batch([node("f")]), "k3", more=True)
    session.set_role(ada.client, "viewer")
    with pytest.raises(ForbiddenError):
        await ada.send(Batch([node("g")]), "k3")
    session.set_role(ada.client, "owner")
    assert await ada.send(node("last")) == 1
    assert await everything(session) == ({"last"}, set())


async def test_parts_of_a_batch_count_as_one_command(hub: Hub) -> None:
    hub._pace = Pace(1.0, lambda: 0.0)
    session = await hub.open((await hub.create("slow")).session_id)
    ada = await Person(session, "ada").join()
    for i in range(10):
        await ada.send(Batch([node(f"{i}")]), "k", more=True)
    assert await ada.send(Batch([node("last")]), "k") == 1
    await ada.send(Batch([node("x")]), "k2", more=True)
    with pytest.raises(RateLimitedError):
        await ada.send(Batch([node("y")]), "k2")
    hub._pace._now = lambda: 5.0
    assert await ada.send(Batch([node("z")]), "k2") == 2, "the whole may come again"
    nodes, _ = await everything(session)
    assert "x" not in nodes


async def test_a_client_with_too_many_unfinished_batches_sends_none_any_more(
    session: Session,
) -> None:
    ada = await Person(session, "ada").join()
    for i in range(1000):
        await ada.send(Batch([]), f"k{i}", more=True, size=1)
    with pytest.raises(TooLargeError, match="unfinished"):
        await ada.send(Batch([node("lost")]), "one more", more=True)
    for batch, command_id in ((Batch([node("rest")]), "one more"), (Batch([node("x")]), "other")):
        with pytest.raises(TooLargeError, match="unfinished") as caught:
            await ada.send(batch, command_id)
    assert "join again" in (caught.value.fix or "")
    assert await ada.send(node("single")) == 1
    assert await ada.send(Batch([node("a")]), "k7") == 2, "those that were begun can be finished"
    again = await Person(session, "ada").join()
    assert await again.send(Batch([node("b")])) == 3


async def test_what_was_staged_goes_with_its_client(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a")]), "k", more=True)
    session.leave(ada.client)
    ada = await Person(session, "ada").join()
    assert await ada.send(Batch([node("b")]), "k") == 1
    assert await everything(session) == ({"b"}, set())
