"""What every store does with commits, and with what they leave. Part of contract.py."""

import asyncio

import msgspec

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import (
    Batch,
    DeleteNode,
    SetProperty,
    UnlinkNodes,
    UpdateBlueprint,
)
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import (
    LAST,
    SessionStore,
    SnapshotPage,
    Store,
)
from graph_ext.protocol import PAGE_BYTES, Commit
from tests.commits import SESSION_ID, Maker, append, link, many, node, state_of
from tests.stores.asking import pages_of, reopened


class LogContract:
    """Part of StoreContract."""

    async def test_a_new_session_is_empty(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        session = await store.open(SESSION_ID)
        assert (session.epoch, session.rev, session.floor, session.damaged) == ("e1", 0, 0, "")
        assert state_of(await session.load()) == state_of(Graph())
        assert await session.records((0, LAST), 1000) == []
        pages = await pages_of(session)
        assert len(pages) == 1
        assert pages[0] == SnapshotPage(0, 0, b"{}", [], [], True)

    async def test_what_was_appended_is_there_after_opening_again(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        blueprint = Blueprint(multigraph=False)
        commits = [
            make(node("a", effort=3)),
            make(Batch([node("b"), link("ab", "a", "b")], "two")),
            make(SetProperty("effort", {"é": [1.5, None, "💥"]}, node_id="a")),
            make(UpdateBlueprint(blueprint)),
        ]
        await append(session, commits[:1])
        await append(session, commits[1:])
        session = await reopened(store, session)
        assert session.rev == 4
        assert session.updated_at == 1004.0
        assert session.epoch == "e1"
        assert state_of(await session.load()) == state_of(make.graph)
        entry = (await store.list())[0]
        assert (entry.rev, entry.nodes, entry.links, entry.updated_at) == (4, 2, 1, 1004.0)

    async def test_what_was_deleted_is_gone(self, store: Store, session: SessionStore) -> None:
        make = Maker(session)
        links = [link("ab", "a", "b"), link("bc", "b", "c"), link("ca", "c", "a")]
        commits = [make(Batch([node("a"), node("b"), node("c"), *links]))]
        await append(session, commits)
        await append(session, [make(DeleteNode("a")), make(UnlinkNodes("bc"))])
        session = await reopened(store, session)
        graph = await session.load()
        assert state_of(graph) == state_of(make.graph)
        assert (list(graph.nodes), list(graph.links)) == (["b", "c"], [])
        entry = (await store.list())[0]
        assert (entry.nodes, entry.links) == (2, 0)

    async def test_the_order_of_creation_is_kept_over_deletions(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        commits = [make(node(name)) for name in "abc"]
        commits.append(make(DeleteNode("b")))
        commits.append(make(Batch([node("d"), node("b"), DeleteNode("a"), node("a")])))
        await append(session, commits)
        session = await reopened(store, session)
        graph = await session.load()
        assert list(graph.nodes) == list(make.graph.nodes) == ["c", "d", "b", "a"]

    async def test_records_are_read_from_any_place(self, session: SessionStore) -> None:
        make = Maker(session)
        commits = [make(node("first")), make(many(2000)), make(node("last"))]
        await append(session, commits)
        everything = [record for commit in commits for record in commit.records]
        assert len(everything) > 5
        assert await session.records((0, LAST), 10**9) == everything
        assert await session.records((1, LAST), 10**9) == everything[1:]
        assert await session.records((2, 1), 10**9) == everything[3:]
        assert await session.records((3, LAST), 10**9) == []
        # in pieces: never none while there are some
        place, found = (0, LAST), []
        while records := await session.records(place, 100):
            assert len(records) == 1
            found += records
            place = records[-1].place
        assert found == everything

    async def test_a_worker_thread_reads_the_same_records(self, session: SessionStore) -> None:
        make = Maker(session)
        await append(session, [make(node("first")), make(many(1000))])
        for place in [(0, LAST), (1, LAST), (2, 0), (2, LAST)]:
            for max_bytes in (0, 100_000, 10**9):
                read = await asyncio.to_thread(session.read, place, max_bytes)
                assert read == await session.records(place, max_bytes)

    async def test_a_long_commit_is_records_of_bounded_size(self, session: SessionStore) -> None:
        append = Maker(session)(many(2000))
        commits = [msgspec.json.decode(each.body, type=Commit) for each in append.records]
        assert all(len(record.body) <= PAGE_BYTES for record in append.records)
        assert [commit.more for commit in commits] == [True] * (len(commits) - 1) + [False]
        assert [record.part for record in append.records] == list(range(len(commits)))
        assert sum(len(commit.events) for commit in commits) == 2000

    async def test_outcomes_are_by_command_and_actor(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        await append(
            session,
            [
                make(node("a"), command_id="k1", actor_id="user:ada"),
                make(node("b"), command_id="k1", actor_id="user:bob"),
                make(node("c"), command_id="k2", actor_id="user:ada"),
            ],
        )
        session = await reopened(store, session)
        asked = [("k1", "user:ada"), ("k1", "user:bob"), ("k2", "user:bob"), ("k3", "user:ada")]
        found = await session.outcomes(asked)
        assert dict(found) == {("k1", "user:ada"): 1, ("k1", "user:bob"): 2}

    async def test_all_commands_are_read_in_slices_while_writing_goes_on(
        self, store: Store, session: SessionStore
    ) -> None:
        make = Maker(session)
        keys = [(f"k{i}-é💥", f"user:{i % 3}") for i in range(20)]
        await append(
            session, [make(node(key[0]), command_id=key[0], actor_id=key[1]) for key in keys]
        )
        await append(session, [make(node("x"), command_id="k3-é💥", actor_id="user:other")])
        keys.append(("k3-é💥", "user:other"))
        session = await reopened(store, session)
        found: list[tuple[str, str]] = []
        after = ("", "")
        while slice_ := await session.command_keys(after, 8):
            found += slice_
            after = slice_[-1]
            await append(session, [make(node(f"0{len(found)}"), command_id=f"0{len(found)}")])
        assert found == sorted(keys)
        assert await session.command_keys(after, 8) == []

    async def test_entries_are_newest_first(self, session: SessionStore) -> None:
        make = Maker(session)
        actors = ["user:ada", "user:bob", "user:ada", "user:ada"]
        await append(session, [make(node(f"n{i}"), actor_id=a) for i, a in enumerate(actors)])
        await append(session, [make(many(1000, prefix="m"))])

        async def revs(**asked: object) -> list[int]:
            return [entry.rev for entry in await session.entries(**asked)]  # type: ignore[arg-type]

        assert await revs() == [5, 4, 3, 2, 1]
        assert await revs(limit=2) == [5, 4]
        assert await revs(before_rev=4, limit=2) == [3, 2]
        assert await revs(actor_id="user:bob") == [2]
        assert await revs(actor_id="user:ada", before_rev=4) == [3, 1]
        newest = (await session.entries(limit=1))[0]
        assert (newest.label, newest.count, newest.actor_name) == ("many", 1000, "Ada")
        assert (newest.command_id, newest.at) == ("command-5", 1005.0)
        assert (newest.undoes, newest.redoes) == (None, None)

    async def test_a_whole_log_is_found_undamaged(self, session: SessionStore) -> None:
        make = Maker(session)
        await append(session, [make(many(500)), *(make(node(f"n-{i}")) for i in range(300))])
        assert await session.verify() == ""
