"""What changes in who may do what reaches Socket.IO clients (docs/protocol.md, 12.4, 12.5)."""

import asyncio
import copy
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer

from graph_ext.protocol import Actor
from tests.access.people import CONFIG, People
from tests.transports.conftest import Server
from tests.transports.test_socketio import connected

ADA = Actor("user:ada", "Ada")


@pytest.fixture
def jp_base_url() -> str:
    return "/base/"


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return copy.deepcopy(CONFIG)


@pytest.fixture
def people(
    jp_serverapp: ServerApp,
    http_server: HTTPServer,
    http_server_port: tuple[socket.socket, int],
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[People]:
    server = Server(jp_serverapp, http_server_port[1])
    yield People(server)
    jp_asyncio_loop.run_until_complete(server.close())


async def shared(people: People) -> str:
    info = await people.hub.create("plan", None, ADA)
    await people.hub.access.set_member(info.session_id, Actor("user:bob", "Bob"), "viewer", ADA)
    return str(info.session_id)


async def test_12_5_who_loses_the_role_leaves_the_room_and_is_told(people: People) -> None:
    session_id = await shared(people)
    async with connected(people.server, headers=people.header("bob")) as bob:
        answer = await bob.call("join_session", {"session_id": session_id})
        assert answer["role"] == "viewer"
        await people.hub.access.remove_member(session_id, "user:bob")
        left = await bob.until("left")
        assert (left["session_id"], left["code"]) == (session_id, "FORBIDDEN")
        people.hub.broadcaster.emit_node_created(session_id, "n", None, "Task", "Design")
        await bob.emit("ping")
        await bob.until("pong")
        assert "node-created" not in bob.names
        answer = await bob.call("join_session", {"session_id": session_id})
        assert answer["error"]["code"] == "NOT_FOUND"


async def test_12_3_a_session_in_which_one_is_nobody_does_not_exist(people: People) -> None:
    session_id = await shared(people)
    async with connected(people.server, headers=people.header("eve")) as eve:
        answer = await eve.call("join_session", {"session_id": session_id})
        assert answer["error"]["code"] == "NOT_FOUND"


async def test_12_4_a_login_that_ends_ends_the_connection(people: People) -> None:
    session_id = await shared(people)
    async with connected(people.server, headers=people.header("bob")) as bob:
        await bob.call("join_session", {"session_id": session_id})
        people.know_no_longer("bob")
        await bob.until("disconnect")
