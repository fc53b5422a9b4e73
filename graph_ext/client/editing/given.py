"""What ``update`` is given, of whatever kind, read as nodes and edges on their way in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graph_ext.client.editing.incoming_graph import IncomingGraph, incoming_graph
from graph_ext.client.editing.update import Edge, Incoming, NodeEntry
from graph_ext.client.networkx.others import (
    from_igraph,
    from_rustworkx,
    is_igraph,
    is_rustworkx,
)
from graph_ext.client.readable import ReadableGraph
from graph_ext.client.session.collector import collector_paused
from graph_ext.core.json_values import shown

__all__ = ["incoming", "node_entry"]


def incoming(edges: Any, nodes: Any) -> Incoming | IncomingGraph:
    """Read what ``update`` is given, which is what networkx's ``Graph.update`` is given.

    Parameters
    ----------
    edges : graph or iterable
        A graph of networkx, igraph or rustworkx, a graph of this package (a session, a file), or
        edges: (u, v), (u, v, attributes) or (u, v, key, attributes).
    nodes : iterable or None
        Nodes: a key, or (key, attributes).

    Raises
    ------
    TypeError
        It is none of these.
    """
    if isinstance(edges, ReadableGraph):
        return incoming_graph(edges)
    if is_igraph(edges) or is_rustworkx(edges):
        known_nodes, known_edges, attributes = (
            from_igraph(edges) if is_igraph(edges) else from_rustworkx(edges)
        )
        coming = Incoming([*known_nodes, *map(node_entry, nodes or ())], known_edges)
        coming.attributes = attributes
        return coming
    if hasattr(edges, "is_multigraph") and hasattr(edges, "edges"):
        coming = _whole(edges)
        if nodes is not None:
            coming.nodes = [*coming.nodes, *map(node_entry, nodes)]
        coming.attributes = getattr(edges, "graph", None) or {}
        return coming
    if edges is not None and not isinstance(edges, Iterable):
        raise TypeError(
            "update takes a graph, or edges and nodes: g.update(edges, nodes) or "
            f"g.update(nodes=...), got {shown(edges)}"
        )
    edge_list: list[Edge] = []
    node_list: list[NodeEntry] = []
    if edges is not None:
        edge_list.extend(map(_edge, edges))
    if nodes is not None:
        node_list.extend(map(node_entry, nodes))
    return Incoming(node_list, edge_list)


def _whole(graph: Any) -> Incoming:
    """Return a networkx graph as what comes in; its attributes are not copied."""
    nodes = graph.nodes(data=True)
    # in a list, for networkx counts edges one by one
    with collector_paused(len(nodes)):
        return Incoming(
            nodes, _edges_of(graph), whole="directed" if graph.is_directed() else "undirected"
        )


def _edges_of(graph: Any) -> list[Edge]:
    # what stands behind networkx's views takes half their time; undirected, it has each edge twice
    directed = graph.is_directed()
    if graph.is_multigraph():
        if not directed:
            return list(graph.edges(keys=True, data=True))
        return [
            (u, v, key, data)
            for u, neighbours in graph.adjacency()
            for v, between in neighbours.items()
            for key, data in between.items()
        ]
    if not directed:
        return [(u, v, None, data) for u, v, data in graph.edges(data=True)]
    return [
        (u, v, None, data) for u, neighbours in graph.adjacency() for v, data in neighbours.items()
    ]


def node_entry(node: Any) -> NodeEntry:
    """Return a node, given as a key or as (key, attributes), as the latter."""
    if isinstance(node, tuple) and len(node) == 2 and isinstance(node[1], Mapping):
        return node
    return (node, {})


def _edge(edge: Any) -> Edge:
    match edge:
        case (u, v):
            return (u, v, None, {})
        case (u, v, Mapping() as attributes):
            return (u, v, None, attributes)
        case (u, v, key, Mapping() as attributes):
            return (u, v, key, attributes)
    raise TypeError(
        f"an edge is (u, v), (u, v, attributes) or (u, v, key, attributes), got {shown(edge)}"
    )
