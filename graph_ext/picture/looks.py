"""How nodes look in a picture: which are shown, their colours, sizes and names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from graph_ext.core.graph import Graph, Link, Node
from graph_ext.picture.channels import Channel, Channels, value_of
from graph_ext.picture.scales import (
    NEUTRAL,
    ColourScale,
    colour_scale,
    is_colour,
    kind_colours,
    shows,
    size_scale,
    text_of,
)

__all__ = ["Looks", "most_linked", "shown_nodes"]

_SMALLEST_PX, _LARGEST_PX = 1.6, 10.0


def shown_nodes(graph: Graph, channel: Channel | None) -> list[Node]:
    """Return the nodes that a filter lets through."""
    if channel is None:
        return list(graph.nodes.values())
    return [
        node
        for node in graph.nodes.values()
        if shows(value_of(channel, graph, node), channel.among)
    ]


def most_linked(graph: Graph, nodes: list[Node], most: int) -> list[Node]:
    """Return at most so many of some nodes, those with most links, in their order."""
    if len(nodes) <= most:
        return nodes
    degrees = Counter(link.source_id for link in graph.links.values())
    degrees.update(link.target_id for link in graph.links.values())
    order = sorted(range(len(nodes)), key=lambda number: -degrees[nodes[number].node_id])
    return [nodes[number] for number in sorted(order[:most])]


class Looks:
    """What the channels make of each node.

    Parameters
    ----------
    graph : Graph
        Nobody changes it meanwhile.
    channels : mapping of str to Channel
        Without one, the blueprint's colours, sizes by degree, and names.
    shown : sequence of Node
        All that a filter lets through: scales are made for them.
    """

    def __init__(self, graph: Graph, channels: Channels, shown: Sequence[Node]) -> None:
        self._graph = graph
        self._colour = channels.get("color")
        self._size = channels.get("size")
        self._label = channels.get("label")
        blueprint = graph.blueprint
        colour = self._colour
        if colour is None:
            types = dict.fromkeys(node.blueprint_type_id for node in shown)
            self._types = types.keys() - {""}
            given = {
                type_id: found.colour
                for type_id, found in blueprint.node_types.items()
                if is_colour(found.colour)
            }
            own = kind_colours(type_id for type_id in types if type_id and type_id not in given)
            by_type = {type_id: given.get(type_id) or own[type_id] for type_id in types if type_id}
            self.scale: ColourScale | None = ColourScale("kinds", by_type)
            self.heading = ""
        elif colour.constant is not None:
            self.scale, self.heading = ColourScale("literal"), ""
        else:
            values = (value_of(colour, graph, node) for node in shown)
            self.scale = colour_scale(values, colour.colours)
            self.heading = colour.property or ""
        size = self._size
        self._sizes = None
        if size is not None and size.constant is None:
            self._sizes = size_scale(value_of(size, graph, node) for node in shown)

    def colour(self, node: Node) -> str:
        """Return a node's colour."""
        if self._colour is None:
            value: Any = node.blueprint_type_id or None
        else:
            value = value_of(self._colour, self._graph, node)
        return NEUTRAL if self.scale is None else self.scale.colour(value)

    def radii(self, nodes: Sequence[Node], links: Sequence[Link], room_px: float) -> list[float]:
        """Half the widths of nodes, pixels, where each has so much room to each side."""
        size = self._size
        if size is not None and size.constant is not None:
            return [float(size.constant)] * len(nodes)
        base = min(_LARGEST_PX, max(_SMALLEST_PX, 0.12 * room_px))
        if size is not None and self._sizes is not None:
            factor = self._sizes.factor
            return [base * factor(value_of(size, self._graph, node)) for node in nodes]
        degrees = Counter(link.source_id for link in links)
        degrees.update(link.target_id for link in links if link.target_id != link.source_id)
        return [base * (1 + min(1.2, math.log2(1 + degrees[node.node_id]) / 6)) for node in nodes]

    def label(self, node: Node) -> str:
        """Return what is written beside a node."""
        if self._label is None:
            return node.name or node.node_id
        value = value_of(self._label, self._graph, node)
        return "" if value is None else text_of(value)
