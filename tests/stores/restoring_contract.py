"""How every store takes a session from elsewhere, piece by piece. Part of contract.py."""

import asyncio

import pytest

from graph_ext.core.commands import (
    Batch,
)
from graph_ext.core.errors import (
    DuplicateIdError,
    GoneError,
    NotFoundError,
)
from graph_ext.hub.ports import (
    LAST,
    Append,
    Restoration,
    Restored,
    Store,
    Version,
)
from graph_ext.protocol import Actor
from tests.commits import SESSION_ID, Maker, append, link, many, node, state_of

OTHER_ID = "6" * 32


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


class RestoringContract:
    """Part of StoreContract."""

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
