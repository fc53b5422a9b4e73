"""Frames are read message by message (docs/protocol.md, 1.2, 1.3); protocol.ts is up to date."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Batch, CreateNode, DeleteNode, LinkNodes, SetProperty, Undo
from graph_ext.core.errors import CODES, BadMessageError, GraphError, error_from_code
from graph_ext.core.events import NodeUpdated, PropertyChanged
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Node
from graph_ext.core.history import Skipped
from graph_ext.protocol import (
    MAX_MESSAGES,
    PAGE_BYTES,
    Actor,
    Commit,
    Cursor,
    Joined,
    JoinSession,
    Limits,
    Outcome,
    Ping,
    Pong,
    Rejected,
    Snapshot,
    SubmitCommand,
    UnreadableMessage,
    decode_client_frame,
    decode_server_frame,
    encode,
    encode_command,
    join_frame,
)

ROOT = Path(__file__).resolve().parent.parent


def command(value: str) -> str:
    """Return a message whose property value is this JSON."""
    return (
        '{"type":"command","session_id":"s","command_id":"c","command":'
        '{"type":"set-property","node_id":"n","property_name":"x","value":' + value + "}}"
    )


def unreadable(frame: str | bytes) -> UnreadableMessage:
    [message] = decode_client_frame(frame)
    assert isinstance(message, UnreadableMessage)
    return message


def decoded(body: bytes) -> SubmitCommand:
    [message] = decode_client_frame(body)
    assert isinstance(message, SubmitCommand)
    return message


# --- what a client sends ----------------------------------------------------------------------


def test_1_2_a_frame_is_one_message_or_an_array() -> None:
    join = JoinSession(session_id="s", client_id="me", since=Cursor("e", 3), pending=["c"])
    submit = SubmitCommand(session_id="s", command_id="c", command=Undo(rev=4))
    assert decode_client_frame(encode(join)) == [join]
    frame = join_frame([encode(join), encode(submit), encode(Ping())])
    assert decode_client_frame(frame) == [join, submit, Ping()]
    assert decode_client_frame(b" \n" + frame + b"\t") == [join, submit, Ping()]
    assert decode_client_frame(frame.decode()) == [join, submit, Ping()]
    assert decode_client_frame("[]") == decode_client_frame(" [ ] ") == []


@pytest.mark.parametrize(
    ("text", "message", "path"),
    [
        (command("NaN"), "malformed: NaN is no JSON number", None),
        (command("[-Infinity]"), "malformed: Infinity is no JSON number", None),
        (command("1e999"), "number out of range (in command.value)", "value"),
        (command("9" * 6000), "out of range (in command.value)", "value"),
        (command(r'"\ud800"'), "a text in it has a lone surrogate", None),
        (command(r'"\udc00 and more text"'), "a text in it has a lone surrogate", None),
        (command("[" * 3000 + "]" * 3000), "the message is nested too deeply", None),
        (command('{"a":' * 3000 + "1" + "}" * 3000), "the message is nested too deeply", None),
        (command("01"), "malformed", None),
        (
            '{"type":"command","session_id":"s","command_id":"c","command":{"type":"dleete"}}',
            "unknown type 'dleete' (in command)",
            "command",
        ),
        (
            '{"type":"command","session_id":"s","command_id":"c","command":{"type":"batch",'
            '"commands":[{"type":"delete-node","node_id":"n"},{"type":"delete-node","id":"n"}]}}',
            "object contains unknown field `id` (in command.commands[1])",
            "commands[1]",
        ),
        (
            '{"type":"command","session_id":"s","command_id":"c","command":'
            '{"type":"delete-node","node_id":5}}',
            "expected text, got a whole number (in command.node_id)",
            "node_id",
        ),
    ],
)
def test_1_3_a_bad_command_is_told_why_and_keeps_its_id(
    text: str, message: str, path: str | None
) -> None:
    bad = unreadable(text)
    assert (bad.type, bad.session_id, bad.command_id) == ("command", "s", "c")
    assert message in str(bad.error)
    assert bad.error.path == path
    assert bad.error.code == "BAD_MESSAGE"


def test_invalid_utf_8_and_a_lone_surrogate_in_the_text_itself_are_bad_messages() -> None:
    bad = unreadable(command('"?"').encode().replace(b"?", b"\xff"))
    assert (bad.command_id, str(bad.error)) == ("c", "the message is not valid UTF-8")
    with pytest.raises(BadMessageError, match="not valid UTF-8"):
        decode_client_frame(command('"\ud800"'))


def test_1_3_a_bad_message_harms_only_itself() -> None:
    deep = command("[" * 3000 + "]" * 3000)
    brackets = command(r'"]}, \" [{"')
    for bad in (deep, command("NaN"), command("nul"), "3", '"x"', "[]", "{}", '{"type":"x"}'):
        frame = f'[{{"type":"ping"}}, {bad} ,{brackets}]'
        first, middle, last = decode_client_frame(frame)
        assert first == Ping()
        assert isinstance(middle, UnreadableMessage)
        assert isinstance(last, SubmitCommand)
        assert isinstance(last.command, SetProperty)
        assert last.command.value == ']}, " [{'


def test_an_envelope_that_is_wrong_itself_is_read_as_far_as_it_goes() -> None:
    bad = unreadable('{"type":"command","session_id":5,"command_id":"c","command":[]}')
    assert (bad.type, bad.session_id, bad.command_id) == ("command", "", "c")
    bad = unreadable('{"type":["command"]')
    assert (bad.type, bad.session_id, bad.command_id) == ("", "", "")


@pytest.mark.parametrize(
    "frame", ["", " ", "null", "3", '"x"', "ping", "[", '[{"type":"ping"}', "[]]", "[1,2", b"\xff"]
)
def test_a_frame_that_is_no_object_or_array_is_refused_whole(frame: str | bytes) -> None:
    with pytest.raises(BadMessageError):
        decode_client_frame(frame)


def test_a_frame_holds_a_bounded_number_of_messages() -> None:
    ping = '{"type":"ping"}'
    assert len(decode_client_frame("[" + ",".join([ping] * MAX_MESSAGES) + "]")) == MAX_MESSAGES
    for one in (ping, "{}"):
        with pytest.raises(BadMessageError, match="at most 10000 messages, got 10001"):
            decode_client_frame("[" + ",".join([one] * (MAX_MESSAGES + 1)) + "]")


JUNK = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60),
    st.text(alphabet='{}[]",:\\u0123ndtype ', max_size=60),
    st.lists(
        st.sampled_from(
            [
                *('{"type":"ping"}', '{"type":', '"command"', ",", "[", "]", "{", "}", "NaN"),
                *(command("1"), command("["), command(r'"\ud800"'), '"', "\\", "\ud800", "1e999"),
            ]
        ),
        max_size=12,
    ).map("".join),
)


@settings(max_examples=500, deadline=None)
@given(frame=JUNK)
@example(frame=b"[" * 100_000)
@example(frame=b'{"a":' * 100_000)
@example(frame='{"type":"' + "\\" * 1001)
@example(frame='["' * 50_000)
def test_reading_raises_nothing_but_a_bad_message(frame: str | bytes) -> None:
    for decode in (decode_client_frame, decode_server_frame):
        with suppress(BadMessageError):
            decode(frame)


@settings(max_examples=200, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_value_arrives_as_it_was_sent(value: Any) -> None:
    submit = SubmitCommand(session_id="s", command_id="c", command=SetProperty("x", value, "n"))
    assert decode_client_frame(encode(submit)) == [submit]
    [read] = decode_client_frame(json.dumps(msgspec.to_builtins(submit)))
    assert read == submit


# --- what the server sends --------------------------------------------------------------------


def test_every_kind_of_server_message_is_read_as_it_was_written() -> None:
    ada = Actor("user:ada", "Ada")
    messages = [
        Joined(
            session_id="s",
            client_id="me",
            name="plan",
            actor=ada,
            role="owner",
            epoch="e",
            rev=3,
            floor=0,
            mode="snapshot",
            outcomes={"c": Outcome(rev=3), "d": Outcome(code="CYCLE", message="no")},
            limits=Limits(1, 2, 3.0, 4.0),
        ),
        Snapshot(
            session_id="s",
            epoch="e",
            rev=3,
            total=1,
            blueprint=Blueprint(directed=False),
            nodes=[Node("n", position=(1.0, 2.0))],
        ),
        Commit(
            session_id="s",
            epoch="e",
            rev=4,
            command_id="c",
            client_id="me",
            actor=ada,
            at=1.5,
            undoes=2,
            skipped=[Skipped("deleted", 3, "Ben", node_id="n")],
            events=[NodeUpdated("n", "name", "", "N"), PropertyChanged("x", None, node_id="n")],
        ),
        Rejected(session_id="s", command_id="c", code="CYCLE", message="no", path="a.b"),
        Pong(),
    ]
    assert decode_server_frame(join_frame([encode(message) for message in messages])) == messages
    assert decode_server_frame(encode(messages[2])) == [messages[2]]


def test_2_4_a_stored_row_is_read_as_an_element_of_a_snapshot() -> None:
    row = '{"node_id":"n","properties":{"x":1}}'
    frame = f'{{"type":"snapshot","session_id":"s","epoch":"e","rev":1,"nodes":[{row}]}}'
    [page] = decode_server_frame(frame)
    assert isinstance(page, Snapshot)
    assert page.nodes == [Node("n", properties={"x": 1})]


def test_another_protocol_is_a_bad_message() -> None:
    for frame in ('{"type":"welcome"}', '[{"type":"pong"},{"type":"commit"}]', "HTTP/1.1 200"):
        with pytest.raises(BadMessageError):
            decode_server_frame(frame)


def test_every_code_makes_its_own_error_again() -> None:
    for code in CODES:
        error = error_from_code(code, "no", path="a", by="Ben", fix="b")
        assert (error.code, str(error), error.path, error.by) == (code, "no (b)", "a", "Ben")
    assert type(error_from_code("NEW_CODE", "no")) is GraphError


# --- long batches -----------------------------------------------------------------------------


def test_3_3_a_long_batch_goes_up_in_parts_of_a_page() -> None:
    edits: list[Any] = [CreateNode(f"n{n}", name="é" * 50) for n in range(2000)]
    edits += [CreateNode("large", properties={"x": "y" * PAGE_BYTES}), LinkNodes("n0", "n1")]
    wanted = [Expectation(node_id="n0", property_name="a", value={"commands": []})]
    message = SubmitCommand(
        session_id="s", command_id="c", command=Batch(edits, "Import"), base_rev=3, expect=wanted
    )
    encoded = encode_command(message)
    parts = [decoded(part.body) for part in encoded]
    assert [part.more for part in parts] == [True] * (len(parts) - 1) + [False]
    assert all(isinstance(part.command, Batch) for part in parts)
    batches = [part.command for part in parts if isinstance(part.command, Batch)]
    assert [edit for batch in batches for edit in batch.commands] == edits
    assert [len(batch.commands) for batch in batches] == [part.edits for part in encoded]
    assert [batch.label for batch in batches] == ["Import"] + [""] * (len(parts) - 1)
    assert [part.base_rev for part in parts] == [None] * (len(parts) - 1) + [3]
    assert [part.expect for part in parts] == [[]] * (len(parts) - 1) + [wanted]
    sizes = [len(part.body) for part in encoded]
    assert sum(size > PAGE_BYTES for size in sizes) == 1  # the one that holds the large node
    assert len(parts) < 8


@pytest.mark.parametrize("batch", [Batch([DeleteNode("n")], "Tidy"), Batch([])])
def test_a_short_batch_and_an_empty_one_are_one_message(batch: Batch) -> None:
    message = SubmitCommand(session_id="s", command_id="c", command=batch, dry_run=True)
    (part,) = encode_command(message)
    assert decoded(part.body) == message
    assert part.edits == len(batch.commands)


# --- TypeScript -------------------------------------------------------------------------------


def test_protocol_ts_is_what_the_structs_say() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "labextension" / "generate_protocol.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
