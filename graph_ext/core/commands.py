"""Requests to change a graph, and :func:`execute`, which turns one into events or refuses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, assert_never

from msgspec import UNSET, Struct, UnsetType, field

from graph_ext.core import planning
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.change import Change
from graph_ext.core.errors import SchemaError
from graph_ext.core.events import Event, Position
from graph_ext.core.graph import Graph

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
    "execute",
    "plan_edits",
]

_MANY = 10_000  # edits: their links are put by their nodes later, all in one go

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
    """Create a node, last among its siblings or before one of them, with its links.

    ``node_id`` absent: the server makes one. In ``links`` an empty ``source_id`` or ``target_id``
    stands for the new node.
    """

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
    """Rename, move (``parent_id`` None: to the top; ``before`` None: to the end) or place a node.

    What is left out stays; below another parent and without ``before`` the node comes last.
    """

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


def execute(graph: Graph, command: Edit | Batch, new_id: Callable[[], str]) -> list[Event]:
    """Turn a command into events and apply them to the graph, all or none.

    Parameters
    ----------
    graph : Graph
        As it stands; afterwards with the events applied, or as it was before.
    command : Edit or Batch
        Later edits of a batch see the earlier ones.
    new_id : callable
        Gives the id of an element whose maker chose none; unique in the session.

    Returns
    -------
    list of Event
        At least one: setting the value that stands already is a change like any other.

    Raises
    ------
    SchemaError
        An id, name or value is none, or does not fit the blueprint; also where that has no
        room for a link beside those that stand.
    NotFoundError, DuplicateIdError
        An element that should stand does not, or the other way round.
    CycleError
        Parents, or links of an acyclic type, would make a cycle.
    TooLargeError
        The properties of an element grow over their bound.
    """
    change = Change(graph)
    try:
        _plan(change, command, new_id)
        change.finish()
    except BaseException:
        change.rollback()
        raise
    return change.events


def plan_edits(
    change: Change, edits: Iterable[Edit], new_id: Callable[[], str], first: int = 0
) -> None:
    """Make edits of a batch part of a change, for who does not carry it out in one go.

    The change has to be finished, or what it has done be taken back.

    Parameters
    ----------
    change : Change
        What the batch has done so far.
    edits : iterable of Edit
        Those that come next.
    new_id : callable
        As for :func:`execute`.
    first : int
        How many edits of the batch came before.

    Raises
    ------
    GraphError
        As of :func:`execute`.
    """
    for index, edit in enumerate(edits, first):
        change.at = f"commands[{index}]."
        _plan(change, edit, new_id)


def _plan(change: Change, edit: Edit | Batch, new_id: Callable[[], str]) -> None:
    match edit:  # what comes most stands first: each case costs its time
        case SetProperty():
            planning.set_property(change, edit)
        case CreateNode():
            planning.create_node(change, edit, new_id)
        case LinkNodes():
            planning.link_nodes(change, edit, new_id)
        case UpdateNode():
            planning.update_node(change, edit)
        case DeleteNode():
            planning.delete_node(change, edit)
        case UnlinkNodes():
            planning.unlink_nodes(change, edit)
        case DeleteProperty():
            planning.delete_property(change, edit)
        case UpdateBlueprint():
            planning.update_blueprint(change, edit)
        case Batch():
            if not edit.commands:
                raise SchemaError("a batch must hold at least one command", path="commands")
            if len(edit.commands) > _MANY:
                change.graph.put_off()
            for index, each in enumerate(edit.commands):
                change.at = f"commands[{index}]."
                _plan(change, each, new_id)
        case _:
            assert_never(edit)
