"""A session's file becomes shorter when its log does (docs/decisions/010-floor.md)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from graph_ext.core.commands import SetProperty
from graph_ext.hub.ports import SessionStore
from graph_ext.stores.sqlite import SqliteStore
from graph_ext.stores.writer import Writer
from tests.commits import SESSION_ID, Maker, append, node, state_of
from tests.stores.asking import reopened

LONG = 200  # commits that together need some megabytes


@pytest.fixture
def store(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path, "process 42, port 8888")
    yield store
    jp_asyncio_loop.run_until_complete(store.close())


def pages(file: Path) -> tuple[int, int]:
    """How many pages a file has, and how many of these are free."""
    with closing(sqlite3.connect(file)) as connection:
        counts = [connection.execute(f"PRAGMA {p}").fetchone()[0] for p in _COUNTS]
    return counts[0], counts[1]


_COUNTS = ("page_count", "freelist_count")


async def written(store: SqliteStore) -> tuple[SessionStore, Maker]:
    await store.create(SESSION_ID, "plan", "e1", 5.0)
    session = await store.open(SESSION_ID)
    make = Maker(session)
    await append(session, [make(node("a"))])
    for i in range(LONG):
        await append(session, [make(SetProperty("text", f"{i} " * 3000, "a"))])
    return session, make


async def test_the_file_becomes_shorter_in_slices(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, make = await written(store)
    file = tmp_path / f"{SESSION_ID}.sqlite"
    counts = [pages(file)]
    drop_some = Writer.drop_some

    def counted(self: Writer) -> bool:
        done = drop_some(self)
        counts.append(pages(file))
        return done

    monkeypatch.setattr(Writer, "drop_some", counted)
    await session.compact(session.rev - 1)
    assert all(0 <= a - b <= 128 for (a, _), (b, _) in pairwise(counts))
    total, free = counts[-1]
    assert free <= total / 4 + 1
    assert total < counts[0][0] / 10
    session = await reopened(store, session)
    assert file.stat().st_size < total * 4096 + 1
    assert await session.verify() == ""
    await append(session, [make(node("after"))])
    assert state_of(await session.load()) == state_of(make.graph)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_log_that_is_held_at_its_length_keeps_its_room(
    store: SqliteStore, tmp_path: Path
) -> None:
    session, _ = await written(store)
    file = tmp_path / f"{SESSION_ID}.sqlite"
    before, _ = pages(file)
    await session.compact(LONG // 10)
    total, free = pages(file)
    assert total == before
    assert free > 0


async def test_a_file_of_an_older_version_keeps_its_length(
    store: SqliteStore, tmp_path: Path
) -> None:
    session, _ = await written(store)
    file = tmp_path / f"{SESSION_ID}.sqlite"
    await session.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA auto_vacuum=NONE")
        connection.execute("VACUUM")
    session = await store.open(SESSION_ID)
    before, _ = pages(file)
    await session.compact(session.rev - 1)
    total, free = pages(file)
    assert total == before
    assert free > before / 2
