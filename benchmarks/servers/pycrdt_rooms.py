"""pycrdt-websocket on Tornado, as in Jupyter: one room, with its SQLite store where asked for.

The store is SQLiteYStore in its default configuration; an update is sent to everybody before it is
stored. ``document.y`` in the folder is what the room begins with.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from typing import Any

from pycrdt import Doc
from pycrdt.store import SQLiteYStore
from pycrdt.websocket import WebsocketServer, YRoom
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from benchmarks.servers.serving import serve


class Room(WebSocketHandler):
    """One client's socket; what pycrdt calls a channel."""

    def initialize(self, server: WebsocketServer, running: asyncio.Task[None]) -> None:
        self.server = server
        self.running = running  # for as long as somebody may come
        self.path = "graph"
        # messages that came, and None at the end
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def open(self) -> None:
        self.set_nodelay(True)
        self._serving = asyncio.create_task(self.server.serve(self))  # type: ignore[arg-type]  # structurally a Channel

    async def on_message(self, message: str | bytes) -> None:
        self._messages.put_nowait(message if isinstance(message, bytes) else message.encode())

    def on_close(self) -> None:
        self._messages.put_nowait(None)

    def __aiter__(self) -> Room:
        return self

    async def __anext__(self) -> bytes:
        message = await self._messages.get()
        if message is None:
            raise StopAsyncIteration
        return message

    async def send(self, message: bytes) -> None:
        with suppress(WebSocketClosedError):
            await self.write_message(message, binary=True)


async def routes(arguments: argparse.Namespace) -> list[tuple[Any, ...]]:
    class Store(SQLiteYStore):
        db_path = str(arguments.folder / "ystore.db")

    document = arguments.folder / "document.y"
    doc: Doc[Any] = Doc()
    if document.exists():
        doc.apply_update(document.read_bytes())
    server = WebsocketServer(auto_clean_rooms=False)
    server.rooms["graph"] = YRoom(ystore=Store("graph") if arguments.store else None, ydoc=doc)
    running = asyncio.create_task(server.start())
    await server.started.wait()
    return [("/room", Room, {"server": server, "running": running})]


if __name__ == "__main__":
    serve(routes, "--store")
