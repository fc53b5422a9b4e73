"""Small graphs to draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph_ext.core.events import NodeCreated, NodeLinked
from graph_ext.core.graph import Graph

__all__ = ["graph_of"]


def graph_of(
    nodes: Iterable[NodeCreated | str], links: Iterable[tuple[str, str]] = (), **more: Any
) -> Graph:
    """Make a graph; a node may be just its node_id, a link its ends."""
    graph = Graph()
    for node in nodes:
        graph.apply(NodeCreated(node) if isinstance(node, str) else node)
    for number, (source, target) in enumerate(links):
        graph.apply(NodeLinked(f"l{number}", source, target, **more))
    return graph
