"""Refusals as messages of the WebSocket protocol, encoded. Used by websocket.py."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from graph_ext.core.errors import GraphError
from graph_ext.protocol import Left, MessageError, Rejected, UnreadableMessage, encode

__all__ = ["error_message", "left", "rejected", "unread", "unreadable"]


def rejected(session_id: str, command_id: str, error: GraphError) -> bytes:
    """Refuse a command."""
    return encode(
        Rejected(
            session_id=session_id,
            command_id=command_id,
            code=error.code,
            message=error.message,
            path=error.path,
            by=error.by,
            fix=error.fix,
        )
    )


def error_message(error: GraphError, session_id: str | None = None) -> bytes:
    """Refuse a message that is no command."""
    return encode(
        MessageError(code=error.code, message=error.message, session_id=session_id, fix=error.fix)
    )


def unreadable(message: UnreadableMessage) -> bytes:
    """Refuse a message that could not be read, as what it seems to be."""
    if message.type == "command" and message.command_id:
        return rejected(message.session_id, message.command_id, message.error)
    return error_message(message.error, message.session_id or None)


def left(session_id: str, error: GraphError) -> bytes:
    """Say that a client follows no longer, and why."""
    return encode(Left(session_id=session_id, code=error.code, message=str(error)))


class _Envelope(Struct):
    """As much of a message that is too large as is needed to answer it."""

    type: str = ""
    session_id: str = ""
    command_id: str = ""


_envelope = msgspec.json.Decoder(_Envelope)


def unread(frame: str, error: GraphError) -> UnreadableMessage:
    """Return what can be said of a frame that is too large to be read."""
    try:
        envelope = _envelope.decode(frame)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        envelope = _Envelope()
    return UnreadableMessage(envelope.type, envelope.session_id, envelope.command_id, error)
