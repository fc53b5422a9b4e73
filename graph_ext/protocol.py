"""Every message of the WebSocket protocol ``graph-ext.v1``, and how it is read and written.

A frame is one JSON message or an array of messages; ``type`` tells them apart. The rules are
numbered in docs/protocol.md; labextension/src/protocol.ts is generated from these structs.
Longer than other modules: the messages are one list, read best in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Batch, Command, Edit
from graph_ext.core.errors import BadMessageError, GraphError
from graph_ext.core.events import Event, NodeCreated, NodeLinked
from graph_ext.core.history import Skipped
from graph_ext.core.json_text import UNREADABLE, array_items, outline, unreadable

__all__ = [
    "MAX_MESSAGES",
    "PAGE_BYTES",
    "SUBPROTOCOL",
    "Actor",
    "ClientMessage",
    "Commit",
    "Cursor",
    "JoinSession",
    "Joined",
    "LeaveSession",
    "Left",
    "Limits",
    "MessageError",
    "Outcome",
    "Ping",
    "Pong",
    "Rejected",
    "ServerMessage",
    "SessionInfo",
    "SessionUpdated",
    "SessionsChanged",
    "Skipped",
    "Snapshot",
    "SubmitCommand",
    "UnreadableMessage",
    "decode_client_frame",
    "decode_server_frame",
    "encode",
    "join_frame",
    "split_batch",
]

SUBPROTOCOL = "graph-ext.v1"
PAGE_BYTES = 64 * 1024
"""How large one page of a snapshot, or one part of a long commit or batch, becomes."""
MAX_MESSAGES = 10_000
"""How many messages a frame may hold."""

_HEAD_BYTES = 1024  # room in a page for what stands around a batch's edits


class _Message(Struct, frozen=True, tag_field="type", omit_defaults=True):
    """What all messages have in common."""


class Actor(Struct, frozen=True, omit_defaults=True):
    """Who acts, as the server stamps it. ``actor_id`` is the stable key, ``name`` for people."""

    actor_id: str
    name: str = ""


class Cursor(Struct, frozen=True):
    """A place in a session's history: all up to and including ``rev`` of ``epoch``."""

    epoch: str
    rev: int


# --- client to server -------------------------------------------------------------------------


class JoinSession(_Message, frozen=True, tag="join_session", kw_only=True):
    """Follow a session, from ``since`` or with a snapshot; ``pending`` asks for outcomes."""

    session_id: str
    client_id: str
    kind: Literal["ui", "kernel", "agent"] = "agent"
    label: str = ""
    since: Cursor | None = None
    pending: list[str] = field(default_factory=list)


class LeaveSession(_Message, frozen=True, tag="leave_session", kw_only=True):
    """Stop following a session."""

    session_id: str


class SubmitCommand(_Message, frozen=True, tag="command", kw_only=True):
    """Ask for a change.

    A long batch comes as several with one command_id, ``more`` on all but the last.
    """

    session_id: str
    command_id: str
    command: Command
    more: bool = False


class Ping(_Message, frozen=True, tag="ping", kw_only=True):
    """Answered by ``pong``."""


ClientMessage = JoinSession | LeaveSession | SubmitCommand | Ping


# --- server to client -------------------------------------------------------------------------


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of a command: its rev, or the code and message of its refusal."""

    rev: int | None = None
    code: str | None = None
    message: str | None = None


class Limits(Struct, frozen=True):
    """What the server takes: bytes a message, elements a batch."""

    message_bytes: int
    batch_commands: int


class Joined(_Message, frozen=True, tag="joined", kw_only=True):
    """The answer to ``join_session``; snapshot pages (mode snapshot) and commits follow it."""

    session_id: str
    client_id: str
    name: str
    actor: Actor
    role: str
    epoch: str
    rev: int
    floor: int
    mode: Literal["resume", "snapshot"]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    read_only: str = ""
    limits: Limits


class Snapshot(_Message, frozen=True, tag="snapshot", kw_only=True):
    """One page of the graph at ``rev``: nodes before links, the last without ``more``.

    The first page has the blueprint and ``total``, how many elements are to come in all.
    """

    session_id: str
    epoch: str
    rev: int
    total: int = 0
    blueprint: Blueprint | None = None
    nodes: list[NodeCreated] = field(default_factory=list)
    links: list[NodeLinked] = field(default_factory=list)
    more: bool = False


class Commit(_Message, frozen=True, tag="commit", kw_only=True):
    """What an accepted command became.

    A long one comes in parts, ``more`` on all but the last; a replica applies it when it has the
    last.
    """

    session_id: str
    epoch: str
    rev: int
    command_id: str
    client_id: str
    actor: Actor
    at: float
    label: str = ""
    undoes: int | None = None
    redoes: int | None = None
    skipped: list[Skipped] = field(default_factory=list)
    events: list[Event]
    more: bool = False


class Rejected(_Message, frozen=True, tag="rejected", kw_only=True):
    """A command was refused; nothing changed. Only its sender gets this."""

    session_id: str
    command_id: str
    code: str
    message: str
    path: str | None = None
    by: str | None = None
    fix: str | None = None


class SessionInfo(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A session as lists show it. ``at`` fields: Unix seconds, UTC."""

    session_id: str
    name: str
    rev: int
    nodes: int
    links: int
    clients: int = 0
    created_at: float
    updated_at: float
    role: str = ""
    read_only: str = ""


class SessionUpdated(_Message, frozen=True, tag="session-updated", kw_only=True):
    """A joined session has another name, or has ended (``ended``: it was deleted)."""

    session_id: str
    name: str = ""
    ended: bool = False


class SessionsChanged(_Message, frozen=True, tag="sessions_changed", kw_only=True):
    """The list of sessions has changed: whoever shows it reads it again."""


class Left(_Message, frozen=True, tag="left", kw_only=True):
    """The client follows this session no longer, and why."""

    session_id: str
    code: str = ""
    message: str = ""


class Pong(_Message, frozen=True, tag="pong", kw_only=True):
    """The answer to ``ping``."""


class MessageError(_Message, frozen=True, tag="error", kw_only=True):
    """A message that is no command could not be served."""

    code: str
    message: str
    session_id: str | None = None
    fix: str | None = None


ServerMessage = (
    Joined
    | Snapshot
    | Commit
    | Rejected
    | SessionUpdated
    | SessionsChanged
    | Left
    | Pong
    | MessageError
)

_encoder = msgspec.json.Encoder()
_client_message = msgspec.json.Decoder(ClientMessage)
_client_messages = msgspec.json.Decoder(list[ClientMessage])
_server_message = msgspec.json.Decoder(ServerMessage)
_server_messages = msgspec.json.Decoder(list[ServerMessage])
_any = msgspec.json.Decoder()


def encode(message: Any) -> bytes:
    """Return a message's JSON."""
    return _encoder.encode(message)


def join_frame(messages: Sequence[bytes]) -> bytes:
    """Return one frame of encoded messages: the message itself, or an array of them."""
    return messages[0] if len(messages) == 1 else b"[" + b",".join(messages) + b"]"


def split_batch(session_id: str, command_id: str, batch: Batch) -> list[SubmitCommand]:
    """Return the messages that carry a batch, each of about ``PAGE_BYTES`` at the most.

    An edit that is larger than a page gets a message of its own. The label goes with the first.
    """
    parts: list[list[Edit]] = [[]]
    size = 0
    for edit in batch.commands:
        edit_bytes = len(_encoder.encode(edit)) + 1
        if parts[-1] and size + edit_bytes > PAGE_BYTES - _HEAD_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(edit)
        size += edit_bytes
    return [
        SubmitCommand(
            session_id=session_id,
            command_id=command_id,
            command=Batch(edits, batch.label if index == 0 else ""),
            more=index < len(parts) - 1,
        )
        for index, edits in enumerate(parts)
    ]


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
