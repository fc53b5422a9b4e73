"""Five kinds of people and every event over Socket.IO; what changes in who may do what reaches it.

Rules 8 and 12.3 to 12.5 of docs/protocol.md; what is expected comes from table.py.
"""

import json
from itertools import product
from typing import Any

import pytest
import socketio

from graph_ext.transports.socketio import Gate
from tests.access.cells import state, world_of
from tests.access.people import People
from tests.access.table import KINDS, LISTENED, World, refusal
from tests.access.test_sockets import shared
from tests.transports.conftest import API
from tests.transports.test_socketio import Client, connected, poll

NAMESPACES = ("/graph", "/")
TRANSPORTS = ("websocket", "polling")
NONE = "0" * 32


@pytest.fixture
def jp_base_url() -> str:
    return "/base/"


def gate_of(people: People) -> Gate:
    gate: Gate = people.server.app.web_app.settings["graph_ext_socketio"]
    return gate


def code_of(answer: dict[str, Any]) -> str:
    return str(answer.get("error", {}).get("code", ""))


# --- every event, by everybody ------------------------------------------------------------------


async def test_every_event_that_is_listened_for_has_its_row(people: People) -> None:
    server = gate_of(people).server
    assert {name: set(events) for name, events in server.handlers.items()} == {
        namespace: set(LISTENED) for namespace in NAMESPACES
    }
    assert not server.namespace_handlers


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "anonymous"])
async def test_events_over_socketio(people: People, kind: str) -> None:
    expected = {event: refusal(action, kind) for event, action in LISTENED.items()}
    for namespace, transport in product(NAMESPACES, TRANSPORTS):
        async with world_of(people) as world:
            before = await state(people, world)
            found = await everything(people, world, kind, namespace, transport)
            assert found == expected, (namespace, transport)
            assert await state(people, world) == before


async def everything(
    people: People, world: World, kind: str, namespace: str, transport: str
) -> dict[str, str]:
    """Send every event as somebody; return the code that each was refused with."""
    session = {"session_id": world.session_id}
    found: dict[str, str] = {}
    async with connected(people.server, namespace, headers=people.header("owner")) as owner:
        await owner.call("join_session", session)
        options = {"headers": people.header(kind)}
        async with connected(people.server, namespace, transport, **options) as client:
            found["connect"] = ""
            answers: dict[str, str] = {}
            for event, then_hears in (("join_session", True), ("leave_session", False)):
                answer = await client.call(event, session)
                found[event] = code_of(answer)
                answers[event] = json.dumps(answer)
                hears = then_hears and not found["join_session"]
                assert await is_told(people, world, client, owner) is hears, event
                if event == "join_session" and not found[event]:
                    assert answer["role"] == kind
            if found["join_session"]:
                for event, told in answers.items():
                    nothing = json.dumps(await client.call(event, {"session_id": NONE}))
                    assert nothing == told.replace(world.session_id, NONE), "not even that it is"
            found["ping"] = ""  # is_told has had the answer
            sid = client.io.get_sid(namespace)
            assert sid in gate_of(people).guests
        while sid in gate_of(people).guests:
            await people.server.fetch(f"{API}/health", headers=people.header(kind))
        found["disconnect"] = ""
        assert await is_told(people, world, owner, owner), "others stay"
    return found


async def is_told(people: People, world: World, client: Client, other: Client) -> bool:
    """Whether a client hears an event of the session that another one hears."""
    told, heard = (each.names.count("node-created") for each in (client, other))
    people.hub.broadcaster.emit_node_created(world.session_id, "n", None, "Task", "Design")
    await other.until("node-created", heard + 1)
    pongs = client.names.count("pong")
    await client.emit("ping")
    await client.until("pong", pongs + 1)
    return client.names.count("node-created") > told


@pytest.mark.parametrize("namespace", NAMESPACES)
async def test_nobody_connects_to_nothing(people: People, namespace: str) -> None:
    assert {refusal(action, "anonymous") for action in LISTENED.values()} == {"FORBIDDEN"}
    for transport in TRANSPORTS:
        client = Client(namespace)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(people.server, transport, headers={})
        await client.close()
        assert dict(client.heard)["connect_error"]["data"]["code"] == "FORBIDDEN"
    # who sends events all the same, without having been let in, gets no answer
    async with world_of(people) as world:
        before = await state(people, world)
        sid = json.loads((await poll(people.server, {}))[1][1:])["sid"]
        place = "" if namespace == "/" else f"{namespace},"
        for event in sorted(set(LISTENED) - {"connect", "disconnect"}):
            packet = json.dumps([event, {"session_id": world.session_id}])
            assert await poll(people.server, {}, sid, f"42{place}1{packet}") == (200, "OK")
        assert (await poll(people.server, {}, sid, f"40{place}"))[0] == 200
        refused = f"44{place}"
        answer = (await poll(people.server, {}, sid))[1]
        assert answer.startswith(refused), answer
        assert json.loads(answer.removeprefix(refused))["data"]["code"] == "FORBIDDEN"
        assert await state(people, world) == before
    assert not gate_of(people).guests


async def test_8_2_the_authorizer_is_asked_too(people: People) -> None:
    session_id = await shared(people)
    people.deny("bob", "write")
    async with connected(people.server, headers=people.header("bob")) as bob:
        answer = await bob.call("join_session", {"session_id": session_id})
        assert answer["role"] == "viewer"
    people.deny("bob", "read")
    client = Client("/graph")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(people.server, headers=people.header("bob"))
    await client.close()
    assert dict(client.heard)["connect_error"]["data"]["code"] == "FORBIDDEN"


# --- while it lasts -----------------------------------------------------------------------------


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
