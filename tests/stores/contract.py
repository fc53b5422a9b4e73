"""What every store does: one suite, run against each (tests/stores/test_*.py).

Long: a store has to pass all of it, and whoever writes one reads it from above.
"""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from random import Random
from typing import Any

import msgspec
import pytest

from graph_ext.core.access import Member
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import (
    Batch,
    DeleteNode,
    Edit,
    SetProperty,
    UnlinkNodes,
    UpdateBlueprint,
)
from graph_ext.core.errors import (
    ConflictError,
    DuplicateIdError,
    GoneError,
    NotFoundError,
    UnavailableError,
)
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import (
    LAST,
    Append,
    Invitation,
    Restoration,
    Restored,
    SessionStore,
    Sharing,
    SnapshotPage,
    Store,
    Version,
)
from graph_ext.protocol import PAGE_BYTES, Actor, Commit
from tests.commits import SESSION_ID, Maker, append, link, many, node, state_of

OTHER_ID = "6" * 32
ADA = Member("user:ada", "Ada", "owner", "user:ada", 5.0)
BOB = Member("user:Bob é", "Bob", "viewer", "user:ada", 6.5)
CAL = Member("user:42", "", "editor", "user:ada", 7.0)
LINK = Invitation("i1", b"\0" * 32, "editor", None, 3, "user:ada", 8.0)


async def pages_of(session: SessionStore, page_bytes: int = PAGE_BYTES) -> list[SnapshotPage]:
    async with aclosing(session.snapshot(page_bytes)) as pages:
        return [page async for page in pages]


def ids_in(runs: Iterable[bytes]) -> list[str]:
    """The ids of the elements in a page, in their order."""
    elements = msgspec.json.decode(b"[%b]" % b",".join(runs), type=list[dict[str, Any]])
    return [element.get("node_id") or element["link_id"] for element in elements]


async def reopened(store: Store, session: SessionStore) -> SessionStore:
    await session.close()
    return await store.open(SESSION_ID)


async def fill(
    restoration: Restoration, commits: list[Append], *, rev: int, floor: int = 0
) -> None:
    """Write a session in a worker thread: what the commits leave, and the log above a floor."""

    def write() -> None:
        states: list[dict[str, bytes]] = [{}, {}]
        for commit in commits:
            for state, changes in zip(states, (commit.nodes, commit.links), strict=True):
                state.update((key, body) for key, body in changes if body is not None)
        for at in range(0, len(states[0]), 300):
            restoration.write_state(list(states[0].items())[at : at + 300], [])
        restoration.write_state([], list(states[1].items()))
        for commit in commits[floor:]:
            restoration.write_log(commit.records[:1], [])
            restoration.write_log(commit.records[1:], [commit.entry])
        restoration.finish(
            Restored(
                rev=rev,
                floor=floor,
                blueprint=b"{}",
                node_count=len(states[0]),
                link_count=len(states[1]),
                updated_at=commits[-1].entry.at,
                versions=[Version("one", rev, 7.0, Actor("user:ada", "Ada"))],
            )
        )

    await asyncio.to_thread(write)


class StoreContract:
    """Inherited by the tests of a store, which give the fixture ``store``."""

    async def test_the_catalog_lists_sessions_by_name(self, store: Store) -> None:
        await store.create(SESSION_ID, "zebra", "e1", 5.0)
        await store.create(OTHER_ID, "ant", "e2", 6.0)
        entries = await store.list()
        assert [entry.name for entry in entries] == ["ant", "zebra"]
        assert entries[1].session_id == SESSION_ID
        assert (entries[1].rev, entries[1].nodes, entries[1].links) == (0, 0, 0)
        assert entries[1].created_at == entries[1].updated_at == 5.0

    async def test_a_name_is_given_once(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        with pytest.raises(DuplicateIdError, match="plan"):
            await store.create(OTHER_ID, "plan", "e2", 6.0)
        await store.create(OTHER_ID, "Plan", "e2", 6.0)
        with pytest.raises(DuplicateIdError):
            await store.rename(OTHER_ID, "plan")
        assert [entry.name for entry in await store.list()] == ["Plan", "plan"]

    async def test_a_rename_frees_the_old_name(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        await store.rename(SESSION_ID, "goal")
        await store.rename(SESSION_ID, "goal")
        await store.create(OTHER_ID, "plan", "e2", 6.0)
        assert [entry.name for entry in await store.list()] == ["goal", "plan"]

    async def test_what_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            await store.open(SESSION_ID)
        with pytest.raises(NotFoundError):
            await store.delete(SESSION_ID)
        with pytest.raises(NotFoundError):
            await store.rename(SESSION_ID, "plan")

    async def test_an_open_session_is_not_opened_again(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        await store.open(SESSION_ID)
        with pytest.raises(UnavailableError):
            await store.open(SESSION_ID)

    async def test_one_that_is_deleted_while_it_is_open_goes_on_until_it_is_closed(
        self, store: Store
    ) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        session = await store.open(SESSION_ID)
        make = Maker(session)
        await append(session, [make(node("a"))])
        await store.delete(SESSION_ID)
        assert await store.list() == []
        for ask in (store.open, store.delete):
            with pytest.raises(NotFoundError):
                await ask(SESSION_ID)
        await store.tidy()
        await append(session, [make(node("b"))])
        assert state_of(await session.load()) == state_of(make.graph)
        await session.close()
        await store.tidy()
        await store.create(SESSION_ID, "plan", "e2", 6.0)
        await store.tidy()
        assert (await store.open(SESSION_ID)).rev == 0

    # --- members and invitations ---------------------------------------------------------------

    async def test_a_session_is_made_with_its_owner(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        await store.create(OTHER_ID, "goal", "e1", 5.0)
        assert await store.sharing(SESSION_ID) == Sharing({"user:ada": ADA}, {})
        assert await store.sharing(OTHER_ID) == Sharing({}, {})
        with pytest.raises(DuplicateIdError):
            await store.create("7" * 32, "plan", "e1", 5.0, BOB)
        _, members = await store.members(0)
        assert members.get(SESSION_ID) == {"user:ada": ADA}
        assert not members.get(OTHER_ID)
        assert "7" * 32 not in members

    async def test_members_and_invitations_come_back_as_they_were(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        used = msgspec.structs.replace(
            LINK,
            invitation_id="i2",
            token_hash=b"\xff" * 32,
            expires_at=9.25,
            uses=None,
            revoked=True,
            accepted=("user:bob", "user:42"),
        )
        members = {each.actor_id: each for each in (ADA, CAL, BOB)}
        wanted = Sharing(members, {"i1": LINK, "i2": used})
        assert await store.share(SESSION_ID, lambda _: wanted) == wanted
        found = await store.sharing(SESSION_ID)
        assert found == wanted
        assert list(found.members) == list(members), "in their order"
        assert list(found.invitations) == ["i1", "i2"]
        fewer = Sharing({"user:ada": ADA, BOB.actor_id: BOB}, {"i2": used})
        await store.share(SESSION_ID, lambda _: fewer)
        assert await store.sharing(SESSION_ID) == fewer

    async def test_a_change_is_given_what_there_is_and_may_refuse(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        seen: list[Sharing] = []

        def refuse(sharing: Sharing) -> Sharing:
            seen.append(sharing)
            raise ConflictError("no")

        with pytest.raises(ConflictError, match="no"):
            await store.share(SESSION_ID, refuse)
        assert seen == [Sharing({"user:ada": ADA}, {})]
        assert await store.sharing(SESSION_ID) == seen[0]

    async def test_members_are_of_a_session(self, store: Store) -> None:
        for ask in (store.sharing(SESSION_ID), store.share(SESSION_ID, lambda sharing: sharing)):
            with pytest.raises(NotFoundError):
                await ask
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        await store.share(SESSION_ID, lambda was: Sharing(was.members, {"i1": LINK}))
        await store.delete(SESSION_ID)
        with pytest.raises(NotFoundError):
            await store.sharing(SESSION_ID)
        assert await store.invited(LINK.token_hash) is None
        assert (await store.members(0))[1] == {}
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        assert await store.sharing(SESSION_ID) == Sharing({}, {}), "nothing is left of it"

    async def test_a_link_is_found_by_its_hash(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        await store.share(SESSION_ID, lambda was: Sharing(was.members, {"i1": LINK}))
        assert await store.invited(LINK.token_hash) == (SESSION_ID, "i1")
        assert await store.invited(b"\1" * 32) is None
        assert await store.invited(b"") is None

    async def test_members_are_read_where_they_have_changed(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        change, members = await store.members(0)
        assert members == {SESSION_ID: {"user:ada": ADA}}
        assert await store.members(change) == (change, {})
        await store.create(OTHER_ID, "goal", "e1", 5.0, ADA)
        await store.share(OTHER_ID, lambda was: Sharing({**was.members, "user:42": CAL}, {}))
        later, members = await store.members(change)
        assert later > change
        assert members == {OTHER_ID: {"user:ada": ADA, "user:42": CAL}}
        await store.share(OTHER_ID, lambda _: Sharing({}, {}))
        assert (await store.members(later))[1] == {OTHER_ID: {}}
        await store.delete(OTHER_ID)
        assert (await store.members(0))[1] == {SESSION_ID: {"user:ada": ADA}}

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

    # --- versions -----------------------------------------------------------------------------

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

    # --- restoring ----------------------------------------------------------------------------

    async def test_a_session_is_restored_piece_by_piece(self, store: Store) -> None:
        make = Maker()
        commits = [make(Batch([node("a", x=1), node("b"), link("ab", "a", "b")])), make(many(1000))]
        await fill(restoration := await store.restore(OTHER_ID, "e9", 9.0), commits, rev=2)
        assert (restoration.session_id, restoration.epoch) == (OTHER_ID, "e9")
        assert await store.list() == []
        with pytest.raises(NotFoundError):
            await store.open(OTHER_ID)
        with restoration.view() as view:
            assert (view.epoch, view.rev, view.floor) == ("e9", 2, 0)
            assert state_of(view.graph()) == state_of(make.graph)
            assert len(view.read_back((2, LAST), 10**9)) > 3
        entry = await store.adopt(restoration, "copy")
        assert (entry.session_id, entry.name, entry.rev, entry.nodes) == (OTHER_ID, "copy", 2, 1002)
        assert await store.list() == [entry]
        session = await store.open(OTHER_ID)
        assert (session.epoch, session.rev, session.floor, session.damaged) == ("e9", 2, 0, "")
        assert session.updated_at == 1002.0
        assert state_of(await session.load()) == state_of(make.graph)
        records = [record for commit in commits for record in commit.records]
        assert await session.records((0, LAST), 10**9) == records
        assert session.log_bytes == sum(len(record.body) for record in records)
        assert await session.entries() == [commit.entry for commit in commits[::-1]]
        assert [version.name for version in await session.versions()] == ["one"]
        assert await session.outcomes([("command-1", "user:ada")]) == {("command-1", "user:ada"): 1}
        assert await session.verify() == ""
        await append(session, [make(node("more"))])
        await session.close()
        session = await store.open(OTHER_ID)
        assert (await session.verify(), session.rev) == ("", 3)
        await session.close()

    async def test_a_log_is_restored_from_its_floor_on(self, store: Store) -> None:
        make = Maker()
        commits = [make(node(f"n{i}")) for i in range(5)]
        restoration = await store.restore(OTHER_ID, "e9", 9.0)
        await fill(restoration, commits, rev=5, floor=3)
        await store.adopt(restoration, "copy")
        session = await store.open(OTHER_ID)
        assert (session.floor, session.log_commits, session.damaged) == (3, 2, "")
        assert [record.rev for record in await session.records((3, LAST), 10**9)] == [4, 5]
        with pytest.raises(GoneError):
            await session.records((2, LAST), 10**9)
        await append(session, [make(node("more"))])
        assert await session.verify() == ""
        await session.close()

    async def test_what_comes_twice_is_not_restored(self, store: Store) -> None:
        restoration = await store.restore(OTHER_ID, "e9", 9.0)
        restoration.write_state([("a", b"{}")], [("a", b"{}")])
        with pytest.raises(DuplicateIdError, match="node"):
            restoration.write_state([("a", b"{}")], [])
        with pytest.raises(DuplicateIdError, match="link"):
            restoration.write_state([], [("b", b"{}"), ("b", b"{}")])
        commit = Maker()(node("x"))
        restoration.write_log(commit.records, [commit.entry])
        with pytest.raises(DuplicateIdError, match="same command"):
            restoration.write_log([], [commit.entry])
        await store.discard(restoration)

    async def test_a_restoration_that_is_not_adopted_leaves_nothing(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        commits = [Maker()(node("a"))]
        restoration = await store.restore(OTHER_ID, "e9", 9.0)
        await fill(restoration, commits, rev=1)
        with pytest.raises(DuplicateIdError, match="plan"):
            await store.adopt(restoration, "plan")
        assert [entry.session_id for entry in await store.list()] == [SESSION_ID]
        await store.adopt(restoration, "another")
        await store.delete(OTHER_ID)
        again = await store.restore(OTHER_ID, "e9", 9.0)
        await store.discard(again)
        assert [entry.session_id for entry in await store.list()] == [SESSION_ID]
        with pytest.raises(NotFoundError):
            await store.open(OTHER_ID)
