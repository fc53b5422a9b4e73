"""Commands, undo and redo over HTTP (rules 6.4 and 6.5)."""

import asyncio
from typing import Any

import pytest

from tests.transports.conftest import Server, create
from tests.transports.requests import new_session

SET: dict[str, Any] = {"type": "set-property", "node_id": "a", "property_name": "effort"}


async def test_a_command_is_done_once_however_often_it_is_sent(server: Server) -> None:
    session = await new_session(server)
    first = await session.command(command=create("a"), command_id="k", client="c")
    assert first == {"command_id": "k", "rev": 1}
    again = await session.command(command=create("a"), command_id="k", client="c")
    assert again == {"command_id": "k", "rev": 1, "repeated": True}
    # another actor's id is another command
    other = await session.command(command=create("a"), command_id="k", client="d", status=409)
    assert other["code"] == "DUPLICATE_ID"
    assert await session.node_ids() == ["a"]


async def test_two_at_once_with_one_command_id_have_one_outcome(server: Server) -> None:
    session = await new_session(server)
    sent: dict[str, Any] = {"command": create("a"), "command_id": "k"}
    answers = await asyncio.gather(*(session.command(**sent) for _ in range(5)))
    assert {answer["rev"] for answer in answers} == {1}


async def test_the_server_names_a_command_that_has_no_id(server: Server) -> None:
    session = await new_session(server)
    first = await session.command(command=create("a"))
    second = await session.command(command=create("b"))
    assert len({first["command_id"], second["command_id"], ""}) == 3


async def test_a_batch_is_all_or_nothing(server: Server) -> None:
    session = await new_session(server)
    batch = {"type": "batch", "label": "Two", "commands": [create("a"), create("a")]}
    refusal = await session.command(command=batch, status=409)
    assert (refusal["code"], refusal["path"]) == ("DUPLICATE_ID", "commands[1].node_id")
    assert await session.node_ids() == []
    batch["commands"] = [create("a"), create("b")]
    assert (await session.command(command=batch))["rev"] == 1
    assert await session.node_ids() == ["a", "b"]


async def test_a_dry_run_tells_and_changes_nothing(server: Server) -> None:
    session = await new_session(server)
    answer = await session.command(command=create("a"), dry_run=True)
    assert answer["rev"] == 1
    assert [event["type"] for event in answer["planned"]["events"]] == ["node-created"]
    assert await session.node_ids() == []
    refusal = await session.command(command={**SET, "value": 1}, dry_run=True, status=404)
    assert refusal["code"] == "NOT_FOUND"


async def test_conditions_hold_or_nothing_happens(server: Server) -> None:
    session = await new_session(server)
    await session.command(command=create("a", effort=1))
    expect = [{"node_id": "a", "property_name": "effort", "value": 1}]
    change: dict[str, Any] = {"command": {**SET, "value": 2}, "expect": expect}
    assert (await session.command(**change))["rev"] == 2
    refusal = await session.command(**change, status=409)
    assert (refusal["code"], refusal["path"]) == ("CONFLICT", "expect[0]")
    assert (await session.command(command=create("b"), base_rev=1, status=409))[
        "code"
    ] == "CONFLICT"
    assert (await session.command(command=create("b"), base_rev=2))["rev"] == 3


async def test_an_undo_is_of_the_client_that_asks(server: Server) -> None:
    session = await new_session(server)
    await session.command(command=create("a"), client="ada")
    await session.command(command=create("b"), client="bob")
    await session.ask("undo?client_id=ada", {})
    assert await session.node_ids() == ["b"]
    await session.ask("redo?client_id=ada", {})
    assert sorted(await session.node_ids()) == ["a", "b"]
    refusal = await session.ask("redo?client_id=bob", {}, 409)
    assert refusal["code"] == "UNDO_EMPTY"
    await session.ask("undo?client_id=cleo", {"rev": 2})
    assert await session.node_ids() == ["a"]
    await session.ask("undo?client_id=cleo", {"scope": "session", "dry_run": True})
    assert await session.node_ids() == ["a"]


async def test_an_undo_on_which_others_have_built_needs_force(server: Server) -> None:
    session = await new_session(server)
    await session.command(command=create("a"), client="ada")
    await session.command(command={**SET, "value": 1}, client="bob")
    refusal = await session.ask("undo?client_id=ada", {}, 409)
    assert refusal["code"] == "UNDO_CONFLICT"
    await session.ask("undo?client_id=ada", {"force": True})
    assert await session.node_ids() == []


async def test_an_undo_tells_what_it_has_left_to_others(server: Server) -> None:
    session = await new_session(server)
    await session.command(command=create("a", effort=0))
    both = [{**SET, "value": 1}, {**SET, "property_name": "cost", "value": 1}]
    await session.command(command={"type": "batch", "commands": both}, client="ada")
    await session.command(command={**SET, "value": 2}, client="bob")
    done = await session.ask("undo?client_id=ada", {"command_id": "u"})
    (left,) = done["skipped"]
    assert (left["reason"], left["field"], left["rev"]) == ("overwritten", "properties.effort", 3)
    again = await session.ask("undo?client_id=ada", {"command_id": "u"})
    assert again == {**done, "repeated": True}
    graph = await session.ask("graph")
    assert graph["nodes"][0]["properties"] == {"effort": 2}


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({}, None),
        ({"command": {"type": "create-nod"}}, "command"),
        ({"command": create("a"), "base_rev": -1}, "base_rev"),
        ({"command": create("a"), "base_rev": 2**60}, "base_rev"),
        ({"command": create("a"), "dryrun": True}, None),
        ({"command": create("a"), "command_id": "x" * 257}, "command_id"),
        ({"command": create("a"), "expect": [{"node": "a"}]}, "expect[0]"),
    ],
)
async def test_a_body_that_is_no_command_is_refused_by_its_field(
    server: Server, sent: dict[str, Any], path: str | None
) -> None:
    session = await new_session(server)
    refusal = await session.command(**sent, status=400)
    assert (refusal["code"], refusal.get("path")) == ("BAD_MESSAGE", path)
    assert await session.node_ids() == []


async def test_a_client_id_is_an_id(server: Server) -> None:
    session = await new_session(server)
    for client_id in ("%00", "x" * 257, "%ff"):
        answer = await session.command(command=create("a"), client=client_id, status=400)
        assert (answer["code"], answer["path"]) == ("BAD_MESSAGE", "client_id")


async def test_what_a_page_sees_is_what_was_done_over_http(server: Server) -> None:
    session = await new_session(server)
    peer = await server.connect()
    await peer.join(session.session_id)
    await session.command(command=create("a"), command_id="k", client="agent")
    commit = await peer.read_type("commit")
    assert (commit["command_id"], commit["client_id"]) == ("k", "agent")
    assert commit["actor"]["actor_id"] == "client:agent"
