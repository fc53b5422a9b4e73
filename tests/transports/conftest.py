"""A real Jupyter server in the test's own loop, and people who talk to it over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.websocket import WebSocketClientConnection, websocket_connect

from graph_ext.hub.hub import Hub
from graph_ext.protocol import SUBPROTOCOL
from graph_ext.transports.base import HUB
from graph_ext.transports.websocket import GraphWebSocket

API = "graph-ext/api/v1"


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        # the terminals' handlers warn that anybody may open them
        "ServerApp": {
            "jpserver_extensions": {"graph_ext": True, "jupyter_server_terminals": False}
        },
        "GraphExtension": {"message_bytes": 100_000},
    }


class Peer:
    """One WebSocket."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.ended = False
        # what was told of others, passed over
        self.presence: list[dict[str, Any]] = []
        self._ahead: list[dict[str, Any]] = []

    async def close(self) -> None:
        """Close it, and wait until it is."""
        self.socket.close()
        while not self.ended:
            await self.frame()

    async def frame(self) -> str | bytes | None:
        """The next frame; None at the end."""
        frame = await self.socket.read_message()
        self.ended = frame is None
        return frame

    async def send(self, *messages: dict[str, Any]) -> None:
        await self.raw(json.dumps(messages[0] if len(messages) == 1 else messages))

    async def raw(self, frame: str | bytes) -> None:
        await self.socket.write_message(frame, binary=isinstance(frame, bytes))

    async def read(self) -> dict[str, Any]:
        """The next message; that the list of sessions has changed, and presence, is passed over."""
        while not self._ahead:
            frame = await self.frame()
            assert frame is not None, f"closed: {self.socket.close_code}"
            found = json.loads(frame)
            found = found if isinstance(found, list) else [found]
            self.presence += [each["client"] for each in found if each["type"] == "presence"]
            passed_over = {"presence", "sessions_changed"}
            self._ahead = [each for each in found if each["type"] not in passed_over]
        return self._ahead.pop(0)

    async def read_type(self, kind: str) -> dict[str, Any]:
        """The next message of a type, the others passed over."""
        while (message := await self.read())["type"] != kind:
            pass
        return message

    async def sees(self, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Read until what was told of others is enough, and return it."""
        while not enough(self.presence):
            await self.send({"type": "ping"})
            assert (await self.read())["type"] == "pong"
        return self.presence

    async def join(self, session_id: str, client_id: str = "c1", **fields: Any) -> dict[str, Any]:
        """Join and read to the end of the snapshot, if there is one; return ``joined``."""
        await self.send(
            {"type": "join_session", "session_id": session_id, "client_id": client_id, **fields}
        )
        joined = await self.read()
        assert joined["type"] == "joined", joined
        if joined["mode"] == "snapshot":
            while (await self.read_type("snapshot")).get("more"):
                pass
        return joined

    async def command(self, session_id: str, command_id: str, **command: Any) -> dict[str, Any]:
        """Send a command and return the answer to it."""
        await self.send(command_message(session_id, command_id, **command))
        while (message := await self.read()).get("command_id") != command_id:
            pass
        return message


def command_message(session_id: str, command_id: str, **command: Any) -> dict[str, Any]:
    return {
        "type": "command",
        "session_id": session_id,
        "command_id": command_id,
        "command": command,
    }


def create(node_id: str, **properties: Any) -> dict[str, Any]:
    return {"type": "create-node", "node_id": node_id, "properties": properties}


class Server:
    """The running server, as somebody outside of it sees it."""

    def __init__(self, app: ServerApp, port: int) -> None:
        self.app = app
        self.host = f"127.0.0.1:{port}"
        self._peers: list[Peer] = []
        self.token = {"Authorization": f"token {app.identity_provider.token}"}

    @property
    def hub(self) -> Hub:
        """The server's sessions, from within."""
        hub: Hub = self.app.web_app.settings[HUB]
        return hub

    @property
    def sockets(self) -> list[GraphWebSocket]:
        """The server's ends of all WebSockets."""
        return list(self.app.web_app.settings["graph_ext"].sockets)

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{self.host}{self.app.base_url}{path}"

    async def fetch(
        self, path: str, headers: dict[str, str] | None = None, body: Any = None, **options: Any
    ) -> HTTPResponse:
        """Ask with the token, unless other headers are given; errors are answers too."""
        if body is not None:
            options["body"] = body if isinstance(body, str | bytes) else json.dumps(body)
            options.setdefault("method", "POST")
        request = HTTPRequest(
            self.url(path),
            headers=self.token if headers is None else headers,
            follow_redirects=False,
            allow_nonstandard_methods=True,
            **options,
        )
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def connect(self, headers: dict[str, str] | None = None, query: str = "") -> Peer:
        request = HTTPRequest(
            self.url(f"{API}/ws{query}", "ws"), headers=self.token if headers is None else headers
        )
        peer = Peer(await websocket_connect(request, subprotocols=[SUBPROTOCOL]))
        self._peers.append(peer)
        return peer

    async def close(self) -> None:
        """Close what was opened."""
        for peer in self._peers:
            await peer.close()

    async def session(self, name: str = "plan") -> str:
        """Make a session; return its id."""
        made = json.loads((await self.fetch(f"{API}/sessions", body={"name": name})).body)
        return str(made["session_id"])

    async def cookies(self) -> dict[str, str]:
        """Log in as a browser does: cookies, and no token."""
        jar: dict[str, str] = {}
        for path in ("login", f"login?token={self.app.identity_provider.token}"):
            response = await self.fetch(path, headers={"Cookie": cookie_header(jar)})
            for line in response.headers.get_list("Set-Cookie"):
                jar.update({key: morsel.value for key, morsel in SimpleCookie(line).items()})
        return jar


def cookie_header(jar: dict[str, str]) -> str:
    return "; ".join(f"{key}={value}" for key, value in jar.items())


@pytest.fixture
def server(
    jp_serverapp: ServerApp,
    http_server: HTTPServer,
    http_server_port: tuple[socket.socket, int],
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[Server]:
    server = Server(jp_serverapp, http_server_port[1])
    yield server
    jp_asyncio_loop.run_until_complete(server.close())
