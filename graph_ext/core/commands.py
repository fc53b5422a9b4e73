"""Requests to change a graph, and :func:`execute`, which turns one into events or refuses it."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.events import Position

__all__ = [
    "Batch",
    "Command",
    "CreateNode",
    "DeleteNode",
    "DeleteProperty",
    "Edit",
    "LinkNodes",
    "Redo",
    "SetProperty",
    "Undo",
    "UnlinkNodes",
    "UpdateBlueprint",
    "UpdateNode",
]

_COMMAND = {
    "frozen": True,
    "tag_field": "type",
    "omit_defaults": True,
    "gc": False,
    "forbid_unknown_fields": True,
}


class LinkNodes(Struct, tag="link-nodes", **_COMMAND):
    """Link two nodes. ``link_id`` absent: the server makes one."""

    source_id: str
    target_id: str
    link_type_id: str = ""
    link_id: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)


class CreateNode(Struct, tag="create-node", **_COMMAND):
    """Create a node, last among its siblings or before one of them, with its links."""

    node_id: str | None = None
    parent_id: str | None = None
    blueprint_type_id: str = ""
    name: str = ""
    before: str | None = None
    position: Position | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    links: list[LinkNodes] = field(default_factory=list)


class DeleteNode(Struct, tag="delete-node", **_COMMAND):
    """Delete a node with its subtree and all their links."""

    node_id: str


class UpdateNode(Struct, tag="update-node", **_COMMAND):
    """Rename, move (``parent_id`` None: to the top; ``before`` None: to the end) or place a node."""

    node_id: str
    name: str | UnsetType = UNSET
    parent_id: str | None | UnsetType = UNSET
    before: str | None | UnsetType = UNSET
    position: Position | None | UnsetType = UNSET


class UnlinkNodes(Struct, tag="unlink-nodes", **_COMMAND):
    """Remove a link."""

    link_id: str


class SetProperty(Struct, tag="set-property", **_COMMAND):
    """Set a property of a node or of a link (exactly one of the two ids)."""

    property_name: str
    value: Any
    node_id: str | None = None
    link_id: str | None = None


class DeleteProperty(Struct, tag="delete-property", **_COMMAND):
    """Delete a property of a node or of a link (exactly one of the two ids)."""

    property_name: str
    node_id: str | None = None
    link_id: str | None = None


class UpdateBlueprint(Struct, tag="update-blueprint", **_COMMAND):
    """Replace the blueprint; refused where an element would no longer fit."""

    blueprint: Blueprint


Edit = (
    CreateNode
    | DeleteNode
    | UpdateNode
    | LinkNodes
    | UnlinkNodes
    | SetProperty
    | DeleteProperty
    | UpdateBlueprint
)
"""A command that may stand in a batch."""


class Batch(Struct, tag="batch", **_COMMAND):
    """Several edits in one commit, all or nothing."""

    commands: list[Edit]
    label: str = ""


class Undo(Struct, tag="undo", **_COMMAND):
    """Undo the actor's last command, the session's last, or the commit ``rev``."""

    scope: Literal["actor", "session"] = "actor"
    rev: int | None = None
    force: bool = False


class Redo(Struct, tag="redo", **_COMMAND):
    """Redo what the actor's last undo really undid."""


Command = Edit | Batch | Undo | Redo
"""Anything a client may ask a session to do."""
