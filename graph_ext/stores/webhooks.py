"""webhooks.sqlite: the webhooks of a data folder, and how far each has come.

A file of its own: places change with every delivery, and whoever watches the catalog for changes
shall not be woken by that. Made by extension.py; all in one thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from graph_ext.hub.webhook import Webhook
from graph_ext.stores.schema import WEBHOOKS, connect, prepare, speaking_of

__all__ = ["SqliteWebhooks"]

_T = TypeVar("_T")

_webhook = msgspec.json.Decoder(Webhook)


class SqliteWebhooks:
    """The webhooks of the sessions in a folder; see :class:`graph_ext.hub.webhooks.WebhookStore`.

    Parameters
    ----------
    folder : Path
        Made on the first write.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "webhooks.sqlite"
        self._thread = ThreadPoolExecutor(1, "graph_ext-webhooks")

    async def list(self) -> list[Webhook]:
        """Every webhook, in the order in which they were made (UnavailableError)."""

        def read() -> list[Webhook]:
            if not self._path.exists():
                return []
            with self._open() as connection:
                rows = connection.execute("SELECT body FROM webhooks ORDER BY place").fetchall()
            return [_webhook.decode(body) for (body,) in rows]

        return await self._run(read)

    async def put(self, webhook: Webhook) -> None:
        """Keep a webhook, new or changed (UnavailableError)."""

        def write() -> None:
            body = msgspec.json.encode(webhook).decode()
            with self._open() as connection:
                connection.execute(
                    "INSERT INTO webhooks (webhook_id, body) VALUES (?, ?) "
                    "ON CONFLICT (webhook_id) DO UPDATE SET body = excluded.body",
                    (webhook.webhook_id, body),
                )

        await self._run(write)

    async def remove(self, webhook_id: str) -> None:
        """Forget one (UnavailableError)."""

        def remove() -> None:
            with self._open() as connection:
                connection.execute("DELETE FROM webhooks WHERE webhook_id = ?", (webhook_id,))

        await self._run(remove)

    async def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # opened for each use, as the catalog: another server may have it, too
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(connect(self._path, create=True)) as connection:
            prepare(connection, WEBHOOKS)
            yield connection

    async def _run(self, function: Callable[[], _T]) -> _T:
        def call() -> Any:
            with speaking_of("The webhooks' file can't be used"):
                return function()

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
