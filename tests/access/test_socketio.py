"""What changes in who may do what reaches Socket.IO clients (docs/protocol.md, 12.4, 12.5)."""

import pytest

from tests.access.people import People
from tests.access.test_sockets import shared
from tests.transports.test_socketio import connected


@pytest.fixture
def jp_base_url() -> str:
    return "/base/"


async def test_12_5_who_loses_the_role_leaves_the_room_and_is_told(people: People) -> None:
    session_id = await shared(people, "viewer")
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
