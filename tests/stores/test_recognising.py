"""A file that was put in the place of a session's is another history (docs/protocol.md, 2.3)."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.protocol import Cursor, Joined, Snapshot
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import SESSION_ID, Maker, append, counter, node
from tests.fakes import FakeClock
from tests.hub.conftest import Person


@pytest.fixture
def folder(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Path:
    """With a session of no commits."""

    async def make() -> None:
        store = SqliteStore(tmp_path / "data")
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        await store.close()

    jp_asyncio_loop.run_until_complete(make())
    return tmp_path / "data"


async def write(folder: Path, revs: int, what: str = "n", compacted: int = 0) -> str:
    """Have a server add commits up to a rev; return the epoch."""
    store = SqliteStore(folder)
    session = await store.open(SESSION_ID)
    make = Maker(session)
    make.graph = await session.load()
    while session.rev < revs:
        await append(session, [make(node(f"{what}{session.rev + 1}"))])
    if compacted:
        await session.compact(compacted)
    await session.close()
    await store.close()
    return session.epoch


def back_up(folder: Path, to: Path) -> None:
    """As SQLite's ``.backup`` does, also of a file in use."""
    with (
        closing(sqlite3.connect(folder / f"{SESSION_ID}.sqlite")) as one,
        closing(sqlite3.connect(to)) as other,
    ):
        one.backup(other)


def put_back(folder: Path, backup: Path) -> None:
    for file in folder.glob(f"{SESSION_ID}.sqlite*"):
        file.unlink()
    shutil.copy(backup, folder / f"{SESSION_ID}.sqlite")


async def test_the_same_file_keeps_its_epoch(folder: Path) -> None:
    assert await write(folder, 3) == await write(folder, 6) == await write(folder, 6) == "e1"
    assert await write(folder, 9, compacted=8) == await write(folder, 9) == "e1"


async def test_an_older_file_is_another_history_and_stays_that(
    folder: Path, tmp_path: Path
) -> None:
    await write(folder, 3)
    back_up(folder, tmp_path / "kept")
    await write(folder, 6)
    put_back(folder, tmp_path / "kept")
    other = await write(folder, 4, "m")
    assert other != "e1"
    assert await write(folder, 5, "m") == other
    # and one of the first history, however long it is
    put_back(folder, tmp_path / "kept")
    assert await write(folder, 3) not in {"e1", other}


async def test_a_longer_file_of_another_history_is_recognised(folder: Path, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "empty")
    await write(folder, 6)
    back_up(folder, tmp_path / "longer")
    put_back(folder, tmp_path / "empty")
    other = await write(folder, 4, "m")
    put_back(folder, tmp_path / "longer")
    assert await write(folder, 7) not in {"e1", other}


async def test_an_older_file_is_recognised_after_a_server_was_killed(
    folder: Path, tmp_path: Path
) -> None:
    await write(folder, 3)
    back_up(folder, tmp_path / "kept")
    await write(folder, 5)
    program = """
        import asyncio, os, pathlib, sys
        from graph_ext.stores.sqlite import SqliteStore
        from tests.commits import SESSION_ID, Maker, append, node

        async def main():
            session = await SqliteStore(pathlib.Path(sys.argv[1])).open(SESSION_ID)
            make = Maker(session, await session.load())
            await append(session, [make(node("last"))])
            os._exit(0)

        asyncio.run(main())
    """
    subprocess.run([sys.executable, "-c", dedent(program), str(folder)], check=True)
    assert await write(folder, 7) == "e1"
    put_back(folder, tmp_path / "kept")
    assert await write(folder, 7) != "e1"


async def test_one_that_can_not_be_noted_opens_all_the_same(folder: Path) -> None:
    await write(folder, 3)
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as catalog, catalog:
        catalog.execute(
            "CREATE TRIGGER full BEFORE INSERT ON reached BEGIN SELECT raise(ABORT, 'full'); END"
        )
    assert await write(folder, 6) == await write(folder, 7) == "e1"


async def test_2_3_who_has_revs_that_were_lost_loads_the_graph_anew(
    folder: Path, tmp_path: Path
) -> None:
    def begin() -> Hub:
        return Hub(SqliteStore(folder), HubLimits(), FakeClock(), counter("0" * 31))

    hub = begin()
    ada = await Person(await hub.open(SESSION_ID), "ada").join()
    await ada.send(node("a"))
    back_up(folder, tmp_path / "kept")
    await ada.send(node("b"))
    has = Cursor(ada.epoch, 2)
    await hub.close()
    put_back(folder, tmp_path / "kept")
    hub = begin()
    session = await hub.open(SESSION_ID)
    bob = await Person(session, "bob").join()
    # as many revs as she has had, and more
    for name in "xyz":
        await bob.send(node(name))
    again = await Person(session, "ada").join(since=has)
    joined = again.sink.messages[0]
    assert isinstance(joined, Joined)
    assert (joined.mode, joined.rev) == ("snapshot", 4)
    await again.sink.until(lambda messages: isinstance(messages[-1], Snapshot))
    await hub.close()
