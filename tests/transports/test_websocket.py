"""The WebSocket: commits, snapshots and presence over the wire, and several sessions on one."""

import asyncio

import pytest

from tests.transports.conftest import (
    API,
    Peer,
    Server,
    command_message,
    create,
)


async def test_who_joins_gets_the_graph_then_what_comes(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    joined = await ada.join(session_id, "ada", label="plan.ipynb", kind="kernel")
    assert joined["actor"] == {"actor_id": "client:ada", "name": "plan.ipynb"}
    assert (joined["rev"], joined["floor"], joined["mode"]) == (0, 0, "snapshot")
    assert (joined["role"], joined["name"]) == ("owner", "plan")
    assert joined["limits"]["message_bytes"] == 100_000
    assert ada.socket.selected_subprotocol == "graph-ext.v1"
    await ada.command(session_id, "k1", **create("a", effort=3))

    bob = await server.connect()
    await bob.send({"type": "join_session", "session_id": session_id, "client_id": "bob"})
    assert (await bob.read())["rev"] == 1
    page = await bob.read()
    assert (page["type"], page["rev"], page["total"]) == ("snapshot", 1, 1)
    assert page["nodes"] == [{"node_id": "a", "order": 0.0, "properties": {"effort": 3}}]
    mine = await ada.command(session_id, "k2", **create("b"))
    theirs = await bob.read()
    assert theirs == mine
    assert (mine["rev"], mine["client_id"]) == (2, "ada")


async def test_several_clients_see_one_order_without_a_gap(server: Server) -> None:
    session_id = await server.session()
    peers = [await server.connect() for _ in range(4)]
    for number, peer in enumerate(peers):
        await peer.join(session_id, f"c{number}")

    async def work(number: int, peer: Peer) -> list[tuple[int, str]]:
        for i in range(50):
            await peer.send(command_message(session_id, f"{number}-{i}", **create(f"{number}-{i}")))
        commits = [await peer.read() for _ in range(200)]
        return [(commit["rev"], commit["command_id"]) for commit in commits]

    seen = await asyncio.gather(*(work(number, peer) for number, peer in enumerate(peers)))
    assert [rev for rev, _ in seen[0]] == list(range(1, 201))
    assert seen[0] == seen[1] == seen[2] == seen[3]
    for number in range(4):
        own = [name for _, name in seen[0] if name.startswith(f"{number}-")]
        assert own == [f"{number}-{i}" for i in range(50)], "in the order in which they were sent"


async def test_a_client_resumes_after_its_last_rev(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    joined = await ada.join(session_id)
    for i in range(5):
        await ada.command(session_id, f"k{i}", **create(f"n{i}"))
    ada.socket.close()
    back = await server.connect()
    since = {"epoch": joined["epoch"], "rev": 2}
    joined = await back.join(session_id, since=since, pending=["k1", "k9"])
    assert joined["mode"] == "resume"
    assert joined["outcomes"] == {"k1": {"rev": 2}}
    assert [(await back.read())["rev"] for _ in range(3)] == [3, 4, 5]


async def test_a_long_batch_in_parts_is_one_commit_in_parts(server: Server) -> None:
    session_id = await server.session()
    ada, bob = await server.connect(), await server.connect()
    await ada.join(session_id, "ada")
    await bob.join(session_id, "bob")
    for part in range(20):
        commands = [create(f"{part}-{i}", text="x" * 300) for i in range(100)]
        message = command_message(session_id, "load", type="batch", label="", commands=commands)
        await ada.send({**message, "more": part < 19})
    for peer in (ada, bob):
        events = 0
        while True:
            commit = await peer.read()
            assert commit["rev"] == 1
            events += len(commit["events"])
            if not commit.get("more"):
                break
        assert events == 2000
    late = await server.connect()
    await late.send({"type": "join_session", "session_id": session_id, "client_id": "late"})
    await late.read()
    nodes = 0
    while True:
        page = await late.read()
        nodes += len(page["nodes"])
        if not page.get("more"):
            break
    assert nodes == 2000


async def test_the_same_command_again_has_the_same_outcome(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    assert (await ada.command(session_id, "k", **create("a")))["rev"] == 1
    again = await ada.command(session_id, "k", **create("a"))
    assert (again["type"], again["rev"], again["events"]) == ("commit", 1, [])
    stranger = await server.connect()
    await stranger.join(session_id, "another")
    answer = await stranger.command(session_id, "k", **create("a"))
    assert (answer["type"], answer["code"]) == ("rejected", "DUPLICATE_ID")


async def test_undo_over_the_wire(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    await ada.command(session_id, "k", **create("a"))
    undone = await ada.command(session_id, "u", type="undo")
    assert (undone["rev"], undone["undoes"]) == (2, 1)
    assert undone["events"][0]["type"] == "node-deleted"
    empty = await ada.command(session_id, "u2", type="undo")
    assert (empty["type"], empty["code"]) == ("rejected", "UNDO_EMPTY")


async def test_conditions_and_dry_runs_over_the_wire(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    await ada.command(session_id, "k", **create("a", effort=5))
    update = {"type": "set-property", "node_id": "a", "property_name": "effort", "value": 8}
    message = command_message(session_id, "try", **update)
    await ada.send({**message, "dry_run": True})
    planned = await ada.read()
    assert (planned["type"], planned["rev"], planned["count"]) == ("planned", 2, 1)
    assert planned["events"][0]["old_value"] == 5
    expected = {"node_id": "a", "property_name": "effort", "value": 6}
    await ada.send({**message, "expect": [expected]})
    answer = await ada.read()
    assert (answer["type"], answer["code"], answer["path"]) == ("rejected", "CONFLICT", "expect[0]")
    await ada.send({**message, "command_id": "k2", "base_rev": 0})
    assert (await ada.read())["path"] == "base_rev"
    await ada.send({**message, "command_id": "k3", "base_rev": 1, "expect": [{"node_id": "a"}]})
    assert (await ada.read())["rev"] == 2


async def test_others_see_who_is_there_and_what_they_look_at(server: Server) -> None:
    session_id = await server.session()
    ada, bob = await server.connect(), await server.connect()
    joined = await ada.join(session_id, "ada", kind="ui", label="panel")
    (me,) = joined["clients"]
    assert (me["client_id"], me["kind"], me["label"], me["role"]) == ("ada", "ui", "panel", "owner")
    joined = await bob.join(session_id, "bob")
    assert [client["client_id"] for client in joined["clients"]] == ["ada", "bob"]
    state = {"selection": ["a", "b"], "cursor": [1.5, 2], "editing": "a"}
    await bob.send({"type": "presence", "session_id": session_id, **state})
    seen = await ada.sees(lambda seen: any("editing" in each for each in seen))
    assert {each["client_id"] for each in seen} == {"bob"}
    assert (seen[-1]["selection"], seen[-1]["cursor"]) == (["a", "b"], [1.5, 2.0])
    assert seen[-1]["actor"] == joined["actor"]
    await bob.close()
    seen = await ada.sees(lambda seen: seen[-1].get("gone", False))
    assert "selection" not in seen[-1]


@pytest.mark.parametrize(
    "state",
    [
        '"cursor":[1,1e999]',
        '"viewport":[1,2,3]',
        '"selection":["a\\u0000"]',
        '"selection":[7]',
        '"editing":""',
        '"editing":"\\ud800"',
    ],
)
async def test_presence_that_is_none_is_an_error(server: Server, state: str) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.send({"type": "presence", "session_id": session_id})
    assert (await ada.read())["fix"] == "send join_session"
    await ada.join(session_id)
    await ada.raw(f'{{"type":"presence","session_id":"{session_id}",{state}}}')
    answer = await ada.read()
    # what is no text has no session_id that could be read
    assert (answer["type"], answer.get("session_id", session_id)) == ("error", session_id)
    assert answer["code"] in {"SCHEMA", "BAD_MESSAGE"}


async def test_pages_of_a_snapshot_come_as_they_are_granted(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    for part in range(5):
        await ada.command(session_id, f"k{part}", **create(f"n{part}", text="x" * 60_000))
    late = await server.connect()
    join = {"type": "join_session", "session_id": session_id, "client_id": "late"}
    await late.send({**join, "credit": 0})
    assert (await late.read())["code"] == "SCHEMA"
    await late.send({**join, "credit": 1})
    assert (await late.read())["type"] == "joined"
    pages = [await late.read()]
    await late.send({"type": "ping"})
    assert (await late.read())["type"] == "pong", "one page, and no more"
    while pages[-1].get("more"):
        await late.send({"type": "credit", "session_id": session_id, "pages": 1})
        pages.append(await late.read())
    assert sum(len(page["nodes"]) for page in pages) == 5
    await late.send({"type": "credit", "session_id": session_id, "pages": -1})
    assert (await late.read())["code"] == "SCHEMA"


# --- several sessions, and their end ----------------------------------------------------------


async def test_one_socket_follows_several_sessions(server: Server) -> None:
    first, second = await server.session("first"), await server.session("second")
    ada = await server.connect()
    await ada.join(first)
    await ada.join(second)
    await ada.command(first, "k1", **create("a"))
    assert (await ada.command(second, "k2", **create("a")))["session_id"] == second
    await ada.send({"type": "leave_session", "session_id": first})
    assert await ada.read() == {"type": "left", "session_id": first}
    answer = await ada.command(first, "k3", **create("b"))
    assert answer["code"] == "BAD_MESSAGE"
    assert (await ada.command(second, "k4", **create("b")))["rev"] == 2


async def test_joining_again_mends_a_gap(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    joined = await ada.join(session_id)
    await ada.command(session_id, "k1", **create("a"))
    await ada.join(session_id, since={"epoch": joined["epoch"], "rev": 0})
    assert (await ada.read())["rev"] == 1
    await ada.command(session_id, "k2", **create("b"))
    await ada.send({"type": "ping"})
    assert (await ada.read())["type"] == "pong", "each commit comes once"


async def test_the_end_of_a_session_reaches_those_in_it(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    path = f"{API}/sessions/{session_id}"
    await server.fetch(path, body={"name": "goal"}, method="PATCH")
    assert await ada.read() == {
        "type": "session-updated",
        "session_id": session_id,
        "name": "goal",
    }
    await server.fetch(path, method="DELETE")
    assert (await ada.read())["ended"] is True
    answer = await ada.command(session_id, "k", **create("a"))
    assert answer["code"] == "GONE"


async def test_every_socket_hears_that_the_list_has_changed(server: Server) -> None:
    ada = await server.connect()
    await ada.send({"type": "ping"})
    await ada.read()
    await server.session()
    assert await ada.frame() == '{"type":"sessions_changed"}'
