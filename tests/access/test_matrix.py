"""Five kinds of people, everything that can be asked, every transport (docs/protocol.md, 8).

What is expected comes from table.py alone. Each cell has a session of its own; a refusal has to say
why, in the code of its reason, and must not have changed anything.
"""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from graph_ext.core.commands import Command
from graph_ext.hub.intake import action_of
from graph_ext.protocol import ClientMessage
from graph_ext.transports.operations import Operation
from graph_ext.transports.table import OPERATIONS as ALL_OPERATIONS
from tests.access.cells import ask, do, state, world_of
from tests.access.people import People
from tests.access.table import COMMANDS, KINDS, MAY, MESSAGES, OPERATIONS, Asked, World, refusal
from tests.transports.conftest import API, Peer

# --- a missing row fails ----------------------------------------------------------------------


def test_every_message_command_and_operation_has_its_row() -> None:
    assert {each.__struct_config__.tag for each in get_args(ClientMessage)} == set(MESSAGES)
    assert {each.__struct_config__.tag for each in get_args(Command)} == set(COMMANDS)
    assert {each.operation_id for each in ALL_OPERATIONS} == set(OPERATIONS)


def test_each_command_needs_the_action_of_its_row() -> None:
    # two actions may be allowed to the same roles today, and the cells can't tell them apart
    for variants in COMMANDS.values():
        for sent in variants:
            command: Command = msgspec.convert(sent.command, Command)
            assert action_of(command) == sent.action, sent.command


# --- over HTTP --------------------------------------------------------------------------------


def expected(operation: Operation, asked: Asked, kind: str) -> tuple[int, str]:
    """The status and code that a cell must have."""
    code = refusal(asked.action, kind)
    return {"": operation.status, "FORBIDDEN": 403, "NOT_FOUND": 404}[code], code


@pytest.mark.parametrize("kind", KINDS)
async def test_over_http(people: People, kind: str) -> None:
    wrong: list[str] = []
    for operation in ALL_OPERATIONS:
        for asked in OPERATIONS[operation.operation_id]:
            async with world_of(people) as world:
                status, code = expected(operation, asked, kind)
                if status < 400:
                    await do(people, kind, world, asked.before)
                before = await state(people, world)
                answer = await ask(people, operation, asked, world, people.header(kind))
                found = answer.code, code_of(answer) if answer.code >= 400 else ""
                if found != (status, code):
                    wrong.append(f"{operation.operation_id} {asked}: {found}, {answer.body!r}")
                if answer.code >= 400 and await state(people, world) != before:
                    wrong.append(f"{operation.operation_id} was refused and changed something")
    assert wrong == []


async def test_a_session_without_a_role_is_as_one_that_is_not(people: People) -> None:
    async with world_of(people) as world:
        for operation in ALL_OPERATIONS:
            if not operation.in_session:
                continue
            (asked, *_) = OPERATIONS[operation.operation_id]
            hidden = await ask(people, operation, asked, world, people.header("stranger"))
            none = msgspec.structs.replace(world, session_id="0" * 32)
            nothing = await ask(people, operation, asked, none, people.header("stranger"))
            told = hidden.body.replace(world.session_id.encode(), b"0" * 32)
            assert (hidden.code, told) == (nothing.code, nothing.body), operation.operation_id
        listed = await people.server.fetch(f"{API}/sessions", headers=people.header("stranger"))
        assert json.loads(listed.body) == []


async def test_members_may_take_themselves_out(people: People) -> None:
    for kind in ("editor", "viewer"):
        async with world_of(people) as world:
            path = f"{API}/sessions/{world.session_id}/members/user:{kind}"
            headers = people.header(kind)
            answer = await people.server.fetch(path, headers=headers, method="DELETE")
            assert answer.code == 204
            assert (await people.server.fetch(path, headers=headers, method="DELETE")).code == 404


# --- over the WebSocket -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "anonymous"])
@pytest.mark.parametrize("dry_run", [False, True])
async def test_commands_over_the_websocket(people: People, kind: str, dry_run: bool) -> None:
    wrong: list[str] = []
    peer = await people.connect(kind)
    for tag, variants in COMMANDS.items():
        for sent in variants:
            async with world_of(people) as world:
                allowed = sent.action in MAY[kind]
                if allowed:
                    await do(people, kind, world, sent.before)
                before = await state(people, world)
                await join(peer, world)
                message = {
                    "type": "command",
                    "session_id": world.session_id,
                    "command_id": "k",
                    "command": sent.command,
                    "dry_run": dry_run,
                }
                answers = await answers_to(peer, message)
                done = "planned" if dry_run else "commit"
                if allowed:
                    good = [(each["type"], "") for each in answers] == [(done, "")]
                else:
                    code = "FORBIDDEN" if MAY[kind] else "BAD_MESSAGE"
                    good = [(each["type"], each["code"]) for each in answers] == [
                        ("rejected", code)
                    ]
                if not good:
                    wrong.append(f"{tag} {sent.command}: {answers}")
                if not (allowed and not dry_run) and await state(people, world) != before:
                    wrong.append(f"{tag} {sent.command} changed something")
                await answers_to(peer, {"type": "leave_session", "session_id": world.session_id})
    assert wrong == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "anonymous"])
async def test_messages_over_the_websocket(people: People, kind: str) -> None:
    allowed = "read" in MAY[kind]
    peer = await people.connect(kind)
    async with world_of(people) as world:
        session_id = world.session_id
        joining = {"type": "join_session", "session_id": session_id, "client_id": kind}
        answers = await answers_to(peer, joining)
        if allowed:
            assert answers[0]["type"] == "joined"
            assert answers[0]["role"] == kind
        else:
            assert [(each["type"], each["code"]) for each in answers] == [("error", "NOT_FOUND")]
        messages: dict[str, dict[str, Any]] = {
            "presence": {"type": "presence", "session_id": session_id, "selection": ["a"]},
            "credit": {"type": "credit", "session_id": session_id, "pages": 1},
            "leave_session": {"type": "leave_session", "session_id": session_id},
            "ping": {"type": "ping"},
        }
        assert set(messages) == set(MESSAGES) - {"join_session", "command"}
        for message in messages.values():
            for answer in await answers_to(peer, message):
                assert answer["type"] in {"left", "pong", "error"}, "nothing of the session"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "anonymous"])
async def test_what_somebody_looks_at_is_told_if_they_may_read(people: People, kind: str) -> None:
    peer, other, last = [await people.connect(name) for name in (kind, "owner", "owner")]
    async with world_of(people) as world:
        session_id = world.session_id
        await other.join(session_id, "other")
        joining = {"type": "join_session", "session_id": session_id, "client_id": "c"}
        await answers_to(peer, joining)
        shown = {"type": "presence", "session_id": session_id, "selection": ["a"]}
        answers = await answers_to(peer, shown)
        if "read" in MAY[kind]:
            assert answers == []
            seen = await other.sees(lambda seen: any("selection" in each for each in seen))
            assert (seen[-1]["actor"]["actor_id"], seen[-1]["role"]) == (f"user:{kind}", kind)
            assert seen[-1]["selection"] == ["a"]
        else:
            assert [each["type"] for each in answers] == ["error"]
        await answers_to(peer, {"type": "leave_session", "session_id": session_id})
        # news comes in rounds and in order: with what came last all before it was told
        await last.join(session_id, "last")
        seen = await other.sees(lambda seen: any(each["client_id"] == "last" for each in seen))
        told = [each for each in seen if each["client_id"] != "last"]
        assert bool(told) is ("read" in MAY[kind]), told
        if told:
            assert told[-1]["gone"]


async def test_nobody_gets_no_websocket(people: People) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await people.server.connect({})
    assert caught.value.code == 403


@pytest.mark.parametrize("kind", KINDS)
async def test_every_view_of_a_session_needs_a_role(people: People, kind: str) -> None:
    if kind == "anonymous":
        return
    async with world_of(people) as world:
        peer = await people.connect(kind)
        for view in ("commits", "events"):
            message = {"type": "join_session", "session_id": world.session_id, "client_id": "c"}
            (first, *_) = await answers_to(peer, {**message, "view": view})
            assert first["type"] == ("joined" if MAY[kind] else "error")


# --- what the cells have in common ------------------------------------------------------------


def code_of(answer: HTTPResponse) -> str:
    """The code of a refusal; HEAD has only its status."""
    if answer.request.method == "HEAD":
        return {403: "FORBIDDEN", 404: "NOT_FOUND"}.get(answer.code, "")
    return str(json.loads(answer.body)["code"])


async def join(peer: Peer, world: World) -> None:
    message = {"type": "join_session", "session_id": world.session_id, "client_id": "c"}
    await answers_to(peer, message)


async def answers_to(peer: Peer, message: dict[str, Any]) -> list[dict[str, Any]]:
    """What comes for a message, up to the answer to a ping behind it and what a commit takes."""
    await peer.send(message)
    found: list[dict[str, Any]] = []
    if message["type"] == "command":
        while not any(each.get("command_id") == message["command_id"] for each in found):
            found.append(await peer.read())
    if message["type"] == "join_session":
        while not any(
            each["type"] == "error"
            or (each["type"] == "snapshot" and not each.get("more"))
            or (each["type"] == "joined" and each["mode"] == "resume")
            for each in found
        ):
            found.append(await peer.read())
    if message["type"] == "ping":
        found.append(await peer.read())
    await peer.send({"type": "ping"})
    while (answer := await peer.read())["type"] != "pong":
        found.append(answer)
    return found
