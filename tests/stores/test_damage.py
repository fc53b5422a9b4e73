"""Files that were tampered with, or broken, are read as far as they can be trusted."""

import os
from pathlib import Path

import pytest

from graph_ext.core.errors import ReadOnlyError, UnavailableError
from graph_ext.hub.ports import SessionStore
from graph_ext.stores import session_file as module
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import SESSION_ID, Maker, append, many, node, state_of
from tests.stores.asking import ids_in, pages_of
from tests.stores.sqlite_files import change


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
