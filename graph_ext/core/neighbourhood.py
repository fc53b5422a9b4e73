"""The part of a graph around one node."""

from __future__ import annotations

from collections import deque
from copy import copy
from itertools import chain

from msgspec import Struct

from graph_ext.core.errors import NotFoundError
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import shown

__all__ = ["Neighbourhood", "neighbourhood"]


class Neighbourhood(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The nodes within some steps of one, the nearest first, and all links among them.

    ``truncated``: there is more than an answer may hold.
    """

    rev: int
    nodes: list[Node]
    links: list[Link]
    truncated: bool = False


def neighbourhood(
    graph: Graph, node_id: str, depth: int, *, rev: int, max_elements: int
) -> Neighbourhood:
    """Return the part of a graph that lies within ``depth`` links of a node, in either direction.

    Its elements are copies.

    Raises
    ------
    NotFoundError
        There is no such node.
    """
    if node_id not in graph.nodes:
        raise NotFoundError(f"There is no node {shown(node_id)} at rev {rev}", path="node_id")
    nodes: dict[str, Node] = {node_id: graph.nodes[node_id]}
    links: dict[str, Link] = {}
    ahead = deque([(node_id, 0)])
    while ahead:
        current, steps = ahead.popleft()
        for link in chain(graph.out_links(current), graph.in_links(current)):
            other = link.target_id if link.source_id == current else link.source_id
            if other not in nodes:
                if steps == depth:
                    continue
                if len(nodes) + len(links) >= max_elements:
                    return _of(rev, nodes, links, truncated=True)
                nodes[other] = graph.nodes[other]
                ahead.append((other, steps + 1))
            if link.link_id not in links:
                if len(nodes) + len(links) >= max_elements:
                    return _of(rev, nodes, links, truncated=True)
                links[link.link_id] = link
    return _of(rev, nodes, links, truncated=False)


def _of(
    rev: int, nodes: dict[str, Node], links: dict[str, Link], *, truncated: bool
) -> Neighbourhood:
    return Neighbourhood(
        rev=rev,
        nodes=[copy(node) for node in nodes.values()],
        links=[copy(link) for link in links.values()],
        truncated=truncated,
    )
