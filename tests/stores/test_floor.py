"""The floor in a file, whatever happens while it moves (docs/decisions/010-floor.md)."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from graph_ext.core.errors import ReadOnlyError, UnavailableError
from graph_ext.hub.ports import LAST, SessionStore, Version
from graph_ext.protocol import Actor
from graph_ext.stores import reading
from graph_ext.stores import session_file as module
from graph_ext.stores.session_file import SqliteSession
from graph_ext.stores.sqlite import SqliteStore
from graph_ext.stores.writer import Writer
from tests.commits import SESSION_ID, Maker, append, many, node
from tests.stores.asking import reopened
from tests.stores.sqlite_files import change, rows


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
