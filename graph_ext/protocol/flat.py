"""The events view: a session's log spelled out, each fact a message of its own.

:func:`spell_out` is the one function that makes it from commits. There are 15 event types. What is
in no log (a refused command, a connection, a rename) has no ``rev``. Local subscribers, SSE,
webhooks, Socket.IO and WebSocket clients with ``view`` events get these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeField,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    Position,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.history import Skipped
from graph_ext.protocol.messages import Actor, Commit, SessionUpdated

__all__ = [
    "EVENT_TYPES",
    "BlueprintUpdatedEvent",
    "CommandExecutedEvent",
    "CommandExecutingEvent",
    "FlatEvent",
    "NodeCreatedEvent",
    "NodeDeletedEvent",
    "NodeLinkedEvent",
    "NodeUnlinkedEvent",
    "NodeUpdatedEvent",
    "PropertyChangedEvent",
    "PropertyDeletedEvent",
    "RedoEvent",
    "SessionConnectedEvent",
    "SessionDisconnectedEvent",
    "UndoEvent",
    "spell_out",
]


class _Fact(Struct, frozen=True, tag_field="type", omit_defaults=True, kw_only=True):
    """An event of the events view.

    ``rev``, ``actor`` and ``at`` (Unix seconds, UTC): of the commit it belongs to, if of any.
    """

    session_id: str
    rev: int | None = None
    actor: Actor | None = None
    at: float | None = None


class _Done(_Fact, frozen=True, kw_only=True):
    """An event that belongs to a command."""

    command_id: str | None = None


class NodeCreatedEvent(_Done, frozen=True, tag="node-created", kw_only=True):
    """A node stands where none stood."""

    node_id: str
    parent_id: str | None
    blueprint_type_id: str
    name: str
    order: float = 0.0
    position: Position | None = None
    properties: dict[str, Any] = field(default_factory=dict)


class NodeDeletedEvent(_Done, frozen=True, tag="node-deleted", kw_only=True):
    """A node is gone, with the state it had."""

    node_id: str
    parent_id: str | None = None
    blueprint_type_id: str = ""
    name: str = ""
    order: float = 0.0
    position: Position | None = None
    properties: dict[str, Any] = field(default_factory=dict)


class NodeUpdatedEvent(_Done, frozen=True, tag="node-updated", kw_only=True):
    """One field of a node has a new value."""

    node_id: str
    field: NodeField
    old_value: str | float | Position | None
    new_value: str | float | Position | None


class NodeLinkedEvent(_Done, frozen=True, tag="node-linked", kw_only=True):
    """A link stands between two nodes."""

    link_id: str
    source_id: str
    target_id: str
    link_type_id: str
    properties: dict[str, Any] = field(default_factory=dict)


class NodeUnlinkedEvent(_Done, frozen=True, tag="node-unlinked", kw_only=True):
    """A link is gone, with the state it had."""

    link_id: str
    source_id: str
    target_id: str
    link_type_id: str
    properties: dict[str, Any] = field(default_factory=dict)


class PropertyChangedEvent(_Done, frozen=True, tag="property-changed", kw_only=True):
    """A property of a node or a link has a value; ``old_value`` is absent where there was none."""

    property_name: str
    new_value: Any
    old_value: Any | UnsetType = UNSET
    node_id: str | None = None
    link_id: str | None = None


class PropertyDeletedEvent(_Done, frozen=True, tag="property-deleted", kw_only=True):
    """A property of a node or a link is gone, with the value it had."""

    property_name: str
    old_value: Any = None
    node_id: str | None = None
    link_id: str | None = None


class BlueprintUpdatedEvent(_Done, frozen=True, tag="blueprint-updated", kw_only=True):
    """The session has a new blueprint."""

    new_value: Blueprint
    old_value: Blueprint


class CommandExecutingEvent(_Fact, frozen=True, tag="command-executing", kw_only=True):
    """What a command did follows; or, for one that is refused, that it was tried."""

    command_id: str
    command_type: str


class CommandExecutedEvent(_Fact, frozen=True, tag="command-executed", kw_only=True):
    """All that a command did has been told; or it was refused, and why."""

    command_id: str
    success: bool
    error: str | None


class UndoEvent(_Done, frozen=True, tag="undo", kw_only=True):
    """The commit before this event has undone the rev ``undoes``."""

    undoes: int
    skipped: list[Skipped]


class RedoEvent(_Done, frozen=True, tag="redo", kw_only=True):
    """The commit before this event has taken back the undo ``redoes``."""

    redoes: int
    skipped: list[Skipped]


class SessionConnectedEvent(_Fact, frozen=True, tag="session-connected", kw_only=True):
    """A client has joined."""

    client_id: str


class SessionDisconnectedEvent(_Fact, frozen=True, tag="session-disconnected", kw_only=True):
    """A client has left."""

    client_id: str


FlatEvent = (
    NodeCreatedEvent
    | NodeDeletedEvent
    | NodeUpdatedEvent
    | NodeLinkedEvent
    | NodeUnlinkedEvent
    | PropertyChangedEvent
    | PropertyDeletedEvent
    | CommandExecutingEvent
    | CommandExecutedEvent
    | UndoEvent
    | RedoEvent
    | SessionConnectedEvent
    | SessionDisconnectedEvent
    | BlueprintUpdatedEvent
    | SessionUpdated
)
"""One event of the events view."""

_STRUCTS: tuple[type[Struct], ...] = FlatEvent.__args__

EVENT_TYPES: tuple[str, ...] = tuple(str(each.__struct_config__.tag) for each in _STRUCTS)
"""The 15 event types."""

_FLAT: dict[type[Event], Any] = {
    NodeCreated: NodeCreatedEvent,
    NodeDeleted: NodeDeletedEvent,
    NodeUpdated: NodeUpdatedEvent,
    NodeLinked: NodeLinkedEvent,
    NodeUnlinked: NodeUnlinkedEvent,
    PropertyChanged: PropertyChangedEvent,
    PropertyDeleted: PropertyDeletedEvent,
    BlueprintUpdated: BlueprintUpdatedEvent,
}
_COMMANDS: dict[type[Event], str] = {
    NodeCreated: "create-node",
    NodeDeleted: "delete-node",
    NodeUpdated: "update-node",
    NodeLinked: "link-nodes",
    NodeUnlinked: "unlink-nodes",
    PropertyChanged: "set-property",
    PropertyDeleted: "delete-property",
    BlueprintUpdated: "update-blueprint",
}


def spell_out(commit: Commit, *, first: bool = True) -> Iterator[FlatEvent]:
    """Spell out a commit, or one part of it (``first``: it is the first).

    The command's type is told from what it did: a batch of one looks like its one command.
    """
    stamp: dict[str, Any] = {
        "session_id": commit.session_id,
        "rev": commit.rev,
        "actor": commit.actor,
        "at": commit.at,
        "command_id": commit.command_id,
    }
    if first:
        yield CommandExecutingEvent(command_type=_command_type(commit), **stamp)
    for event in commit.events:
        fields = {name: getattr(event, name) for name in event.__struct_fields__}
        yield _FLAT[type(event)](**fields, **stamp)
    if commit.more:
        return
    if commit.undoes is not None:
        yield UndoEvent(undoes=commit.undoes, skipped=commit.skipped, **stamp)
    if commit.redoes is not None:
        yield RedoEvent(redoes=commit.redoes, skipped=commit.skipped, **stamp)
    yield CommandExecutedEvent(success=True, error=None, **stamp)


def _command_type(commit: Commit) -> str:
    if commit.undoes is not None:
        return "undo"
    if commit.redoes is not None:
        return "redo"
    kinds = {type(event) for event in commit.events}
    # with its links, or its subtree: still one command
    if kinds == {NodeDeleted, NodeUnlinked}:
        return "delete-node"
    if len(kinds) != 1 or commit.more or commit.label:
        return "batch"
    return _COMMANDS[kinds.pop()]
