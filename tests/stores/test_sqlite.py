"""The SQLite store keeps the contract, and its files survive what files go through."""

import sqlite3
import subprocess
import sys
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from graph_ext.core.errors import UnavailableError
from graph_ext.hub.ports import LAST, SessionStore, Version
from graph_ext.protocol import Actor
from graph_ext.stores import quickness
from graph_ext.stores.schema import connect
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import SESSION_ID, Maker, append, many, node, state_of
from tests.stores.asking import reopened
from tests.stores.contract import StoreContract
from tests.stores.sqlite_files import change


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
