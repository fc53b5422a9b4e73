"""Socket.IO clients: python-socketio's, and the real one of npm (docs/protocol.md, 12)."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import socketio
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from graph_ext.core.errors import NotFoundError
from graph_ext.hub.hub import Hub
from graph_ext.transports.socketio import Gate
from tests.loop_time import LoopTime
from tests.transports.conftest import Server, cookie_header, create

POLLING = "socket.io/?EIO=4&transport=polling"
NODE_CLIENT = Path(__file__).parents[2] / "labextension/tests/socketio_client.mjs"


@pytest.fixture
def jp_base_url() -> str:
    return "/base/"  # these clients unquote what is quoted in a path


class Client:
    """One python-socketio client, with all that it hears."""

    def __init__(self, namespace: str) -> None:
        self.io = socketio.AsyncClient(reconnection=False)
        self.namespace = namespace
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        self.io.on("*", self._hear, namespace=namespace)
        self.io.on("connect_error", partial(self._hear, "connect_error"), namespace=namespace)
        self.io.on("disconnect", lambda *_: self._hear("disconnect"), namespace=namespace)

    def _hear(self, event: str, data: Any = None) -> None:
        self.heard.append((event, data))
        self._news.set()

    async def connect(
        self,
        server: Server,
        transport: str = "websocket",
        headers: dict[str, str] | None = None,
        auth: Any = None,
        query: str = "",
    ) -> None:
        await self.io.connect(
            f"http://{server.host}{query}",
            headers=server.token if headers is None else headers,
            auth=auth,
            transports=[transport],
            namespaces=[self.namespace],
            socketio_path=f"{server.app.base_url}socket.io",
            wait_timeout=20,
        )

    async def close(self) -> None:
        await self.io.disconnect()
        # what python-socketio leaves behind
        if self.io.eio.http is not None:
            await self.io.eio.http.close()

    async def emit(self, event: str, data: Any = None) -> None:
        await self.io.emit(event, data, namespace=self.namespace)

    async def call(self, event: str, data: Any = None) -> Any:
        return await self.io.call(event, data, namespace=self.namespace)

    async def until(self, event: str, count: int = 1) -> Any:
        """Wait for an event; return the data of the last of them."""
        while len(found := [data for name, data in self.heard if name == event]) < count:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 20)
        return found[-1]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.heard]


@asynccontextmanager
async def connected(
    server: Server, namespace: str = "/graph", transport: str = "websocket", **options: Any
) -> AsyncGenerator[Client, None]:
    client = Client(namespace)
    try:
        await client.connect(server, transport, **options)
        yield client
    finally:
        await client.close()


def hub_of(server: Server) -> Hub:
    hub: Hub = server.app.web_app.settings["graph_ext_hub"]
    return hub


@pytest.mark.parametrize("namespace", ["/graph", "/"])
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_12_1_events_reach_the_room_of_their_session_by_name(
    server: Server, namespace: str, transport: str
) -> None:
    here, there = await server.session("here"), await server.session("there")
    async with connected(server, namespace, transport) as client:
        answer = await client.call("join_session", {"session_id": here})
        assert (answer["session_id"], answer["rev"], answer["role"]) == (here, 0, "owner")
        ada = await server.connect()
        await ada.join(there, "ada")
        await ada.command(there, "k0", **create("elsewhere"))
        await ada.join(here, "ada")
        await ada.command(here, "k1", **create("a", effort=3))
        done = await client.until("command-executed")
        assert (done["command_id"], done["success"], done["rev"]) == ("k1", True, 1)
        assert client.names == [
            "session-connected",
            "command-executing",
            "node-created",
            "command-executed",
        ]
        created = dict(client.heard)["node-created"]
        assert (created["node_id"], created["properties"]) == ("a", {"effort": 3})
        await client.emit("ping")
        await client.until("pong")
        assert await client.call("leave_session", {"session_id": here}) == {"session_id": here}
        await ada.command(here, "k2", **create("b"))
        await client.emit("ping")
        await client.until("pong", 2)
        assert client.names.count("node-created") == 1
    assert not hub_of(server).broadcaster.events(here).followers


async def test_12_2_a_session_is_followed_once_for_all_its_clients(server: Server) -> None:
    session_id = await server.session()
    async with connected(server) as one, connected(server, "/") as two:
        for client in (one, two):
            await client.call("join_session", {"session_id": session_id})
        assert len(hub_of(server).broadcaster.events(session_id).followers) == 1
        hub_of(server).broadcaster.emit_node_created(session_id, "n", None, "Task", "Design")
        for client in (one, two):
            assert (await client.until("node-created"))["name"] == "Design"
            assert client.names == ["node-created"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"session_id": "0" * 32}, "NOT_FOUND"),
        ({"session_id": "nonsense"}, "NOT_FOUND"),
        ({"session_id": 3}, "BAD_MESSAGE"),
        ({}, "BAD_MESSAGE"),
        (None, "BAD_MESSAGE"),
        ([1, 2], "BAD_MESSAGE"),
        ("text", "BAD_MESSAGE"),
    ],
)
async def test_12_3_what_is_refused_is_told_with_its_code(
    server: Server, message: Any, code: str
) -> None:
    async with connected(server) as client:
        answer = await client.call("join_session", message)
        assert answer["error"]["code"] == code
        assert (await client.until("error"))["code"] == code
        await client.emit("ping")
        await client.until("pong")


async def test_12_1_leaving_what_one_is_not_in_changes_nothing(server: Server) -> None:
    session_id = await server.session()
    async with connected(server) as client:
        # its own room, by which it is answered, and one that it was never in
        for room in (client.io.get_sid("/graph"), session_id):
            answer = await client.call("leave_session", {"session_id": room})
            assert answer == {"session_id": room}
        await client.emit("ping")
        await client.until("pong")
        await client.call("join_session", {"session_id": session_id})
        hub_of(server).broadcaster.emit_node_created(session_id, "n", None, "Task", "Design")
        await client.until("node-created")


async def test_12_4_a_token_may_come_in_header_query_or_payload(server: Server) -> None:
    session_id = await server.session()
    token = server.app.identity_provider.token
    for options in (
        {"headers": server.token},
        {"headers": {}, "query": f"?token={token}"},
        {"headers": {}, "auth": {"token": token}},
    ):
        async with connected(server, **options) as client:
            answer = await client.call("join_session", {"session_id": session_id})
            assert answer["session_id"] == session_id


@pytest.mark.parametrize("auth", [None, {"token": "wrong"}, {"token": 3}, "token"])
async def test_12_4_whom_the_server_does_not_know_connects_to_nothing(
    server: Server, auth: Any
) -> None:
    client = Client("/graph")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(server, headers={}, auth=auth)
    await client.close()
    assert dict(client.heard)["connect_error"]["data"]["code"] == "FORBIDDEN", "and not silence"
    assert not server.app.web_app.settings["graph_ext_socketio"].guests


async def poll(
    server: Server, headers: dict[str, str], sid: str = "", packet: str | None = None
) -> tuple[int, str]:
    """Ask as a client that polls; a packet is posted."""
    path = f"socket.io/?EIO=4&transport=polling&sid={sid}" if sid else POLLING
    answer = await server.fetch(path, headers=headers, body=packet)
    return answer.code, answer.body.decode()


async def test_12_4_a_cookie_counts_for_its_own_origin_alone(server: Server) -> None:
    cookie = {"Cookie": cookie_header(await server.cookies())}
    for origin in ("https://evil.example", "null", f"http://{server.host}0"):
        headers = {**cookie, "Origin": origin}
        assert (await poll(server, headers))[0] == 403
        url = server.url("socket.io/?EIO=4&transport=websocket", "ws")
        with pytest.raises(HTTPClientError, match="403"):
            await websocket_connect(HTTPRequest(url, headers=headers))
    own = {**cookie, "Origin": f"http://{server.host}"}
    answer = await server.fetch(POLLING, headers=own)
    assert answer.code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    async with connected(server, headers=own) as client:
        await client.emit("ping")
        await client.until("pong")


async def test_12_4_a_post_with_a_cookie_needs_the_xsrf_token(server: Server) -> None:
    jar = await server.cookies()
    cookie = {"Cookie": cookie_header(jar)}
    status, opened = await poll(server, cookie)
    assert status == 200
    sid = json.loads(opened[1:])["sid"]
    assert (await poll(server, cookie, sid, "40/graph,"))[0] == 403
    headers = {**cookie, "X-XSRFToken": jar["_xsrf"]}
    assert (await poll(server, headers, sid, "40/graph,")) == (200, "OK")
    status, connected_to = await poll(server, cookie, sid)
    assert connected_to.startswith('40/graph,{"sid":')


async def test_12_7_the_poll_of_who_says_good_bye_is_answered(server: Server) -> None:
    sid = json.loads((await poll(server, server.token))[1][1:])["sid"]
    assert (await poll(server, server.token, sid, "40/graph,"))[0] == 200
    assert (await poll(server, server.token, sid))[1].startswith("40/graph,")
    sockets = server.app.web_app.settings["graph_ext_socketio"].server.eio.sockets
    held = asyncio.ensure_future(poll(server, server.token, sid))
    while not sockets[sid].queue._getters:  # until the poll has arrived
        await poll(server, server.token)
    assert (await poll(server, server.token, sid, "1")) == (200, "OK")
    assert await asyncio.wait_for(held, 15) == (200, "6"), "and not held for 45 s"
    assert sid not in sockets


async def test_12_4_a_stranger_may_post_a_token_and_is_not_let_in_without(server: Server) -> None:
    sids = [json.loads((await poll(server, {}))[1][1:])["sid"] for _ in range(2)]
    token = server.app.identity_provider.token
    assert (await poll(server, {}, sids[0], "40/graph,"))[0] == 200
    assert (await poll(server, {}, sids[0]))[1].startswith("44/graph,")
    assert (await poll(server, {}, sids[1], f'40/graph,{{"token":"{token}"}}'))[0] == 200
    assert (await poll(server, {}, sids[1]))[1].startswith('40/graph,{"sid":')


async def test_12_5_the_end_of_a_session_is_told(server: Server) -> None:
    session_id = await server.session()
    async with connected(server) as client:
        await client.call("join_session", {"session_id": session_id})
        await hub_of(server).delete(session_id)
        assert (await client.until("session-updated"))["ended"] is True
        assert (await client.until("left"))["code"] == "GONE"
        answer = await client.call("join_session", {"session_id": session_id})
        assert answer["error"]["code"] == NotFoundError.code


async def test_12_6_a_client_that_does_not_read_has_to_go(server: Server) -> None:
    session_id = await server.session()
    async with connected(server) as good, connected(server) as stuck:
        await good.call("join_session", {"session_id": session_id})
        await stuck.call("join_session", {"session_id": session_id})
        transport = stuck.io.eio.ws._response.connection.transport
        transport.pause_reading()
        ada = await server.connect()
        await ada.join(session_id, "ada")
        for i in range(400):
            await ada.command(session_id, f"k{i}", **create(f"n{i}", text="x" * 50_000))
        await good.until("node-created", 400)
        gate = server.app.web_app.settings["graph_ext_socketio"]
        assert len(gate.guests) == 1


async def silent(server: Server, namespace: str, session_id: str) -> str:
    """Connect and join as one that polls, and then polls no more; return Engine.IO's sid."""
    sid: str = json.loads((await poll(server, server.token))[1][1:])["sid"]
    await poll(server, server.token, sid, f"40{namespace},")
    await poll(server, server.token, sid)
    joining = json.dumps(["join_session", {"session_id": session_id}])
    await poll(server, server.token, sid, f"42{namespace},{joining}")
    return sid


@pytest.mark.parametrize(("count", "length"), [(40, 50_000), (500, 10)])
async def test_12_6_what_waits_for_a_client_that_does_not_poll_has_its_bound(
    server: Server, loop_time: LoopTime, count: int, length: int
) -> None:
    session_id = await server.session()
    gate: Gate = server.app.web_app.settings["graph_ext_socketio"]
    await silent(server, "/graph", session_id)
    (guest,) = gate.guests.values()
    ada = await server.connect()
    await ada.join(session_id, "ada")
    most = 0
    for i in range(count):
        await ada.command(session_id, f"k{i}", **create(f"n{i}", text="x" * length))
        most = max(most, gate.waiting_bytes(guest))
    assert 256 * 1024 < most < (256 + 64 + 50) * 1024
    while gate.guests:  # its room waits two seconds for it, and looks now and then
        await loop_time.pass_by(0.5)
    assert gate.waiting_bytes(guest) == 0
    async with connected(server) as client:
        answer = await client.call("join_session", {"session_id": session_id})
        assert answer["rev"] == count, "nobody else is held back by it"


async def test_12_6_one_that_takes_no_answer_and_asks_on_has_to_go(server: Server) -> None:
    session_id = await server.session()
    gate: Gate = server.app.web_app.settings["graph_ext_socketio"]
    sid = await silent(server, "/graph", session_id)
    (guest,) = gate.guests.values()
    pings = "\x1e".join(['42/graph,["ping"]'] * 16)  # Engine.IO decodes at most 16 at once
    most = 0
    while gate.guests:
        await poll(server, server.token, sid, pings)
        most = max(most, gate.waiting_bytes(guest))
    assert 256 * 1024 < most < 512 * 1024


# --- the real client of npm --------------------------------------------------------------------


@pytest.mark.parametrize("namespace", ["/graph", "/"])
@pytest.mark.parametrize("transport", ["websocket", "polling", "upgrade"])
async def test_12_1_the_client_of_npm_joins_hears_and_is_answered(
    server: Server, namespace: str, transport: str
) -> None:
    session_id = await server.session()
    node = await asyncio.create_subprocess_exec(
        "node",
        str(NODE_CLIENT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert node.stdin is not None
    assert node.stdout is not None
    options = {
        "url": f"http://{server.host}{namespace}",
        "path": f"{server.app.base_url}socket.io/",
        "transports": ["polling", "websocket"] if transport == "upgrade" else [transport],
        "token": server.app.identity_provider.token,
        "session_id": session_id,
    }
    node.stdin.write(json.dumps(options).encode() + b"\n")
    try:
        async with asyncio.timeout(90):
            line = await node.stdout.readline()
            joined = json.loads(line)
            assert joined["event"] == "joined", joined
            assert joined["data"]["session_id"] == session_id
            ada = await server.connect()
            await ada.join(session_id, "ada")
            await ada.command(session_id, "k1", **create("a"))
            heard: list[dict[str, Any]] = []
            while (line := await node.stdout.readline()) and len(heard) < 6:
                heard.append(json.loads(line))
                if heard[-1]["event"] == "command-executed":
                    node.stdin.write(b"ping\n")
                if heard[-1]["event"] == "pong":
                    node.stdin.write(b"bad\n")
                if heard[-1]["event"] == "error":
                    break
            names = [each["event"] for each in heard]
            assert names == [
                "session-connected",
                "command-executing",
                "node-created",
                "command-executed",
                "pong",
                "error",
            ]
            assert heard[2]["data"]["node_id"] == "a"
            assert heard[5]["data"]["code"] == "NOT_FOUND"
            node.stdin.write(b"end\n")
            await node.wait()
    finally:
        if node.returncode is None:
            node.kill()
            await node.wait()


# --- without python-socketio --------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["socketio", "engineio"])
def test_the_extension_is_whole_without_python_socketio(missing: str) -> None:
    program = f"""
import sys
sys.modules["{missing}"] = None  # as where it is not installed
from graph_ext.extension import socketio_gate
from graph_ext.hub.hub import Hub
assert socketio_gate(Hub) is None
"""
    subprocess.run([sys.executable, "-c", program], check=True)
