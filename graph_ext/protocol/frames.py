"""Reading and writing frames: one JSON message, or an array of messages; ``type`` tells them apart.

A client's bad message harms no other of its frame. Called by the transports and the clients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.commands import Batch, Edit
from graph_ext.core.errors import BadMessageError, GraphError
from graph_ext.core.json_text import UNREADABLE, array_items, outline, unreadable
from graph_ext.protocol.messages import PAGE_BYTES, ClientMessage, ServerMessage, SubmitCommand

__all__ = [
    "MAX_MESSAGES",
    "Part",
    "UnreadableMessage",
    "decode_client_frame",
    "decode_server_frame",
    "encode",
    "encode_command",
    "join_frame",
]

MAX_MESSAGES = 10_000
"""How many messages a frame may hold."""

_HEAD_BYTES = 1024  # room in a page for what stands around a batch's edits
_AT_ONCE = 32  # edits encoded together: one by one takes twice the time

_encoder = msgspec.json.Encoder()
_client_message = msgspec.json.Decoder(ClientMessage)
_client_messages = msgspec.json.Decoder(list[ClientMessage])
_server_message = msgspec.json.Decoder(ServerMessage)
_server_messages = msgspec.json.Decoder(list[ServerMessage])
_any = msgspec.json.Decoder()


encode: Callable[[Any], bytes] = _encoder.encode
"""Return a message's JSON."""


def join_frame(messages: Sequence[bytes]) -> bytes:
    """Return one frame of encoded messages: the message itself, or an array of them."""
    return messages[0] if len(messages) == 1 else b"[" + b",".join(messages) + b"]"


class Part(NamedTuple):
    """One message of a command: its JSON, and how many edits it holds."""

    body: bytes
    edits: int


def encode_command(message: SubmitCommand) -> list[Part]:
    """Return the messages that carry a command: a long batch as several of about ``PAGE_BYTES``.

    An edit that is larger than a page gets a message of its own. The label goes with the first,
    the conditions with the last.

    Raises
    ------
    UnicodeEncodeError
        A text has a lone surrogate.
    """
    batch = message.command
    if not isinstance(batch, Batch):
        return [Part(encode(message), 1)]
    runs = list(_runs(batch.commands))
    if len(runs) < 2:
        return [Part(encode(message), len(batch.commands))]
    between = SubmitCommand(
        session_id=message.session_id,
        command_id=message.command_id,
        command=Batch([]),
        more=True,
    )
    envelopes = [between] * len(runs)
    envelopes[0] = replace(between, command=Batch([], batch.label))
    envelopes[-1] = replace(message, command=Batch([]))
    parts: list[Part] = []
    for envelope, run in zip(envelopes, runs, strict=True):
        # it comes before anything that others have written
        begin, empty, end = encode(envelope).partition(b'"commands":[]')
        parts.append(Part(b"%b%b%b]%b" % (begin, empty[:-1], run.body, end), run.edits))
    return parts


def _runs(edits: list[Edit]) -> Iterator[Part]:
    """Give the JSON of edits, joined by commas, in runs that leave room for an envelope."""
    run: list[bytes] = []
    size = count = 0
    for at in range(0, len(edits), _AT_ONCE):
        some = edits[at : at + _AT_ONCE]
        pieces = [Part(encode(some)[1:-1], len(some))]
        if len(pieces[0].body) > PAGE_BYTES // 4:
            pieces = [Part(encode(edit), 1) for edit in some]
        for piece in pieces:
            if run and size + len(piece.body) > PAGE_BYTES - _HEAD_BYTES:
                yield Part(b",".join(run), count)
                run = []
                size = count = 0
            run.append(piece.body)
            size += len(piece.body) + 1
            count += piece.edits
    if run:
        yield Part(b",".join(run), count)


class UnreadableMessage(Struct, frozen=True):
    """A message that was refused before it could be served, with what could be read of it.

    ``type``, ``session_id`` and ``command_id`` are empty where even they could not be read.
    """

    type: str
    session_id: str
    command_id: str
    error: GraphError


def decode_client_frame(frame: str | bytes) -> list[ClientMessage | UnreadableMessage]:
    """Read a client's frame: each message by itself, so that a bad one harms no other.

    Raises
    ------
    BadMessageError
        The frame as a whole is no JSON object or array, or holds over ``MAX_MESSAGES``.
    """
    text = _frame_bytes(frame)
    if text.startswith(b"{"):
        return [_read_client_message(text)]
    messages: list[ClientMessage | UnreadableMessage]
    try:
        messages = list(_client_messages.decode(text))
    except UNREADABLE:
        items = array_items(text)
        _check_count(len(items))
        messages = [_read_client_message(item) for item in items]
    _check_count(len(messages))
    return messages


def decode_server_frame(frame: str | bytes) -> list[ServerMessage]:
    """Read a server's frame.

    Raises
    ------
    BadMessageError
        It does not follow the protocol: another version's server, or none of ours.
    """
    text = _frame_bytes(frame)
    try:
        if text.startswith(b"{"):
            return [_server_message.decode(text)]
        return _server_messages.decode(text)
    except UNREADABLE as error:
        raise unreadable(error, text) from None


def _frame_bytes(frame: str | bytes) -> bytes:
    """Return a frame's UTF-8 without white space around it, if it can be one at all."""
    try:
        text = (frame.encode() if isinstance(frame, str) else frame).strip(b" \t\r\n")
    except UnicodeEncodeError as error:
        raise unreadable(error, b"") from None
    if not text.startswith((b"{", b"[")):
        raise BadMessageError("a frame must be one JSON object or an array of them")
    return text


def _check_count(count: int) -> None:
    if count > MAX_MESSAGES:
        raise BadMessageError(f"a frame may hold at most {MAX_MESSAGES} messages, got {count}")


def _read_client_message(text: bytes) -> ClientMessage | UnreadableMessage:
    try:
        message: ClientMessage = _client_message.decode(text)
    except UNREADABLE as error:
        refusal = unreadable(error, text)
    else:
        return message
    if refusal.path is not None:  # the protocol's paths start at the command
        refusal.path = refusal.path.removeprefix("command.")
    try:
        found = _any.decode(outline(text))
    except UNREADABLE:
        found = {}
    envelope = found if isinstance(found, dict) else {}
    kind, session_id, command_id = (
        value if isinstance(value := envelope.get(key), str) else ""
        for key in ("type", "session_id", "command_id")
    )
    return UnreadableMessage(kind, session_id, command_id, refusal)
