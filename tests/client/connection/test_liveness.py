"""A server that is silent, or closes with a code of the protocol, is joined again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.connection.io_thread import IoThread
from graph_ext.client.opening import open_over
from graph_ext.protocol import (
    SUBPROTOCOL,
    JoinSession,
    Ping,
    Pong,
    Snapshot,
    decode_client_frame,
    encode,
    join_frame,
)
from tests.client.line import Line
from tests.client.wire import SESSION, joined
from tests.servers import JupyterServer

TIMEOUT_S = 60


def test_a_server_that_is_silent_is_given_up_and_joined_again(
    jupyter: JupyterServer,
    name: str,
    connections: list[Connection],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Line(jupyter.port) as line, caplog.at_level(logging.WARNING):
        connection = Connection(
            Server(line.url, jupyter.token), kind="agent", label="test", ping_s=0.05, pong_s=0.5
        )
        connections.append(connection)
        g = open_over(connection, name, timeout_s=TIMEOUT_S)
        g.add_node("before")
        line.freeze()
        g.add_node("after")
        assert (list(g), g.rev, g.status, g.trouble) == (["before", "after"], 2, "live", "")
    assert "silent for over 0.5 s" in caplog.text


class _Scripted(WebSocketHandler):
    """Closes the first socket with a code, and serves an empty session over the next."""

    opened: list[int]

    def initialize(self, opened: list[int]) -> None:
        self.opened = opened

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def open(self, *_: str, **__: str) -> None:
        self.opened.append(1)
        if len(self.opened) == 1:
            self.close(4408, "you read too slowly")

    def on_message(self, message: str | bytes) -> None:
        for each in decode_client_frame(message):
            match each:
                case JoinSession():
                    snapshot = Snapshot(session_id=SESSION, epoch="e1", rev=0)
                    _ = self.write_message(join_frame([encode(joined()), encode(snapshot)]))
                case Ping():
                    _ = self.write_message(encode(Pong()))


@pytest.fixture
def scripted() -> Iterator[str]:
    """The scripted server's URL."""
    io = IoThread("a test's server")
    route: Any = ("/graph-ext/api/v1/ws", _Scripted, {"opened": []})

    async def start() -> tuple[HTTPServer, int]:
        socket, port = bind_unused_port()
        server = HTTPServer(Application([route]))
        server.add_socket(socket)
        return server, port

    server, port = io.run(start, "a test")

    async def stop() -> None:
        server.stop()
        await server.close_all_connections()

    io.on_close(stop)
    yield f"http://127.0.0.1:{port}/"
    io.close()


def test_a_close_of_the_servers_own_is_noted_and_joined_again(
    scripted: str,
    connections: list[Connection],
    caplog: pytest.LogCaptureFixture,
) -> None:
    connection = Connection(Server(scripted), kind="agent", label="test")
    connections.append(connection)
    with caplog.at_level(logging.WARNING):

        async def attach() -> object:
            return connection.attach(SESSION, "plan").ready

        connection.io.run(attach, "a test").result(TIMEOUT_S)  # type: ignore[attr-defined]
    assert "you read too slowly" in caplog.text
    assert connection.trouble == ""
