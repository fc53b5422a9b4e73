"""The SQLite store, and the files of one session."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_ext.hub.ports import SessionStore
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import SESSION_ID


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
