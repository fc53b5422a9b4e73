"""The SQLite store keeps the contract, and its files survive what files go through.

Long: each test brings its own damage to the same files.
"""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from graph_ext.core.access import Member
from graph_ext.core.errors import ReadOnlyError, UnavailableError
from graph_ext.hub.ports import LAST, SessionStore, Sharing, Version
from graph_ext.protocol import Actor
from graph_ext.stores import quickness, reading
from graph_ext.stores import session_file as module
from graph_ext.stores.schema import connect
from graph_ext.stores.session_file import SqliteSession
from graph_ext.stores.sqlite import SqliteStore
from graph_ext.stores.writer import Writer
from tests.commits import SESSION_ID, Maker, append, many, node, state_of
from tests.stores.contract import StoreContract, ids_in, pages_of, reopened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "graph_ext"


@pytest.fixture
def store(folder: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[SqliteStore]:
    store = SqliteStore(folder, "process 42, port 8888")
    yield store
    jp_asyncio_loop.run_until_complete(store.close())


@pytest.fixture
def session(store: SqliteStore, jp_asyncio_loop: asyncio.AbstractEventLoop) -> SessionStore:
    async def make() -> SessionStore:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        return await store.open(SESSION_ID)

    return jp_asyncio_loop.run_until_complete(make())


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / f"{SESSION_ID}.sqlite"


def change(file: Path, *statements: str) -> None:
    """Do to a session's file what nobody should do."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


class TestSqliteStore(StoreContract):
    pass


class TestSqliteStoreOnAQuickDisk(StoreContract):
    """Where short appends are done before they return."""

    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quickness, "_QUICK_S", 1e6)
        monkeypatch.setattr(quickness, "_WRITES", 0)


async def test_the_files_are_for_their_owner_alone(session: SessionStore, folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0


async def test_a_commit_is_synced_before_it_counts(session: SessionStore, file: Path) -> None:
    with closing(connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


async def test_a_session_can_be_queried_with_sqlite(session: SessionStore, file: Path) -> None:
    make = Maker(session)
    await append(session, [make(node("a", effort=3)), make(node("b", effort=4))])
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT sum(json_extract(body, '$.properties.effort')) FROM nodes"
        assert connection.execute(query).fetchone() == (7,)


async def test_a_second_server_is_told_who_has_the_session(
    session: SessionStore, folder: Path
) -> None:
    other = SqliteStore(folder, "process 43")
    with pytest.raises(UnavailableError, match="process 42, port 8888"):
        await other.open(SESSION_ID)
    with pytest.raises(UnavailableError, match="process 42, port 8888"):
        await other.delete(SESSION_ID)
    await session.close()
    await (await other.open(SESSION_ID)).close()
    await other.close()


async def test_a_process_that_was_killed_leaves_the_session_free(
    store: SqliteStore, folder: Path
) -> None:
    await store.create(SESSION_ID, "plan", "e1", 5.0)
    script = (
        "import asyncio, pathlib, os\n"
        "from graph_ext.stores.sqlite import SqliteStore\n"
        "async def main():\n"
        f"    store = SqliteStore(pathlib.Path({str(folder)!r}))\n"
        f"    session = await store.open({SESSION_ID!r})\n"
        "    print('open', flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"open\n"
            with pytest.raises(UnavailableError, match=f"process {child.pid}"):
                await store.open(SESSION_ID)
        finally:
            child.kill()
    await (await store.open(SESSION_ID)).close()


async def test_deletion_leaves_no_file(
    store: SqliteStore, session: SessionStore, folder: Path
) -> None:
    await append(session, [Maker(session)(node("a"))])
    await store.delete(SESSION_ID)
    await session.close()
    await store.tidy()
    assert [path.name for path in folder.iterdir() if path.name.startswith(SESSION_ID)] == []
    (folder / f"{SESSION_ID}.sqlite").touch()
    await store.tidy()
    assert (folder / f"{SESSION_ID}.sqlite").exists(), "what it knows nothing of, it leaves alone"


async def test_a_changed_record_makes_the_session_read_only_from_its_rev(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(9)])
    await session.close()
    change(file, "UPDATE commits SET body = replace(body, 'n4', 'n5') WHERE rev = 5")
    session = await store.open(SESSION_ID)
    assert "damaged from rev 5" in session.damaged
    assert state_of(await session.load()) == state_of(make.graph)
    assert session.floor == session.rev == 9, "a damaged log is served to nobody"
    with pytest.raises(ReadOnlyError, match="rev 5"):
        await append(session, [make(node("new"))])
    assert sum(len(ids_in(page.nodes)) for page in await pages_of(session)) == 9


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM commits WHERE rev = 9",
        "DELETE FROM commits WHERE rev >= 7",
        "DELETE FROM commits WHERE rev = 3",
        "UPDATE commits SET checksum = x'00' WHERE rev = 9",
        "UPDATE commits SET rev = 12 WHERE rev = 9",
        "DELETE FROM commits",
    ],
)
async def test_a_log_that_was_tampered_with_is_damaged(
    store: SqliteStore, session: SessionStore, file: Path, statement: str
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(9)])
    await session.close()
    change(file, statement)
    session = await store.open(SESSION_ID)
    assert "damaged from rev" in session.damaged


async def test_damage_before_the_tail_is_found_by_the_full_check(
    store: SqliteStore, session: SessionStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TAIL_BYTES", 2000)
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(500)])
    await session.close()
    change(file, "UPDATE commits SET body = replace(body, 'n299', 'x299') WHERE rev = 300")
    session = await store.open(SESSION_ID)
    assert session.damaged == ""
    assert "damaged from rev 300" in await session.verify()
    assert session.damaged
    with pytest.raises(ReadOnlyError):
        await append(session, [make(node("new"))])


async def test_a_file_that_is_no_database_harms_no_other_session(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    await append(session, [Maker(session)(many(2000))])
    await session.close()
    other_id = "7" * 32
    await store.create(other_id, "other", "e2", 6.0)
    file.write_bytes(b"no database at all " * 1000)
    with pytest.raises(UnavailableError, match="not a database"):
        await store.open(SESSION_ID)
    assert [entry.name for entry in await store.list()] == ["other", "plan"]
    await (await store.open(other_id)).close()


async def test_broken_pages_are_said_not_raised(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    await append(session, [Maker(session)(many(3000))])
    await session.close()
    with file.open("r+b") as pages:
        pages.seek(40 * 4096)
        pages.write(os.urandom(100 * 4096))
    try:
        session = await store.open(SESSION_ID)
    except UnavailableError:
        return
    assert session.damaged


async def test_a_file_of_a_newer_version_is_refused(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    await session.close()
    change(file, "UPDATE meta SET value = 99 WHERE key = 'schema_version'")
    with pytest.raises(UnavailableError, match="version 99"):
        await store.open(SESSION_ID)


async def test_a_missing_file_is_said_and_none_is_made(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    await session.close()
    file.unlink()
    with pytest.raises(UnavailableError, match="can't be opened"):
        await store.open(SESSION_ID)
    assert not file.exists()
    assert (await store.list())[0].rev == 0


async def test_an_abandoned_snapshot_does_not_keep_the_log_from_being_cleaned(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    make = Maker(session)
    await append(session, [make(many(2000))])
    async with aclosing(session.snapshot(10_000)) as pages:
        await anext(pages)
    session = await reopened(store, session)
    await session.close()
    assert not file.with_name(f"{file.name}-wal").exists()


async def test_a_write_that_fails_writes_nothing_and_the_next_goes_on(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    make = Maker(session)
    await append(session, [make(node("a"))])
    lost = make(many(500))
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # as a disk that refuses in the middle of the transaction
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON nodes WHEN NEW.node_id = 'n400' "
            "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        with pytest.raises(UnavailableError, match="could not be saved"):
            await append(session, [lost])
        assert session.rev == 1
        connection.execute("DROP TRIGGER full")
    assert len(await session.records((0, LAST), 10**9)) == 1
    await append(session, [lost])
    session = await reopened(store, session)
    assert session.damaged == ""
    assert state_of(await session.load()) == state_of(make.graph)


async def test_a_file_that_somebody_else_wrote_is_written_no_more(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    make = Maker(session)
    change(file, "UPDATE meta SET value = 3 WHERE key = 'rev'")
    with pytest.raises(UnavailableError, match="somebody else"):
        await append(session, [make(node("a"))])


# --- the catalog, which servers may share -----------------------------------------------------

OWNER = Member("user:ada", "Ada", "owner", "user:ada", 5.0)


async def test_members_changed_by_another_server_are_seen(store: SqliteStore, folder: Path) -> None:
    other = SqliteStore(folder)
    await store.create(SESSION_ID, "plan", "e1", 5.0, OWNER)
    change, _ = await store.members(0)
    # so that nothing about the file but its content may tell
    age = time.time_ns() - 60 * 10**9
    os.utime(folder / "catalog.sqlite", ns=(age, age))
    assert await store.members(change) == (change, {})
    assert await store.members(change) == (change, {})
    bob = Member("user:bob", "Bob", "editor", "user:ada", 6.0)
    await other.share(SESSION_ID, lambda was: Sharing({**was.members, "user:bob": bob}, {}))
    later, members = await store.members(change)
    assert members == {SESSION_ID: {"user:ada": OWNER, "user:bob": bob}}
    assert await store.members(later) == (later, {})
    await other.close()


async def test_two_servers_change_members_one_after_the_other(
    store: SqliteStore, folder: Path
) -> None:
    other = SqliteStore(folder)
    await store.create(SESSION_ID, "plan", "e1", 5.0, OWNER)

    def add(name: str) -> Callable[[Sharing], Sharing]:
        member = Member(f"user:{name}", name, "viewer", "user:ada", 6.0)
        return lambda was: Sharing({**was.members, member.actor_id: member}, was.invitations)

    await asyncio.gather(
        *(server.share(SESSION_ID, add(f"{server is store}-{i}"))
          for i in range(20) for server in (store, other))
    )  # fmt: skip
    assert len((await store.sharing(SESSION_ID)).members) == 41
    await other.close()


async def test_a_catalog_from_before_there_were_members_is_upgraded(
    store: SqliteStore, folder: Path
) -> None:
    folder.mkdir()
    change(
        folder / "catalog.sqlite",
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
        "CREATE TABLE sessions (session_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
        "created_at REAL NOT NULL) WITHOUT ROWID",
        "INSERT INTO meta VALUES ('schema_version', 1)",
        f"INSERT INTO sessions VALUES ('{SESSION_ID}', 'plan', 5.0)",
    )
    other = SqliteStore(folder)
    first, second = await asyncio.gather(store.list(), other.list())
    assert [entry.name for entry in first] == [entry.name for entry in second] == ["plan"]
    assert await store.sharing(SESSION_ID) == Sharing({}, {})
    await store.share(SESSION_ID, lambda _: Sharing({"user:ada": OWNER}, {}))
    assert (await other.members(0))[1] == {SESSION_ID: {"user:ada": OWNER}}
    await other.close()


async def test_a_catalog_that_was_put_back_is_read_anew(store: SqliteStore, folder: Path) -> None:
    await store.create(SESSION_ID, "plan", "e1", 5.0, OWNER)
    kept = (folder / "catalog.sqlite").read_bytes()
    await store.share(SESSION_ID, lambda _: Sharing({}, {}))
    change, _ = await store.members(0)
    (folder / "catalog.sqlite").write_bytes(kept)
    assert (await store.members(change))[1] == {SESSION_ID: {"user:ada": OWNER}}


# --- the floor --------------------------------------------------------------------------------


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


async def test_a_crash_after_the_floor_has_moved_is_finished_by_the_next_call(
    store: SqliteStore, session: SessionStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(900)])
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "drop_some", lambda _: False)
        await session.compact(700)
    assert rows(file, "SELECT count(*) FROM commits") == [(900,)]
    session = await reopened(store, session)
    assert (session.floor, session.log_commits, session.damaged) == (700, 200, "")
    size = rows(file, "SELECT sum(length(CAST(body AS BLOB))) FROM commits WHERE rev > 700")[0][0]
    assert session.log_bytes == size
    assert await session.verify() == ""
    assert len(await session.entries(limit=1000)) == 200
    with session.view() as view:
        assert len(view.read_back((900, LAST), 10**9)) == 200
    await session.compact(0)
    assert rows(file, "SELECT min(rev), count(*) FROM commits") == [(701, 200)]
    await append(session, [make(node("after"))])
    session = await reopened(store, session)
    assert await session.verify() == ""


async def test_room_is_made_in_slices(
    session: SessionStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(700)])
    await append(session, [make(many(8000, prefix="m"))])
    await append(session, [make(node("last"))])
    counts: list[int] = []
    drop_some = Writer.drop_some

    def counted(self: Writer) -> bool:
        done = drop_some(self)
        counts.append(rows(file, "SELECT count(*) FROM commits")[0][0])  # type: ignore[arg-type]
        return done

    monkeypatch.setattr(Writer, "drop_some", counted)
    await session.compact(701)
    assert counts[:2] == [counts[0], counts[0] - 300]
    assert len(counts) > 4, "a long commit goes in slices too"
    assert counts[-2:] == [1, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = x'00' WHERE key = 'floor_checksum'",
        "UPDATE meta SET value = 3 WHERE key = 'floor'",
        "UPDATE meta SET value = 5 WHERE key = 'floor'",
        "DELETE FROM commits WHERE rev = 5",
    ],
)
async def test_a_tampered_floor_is_damage(
    store: SqliteStore, session: SessionStore, file: Path, statement: str
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(9)])
    await session.compact(4)
    await session.close()
    change(file, statement)
    session = await store.open(SESSION_ID)
    assert "damaged from rev" in session.damaged
    assert session.floor == 9
    with pytest.raises(ReadOnlyError):
        await session.set_version(Version("x", 9, 7.0, Actor("user:ada")))
    with pytest.raises(ReadOnlyError):
        await session.compact(9)


async def test_a_check_goes_on_where_the_floor_has_passed_it(
    session: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(900)])
    verifying = asyncio.ensure_future(session.verify())
    await session.compact(850)
    assert await verifying == ""


async def test_a_rev_named_while_the_log_is_measured_holds_the_floor(
    session: SqliteSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(9)])
    measure = reading.bytes_between

    def measured(path: Path, floor: int, rev: int) -> int:
        if rev == 6:
            session._writer.set_version(Version("late", 3, 7.0, Actor("user:ada")))
        return measure(path, floor, rev)

    monkeypatch.setattr(module, "bytes_between", measured)
    await session.compact(6)
    assert session.floor == 3


async def test_a_version_below_the_floor_holds_nothing(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(9)])
    await session.compact(4)
    change(file, "INSERT INTO versions VALUES ('stray', 2, 7.0, 'user:ada', '')")
    assert await session.versions() == []
    await session.compact(6)
    assert session.floor == 6


async def test_a_floor_that_can_not_be_moved_stays(session: SessionStore, file: Path) -> None:
    make = Maker(session)
    await append(session, [make(node(f"n{i}")) for i in range(9)])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        with pytest.raises(UnavailableError, match="could not be shortened"):
            await session.compact(4)
        assert (session.floor, session.log_commits) == (0, 9)
        assert len(await session.records((0, LAST), 10**9)) == 9
        connection.execute("DROP TRIGGER full")
    await session.compact(4)
    assert session.floor == 4


async def test_a_file_of_version_1_is_brought_up_to_date(folder: Path, store: SqliteStore) -> None:
    await store.create(SESSION_ID, "plan", "e1", 5.0)
    file = folder / f"{SESSION_ID}.sqlite"
    file.unlink()
    dump = Path(__file__).with_name("version_1.sql").read_text()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump)
    session: SessionStore = await store.open(SESSION_ID)
    assert (session.epoch, session.rev, session.floor, session.damaged) == ("e1", 4, 0, "")
    records = await session.records((0, LAST), 10**9)
    assert session.log_bytes == sum(len(record.body) for record in records)
    assert await session.versions() == []
    graph = await session.load()
    assert graph.nodes["ünö"].properties == {"effort": 4}
    make = Maker(session, graph)
    await session.set_version(Version("x", 1, 7.0, Actor("user:ada")))
    await append(session, [make(node("d"))])
    await session.compact(3)
    session = await reopened(store, session)
    assert (await session.verify(), session.floor) == ("", 1)
    await session.remove_version("x")
    await session.compact(3)
    session = await reopened(store, session)
    assert (await session.verify(), session.floor, session.rev) == ("", 3, 5)
    assert state_of(await session.load()) == state_of(make.graph)
