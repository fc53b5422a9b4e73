"""Every message of the WebSocket protocol ``graph-ext.v1``, and how it is read and written.

A frame is one JSON message or an array of messages; ``type`` tells them apart. The rules are
numbered in docs/protocol.md; labextension/src/protocol.ts is generated from these structs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Command
from graph_ext.core.errors import BadMessageError, GraphError
from graph_ext.core.events import Event, NodeCreated, NodeLinked

__all__ = [
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
    "decode_client_frame",
    "decode_server_frame",
    "encode",
    "join_frame",
]

SUBPROTOCOL = "graph-ext.v1"
PAGE_BYTES = 64 * 1024
"""How large one page of a snapshot, or one part of a long commit or batch, becomes."""

_MESSAGE = {"frozen": True, "tag_field": "type", "omit_defaults": True, "kw_only": True}


class Actor(Struct, frozen=True, omit_defaults=True):
    """Who acts, as the server stamps it. ``actor_id`` is the stable key, ``name`` for people."""

    actor_id: str
    name: str = ""


class Cursor(Struct, frozen=True):
    """A place in a session's history: all up to and including ``rev`` of ``epoch``."""

    epoch: str
    rev: int


# --- client to server -------------------------------------------------------------------------


class JoinSession(Struct, tag="join_session", **_MESSAGE):
    """Follow a session, from ``since`` or with a snapshot; ``pending`` asks for outcomes."""

    session_id: str
    client_id: str
    kind: Literal["ui", "kernel", "agent"] = "agent"
    label: str = ""
    since: Cursor | None = None
    pending: list[str] = field(default_factory=list)


class LeaveSession(Struct, tag="leave_session", **_MESSAGE):
    """Stop following a session."""

    session_id: str


class SubmitCommand(Struct, tag="command", **_MESSAGE):
    """Ask for a change. A long batch comes as several with one command_id, ``more`` on all but
    the last."""

    session_id: str
    command_id: str
    command: Command
    more: bool = False


class Ping(Struct, tag="ping", **_MESSAGE):
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


class Joined(Struct, tag="joined", **_MESSAGE):
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


class Snapshot(Struct, tag="snapshot", **_MESSAGE):
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


class Skipped(Struct, frozen=True, omit_defaults=True):
    """What an undo left as it is: another has changed or deleted it since, in ``rev``."""

    reason: Literal["overwritten", "deleted"]
    rev: int
    by: str
    node_id: str | None = None
    link_id: str | None = None
    field: str | None = None


class Commit(Struct, tag="commit", **_MESSAGE):
    """What an accepted command became. A long one comes in parts, ``more`` on all but the last;
    a replica applies it when it has the last."""

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


class Rejected(Struct, tag="rejected", **_MESSAGE):
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


class SessionUpdated(Struct, tag="session-updated", **_MESSAGE):
    """A joined session has another name, or has ended (``ended``: it was deleted)."""

    session_id: str
    name: str = ""
    ended: bool = False


class SessionsChanged(Struct, tag="sessions_changed", **_MESSAGE):
    """The list of sessions has changed: whoever shows it reads it again."""


class Left(Struct, tag="left", **_MESSAGE):
    """The client follows this session no longer, and why."""

    session_id: str
    code: str = ""
    message: str = ""


class Pong(Struct, tag="pong", **_MESSAGE):
    """The answer to ``ping``."""


class MessageError(Struct, tag="error", **_MESSAGE):
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
_client_frame = msgspec.json.Decoder(list[msgspec.Raw])
_server_frame = msgspec.json.Decoder(list[ServerMessage])
_server_message = msgspec.json.Decoder(ServerMessage)


def encode(message: Any) -> bytes:
    """Return a message's JSON."""
    return _encoder.encode(message)


def join_frame(messages: Sequence[bytes]) -> bytes:
    """Return one frame of encoded messages: the message itself, or an array of them."""
    return messages[0] if len(messages) == 1 else b"[" + b",".join(messages) + b"]"


class _Envelope(Struct):
    """As much of an unreadable message as is needed to answer it."""

    type: str = ""
    session_id: str = ""
    command_id: str = ""


_envelope = msgspec.json.Decoder(_Envelope)


class UnreadableMessage(Struct, frozen=True):
    """A message that was refused before it could be served, with what could be read of it."""

    type: str
    session_id: str
    command_id: str
    error: GraphError


def decode_client_frame(frame: str | bytes) -> list[ClientMessage | UnreadableMessage]:
    """Read a client's frame: each message by itself, so that a bad one harms no other.

    Raises
    ------
    BadMessageError
        The frame as a whole is no JSON object or array.
    """
    raise NotImplementedError


def decode_server_frame(frame: str | bytes) -> list[ServerMessage]:
    """Read a server's frame.

    Raises
    ------
    BadMessageError
        It does not follow the protocol: another version's server, or none of ours.
    """
    raise NotImplementedError
