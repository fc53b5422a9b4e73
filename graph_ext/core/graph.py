"""The graph in memory: what it holds, how it is read, and the one function that changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.events import Event, NodeCreated, NodeLinked, Position

__all__ = ["Graph", "Link", "Node"]


class Node(Struct, gc=False):
    """A node as it stands now."""

    node_id: str
    parent_id: str | None
    blueprint_type_id: str
    name: str
    order: float
    position: Position | None
    properties: dict[str, Any]


class Link(Struct, gc=False):
    """A link as it stands now."""

    link_id: str
    source_id: str
    target_id: str
    link_type_id: str
    properties: dict[str, Any]


class Graph:
    """A typed property graph with a forest of parents; a pure function of the events applied.

    Attributes
    ----------
    nodes : Mapping of str to Node
        In the order of creation.
    links : Mapping of str to Link
        In the order of creation.
    blueprint : Blueprint
        The empty one is open.
    """

    nodes: Mapping[str, Node]
    links: Mapping[str, Link]
    blueprint: Blueprint

    def apply(self, event: Event | NodeCreated | NodeLinked) -> None:
        """Act on one event that was planned against this very state; the only mutator."""
        raise NotImplementedError

    def children(self, parent_id: str | None) -> Sequence[Node]:
        """Children of a node (None: the roots), by order, then node_id."""
        raise NotImplementedError

    def out_links(self, node_id: str) -> Iterable[Link]:
        """Links whose source is the node, oldest first."""
        raise NotImplementedError

    def in_links(self, node_id: str) -> Iterable[Link]:
        """Links whose target is the node, oldest first."""
        raise NotImplementedError

    def links_of(self, node_id: str) -> list[Link]:
        """All links at a node; a self-link once."""
        raise NotImplementedError

    def subtree(self, node_id: str) -> list[str]:
        """The node and all below it, parents before children."""
        raise NotImplementedError
