"""The events view over a WebSocket (docs/protocol.md, 9)."""

from typing import Any

from graph_ext.broadcaster import broadcaster_of
from tests.transports.conftest import Peer, Server, create


async def join(peer: Peer, session_id: str, **fields: Any) -> dict[str, Any]:
    await peer.send(
        {
            "type": "join_session",
            "session_id": session_id,
            "client_id": "watcher",
            "view": "events",
            **fields,
        }
    )
    return await peer.read()


async def test_9_1_events_come_each_as_a_message(server: Server) -> None:
    session_id = await server.session()
    watcher, ada = await server.connect(), await server.connect()
    joined = await join(watcher, session_id)
    assert (joined["type"], joined["mode"]) == ("joined", "resume")
    await ada.join(session_id, "ada")
    await ada.command(session_id, "k1", **create("a", effort=3))
    types = [(await watcher.read())["type"] for _ in range(4)]
    assert types == ["session-connected", "command-executing", "node-created", "command-executed"]
    await watcher.send({"type": "ping"})
    assert await watcher.read() == {"type": "pong"}


async def test_9_4_a_client_resumes_with_since_and_its_types(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    epoch = (await ada.join(session_id, "ada"))["epoch"]
    for name in "abc":
        await ada.command(session_id, name, **create(name))
    watcher = await server.connect()
    since = {"epoch": epoch, "rev": 1}
    await join(watcher, session_id, since=since, events=["node-created"])
    events = [await watcher.read() for _ in range(2)]
    assert [(e["rev"], e["node_id"]) for e in events] == [(2, "b"), (3, "c")]


async def test_9_5_below_the_floor_it_is_told_that_it_left(server: Server) -> None:
    session_id = await server.session()
    watcher = await server.connect()
    left = await join(watcher, session_id, since={"epoch": "another", "rev": 1})
    assert (left["type"], left["session_id"], left["code"]) == ("left", session_id, "GONE")
    assert "read the graph as it is now" in left["message"]


async def test_9_3_an_unknown_event_type_is_refused(server: Server) -> None:
    session_id = await server.session()
    watcher = await server.connect()
    error = await join(watcher, session_id, events=["node-created", "node-made"])
    assert (error["type"], error["code"]) == ("error", "SCHEMA")
    assert "node-made" in error["message"]


async def test_9_8_its_own_refusal_is_told_to_it_alone_and_as_an_event(server: Server) -> None:
    session_id = await server.session()
    watcher = await server.connect()
    await join(watcher, session_id, events=["command-executed"])
    rejected = await watcher.command(session_id, "k", type="delete-node", node_id="nobody")
    event = rejected
    if rejected["type"] == "command-executed":
        rejected = await watcher.read()
    else:
        event = await watcher.read()
    assert (rejected["type"], rejected["code"]) == ("rejected", "NOT_FOUND")
    assert (event["type"], event["command_id"], event["success"]) == (
        "command-executed",
        "k",
        False,
    )


async def test_a_command_that_was_done_already_is_answered_by_its_end(server: Server) -> None:
    session_id = await server.session()
    watcher = await server.connect()
    await join(watcher, session_id, events=["command-executed"])
    first = await watcher.command(session_id, "k", **create("a"))
    again = await watcher.command(session_id, "k", **create("a"))
    assert (first["rev"], again["rev"], again["success"]) == (1, 1, True)


async def test_the_end_of_a_session_ends_the_events(server: Server) -> None:
    session_id = await server.session()
    watcher = await server.connect()
    await join(watcher, session_id)
    await server.app.web_app.settings["graph_ext_hub"].delete(session_id)
    assert (await watcher.read_type("session-updated"))["ended"] is True
    assert (await watcher.read_type("left"))["code"] == "GONE"


async def test_9_10_another_extension_emits_to_the_session(server: Server) -> None:
    session_id = await server.session()
    watcher = await server.connect()
    await join(watcher, session_id, events=["node-created"])
    broadcaster = broadcaster_of(server.app.web_app.settings)
    broadcaster.emit_node_created(session_id, "n", None, "Task", "Design")
    assert await watcher.read() == {
        "type": "node-created",
        "session_id": session_id,
        "node_id": "n",
        "parent_id": None,
        "blueprint_type_id": "Task",
        "name": "Design",
    }
