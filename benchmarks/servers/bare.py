"""The least that a Tornado server can do: no store, no checks, no slow clients.

``/events``: each command becomes an event whose frame is built once and handed straight to the
stream of every client. ``/graph``: the encoded graph of ``graph.json`` in its folder, one message.
"""

from __future__ import annotations

import argparse
import struct
from contextlib import suppress
from typing import Any

import msgspec
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketHandler

from benchmarks.content import Facts
from benchmarks.servers.serving import serve

_clients: dict[Events, None] = {}
_facts = Facts()


class Events(WebSocketHandler):
    def open(self) -> None:
        self.set_nodelay(True)
        _clients[self] = None
        _ = self.write_message("{}")

    def on_close(self) -> None:
        _clients.pop(self, None)

    def on_message(self, message: str | bytes) -> None:
        for each in msgspec.json.decode(message):
            frame = _frame(msgspec.json.encode(_facts.event(each)))
            for client in _clients:
                connection = client.ws_connection
                if connection is None or connection.stream is None:
                    continue
                with suppress(StreamClosedError):
                    _ = connection.stream.write(frame)


class EncodedGraph(WebSocketHandler):
    def initialize(self, encoded: bytes) -> None:
        self.encoded = encoded

    async def on_message(self, _: str | bytes) -> None:
        await self.write_message(self.encoded, binary=True)


def _frame(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    return struct.pack("!BBH", 0x81, 126, size) + payload


async def routes(arguments: argparse.Namespace) -> list[tuple[Any, ...]]:
    encoded = arguments.folder / "graph.json"
    graph = encoded.read_bytes() if encoded.exists() else b""
    return [("/events", Events), ("/graph", EncodedGraph, {"encoded": graph})]


if __name__ == "__main__":
    serve(routes)
