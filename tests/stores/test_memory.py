"""The store that forgets keeps the contract."""

import asyncio

import pytest

from graph_ext.hub.ports import SessionStore, Store
from graph_ext.stores.memory import MemoryStore
from tests.commits import SESSION_ID
from tests.stores.contract import StoreContract


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def session(store: Store, jp_asyncio_loop: asyncio.AbstractEventLoop) -> SessionStore:
    async def make() -> SessionStore:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        return await store.open(SESSION_ID)

    return jp_asyncio_loop.run_until_complete(make())


class TestMemoryStore(StoreContract):
    pass
