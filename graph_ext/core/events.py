"""Facts: what changed in a graph, in the past tense, each with all its inverse needs.

A commit is a list of these; ``Graph.apply`` is the only place that acts on them. The wire form
is the struct's own JSON, tagged by ``type``. Fields that have their default are left out.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from graph_ext.core.blueprint import Blueprint

__all__ = [
    "BlueprintUpdated",
    "Event",
    "NodeCreated",
    "NodeDeleted",
    "NodeField",
    "NodeLinked",
    "NodeUnlinked",
    "NodeUpdated",
    "Position",
    "PropertyChanged",
    "PropertyDeleted",
]

Position = tuple[float, float]
"""(x, y) in graph units."""

NodeField = Literal["name", "parent_id", "order", "position"]
"""What of a node an update may change."""

_FACT = {"frozen": True, "tag_field": "type", "omit_defaults": True, "gc": False}


class NodeCreated(Struct, tag="node-created", **_FACT):
    """A node stands where none stood; also a node's stored and snapshot form.

    ``order`` sorts siblings, ties by node_id. ``name`` empty: people see the node_id.
    """

    node_id: str
    parent_id: str | None = None
    blueprint_type_id: str = ""
    name: str = ""
    order: float = 0.0
    position: Position | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    def inverse(self) -> NodeDeleted:
        """Return the event that undoes this one."""
        return NodeDeleted(*self._values())

    def _values(self) -> tuple[Any, ...]:
        return (
            self.node_id,
            self.parent_id,
            self.blueprint_type_id,
            self.name,
            self.order,
            self.position,
            self.properties,
        )


class NodeDeleted(Struct, tag="node-deleted", **_FACT):
    """A node is gone, with the state it had; its links and children went before it."""

    node_id: str
    parent_id: str | None = None
    blueprint_type_id: str = ""
    name: str = ""
    order: float = 0.0
    position: Position | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    def inverse(self) -> NodeCreated:
        """Return the event that undoes this one."""
        return NodeCreated(
            self.node_id,
            self.parent_id,
            self.blueprint_type_id,
            self.name,
            self.order,
            self.position,
            self.properties,
        )


class NodeUpdated(Struct, tag="node-updated", **_FACT):
    """One field of a node has a new value: name, parent_id, order or position."""

    node_id: str
    field: NodeField
    old_value: str | float | Position | None = None
    new_value: str | float | Position | None = None

    def inverse(self) -> NodeUpdated:
        """Return the event that undoes this one."""
        return NodeUpdated(self.node_id, self.field, self.new_value, self.old_value)


class NodeLinked(Struct, tag="node-linked", **_FACT):
    """A link stands between two nodes; also a link's stored and snapshot form."""

    link_id: str
    source_id: str
    target_id: str
    link_type_id: str = ""
    properties: dict[str, Any] = field(default_factory=dict)

    def inverse(self) -> NodeUnlinked:
        """Return the event that undoes this one."""
        return NodeUnlinked(
            self.link_id, self.source_id, self.target_id, self.link_type_id, self.properties
        )


class NodeUnlinked(Struct, tag="node-unlinked", **_FACT):
    """A link is gone, with the state it had."""

    link_id: str
    source_id: str
    target_id: str
    link_type_id: str = ""
    properties: dict[str, Any] = field(default_factory=dict)

    def inverse(self) -> NodeLinked:
        """Return the event that undoes this one."""
        return NodeLinked(
            self.link_id, self.source_id, self.target_id, self.link_type_id, self.properties
        )


class PropertyChanged(Struct, tag="property-changed", **_FACT):
    """A property of a node or a link has a value; ``old_value`` is absent where there was none."""

    property_name: str
    new_value: Any = None
    old_value: Any | UnsetType = UNSET
    node_id: str | None = None
    link_id: str | None = None

    def inverse(self) -> PropertyChanged | PropertyDeleted:
        """Return the event that undoes this one."""
        if self.old_value is UNSET:
            return PropertyDeleted(self.property_name, self.new_value, self.node_id, self.link_id)
        return PropertyChanged(
            self.property_name, self.old_value, self.new_value, self.node_id, self.link_id
        )


class PropertyDeleted(Struct, tag="property-deleted", **_FACT):
    """A property of a node or a link is gone, with the value it had."""

    property_name: str
    old_value: Any = None
    node_id: str | None = None
    link_id: str | None = None

    def inverse(self) -> PropertyChanged:
        """Return the event that undoes this one."""
        return PropertyChanged(
            self.property_name, self.old_value, UNSET, self.node_id, self.link_id
        )


class BlueprintUpdated(Struct, tag="blueprint-updated", **_FACT):
    """The session has a new blueprint."""

    new_value: Blueprint
    old_value: Blueprint

    def inverse(self) -> BlueprintUpdated:
        """Return the event that undoes this one."""
        return BlueprintUpdated(self.old_value, self.new_value)


Event = (
    NodeCreated
    | NodeDeleted
    | NodeUpdated
    | NodeLinked
    | NodeUnlinked
    | PropertyChanged
    | PropertyDeleted
    | BlueprintUpdated
)
"""One fact about a graph."""
