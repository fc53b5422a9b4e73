"""python-socketio on Tornado in its default configuration: a room, and every event emitted to it.

No store: an event is sent as soon as its command is here.
"""

from __future__ import annotations

import argparse
from typing import Any

import socketio  # type: ignore[import-untyped]  # it has no types

from benchmarks.content import Facts
from benchmarks.servers.serving import serve

_facts = Facts()
_server = socketio.AsyncServer(async_mode="tornado")


@_server.event  # type: ignore[untyped-decorator]  # it has no types
async def connect(sid: str, _: dict[str, Any]) -> None:
    await _server.enter_room(sid, "graph")


@_server.event  # type: ignore[untyped-decorator]  # it has no types
async def command(_: str, messages: list[dict[str, Any]]) -> None:
    for message in messages:
        await _server.emit("commit", _facts.event(message), room="graph")


async def routes(_: argparse.Namespace) -> list[tuple[Any, ...]]:
    return [("/socket.io/", socketio.get_tornado_handler(_server))]


if __name__ == "__main__":
    serve(routes)
