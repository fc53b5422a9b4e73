"""From each kind of edit to its events, added to a change that checks and applies them.

Every edit that is accepted makes at least one event: setting the value that stands already is a
change like any other, with a rev and an author.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import UNSET

from graph_ext.core.change import Change
from graph_ext.core.conformance import with_defaults
from graph_ext.core.errors import SchemaError
from graph_ext.core.events import (
    BlueprintUpdated,
    NodeCreated,
    NodeLinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.graph import Node
from graph_ext.core.json_values import shown

if TYPE_CHECKING:
    from graph_ext.core.commands import (
        CreateNode,
        DeleteNode,
        DeleteProperty,
        LinkNodes,
        SetProperty,
        UnlinkNodes,
        UpdateBlueprint,
        UpdateNode,
    )

__all__ = [
    "create_node",
    "delete_node",
    "delete_property",
    "delete_subtree",
    "link_nodes",
    "set_property",
    "unlink_nodes",
    "update_blueprint",
    "update_node",
]

_LARGEST_ORDER = 2.0**52  # above it, plus one is soon no longer another number

NewId = Callable[[], str]


def create_node(change: Change, command: CreateNode, new_id: NewId) -> None:
    """Add the events of create-node."""
    graph = change.graph
    node_id = new_id() if command.node_id is None else command.node_id
    node_type = graph.blueprint.node_types.get(command.blueprint_type_id)
    properties = command.properties
    if node_type is not None:
        properties = with_defaults(node_type.properties, properties)
    if command.parent_id is not None:
        change.node(command.parent_id, "parent_id")
    order = _order(change, command.parent_id, command.before, None)
    position = command.position
    change.add(
        NodeCreated(
            node_id,
            command.parent_id,
            command.blueprint_type_id,
            command.name,
            order,
            None if position is None else (float(position[0]), float(position[1])),
            properties,
        )
    )
    at = change.at
    for index, link in enumerate(command.links):
        change.at = f"{at}links[{index}]."
        link_nodes(change, link, new_id, link.source_id or node_id, link.target_id or node_id)


def delete_node(change: Change, command: DeleteNode) -> None:
    """Add the events of delete-node."""
    change.node(command.node_id, "node_id")
    delete_subtree(change, command.node_id)


def delete_subtree(change: Change, node_id: str) -> None:
    """Add the events that delete all links of a subtree, then its nodes, children first."""
    graph = change.graph
    below = graph.subtree(node_id)
    for one in below:
        for link in graph.links_of(one):
            change.add(link.created().inverse())
    for one in reversed(below):
        change.add(graph.nodes[one].created().inverse())


def update_node(change: Change, command: UpdateNode) -> None:
    """Add the events of update-node: name, parent, order and position, as far as they are given."""
    node = change.node(command.node_id, "node_id")
    node_id = node.node_id
    given = (command.name, command.parent_id, command.before, command.position)
    if all(value is UNSET for value in given):
        raise SchemaError(
            "update-node must give a name, parent_id, before or position", path=change.at or None
        )
    if command.name is not UNSET:
        change.add(NodeUpdated(node_id, "name", node.name, command.name))
    moved = command.parent_id is not UNSET and command.parent_id != node.parent_id
    if command.parent_id is not UNSET:
        change.add(NodeUpdated(node_id, "parent_id", node.parent_id, command.parent_id))
    if command.before is not UNSET or moved:
        before = None if command.before is UNSET else command.before
        order = _order(change, node.parent_id, before, node)
        change.add(NodeUpdated(node_id, "order", node.order, order))
    if command.position is not UNSET:
        position = command.position
        new = None if position is None else (float(position[0]), float(position[1]))
        change.add(NodeUpdated(node_id, "position", node.position, new))


def link_nodes(
    change: Change,
    command: LinkNodes,
    new_id: NewId,
    source_id: str | None = None,
    target_id: str | None = None,
) -> None:
    """Add the event of link-nodes, with other ends where create-node stands for them."""
    link_type = change.graph.blueprint.link_types.get(command.link_type_id)
    properties = command.properties
    if link_type is not None:
        properties = with_defaults(link_type.properties, properties)
    change.add(
        NodeLinked(
            new_id() if command.link_id is None else command.link_id,
            command.source_id if source_id is None else source_id,
            command.target_id if target_id is None else target_id,
            command.link_type_id,
            properties,
        )
    )


def unlink_nodes(change: Change, command: UnlinkNodes) -> None:
    """Add the event of unlink-nodes."""
    change.add(change.link(command.link_id, "link_id").created().inverse())


def set_property(change: Change, command: SetProperty) -> None:
    """Add the event of set-property."""
    element = change.element(command.node_id, command.link_id)
    name = command.property_name
    old_value = element.properties.get(name, UNSET)
    change.add_changed(
        PropertyChanged(name, command.value, old_value, command.node_id, command.link_id), element
    )


def delete_property(change: Change, command: DeleteProperty) -> None:
    """Add the event of delete-property."""
    element = change.element(command.node_id, command.link_id)
    change.add(
        PropertyDeleted(
            command.property_name,
            element.properties.get(command.property_name),
            command.node_id,
            command.link_id,
        )
    )


def update_blueprint(change: Change, command: UpdateBlueprint) -> None:
    """Add the event of update-blueprint."""
    change.add(BlueprintUpdated(command.blueprint, change.graph.blueprint))


def _order(change: Change, parent_id: str | None, before: str | None, moving: Node | None) -> float:
    """Pick the order that puts a node last among siblings, or before one of them.

    Where no number lies between the two neighbours any more, the siblings are renumbered first.

    Parameters
    ----------
    change : Change
        Takes the events of the renumbering.
    parent_id : str or None
        Whose children are meant.
    before : str or None
        The sibling to come before; None: last.
    moving : Node or None
        The node itself where it is one of the siblings already; it counts for nothing.
    """
    siblings = change.graph.children(parent_id)
    if before is None:
        last = _neighbour(siblings, len(siblings), moving)
        order = 0.0 if last is None else last.order + 1.0
        return order if order < _LARGEST_ORDER else _renumber(change, siblings, moving, None)
    following = _sibling(change, parent_id, before, moving)
    previous = _neighbour(siblings, change.graph.place(following), moving)
    if previous is None:
        order = following.order - 1.0
        fits = order > -_LARGEST_ORDER
    else:
        order = (previous.order + following.order) / 2
        fits = previous.order < order < following.order
    return order if fits else _renumber(change, siblings, moving, following)


def _sibling(change: Change, parent_id: str | None, before: str, moving: Node | None) -> Node:
    """Return the sibling to come before, which has to be one, and another node."""
    following = change.node(before, "before")
    if following is moving:
        raise SchemaError("a node can't come before itself", path=change.at + "before")
    if following.parent_id != parent_id:
        where = "at the top" if parent_id is None else f"below {shown(parent_id)}"
        raise SchemaError(
            f"before must name a node {where}, got {shown(before)}", path=change.at + "before"
        )
    return following


def _neighbour(siblings: Sequence[Node], place: int, moving: Node | None) -> Node | None:
    """Return the last sibling before a place that is not the one that moves."""
    if place and siblings[place - 1] is moving:
        place -= 1
    return siblings[place - 1] if place else None


def _renumber(
    change: Change, siblings: Sequence[Node], moving: Node | None, following: Node | None
) -> float:
    """Number the siblings 0, 1, 2, ..., leaving out one number, which is returned."""
    free = -1.0
    orders: list[tuple[Node, float]] = []
    number = 0.0
    for node in siblings:
        if node is following:
            free, number = number, number + 1.0
        if node is not moving:
            orders.append((node, number))
            number += 1.0
    for node, order in orders:
        if node.order != order:
            change.add(NodeUpdated(node.node_id, "order", node.order, order))
    return number if following is None else free
