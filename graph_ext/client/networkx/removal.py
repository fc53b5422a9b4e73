"""What commands remove nodes and links as networkx does it: without what is below them.

A session deletes a node with all below it; networkx knows no below. So what is below a node that
goes moves up to where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph_ext.client.elements.links import find_links
from graph_ext.client.elements.nodes import find_node
from graph_ext.core.commands import DeleteNode, Edit, UnlinkNodes, UpdateNode
from graph_ext.core.graph import Graph

__all__ = ["clearing", "removed_links", "removed_nodes"]


def removed_nodes(graph: Graph, keys: Iterable[Any]) -> list[Edit]:
    """Return what removes nodes and their links, and keeps their children."""
    gone = dict.fromkeys(
        node_id for node_id in (find_node(graph, key) for key in keys) if node_id is not None
    )
    edits: list[Edit] = []
    for node_id in gone:
        stays_below = graph.nodes[node_id].parent_id
        while stays_below in gone:
            stays_below = graph.nodes[stays_below].parent_id
        edits.extend(
            UpdateNode(child.node_id, parent_id=stays_below)
            for child in graph.children(node_id)
            if child.node_id not in gone
        )
    # with nothing that stays below any of them, children may go before or with their parents
    edits.extend(
        DeleteNode(node_id) for node_id in gone if graph.nodes[node_id].parent_id not in gone
    )
    return edits


def removed_links(graph: Graph, edges: Iterable[tuple[Any, Any, Any]]) -> list[Edit]:
    """Return what removes edges (u, v, key); without a key the youngest between the two."""
    gone: dict[str, None] = {}
    for u, v, key in edges:
        standing = [link for link in find_links(graph, u, v, key) if link.link_id not in gone]
        if standing:
            gone[standing[-1].link_id] = None
    return [UnlinkNodes(link_id) for link_id in gone]


def clearing(graph: Graph, *, nodes: bool = True) -> list[Edit]:
    """Return what removes everything, or all links."""
    if nodes:
        return [DeleteNode(node.node_id) for node in graph.children(None)]
    return [UnlinkNodes(link_id) for link_id in graph.links]
