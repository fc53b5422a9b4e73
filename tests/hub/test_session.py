"""Commands through a session (rules 3.1 to 3.4), who may send them how fast, and its end."""

import asyncio

import pytest

from graph_ext.core.commands import Batch, SetProperty
from graph_ext.core.errors import (
    DuplicateIdError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RateLimitedError,
    UnavailableError,
)
from graph_ext.hub.hub import Hub
from graph_ext.hub.pace import Pace
from graph_ext.hub.session import Session
from graph_ext.protocol import Commit, Joined, SessionUpdated
from tests.commits import many, node
from tests.fakes import FaultyStore
from tests.hub.conftest import Person
from tests.hub.late_joiner import everything


async def test_the_sender_gets_its_own_commit_stamped(session: Session) -> None:
    ada = await Person(session, "ada").join()
    assert await ada.send(node("a"), "k1") == 1
    (commit,) = ada.commits
    assert (commit.rev, commit.command_id, commit.client_id) == (1, "k1", "ada")
    assert (commit.actor.actor_id, commit.at) == ("user:ada", 1000.0)
    assert commit.epoch == ada.epoch


async def test_revs_are_dense_and_everybody_sees_one_order(session: Session) -> None:
    people = [await Person(session, name).join() for name in ("ada", "bob", "eve")]
    done = [person.send(node(f"{person.name}{i}")) for i in range(100) for person in people]
    assert await asyncio.gather(*done) == list(range(1, 301))
    orders = [[commit.command_id for commit in person.commits] for person in people]
    assert [commit.rev for commit in people[0].commits] == list(range(1, 301))
    assert orders[0] == orders[1] == orders[2]


async def test_nothing_is_sent_before_it_is_durable(session: Session, store: FaultyStore) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    done = ada.send(node("a"))
    while not store.appended:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    assert ada.commits == []
    assert not done.done()
    store.held.set()
    await done
    assert len(ada.commits) == 1


async def test_what_waits_for_the_disk_goes_into_one_transaction(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    first = ada.send(node("first"))
    while not store.appended:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    rest = [ada.send(node(f"n{i}")) for i in range(30)]
    store.held.set()
    await asyncio.gather(first, *rest)
    assert store.appended == [[1], list(range(2, 32))]


async def test_a_refusal_changes_nothing_and_is_for_its_sender(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a"))
    with pytest.raises(DuplicateIdError):
        await ada.send(node("a"))
    with pytest.raises(NotFoundError):
        await ada.send(Batch([node("b"), SetProperty("x", 1, node_id="nobody")]))
    assert await ada.send(node("b")) == 2
    assert [commit.rev for commit in bob.commits] == [1, 2]


async def test_a_long_batch_is_one_commit_and_others_wait_in_line(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    first = bob.send(node("before"))
    long = ada.send(many(3000, 1000))
    after = bob.send(SetProperty("seen", True, node_id="n2999"))
    assert [await first, await long, await after] == [1, 2, 3]
    parts = [commit for commit in bob.commits if commit.rev == 2]
    assert len(parts) > 5
    assert sum(len(part.events) for part in parts) == 4000
    nodes, links = await everything(session)
    assert len(nodes) == 3001
    assert len(links) == 1000


async def test_a_long_batch_that_is_refused_leaves_no_trace(session: Session) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(DuplicateIdError) as caught:
        await ada.send(Batch([*many(1000).commands, node("n0")]))
    assert caught.value.path == "commands[1000].node_id"
    assert await ada.send(node("n0")) == 1
    assert await everything(session) == ({"n0"}, set())


# --- roles ------------------------------------------------------------------------------------


async def test_a_viewer_reads_and_is_refused_at_that_moment(session: Session) -> None:
    ada = await Person(session, "ada").join()
    eve = await Person(session, "eve").join(role="viewer")
    with pytest.raises(ForbiddenError, match="viewer"):
        await eve.send(node("a"))
    session.set_role(eve.client, "editor")
    assert eve.sink.messages[-1] == SessionUpdated(
        session_id=session.session_id, name="plan", role="editor"
    )
    assert await eve.send(node("a")) == 1
    told = len(eve.sink.frames)
    session.set_role(eve.client, "editor")
    assert len(eve.sink.frames) == told, "nothing has changed"
    assert not any(isinstance(message, SessionUpdated) for message in ada.sink.messages)


async def test_who_has_no_role_any_more_is_out_at_once(session: Session) -> None:
    ada = await Person(session, "ada").join()
    eve = await Person(session, "eve").join(role="editor")
    session.set_role(eve.client, None)
    assert [error.code for error in eve.failures] == ["FORBIDDEN"]
    assert list(session.clients) == [ada.client]
    with pytest.raises(ForbiddenError, match="stranger"):
        await eve.send(node("b"))
    await ada.send(node("b"))
    assert eve.commits == []
    session.set_role(eve.client, "owner")
    with pytest.raises(ForbiddenError):
        await eve.send(node("b"))


# --- how fast (rule 3.12) ---------------------------------------------------------------------


async def test_a_client_that_is_too_fast_is_refused_and_told_how_long_to_wait(hub: Hub) -> None:
    hub._pace = Pace(5.0, lambda: 0.0)
    session = await hub.open((await hub.create("slow")).session_id)
    other = await hub.open((await hub.create("other")).session_id)
    ada = await Person(session, "ada").join()
    for i in range(4):
        await ada.send(Batch([node(f"{i}-{j}") for j in range(20)]))
    ada = await Person(other, "ada").join()
    await ada.send(node("a"))
    with pytest.raises(RateLimitedError, match="5 commands a second") as caught:
        await ada.send(node("b"), "k")
    assert "in 0.200 s" in (caught.value.fix or "")
    with pytest.raises(RateLimitedError):
        await session.execute("k", node("b"), ada.client.actor, client_id="ada")
    bob = await Person(other, "bob").join()
    assert await bob.send(node("b")) == 2
    hub._pace._now = lambda: 1.0
    assert await ada.send(node("c"), "k") == 3, "it may come again"


# --- the end ----------------------------------------------------------------------------------


async def test_deletion_is_told_and_ends_everything(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await hub.delete(session.session_id)
    assert ada.sink.messages[-1] == SessionUpdated(
        session_id=session.session_id, name="plan", ended=True
    )
    with pytest.raises(GoneError):
        await ada.send(node("b"))
    with pytest.raises(GoneError):
        await Person(session, "bob").join()


async def test_closing_finishes_what_is_in_line(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    done = [ada.send(node(f"n{i}")) for i in range(200)]
    done.append(ada.send(many(1000, prefix="m")))
    await hub._close(session.session_id)
    assert [future.result() for future in done] == list(range(1, 202))
    with pytest.raises(UnavailableError):
        await ada.send(node("late"))
    session = await hub.open(session.session_id)
    assert session.info().nodes == 1200


async def test_a_rename_is_told_to_those_in_it(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await hub.rename(session.session_id, "  goal ")
    assert ada.sink.messages[-1] == SessionUpdated(session_id=session.session_id, name="goal")
    back = await Person(session, "bob").join()
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.name == "goal"


async def test_commits_carry_what_the_sender_sent_back(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a", text="lone € 💥"))
    (commit,) = ada.commits
    assert isinstance(commit, Commit)
    assert commit.events[0].properties == {"text": "lone € 💥"}  # type: ignore[union-attr]
