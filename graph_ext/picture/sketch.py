"""What a picture needs of a graph, taken out of it in one go: afterwards the graph may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from itertools import islice
from typing import Any

from msgspec import Struct

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.picture.channels import Channel, Channels, value_of
from graph_ext.picture.scales import (
    ColourScale,
    colour_scale,
    is_colour,
    kind_colours,
    shows,
    size_scale,
    text_of,
)

__all__ = ["MOST_LINKS", "MOST_NODES", "Line", "Sketch", "sketch"]

MOST_NODES = 600
MOST_LINKS = 2_000
"""What a picture beside a live widget has at most; it says so where there is more."""


class Line(Struct, frozen=True):
    """A link as it is drawn; its colour is "" where its type has none."""

    source_id: str
    target_id: str
    colour: str


class Sketch(Struct, frozen=True):
    """Nodes and links of a picture, and how each node looks."""

    nodes: list[Node]
    lines: list[Line]
    # one for each node
    colours: list[str]
    labels: list[str]
    # how much larger than it would be by itself; None where the number of links decides
    factors: list[float] | None
    # half the width of each, pixels; None where the picture decides
    radius_px: float | None
    scale: ColourScale
    # what the colours tell of, "" for the types
    heading: str
    directed: bool
    # how many nodes there would be in all, and whether some of it is left out
    total: int
    is_cut: bool


def sketch(
    graph: Graph,
    channels: Channels,
    *,
    most_nodes: int = MOST_NODES,
    most_links: int = MOST_LINKS,
) -> Sketch:
    """Take what is to be drawn.

    Parameters
    ----------
    graph : Graph
        Nobody changes it meanwhile.
    channels : mapping of str to Channel
        ``color``, ``size``, ``label``, ``filter``. Without them: the types' colours, sizes by the
        number of links, names, all nodes.
    most_nodes, most_links : int
        Of more, those with most links are taken.
    """
    shown = _shown(graph, channels.get("filter"))
    nodes = _most_linked(graph, shown, most_nodes)
    ids = {node.node_id for node in nodes}
    found = (link for link in graph.links.values() if link.source_id in ids)
    links = list(islice((link for link in found if link.target_id in ids), most_links + 1))
    is_cut = len(nodes) < len(shown) or len(links) > most_links
    scale, values, heading = _colours(graph, channels.get("color"), shown, nodes)
    size = channels.get("size")
    factors = radius = None
    if size is not None and size.constant is not None:
        radius = float(size.constant)
    elif size is not None:
        sizes = size_scale(value_of(size, graph, node) for node in shown)
        if sizes is not None:
            factors = [sizes.factor(value_of(size, graph, node)) for node in nodes]
    return Sketch(
        nodes=[copy(node) for node in nodes],
        lines=[_line(graph.blueprint, link) for link in links[:most_links]],
        colours=[scale.colour(value) for value in values],
        labels=[_label(graph, channels.get("label"), node) for node in nodes],
        factors=factors,
        radius_px=radius,
        scale=scale,
        heading=heading,
        directed=graph.blueprint.directed,
        total=len(shown),
        is_cut=is_cut,
    )


def _shown(graph: Graph, channel: Channel | None) -> list[Node]:
    if channel is None:
        return list(graph.nodes.values())
    return [
        node
        for node in graph.nodes.values()
        if shows(value_of(channel, graph, node), channel.among)
    ]


def _most_linked(graph: Graph, nodes: list[Node], most: int) -> list[Node]:
    if len(nodes) <= most:
        return nodes
    degrees = Counter(link.source_id for link in graph.links.values())
    degrees.update(link.target_id for link in graph.links.values())
    order = sorted(range(len(nodes)), key=lambda number: -degrees[nodes[number].node_id])
    return [nodes[number] for number in sorted(order[:most])]


def _colours(
    graph: Graph, channel: Channel | None, shown: Iterable[Node], nodes: Sequence[Node]
) -> tuple[ColourScale, list[Any], str]:
    """Return the scale of all that is shown, the values of what is drawn, and their heading."""
    if channel is None:
        scale = _type_colours(graph.blueprint, shown)
        return scale, [node.blueprint_type_id or None for node in nodes], ""
    values = [value_of(channel, graph, node) for node in nodes]
    if channel.constant is not None:
        return ColourScale("literal"), values, ""
    all_values = (value_of(channel, graph, node) for node in shown)
    return colour_scale(all_values, channel.colours), values, channel.property or ""


def _type_colours(blueprint: Blueprint, nodes: Iterable[Node]) -> ColourScale:
    types = list(dict.fromkeys(node.blueprint_type_id for node in nodes))
    given = {
        type_id: found.colour
        for type_id, found in blueprint.node_types.items()
        if is_colour(found.colour)
    }
    own = kind_colours(type_id for type_id in types if type_id and type_id not in given)
    colours = {type_id: given.get(type_id) or own[type_id] for type_id in types if type_id}
    return ColourScale("kinds", colours)


def _label(graph: Graph, channel: Channel | None, node: Node) -> str:
    if channel is None:
        return node.name or node.node_id
    value = value_of(channel, graph, node)
    return "" if value is None else text_of(value)


def _line(blueprint: Blueprint, link: Link) -> Line:
    found = blueprint.link_types.get(link.link_type_id)
    colour = found.colour if found is not None and is_colour(found.colour) else ""
    return Line(link.source_id, link.target_id, colour)
