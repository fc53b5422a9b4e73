"""The order in which nodes are read and written: parents first, siblings as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from graph_ext.core.commands import CreateNode
from graph_ext.core.graph import Graph, Node
from graph_ext.core.json_values import shown
from graph_ext.exchange.graph_file import Notes

__all__ = ["nodes_in_order", "parents_first"]


def nodes_in_order(graph: Graph) -> Iterator[Node]:
    """Yield every node of a graph, each parent before its children, siblings in their order."""
    ahead = list(reversed(graph.children(None)))
    while ahead:
        node = ahead.pop()
        yield node
        if children := graph.children(node.node_id):
            ahead.extend(reversed(children))


def parents_first(
    nodes: Mapping[str, CreateNode], renamed: Mapping[str, str], notes: Notes
) -> list[CreateNode]:
    """Return the nodes in an order in which they can be created, siblings in the file's order.

    Parents that no node has, and those that close a circle, are left out with a note.

    Parameters
    ----------
    nodes : mapping of str to CreateNode
        By node_id, in the file's order; ``parent_id`` still holds the file's id.
    renamed : mapping of str to str
        The file's id to the node_id, where they differ.
    notes : Notes
        Where losses are counted.
    """
    ordered: list[CreateNode] = []
    depths: dict[str, int] = {}  # node_id -> how many parents are above it
    late = False  # whether a parent stands after one of its children
    for node_id, found in nodes.items():
        node = found
        if node.parent_id is not None:
            parent_id = renamed.get(node.parent_id, node.parent_id)
            if parent_id not in nodes:
                notes.add("parents are no nodes of the file and were left out", shown(parent_id))
                node = replace(node, parent_id=None)
            elif parent_id != node.parent_id:
                node = replace(node, parent_id=parent_id)
            late = late or (node.parent_id is not None and node.parent_id not in depths)
        depths[node_id] = 0
        ordered.append(node)
    if not late:
        return ordered
    parents = {node_id: node.parent_id for node_id, node in zip(depths, ordered, strict=True)}
    _break_circles(parents, notes)
    _measure(parents, depths)
    placed = [
        replace(node, parent_id=parents[node_id])
        for node_id, node in zip(depths, ordered, strict=True)
    ]
    # stable, and siblings are equally deep: so they keep the file's order
    return [
        node
        for _, node in sorted(zip(depths.values(), placed, strict=True), key=lambda pair: pair[0])
    ]


def _break_circles(parents: dict[str, str | None], notes: Notes) -> None:
    """Take away the parent of one node of every circle."""
    done: set[str] = set()
    for start in parents:
        trail: dict[str, None] = {}
        current: str | None = start
        while current is not None and current not in done:
            trail[current] = None
            above = parents[current]
            if above is not None and above in trail:
                notes.add("parents close a circle and were left out", shown(current))
                parents[current] = above = None
            current = above
        done.update(trail)


def _measure(parents: Mapping[str, str | None], depths: dict[str, int]) -> None:
    """Fill in how deep each node stands; the depth of a root is 1."""
    for start in parents:
        trail: list[str] = []
        current: str | None = start
        while current is not None and not depths[current]:
            trail.append(current)
            current = parents[current]
        depth = depths[current] if current is not None else 0
        for node_id in reversed(trail):
            depth += 1
            depths[node_id] = depth
