"""The past of a session: old graphs, what differs, who did what (rules 7.1 to 7.6)."""

from __future__ import annotations

import asyncio
from random import Random

import msgspec
import pytest

from graph_ext.core.commands import Command, Redo, Undo, UpdateNode
from graph_ext.core.errors import (
    DuplicateIdError,
    GoneError,
    GraphError,
    NotFoundError,
    SchemaError,
    TooLargeError,
    UndoEmptyError,
)
from graph_ext.core.graph import Graph
from graph_ext.hub import past as past_module
from graph_ext.hub import versions as versions_module
from graph_ext.hub.ports import LAST
from graph_ext.hub.session import Session
from graph_ext.protocol import Actor, Commit
from tests.commits import link, many, node
from tests.core.states import RandomEdits, state
from tests.fakes import FaultyStore
from tests.hub.conftest import Person

ADA = Actor("user:ada", "ada")


async def random_history(session: Session, commits: int) -> list[dict[str, object]]:
    """Let people edit at random; return the state at every rev, found by a replica of their own."""
    people = [await Person(session, name).join() for name in ("ada", "bob")]
    random = Random(7)
    edits, replica = RandomEdits(random), Graph()
    states = [state(replica)]
    while session.info().rev < commits:
        person = random.choice(people)
        commands: list[Command] = [edits.batch(replica), edits.batch(replica), Undo(), Redo()]
        command = random.choice(commands)
        try:
            await person.send(command)
        except GraphError:
            continue
        for event in people[0].commits[-1].events:
            replica.apply(event)
        states.append(state(replica))
    return states


async def test_every_rev_can_be_seen_again(session: Session) -> None:
    states = await random_history(session, 60)
    for rev in range(61):
        assert state(await session.past.graph_at(rev)) == states[rev], rev
    assert state(await session.past.graph_at()) == states[60]


async def test_a_commit_in_parts_is_undone_whole(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("first"))
    await ada.send(many(2000, 500))
    await ada.send(node("last"))
    assert list((await session.past.graph_at(1)).nodes) == ["first"]
    assert len((await session.past.graph_at(2)).nodes) == 2001
    (await session.past.graph_at(3)).let_go()


async def test_what_never_was_and_what_is_gone_are_told_apart(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for name in "abcdef":
        await ada.send(node(name))
    await session._store.compact(3)
    past = session.past
    for read in (past.graph_at, lambda rev: past.diff(rev, 5), lambda rev: past.diff(5, rev)):
        with pytest.raises(NotFoundError, match="rev 7, the last is 6"):
            await read(7)
        with pytest.raises(NotFoundError):
            await read(-1)
        with pytest.raises(GoneError, match="rev 2: it begins after rev 3"):
            await read(2)
        await read(3)
    with pytest.raises(GoneError):
        await past.commits(2, 1000)
    assert list((await past.graph_at(3)).nodes) == ["a", "b", "c"]


async def test_a_commit_that_is_not_durable_is_not_seen(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    store.held = asyncio.Event()
    done = ada.send(node("b"))
    while len(store.appended) < 2:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    assert list((await session.past.graph_at()).nodes) == ["a"]
    with pytest.raises(NotFoundError):
        await session.past.diff(0, 2)
    assert [entry.rev for entry in await session.past.history()] == [1]
    store.held.set()
    await done
    assert list((await session.past.graph_at()).nodes) == ["a", "b"]


async def test_a_store_that_is_ahead_of_what_is_published_tells_nothing_more(
    session: Session,
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await ada.send(node("b"))
    session.past._published = lambda: 1
    assert list((await session.past.graph_at()).nodes) == ["a"]
    assert [entry.rev for entry in await session.past.history()] == [1]
    assert [record.rev for record in await session.past.commits(0, 10**6)] == [1]


async def test_a_diff_tells_what_two_revs_differ_in(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(300, 100))
    await ada.send(UpdateNode("n1", name="One"))
    await ada.send(node("more"))
    diff = await session.past.diff(1, 3)
    assert [each.node_id for each in diff.nodes.added] == ["more"]
    assert [each.node_id for each in diff.nodes.changed] == ["n1"]
    back = await session.past.diff(3, 1)
    assert [each.node_id for each in back.nodes.removed] == ["more"]
    assert (back.from_rev, back.to_rev) == (3, 1)
    assert (await session.past.diff(2, 2)).nodes.added == []
    everything = await session.past.diff(0, 3)
    assert (len(everything.nodes.added), len(everything.links.added)) == (301, 100)


async def test_history_is_newest_first_in_pages(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    for i in range(6):
        await (ada, bob)[i % 2].send(node(f"n{i}"))
    past = session.past
    assert [entry.rev for entry in await past.history(limit=2)] == [6, 5]
    assert [entry.rev for entry in await past.history(before_rev=5, limit=3)] == [4, 3, 2]
    assert [entry.rev for entry in await past.history(actor_id="user:bob")] == [6, 4, 2]
    assert [entry.rev for entry in await past.history(before_rev=10**18)] == [6, 5, 4, 3, 2, 1]
    assert await past.history(limit=-5) == []


async def test_commits_are_read_from_a_rev_on_and_a_long_one_in_pieces(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await ada.send(many(3000))
    await ada.send(node("z"))
    rev, part, found = 0, LAST, []
    while records := await session.past.commits(rev, 10_000, part=part):
        assert len(records) == 1
        found += records
        rev, part = records[-1].place
    commits = [msgspec.json.decode(record.body, type=Commit) for record in found]
    assert [commit.rev for commit in commits if not commit.more] == [1, 2, 3]
    assert sum(len(commit.events) for commit in commits) == 3002
    assert await session.past.commits(3, 1000) == []
    with pytest.raises(NotFoundError):
        await session.past.commits(4, 1000)


# --- neighbourhoods ---------------------------------------------------------------------------


async def test_a_neighbourhood_is_what_lies_within_some_links(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for name in "abcdx":
        await ada.send(node(name))
    for ends in ("ab", "bc", "cd", "ba", "bb"):
        await ada.send(link(ends, *ends))
    past = session.past

    async def around(node_id: str, depth: int, rev: int | None = None) -> tuple[str, set[str]]:
        found = await past.neighbourhood(node_id, depth, rev)
        assert not found.truncated
        assert found.rev == (10 if rev is None else rev)
        names = "".join(each.node_id for each in found.nodes)
        return names, {each.link_id for each in found.links}

    assert await around("a", 0) == ("a", set())
    assert await around("a", 1) == ("ab", {"ab", "ba", "bb"})
    assert await around("c", 1) == ("cdb", {"bc", "cd", "bb"})
    assert await around("a", 100) == ("abcd", {"ab", "bc", "cd", "ba", "bb"})
    assert await around("x", 5) == ("x", set())
    assert await around("a", 9, 6) == ("ab", {"ab"})
    with pytest.raises(NotFoundError, match="'a' at rev 0"):
        await past.neighbourhood("a", 1, 0)
    for depth in (-1, 101):
        with pytest.raises(SchemaError, match="depth"):
            await past.neighbourhood("a", depth)


@pytest.mark.parametrize("near", [0, 10_000])
async def test_a_neighbourhood_over_its_bounds_says_so(
    session: Session, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(50, 50))
    monkeypatch.setattr(past_module, "_NEIGHBOURS", 20)
    monkeypatch.setattr(past_module, "_NEAR", min(near, 20))
    hub_of_all = await session.past.neighbourhood("n0", 100)
    assert not hub_of_all.truncated
    for i in range(1, 30):
        await ada.send(link(f"x{i}", "n0", f"n{i}"))
    found = await session.past.neighbourhood("n0", 1)
    assert found.truncated
    assert len(found.nodes) + len(found.links) == 20
    known = {each.node_id for each in found.nodes}
    assert all({each.source_id, each.target_id} <= known for each in found.links)


async def test_a_neighbourhood_has_nothing_that_is_not_durable(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    before = await session.past.neighbourhood("a")
    store.held = asyncio.Event()
    done = ada.send(UpdateNode("a", name="later"))
    while len(store.appended) < 2:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    meanwhile = await session.past.neighbourhood("a")
    assert [(each.name, found.rev) for found in (before, meanwhile) for each in found.nodes] == [
        ("", 1),
        ("", 1),
    ]
    store.held.set()
    await done
    (found,) = (await session.past.neighbourhood("a")).nodes
    assert found.name == "later"
    assert before.nodes[0].name == "", "it is a copy"


# --- versions ---------------------------------------------------------------------------------


async def test_a_rev_can_be_named_and_is_found_by_its_name(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await ada.send(node("b"))
    versions = session.versions
    named = await versions.set("  first  draft ", ADA, 1)
    assert (named.name, named.rev, named.at, named.actor) == ("first  draft", 1, 1000.0, ADA)
    assert (await versions.set("now", ADA)).rev == 2
    assert [(each.name, each.rev) for each in await versions.list()] == [
        ("first  draft", 1),
        ("now", 2),
    ]
    with pytest.raises(DuplicateIdError, match="now"):
        await versions.set("now", ADA, 1)
    await versions.remove("now")
    with pytest.raises(NotFoundError, match="now"):
        await versions.remove("now")
    assert (await versions.set("now", ADA, 0)).rev == 0


async def test_what_can_not_be_named_is_said(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", "  ", "a\nb", "x" * 257):
        with pytest.raises(SchemaError, match="name"):
            await session.versions.set(name, ADA)
    with pytest.raises(NotFoundError, match="rev 1, the last is 0"):
        await session.versions.set("later", ADA, 1)
    monkeypatch.setattr(versions_module, "MAX_VERSIONS", 1)
    await session.versions.set("one", ADA)
    with pytest.raises(TooLargeError, match="1 versions"):
        await session.versions.set("two", ADA)


# --- the floor --------------------------------------------------------------------------------


async def test_undo_knows_nothing_below_the_floor(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a"))
    await bob.send(node("b"))
    await bob.send(node("c"))
    await bob.send(Undo())
    await session._store.compact(2)
    with pytest.raises(UndoEmptyError):
        await ada.send(Undo())
    with pytest.raises(GoneError, match="rev 1"):
        await ada.send(Undo(rev=1))
    assert await bob.send(Redo()) == 5
    assert await bob.send(Undo()) == 6
    with pytest.raises(UndoEmptyError):
        await bob.send(Undo())
