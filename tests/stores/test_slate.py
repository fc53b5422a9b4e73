"""Short commits are durable on the slate, and the file follows it (docs/decisions/020)."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from graph_ext.core.errors import UnavailableError
from graph_ext.hub.ports import LAST, SessionStore
from graph_ext.stores import appending, slate
from graph_ext.stores.session_file import SqliteSession
from graph_ext.stores.slate import Slate, slate_of
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import SESSION_ID, Maker, append, node, state_of
from tests.stores.asking import ids_in, pages_of, reopened
from tests.stores.sqlite_files import on_slate, rev_in


@pytest.fixture
def session(
    store: SqliteStore,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> SqliteSession:
    """A session whose file does not follow the slate by itself."""
    monkeypatch.setattr(appending, "_IDLE_S", 1e6)

    async def make() -> SqliteSession:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        return await store.open(SESSION_ID)

    return jp_asyncio_loop.run_until_complete(make())


def crash(folder: Path, into: Path) -> SqliteStore:
    """What the disk has when the server is killed now, and a store that finds it."""
    into.mkdir()
    for path in folder.iterdir():
        if path.suffix != ".lock" and not path.name.endswith("-shm"):
            shutil.copy(path, into)
    return SqliteStore(into)


async def test_what_is_on_the_slate_counts_and_is_not_in_the_file(
    session: SqliteSession, file: Path
) -> None:
    make = Maker(session)
    commits = await on_slate(session, make)
    assert (session.rev, rev_in(file)) == (4, 1)
    assert session._writer.slate.commits() == tuple(commits)


async def test_after_a_crash_the_file_has_what_was_on_the_slate(
    session: SqliteSession, folder: Path, tmp_path: Path
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    store = crash(folder, tmp_path / "crashed")
    found = await store.open(SESSION_ID)
    assert (found.rev, found.updated_at, found.log_bytes) == (4, 1004.0, session.log_bytes)
    assert rev_in(tmp_path / "crashed" / f"{SESSION_ID}.sqlite") == 4
    assert state_of(await found.load()) == state_of(make.graph)
    assert await found.verify() == ""
    assert not slate_of(tmp_path / "crashed" / f"{SESSION_ID}.sqlite").exists()
    await store.close()


async def test_after_a_crash_only_what_follows_the_file_is_taken_from_the_slate(
    session: SqliteSession, folder: Path, tmp_path: Path
) -> None:
    make = Maker(session)
    await on_slate(session, make, 5)
    await session.load()  # the file has all: the slate is written over from its beginning
    await on_slate(session, make, 2)
    store = crash(folder, tmp_path / "crashed")
    found = await store.open(SESSION_ID)
    assert (found.rev, await found.verify()) == (8, "")
    assert state_of(await found.load()) == state_of(make.graph)
    await store.close()


@pytest.mark.parametrize("lost", [1, 40, 300])
async def test_a_note_that_is_torn_ends_what_is_on_the_slate(
    session: SqliteSession, folder: Path, file: Path, tmp_path: Path, lost: int
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    end = session._writer.slate._at
    with slate_of(file).open("r+b") as notes:
        notes.seek(end - lost)
        notes.write(bytes(lost))
    store = crash(folder, tmp_path / "crashed")
    found = await store.open(SESSION_ID)
    assert (found.rev, await found.verify()) == (3, "")
    await store.close()


async def test_the_slate_of_another_time_is_not_taken(
    store: SqliteStore, session: SqliteSession, folder: Path, file: Path, tmp_path: Path
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    kept = slate_of(file).read_bytes()
    await session.close()
    # a backup of the file from before, which went another way since
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM commits WHERE rev > 1")
        connection.execute("UPDATE meta SET value = 1 WHERE key = 'rev'")
        connection.execute("UPDATE meta SET value = x'00' WHERE key = 'checksum'")
    assert slate.waiting_on(file, 1, b"\0") == []
    slate_of(file).write_bytes(kept)
    assert slate.waiting_on(file, 1, b"\0") == []
    assert slate.waiting_on(file, 2, b"\0") == []


async def test_a_session_that_was_closed_has_no_slate(
    store: SqliteStore, session: SessionStore, file: Path
) -> None:
    assert isinstance(session, SqliteSession)
    make = Maker(session)
    await on_slate(session, make)
    assert slate_of(file).exists()
    session = await reopened(store, session)
    assert not slate_of(file).exists()
    assert (session.rev, await session.verify()) == (4, "")


async def test_reads_have_what_is_on_the_slate(session: SqliteSession, file: Path) -> None:
    make = Maker(session)
    commits = await on_slate(session, make)
    records = await session.records((0, LAST), 10**9)
    assert [record.rev for record in records] == [1, 2, 3, 4]
    assert [record.rev for record in await session.records((2, LAST), 10**9)] == [3, 4]
    assert [record.rev for record in await session.records((2, LAST), 1)] == [3]
    assert await session.records((4, LAST), 10**9) == []
    assert [entry.rev for entry in await session.entries()] == [4, 3, 2, 1]
    assert [entry.rev for entry in await session.entries(before_rev=4, limit=2)] == [3, 2]
    assert await session.entries(actor_id="user:bob") == []
    keys = [(commit.entry.command_id, commit.entry.actor_id) for commit in commits]
    outcomes = await session.outcomes([("command-1", "user:ada"), *keys, ("no", "user:ada")])
    assert outcomes == {(f"command-{rev}", "user:ada"): rev for rev in (1, 2, 3, 4)}
    assert rev_in(file) == 1, "none of them needs the disk to be written"
    assert sum(len(ids_in(page.nodes)) for page in await pages_of(session)) == 4


@pytest.mark.parametrize(
    "read",
    [
        SqliteSession.load,
        lambda session: session.command_keys(("", ""), 10),
        lambda session: session.floor_within(10**9),
        lambda session: session.compact(3),
    ],
)
async def test_what_reads_the_file_has_it_follow_first(
    session: SqliteSession, file: Path, read: Callable[[SqliteSession], Awaitable[object]]
) -> None:
    await on_slate(session, Maker(session))
    await read(session)
    assert rev_in(file) == 4


async def test_a_file_that_can_not_follow_is_waited_for_and_reads_go_on(
    session: SqliteSession, file: Path
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON nodes BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        with pytest.raises(UnavailableError, match="can't be read"):
            await session.load()
        lost = make(node("refused"))
        with pytest.raises(UnavailableError, match="could not be saved"):
            await append(session, [lost])
        assert session.rev == 4
        pages = await pages_of(session)
        assert (pages[0].rev, pages[-1].last) == (1, True), "a follower goes on from there"
        assert [record.rev for record in await session.records((1, LAST), 10**9)] == [2, 3, 4]
        assert len(await session.entries()) == 4
        connection.execute("DROP TRIGGER full")
    await append(session, [lost])
    assert rev_in(file) == session.rev == 5
    assert state_of(await session.load()) == state_of(make.graph)
    await on_slate(session, make)
    assert (session.rev, rev_in(file)) == (8, 5), "it is used again"


async def test_what_a_closing_session_can_not_save_waits_on_the_slate(
    store: SqliteStore, session: SqliteSession, file: Path
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON nodes BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        await session.close()
        with pytest.raises(UnavailableError):
            await store.open(SESSION_ID)
        connection.execute("DROP TRIGGER full")
    found = await store.open(SESSION_ID)
    assert (found.rev, await found.verify()) == (4, "")


async def test_a_command_that_was_noted_twice_keeps_its_first_outcome(
    session: SqliteSession, file: Path
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    for name in "ab":
        await append(session, [make(node(name), command_id="again")])
    await session.load()
    assert rev_in(file) == 6
    assert await session.outcomes([("again", "user:ada")]) == {("again", "user:ada"): 5}
    assert await session.verify() == ""


async def test_a_slate_that_fails_leaves_everything_to_the_file(
    session: SqliteSession, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(session)
    await on_slate(session, make)

    def fail(_: int) -> None:
        raise OSError("the disk has broken sectors")

    with monkeypatch.context() as patch:
        patch.setattr(slate, "_sync", fail)
        await append(session, [make(node("late"))])
    assert rev_in(file) == session.rev == 5
    await on_slate(session, make)
    assert state_of(await session.load()) == state_of(make.graph)
    assert await session.verify() == ""


async def test_where_no_slate_can_be_made_commits_go_into_the_file(
    store: SqliteStore, session: SqliteSession, file: Path
) -> None:
    slate_of(file).mkdir()
    make = Maker(session)
    for _ in range(3):
        await append(session, [make(node(f"n{make.rev}"))])
        assert rev_in(file) == session.rev
    slate_of(file).rmdir()
    await on_slate(session, make)
    assert rev_in(file) < session.rev


async def test_notes_of_another_version_are_not_guessed_at(
    store: SqliteStore, session: SqliteSession, file: Path
) -> None:
    await on_slate(session, Maker(session))
    chained = session._writer._chained
    await session.close()
    body = b"\x93\x01\x02\x03"
    note = slate._HEAD.pack(len(body), 5, chained.ljust(16, b"\0")) + body
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT value FROM meta WHERE key = 'checksum'"
        note = note.replace(chained, connection.execute(query).fetchone()[0])
    slate_of(file).write_bytes(note + slate._digest(note))
    with pytest.raises(UnavailableError, match="another graph_ext"):
        await store.open(SESSION_ID)


async def test_a_slate_forgets_the_oldest(tmp_path: Path) -> None:
    make = Maker()
    commits = [make(node(f"n{i}")) for i in range(3)]
    notes = Slate(tmp_path / "x.sqlite")
    assert not notes.note(commits[:1], b""), "it is not there"
    notes.make()
    for commit in commits:
        assert notes.note([commit], b"")
    notes.make()
    notes.erase(2)
    assert notes.commits() == (commits[2],)
    assert notes.size == len(commits[2].records[0].body)
    notes.close()
    assert notes._path.exists(), "the database has not all of it"
    notes.erase(1)
    notes.close()
    assert not notes._path.exists()
