"""How every store lets go of the beginning of a log, but for what is named. Part of contract.py."""

import asyncio

import pytest

from graph_ext.core.errors import (
    DuplicateIdError,
    GoneError,
    NotFoundError,
)
from graph_ext.hub.ports import (
    LAST,
    SessionStore,
    Store,
    Version,
)
from graph_ext.protocol import Actor
from tests.commits import Maker, append, many, node, state_of
from tests.stores.asking import reopened


class FloorContract:
    """Part of StoreContract."""

    async def test_a_rev_is_named_once_and_may_have_many_names(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        await append(session, [make(node("a")), make(node("b"))])
        ada = Actor("user:ada", "Ada")
        two, one = Version("two", 2, 7.0, ada), Version("ünö 💥", 1, 8.5, Actor("client:c"))
        also = Version("also two", 2, 9.0, ada)
        for version in (two, one, also, zero := Version("zero", 0, 1.0, ada)):
            await session.set_version(version)
        with pytest.raises(DuplicateIdError, match="two"):
            await session.set_version(Version("two", 1, 10.0, ada))
        session = await reopened(store, session)
        assert await session.versions() == [zero, one, also, two]
        await session.remove_version("two")
        with pytest.raises(NotFoundError, match="two"):
            await session.remove_version("two")
        session = await reopened(store, session)
        assert await session.versions() == [zero, one, also]

    async def test_only_a_rev_that_is_there_is_named(self, session: SessionStore) -> None:
        make = Maker(session)
        await append(session, [make(node("a")), make(node("b")), make(node("c"))])
        await session.compact(2)
        ada = Actor("user:ada")
        with pytest.raises(NotFoundError, match="rev 4, the last is 3"):
            await session.set_version(Version("x", 4, 7.0, ada))
        with pytest.raises(GoneError, match="rev 1"):
            await session.set_version(Version("x", 1, 7.0, ada))
        await session.set_version(Version("x", 2, 7.0, ada))

    # --- the floor ----------------------------------------------------------------------------

    async def test_below_the_floor_the_log_is_gone_and_the_state_is_not(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        commits = [make(node(f"n{i}"), command_id=f"k{i}") for i in range(9)]
        await append(session, commits)
        whole = session.log_bytes
        assert (session.log_commits, whole) == (9, sum(len(c.records[0].body) for c in commits))
        await session.compact(4)
        for each in (session, session := await reopened(store, session)):
            assert (each.floor, each.rev, each.log_commits) == (4, 9, 5)
        assert session.log_bytes == sum(len(c.records[0].body) for c in commits[4:])
        assert [record.rev for record in await session.records((4, LAST), 10**9)] == [5, 6, 7, 8, 9]
        for place in [(0, LAST), (3, LAST), (4, 0)]:
            with pytest.raises(GoneError, match="begins after rev 4"):
                await session.records(place, 10**9)
            with pytest.raises(GoneError):
                session.read(place, 10**9)
            with session.view() as view, pytest.raises(GoneError):
                view.read(place, 10**9)
        assert [entry.rev for entry in await session.entries()] == [9, 8, 7, 6, 5]
        assert await session.entries(before_rev=5) == []
        assert state_of(await session.load()) == state_of(make.graph)
        assert await session.outcomes([("k0", "user:ada")]) == {("k0", "user:ada"): 1}

    async def test_a_log_goes_on_after_it_was_shortened(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        for _ in range(3):
            await append(session, [make(node(f"n{make.rev}")) for _ in range(10)])
            await session.compact(session.rev - 2)
            assert await session.verify() == ""
            session = await reopened(store, session)
            assert (session.damaged, session.floor) == ("", session.rev - 2)
        await session.compact(session.rev)
        session = await reopened(store, session)
        assert (session.log_commits, session.log_bytes, session.damaged) == (0, 0, "")
        await append(session, [make(node("after"))])
        session = await reopened(store, session)
        assert await session.verify() == ""
        assert [record.rev for record in await session.records((30, LAST), 1000)] == [31]
        assert state_of(await session.load()) == state_of(make.graph)

    async def test_the_floor_only_rises_and_never_above_a_named_rev(
        self, session: SessionStore
    ) -> None:
        make = Maker(session)
        await append(session, [make(node(f"n{i}")) for i in range(9)])
        await session.set_version(Version("draft", 5, 7.0, Actor("user:ada")))
        await session.compact(3)
        await session.compact(1)
        assert session.floor == 3
        await session.compact(8)
        assert session.floor == 5
        await session.remove_version("draft")
        await session.compact(100)
        assert (session.floor, session.log_commits) == (9, 0)

    async def test_the_floor_for_a_number_of_bytes_is_the_lowest_that_does(
        self, session: SessionStore
    ) -> None:
        make = Maker(session)
        commits = [make(node("a")), make(many(1500)), make(node("ü" * 50)), make(node("z"))]
        await append(session, commits)
        sizes = [sum(len(record.body) for record in commit.records) for commit in commits]
        assert session.log_bytes == sum(sizes)
        for floor in range(4):
            assert await session.floor_within(sum(sizes[floor:])) == floor
            assert await session.floor_within(sum(sizes[floor:]) - 1) == min(floor + 1, 3)
        assert await session.floor_within(0) == 3
        await session.compact(2)
        assert await session.floor_within(10**9) == 2
        assert await session.floor_within(sizes[3]) == 3

    async def test_commits_go_on_while_the_log_is_shortened(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        await append(session, [make(node(f"n{i}")) for i in range(2000)])
        compacting = asyncio.ensure_future(session.compact(1990))
        while not compacting.done():
            await append(session, [make(node(f"m{make.rev}"))])
            await asyncio.to_thread(int)  # a store in memory lets nobody else have a turn
        await compacting
        session = await reopened(store, session)
        assert (session.rev, session.floor, session.damaged) == (make.rev, 1990, "")
        assert await session.verify() == ""
        assert len(await session.records((1990, LAST), 10**9)) == make.rev - 1990
