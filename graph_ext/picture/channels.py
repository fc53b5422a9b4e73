"""What a node's colour, size or name is taken from, or whether it is shown: values of nodes.

A channel travels to the page as it is, so that its values follow the graph there without Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from graph_ext.core.graph import Graph, Node

__all__ = ["MISSING", "OWN", "Channel", "Channels", "value_of", "values_of"]

MISSING = None
"""What a node has that has no value."""

OWN = ("type", "name", "node_id", "degree")
"""What can be named like a property: a property of that name comes first."""


class Channel(Struct, frozen=True, omit_defaults=True):
    """Where values come from: just one of ``property``, ``constant`` and ``values`` is given."""

    property: str | None = None
    constant: Any = None
    # by node_id
    values: dict[str, Any] | None = None
    # colours of values, by their text
    colours: dict[str, str] | None = None
    # a filter's: which values are shown, by their text; None: any that is true
    among: list[str] | None = None


Channels = Mapping[str, Channel]
"""By ``color``, ``size``, ``label`` and ``filter``, as far as they are given."""


def value_of(channel: Channel, graph: Graph, node: Node) -> Any:
    """Return a node's value; None where it has none."""
    if channel.values is not None:
        return channel.values.get(node.node_id)
    name = channel.property
    if name is None:
        return channel.constant
    if name in node.properties:
        return node.properties[name]
    match name:
        case "type":
            return node.blueprint_type_id or None
        case "name":
            return node.name or node.node_id
        case "node_id":
            return node.node_id
        case "degree":
            return len(graph.links_of(node.node_id))
    return MISSING


def values_of(channel: Channel, graph: Graph) -> dict[str, Any]:
    """Return the values of all nodes that have one, by node_id."""
    found = {node.node_id: value_of(channel, graph, node) for node in graph.nodes.values()}
    return {node_id: value for node_id, value in found.items() if value is not None}
