"""What the tests of stores ask a session, in short."""

from collections.abc import Iterable
from contextlib import aclosing
from typing import Any

import msgspec

from graph_ext.hub.ports import (
    SessionStore,
    SnapshotPage,
    Store,
)
from graph_ext.protocol import PAGE_BYTES
from tests.commits import SESSION_ID


async def pages_of(session: SessionStore, page_bytes: int = PAGE_BYTES) -> list[SnapshotPage]:
    async with aclosing(session.snapshot(page_bytes)) as pages:
        return [page async for page in pages]


def ids_in(runs: Iterable[bytes]) -> list[str]:
    """The ids of the elements in a page, in their order."""
    elements = msgspec.json.decode(b"[%b]" % b",".join(runs), type=list[dict[str, Any]])
    return [element.get("node_id") or element["link_id"] for element in elements]


async def reopened(store: Store, session: SessionStore) -> SessionStore:
    await session.close()
    return await store.open(SESSION_ID)
