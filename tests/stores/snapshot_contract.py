"""How every store gives the state: in pages, or as a view of one rev. Part of contract.py."""

from contextlib import aclosing
from random import Random

from graph_ext.core.commands import (
    Batch,
    DeleteNode,
    Edit,
    SetProperty,
)
from graph_ext.hub.ports import (
    LAST,
    SessionStore,
    SnapshotPage,
    Store,
    Version,
)
from graph_ext.protocol import PAGE_BYTES, Actor
from tests.commits import Maker, append, link, many, node, state_of
from tests.stores.asking import ids_in, pages_of, reopened


class SnapshotContract:
    """Part of StoreContract."""

    async def test_a_snapshot_is_the_state_in_pages(self, session: SessionStore) -> None:
        make = Maker(session)
        await append(session, [make(many(1000, 500))])
        pages = await pages_of(session, 10_000)
        assert len(pages) > 5
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        assert {page.rev for page in pages} == {1}
        assert {page.total for page in pages} == {1500}
        assert pages[0].blueprint == b"{}"
        assert all(sum(map(len, [*page.nodes, *page.links])) <= 10_000 for page in pages)
        assert [each for page in pages for each in ids_in(page.nodes)] == list(make.graph.nodes)
        assert [each for page in pages for each in ids_in(page.links)] == list(make.graph.links)

    async def test_a_snapshot_of_uneven_elements_keeps_to_its_pages(
        self, session: SessionStore
    ) -> None:
        make = Maker(session)
        chance = Random(7)
        long = {40: 9_600, 41: 9_999, 42: 30_000, 43: 1, 500: 3_000, 501: 20_000, 599: 12_000}
        edits: list[Edit] = [
            node(f"n{i}", text="é" * (long.get(i, chance.choice((0, 5, 700))) // 2))
            for i in range(600)
        ]
        edits += [link(f"l{i}", "n0", f"n{chance.randrange(600)}") for i in range(400)]
        await append(session, [make(Batch(edits, "uneven"))])
        # what is deleted leaves a gap in the order, and what is made again comes last
        await append(session, [make(DeleteNode("n41")), make(node("n41", text="x" * 9_999))])
        pages = await pages_of(session, 10_000)
        for page in pages:
            ids = ids_in([*page.nodes, *page.links])
            assert len(ids) == 1 or sum(map(len, [*page.nodes, *page.links])) <= 10_000
        assert pages[0].total == len(make.graph.nodes) + len(make.graph.links)
        assert [each for page in pages for each in ids_in(page.nodes)] == list(make.graph.nodes)
        assert [each for page in pages for each in ids_in(page.links)] == list(make.graph.links)
        assert state_of(await session.load()) == state_of(make.graph)

    async def test_a_snapshot_has_what_is_left_between_deletions(
        self, session: SessionStore
    ) -> None:
        make = Maker(session)
        await append(session, [make(many(3000))])
        # one here and there, none for long, and then all of them again
        gone = [i for i in range(2000) if i % 97 and not 1000 < i < 1010]
        await append(session, [make(Batch([DeleteNode(f"n{i}") for i in gone]))])
        for page_bytes in (10_000, PAGE_BYTES):
            pages = await pages_of(session, page_bytes)
            found = [ids_in(page.nodes) for page in pages]
            assert [node_id for page in found for node_id in page] == list(make.graph.nodes)
            assert all(len(page) > 10 for page in found[:-1])
            assert all(len(b",".join(page.nodes)) <= page_bytes for page in pages)

    async def test_a_small_graph_is_one_page(self, session: SessionStore) -> None:
        await append(session, [Maker(session)(many(100, 100))])
        [page] = await pages_of(session)
        assert (len(ids_in(page.nodes)), len(ids_in(page.links)), page.last) == (100, 100, True)

    async def test_a_snapshot_is_of_one_rev_while_writing_goes_on(
        self, session: SessionStore
    ) -> None:
        make = Maker(session)
        await append(session, [make(many(1000))])
        seen: list[SnapshotPage] = []
        async with aclosing(session.snapshot(10_000)) as pages:
            async for page in pages:
                seen.append(page)
                await append(session, [make(node(f"later-{len(seen)}"))])
        assert {page.rev for page in seen} == {1}
        assert sum(len(ids_in(page.nodes)) for page in seen) == 1000

    async def test_a_snapshot_may_be_left_before_its_end(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        await append(session, [make(many(1000))])
        async with aclosing(session.snapshot(10_000)) as pages:
            await anext(pages)
        await append(session, [make(node("after"))])
        session = await reopened(store, session)
        assert session.rev == 2

    # --- views --------------------------------------------------------------------------------

    async def test_a_view_is_of_one_rev_while_writing_goes_on(self, session: SessionStore) -> None:
        make = Maker(session)
        commits = [make(node("a")), make(many(1000)), make(SetProperty("x", 1, node_id="a"))]
        await append(session, commits)
        expected = state_of(make.graph)
        await session.set_version(Version("two", 2, 7.0, Actor("user:ada", "Ada")))
        with session.view() as view:
            await append(session, [make(node("later"))])
            await session.set_version(Version("four", 4, 7.0, Actor("user:ada", "Ada")))
            await session.compact(2)
            assert (view.epoch, view.rev, view.floor) == ("e1", 3, 0)
            assert state_of(view.graph()) == expected
            pages = list(view.pages(10_000))
            assert sum(len(ids_in(page.nodes)) for page in pages) == 1001
            assert (pages[0].rev, pages[0].total, pages[-1].last) == (3, 1001, True)
            everything = [record for commit in commits for record in commit.records]
            assert view.read((0, LAST), 10**9) == everything
            assert view.read((2, 0), 10**9) == everything[2:]
            assert [version.name for version in view.versions()] == ["two"]
        with session.view() as view:
            assert (view.rev, view.floor) == (4, 2)

    async def test_a_log_is_read_backwards_from_any_place(self, session: SessionStore) -> None:
        make = Maker(session)
        commits = [make(node("first")), make(many(1500)), make(node("last"))]
        await append(session, commits)
        backwards = [record for commit in commits for record in commit.records][::-1]
        with session.view() as view:
            assert view.read_back((3, LAST), 10**9) == backwards
            assert view.read_back((3, 0), 10**9) == backwards[1:]
            assert view.read_back((1, 0), 10**9) == []
            place, found = (3, LAST), []
            while records := view.read_back(place, 100):
                assert len(records) == 1
                found += records
                place = (records[-1].rev, records[-1].part)
            assert found == backwards
        await session.compact(1)
        with session.view() as view:
            assert view.read_back((3, LAST), 10**9) == backwards[:-1]
