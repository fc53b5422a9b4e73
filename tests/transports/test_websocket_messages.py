"""Messages that hurt (rules 1.3 and 1.4): answered, and nothing is closed or changed."""

import json

import pytest

from tests.transports.conftest import (
    Server,
    command_message,
    create,
)

SESSION = "0" * 32
DEEP = '{"type":"create-node","node_id":"a","properties":{"x":' + "[" * 40 + "]" * 40 + "}}"
DEEPER = '{"type":"create-node","node_id":"a","properties":{"x":' + "[" * 9000 + "]" * 9000 + "}}"


@pytest.mark.parametrize(
    "command",
    [
        '{"type":"create-node","node_id":"a","properties":{"x":NaN}}',
        '{"type":"create-node","node_id":"a","properties":{"x":Infinity}}',
        '{"type":"create-node","node_id":"a","properties":{"x":9007199254740993}}',
        '{"type":"create-node","node_id":"a","properties":{"x":1e999}}',
        '{"type":"create-node","node_id":"a","properties":{"x":"\\ud800"}}',
        '{"type":"create-node","node_id":"\\udfff"}',
        '{"type":"create-node","node_id":"a\\u0000b"}',
        '{"type":"create-node","node_id":""}',
        '{"type":"create-node","node_id":7}',
        '{"type":"create-node","node_id":"a","nmae":"x"}',
        '{"type":"create-nodes","node_id":"a"}',
        '{"type":"set-property","node_id":"nobody","property_name":"x","value":1}',
        '{"type":"update-node","node_id":"nobody","name":"x"}',
        '{"type":"link-nodes","source_id":"x","target_id":"y"}',
        '{"type":"batch","commands":[{"type":"undo"}]}',
        '{"type":"batch","commands":[]}',
        "{}",
        "[]",
        "null",
        DEEP,
        DEEPER,
    ],
)
async def test_a_command_that_hurts_is_rejected_and_changes_nothing(
    server: Server, command: str
) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    await ada.raw(
        f'{{"type":"command","session_id":"{session_id}","command_id":"bad","command":{command}}}'
    )
    answer = await ada.read()
    assert (answer["type"], answer["command_id"]) == ("rejected", "bad")
    assert answer["code"] in {"BAD_MESSAGE", "SCHEMA", "NOT_FOUND", "TOO_LARGE"}
    assert answer["message"]
    assert (await ada.command(session_id, "good", **create("good")))["rev"] == 1


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "   ",
        "hello",
        "{",
        "[",
        "3",
        "null",
        '"text"',
        "{}",
        '{"type":"nothing"}',
        '{"type":3}',
        '{"type":"join_session"}',
        '{"type":"join_session","session_id":"x","client_id":3}',
        '{"type":"command"}',
        "[" * 50_000,
        '["' + '\\"' * 49_000 + "]",
        '["' + '\\"' * 49_000 + "\\",
        '[{"type":"nothing"}]',
        b"\x00\xff",
    ],
)
async def test_a_frame_that_can_not_be_read_is_answered_and_closes_nothing(
    server: Server, frame: str | bytes
) -> None:
    ada = await server.connect()
    await ada.raw(frame)
    answer = await ada.read()
    assert (answer["type"], answer["code"]) == ("error", "BAD_MESSAGE")
    await ada.send({"type": "ping"})
    assert await ada.read() == {"type": "pong"}


async def test_a_bad_message_harms_no_other_of_its_frame(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    good = json.dumps(command_message(session_id, "good", **create("a")))
    bad = f'{{"type":"command","session_id":"{session_id}","command_id":"bad","command":{{}}}}'
    await ada.raw(f'[{bad},{{"type":"ping"}},{good},{bad}]')
    answers = [await ada.read() for _ in range(4)]
    assert sorted(answer["type"] for answer in answers) == [
        "commit",
        "pong",
        "rejected",
        "rejected",
    ]


async def test_what_a_frame_holds_is_served_in_its_order(server: Server) -> None:
    first, second = await server.session("first"), await server.session("second")
    ada = await server.connect()
    for session_id in (first, second):
        await ada.join(session_id)
    many = [command_message(first, f"k{i}", **create(f"n{i}")) for i in range(100)]
    await ada.send(
        *many[:50],
        {**command_message(first, "dry", **create("dry")), "dry_run": True},
        command_message(second, "other", **create("n")),
        *many[50:],
        command_message(first, "x" * 300, **create("long id")),
        command_message(SESSION, "nowhere", **create("not joined")),
        command_message(first, "last", **create("n100")),
        {"type": "ping"},
    )
    answers = [await ada.read() for _ in range(106)]
    commits = [each for each in answers if each["type"] == "commit"]
    mine = [(each["rev"], each["command_id"]) for each in commits if each["session_id"] == first]
    assert mine == [*((i + 1, f"k{i}") for i in range(100)), (101, "last")]
    assert [each["rev"] for each in commits if each["session_id"] == second] == [1]
    (planned,) = (each for each in answers if each["type"] == "planned")
    assert (planned["command_id"], planned["rev"]) == ("dry", 51), "with those before it alone"
    rejected = [each["command_id"] for each in answers if each["type"] == "rejected"]
    assert rejected == ["x" * 300, "nowhere"]
    assert [each["type"] for each in answers].count("pong") == 1


async def test_a_message_over_the_limit_is_answered(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id)
    answer = await ada.command(session_id, "k", **create("a", text="x" * 100_000))
    assert (answer["type"], answer["code"]) == ("rejected", "TOO_LARGE")
    assert "100000 bytes" in answer["message"]
    assert (await ada.command(session_id, "k2", **create("a")))["rev"] == 1


async def test_only_a_frame_over_the_hard_limit_closes_the_socket(server: Server) -> None:
    ada = await server.connect()
    await ada.raw("x" * 400_001)
    assert await ada.frame() is None
    assert ada.socket.close_code == 1009


async def test_a_command_needs_its_session_joined(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    answer = await ada.command(session_id, "k", **create("a"))
    assert (answer["code"], answer["fix"]) == ("BAD_MESSAGE", "send join_session")


@pytest.mark.parametrize("session_id", [SESSION, "", "../../x", "ä" * 32])
async def test_joining_an_unknown_session_is_an_error(server: Server, session_id: str) -> None:
    ada = await server.connect()
    await ada.send({"type": "join_session", "session_id": session_id, "client_id": "ada"})
    answer = await ada.read()
    assert (answer["type"], answer["code"]) == ("error", "NOT_FOUND")
    assert answer["session_id"] == session_id


@pytest.mark.parametrize("client_id", ["", "x" * 257, "a\nb"])
async def test_a_client_id_is_an_id(server: Server, client_id: str) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.send({"type": "join_session", "session_id": session_id, "client_id": client_id})
    assert (await ada.read())["code"] in {"SCHEMA", "BAD_MESSAGE"}
    await ada.join(session_id)
    answer = await ada.command(session_id, client_id, **create("a"))
    assert answer["code"] == "SCHEMA"
