"""What commands do, said as plainly as can be: a tree of lists, with no numbers for the order.

Knows nothing of the product's events, checks and reducer; is told only which commands were
accepted. Where undo is concerned, see layers.py. Used by invariants.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, to_builtins

from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    DeleteNode,
    DeleteProperty,
    LinkNodes,
    SetProperty,
    UnlinkNodes,
    UpdateBlueprint,
    UpdateNode,
)

__all__ = ["Model", "Picture"]

Row = dict[str, Any]
Picture = tuple[dict[str, Row], dict[str, Row], dict[str | None, list[str]], Row]
"""Nodes by id, links by id, the ids of children in their order, by parent, and the blueprint."""


class Model:
    """Nodes, links and children. See :data:`Picture`."""

    def __init__(self) -> None:
        self.nodes: dict[str, Row] = {}
        self.links: dict[str, Row] = {}
        self.children: dict[str | None, list[str]] = {}
        self.blueprint: Row = {}

    @property
    def picture(self) -> Picture:
        """All of it; empty lists of children are left out."""
        children = {key: ids for key, ids in self.children.items() if ids}
        return self.nodes, self.links, children, self.blueprint

    def adopt(self, picture: Picture) -> None:
        """Go on from another's picture."""
        nodes, links, children, self.blueprint = picture
        self.nodes = {key: _copied(row) for key, row in nodes.items()}
        self.links = {key: _copied(row) for key, row in links.items()}
        self.children = {key: list(ids) for key, ids in children.items()}

    def do(self, command: Command, made: Iterator[str]) -> None:
        """Do an accepted command; ``made``: the ids of all that it made, in order."""
        match command:
            case Batch():
                for edit in command.commands:
                    self.do(edit, made)
            case CreateNode():
                node_id = next(made)
                self.nodes[node_id] = {
                    "parent_id": command.parent_id,
                    "type": command.blueprint_type_id,
                    "name": command.name,
                    "position": _position(command.position),
                    "properties": dict(command.properties),
                }
                self._place(node_id, command.before)
                for link in command.links:
                    self._link(link, next(made), node_id)
            case LinkNodes():
                self._link(command, next(made), "")
            case DeleteNode():
                self._delete(command.node_id)
            case UnlinkNodes():
                del self.links[command.link_id]
            case SetProperty():
                self._properties(command)[command.property_name] = command.value
            case DeleteProperty():
                del self._properties(command)[command.property_name]
            case UpdateNode():
                self._update(command)
            case UpdateBlueprint():
                # what it refuses is never asked of the model
                self.blueprint = to_builtins(command.blueprint)
            case _:
                raise AssertionError(command)

    def _update(self, command: UpdateNode) -> None:
        node = self.nodes[command.node_id]
        if command.name is not UNSET:
            node["name"] = command.name
        if command.position is not UNSET:
            node["position"] = _position(command.position)
        moved = command.parent_id is not UNSET and command.parent_id != node["parent_id"]
        if moved or command.before is not UNSET:
            self.children[node["parent_id"]].remove(command.node_id)
            if command.parent_id is not UNSET:
                node["parent_id"] = command.parent_id
            self._place(command.node_id, None if command.before is UNSET else command.before)

    def _place(self, node_id: str, before: str | None) -> None:
        siblings = self.children.setdefault(self.nodes[node_id]["parent_id"], [])
        siblings.insert(len(siblings) if before is None else siblings.index(before), node_id)

    def _link(self, command: LinkNodes, link_id: str, new_node_id: str) -> None:
        self.links[link_id] = {
            "source_id": command.source_id or new_node_id,
            "target_id": command.target_id or new_node_id,
            "type": command.link_type_id,
            "properties": dict(command.properties),
        }

    def _delete(self, node_id: str) -> None:
        for child in list(self.children.get(node_id, ())):
            self._delete(child)
        self.children.pop(node_id, None)
        self.links = {
            key: link
            for key, link in self.links.items()
            if node_id not in {link["source_id"], link["target_id"]}
        }
        self.children[self.nodes.pop(node_id)["parent_id"]].remove(node_id)

    def _properties(self, command: SetProperty | DeleteProperty) -> Row:
        if command.node_id is not None:
            properties: Row = self.nodes[command.node_id]["properties"]
        else:
            properties = self.links[command.link_id or ""]["properties"]
        return properties


def _copied(row: Row) -> Row:
    return {**row, "properties": {**row["properties"]}}


def _position(position: tuple[float, float] | None) -> list[float] | None:
    return None if position is None else list(position)
