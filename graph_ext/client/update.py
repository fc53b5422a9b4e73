"""Whole graphs in: what commands bring networkx graphs, nodes and edges into a session.

The attributes ``type``, ``name``, ``parent``, ``pos`` (or ``position``) of a node, and ``type`` of
an edge, mean what they mean to ``add_node`` and ``add_edge``; all others become properties, by the
rule of :mod:`graph_ext.client.values`. NaN, NaT and NA say "missing": that attribute is left out.

A node that stands already is updated. So is a link: under a key (a multigraph's edges have one)
the link of that key; without one the first link between the two nodes that has the wanted type, and
where the session is no multigraph, the only one. What comes twice comes once, with the attributes
of both, the later ones first in rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from graph_ext.client.ids import new_id
from graph_ext.client.incoming_graph import IncomingGraph, incoming_graph
from graph_ext.client.keys import link_id_of, node_id_of
from graph_ext.client.links import links_between
from graph_ext.client.nodes import find_node
from graph_ext.client.plan import position_of, update_link, update_node
from graph_ext.client.reading import ReadableGraph
from graph_ext.client.values import is_missing, json_value
from graph_ext.core.commands import CreateNode, Edit, LinkNodes
from graph_ext.core.errors import SchemaError
from graph_ext.core.graph import Graph, Link
from graph_ext.core.json_values import shown

__all__ = ["Edge", "Incoming", "NodeEntry", "incoming", "node_entry"]

NodeEntry = tuple[object, Mapping[Any, Any]]
"""(key, attributes)"""

Edge = tuple[object, object, object, Mapping[Any, Any]]
"""(u, v, key or None, attributes)"""


class Incoming:
    """Nodes and edges on their way into a session.

    Parameters
    ----------
    nodes : list of (key, attributes)
        Nodes.
    edges : list of (u, v, key or None, attributes)
        Edges; nodes that stand nowhere are made.
    parallel : bool
        Whether an edge without a key is another one, as for ``add_edge``, where the session is a
        multigraph.
    """

    def __init__(
        self, nodes: list[NodeEntry], edges: list[Edge], *, parallel: bool = False
    ) -> None:
        self.nodes = nodes
        self.edges = edges
        self.parallel = parallel
        # the id of each edge's link by the last plan; "": the server will make one
        self.link_ids: list[str] = []

    def __len__(self) -> int:
        return len(self.nodes) + len(self.edges)

    def plan(self, graph: Graph) -> list[Edit]:
        """Return the commands, nodes first, parents before their children.

        Parameters
        ----------
        graph : Graph
            What stands already; must not change meanwhile.

        Raises
        ------
        SchemaError
            A key, attribute or type does not fit.
        """
        node_ids: dict[object, str] = {}
        known: set[object] = {key for key, _ in self.nodes}
        wanted: dict[str, CreateNode] = {}
        for key, attributes in self.nodes:
            node_id = _resolve(key, node_ids)
            parent = _parent_of(attributes)
            parent_id = None
            if parent in known:
                parent_id = node_id_of(parent)
            elif parent is not None:
                parent_id = find_node(graph, parent)
            wanted[node_id] = _joined(
                wanted.get(node_id), _node(key, node_id, parent_id, attributes)
            )
        for u, v, _, _ in self.edges:
            for key in (u, v):
                if key not in node_ids:
                    node_id = _resolve(key, node_ids)
                    if node_id not in wanted and node_id not in graph.nodes:
                        wanted[node_id] = _node(key, node_id, None, {})
        edits: list[Edit] = []
        for command in _parents_first(wanted):
            node = graph.nodes.get(command.node_id or "")
            if node is None:
                edits.append(command)
            else:
                edits.extend(update_node(node, command))
        edits.extend(self._links(graph, node_ids))
        return edits

    def _links(self, graph: Graph, node_ids: dict[object, str]) -> list[Edit]:
        directed, multigraph = graph.blueprint.directed, graph.blueprint.multigraph
        edits: list[Edit] = []
        # what the links that may come twice will have: type and properties
        coming: dict[object, LinkNodes] = {}
        standing: list[tuple[Link, LinkNodes]] = []
        self.link_ids = link_ids = []
        for u, v, key, attributes in self.edges:
            source_id, target_id = node_ids[u], node_ids[v]
            type_id, properties = _split(attributes, partial(_edge_named, u, v))
            link_id: str | None = None
            same: object = None
            if key is not None:
                link_id = same = link_id_of(source_id, target_id, key, directed=directed)
                link = graph.links.get(link_id)
            elif not multigraph:
                ends = (source_id, target_id)
                same = ends if directed else frozenset(ends)
                link = next(iter(links_between(graph, source_id, target_id)), None)
            else:
                link = None if self.parallel else _standing(graph, source_id, target_id, type_id)
            if same in coming:
                _add_to(coming[same], type_id, properties)
                link_ids.append(coming[same].link_id or "")
                continue
            if link is not None:
                link_id = link.link_id
            elif link_id is None and self.parallel:
                link_id = new_id()
            wanted = LinkNodes(source_id, target_id, type_id, link_id, properties)
            link_ids.append(link_id or "")
            if same is not None:
                coming[same] = wanted
            if link is None:
                edits.append(wanted)
            else:
                standing.append((link, wanted))
        for link, wanted in standing:
            edits.extend(update_link(link, wanted.link_type_id, wanted.properties))
        return edits


def _joined(before: CreateNode | None, wanted: CreateNode) -> CreateNode:
    """Return what comes twice as one."""
    if before is None:
        return wanted
    return replace(
        wanted,
        parent_id=before.parent_id if wanted.parent_id is None else wanted.parent_id,
        blueprint_type_id=wanted.blueprint_type_id or before.blueprint_type_id,
        name=wanted.name or before.name,
        position=before.position if wanted.position is None else wanted.position,
        properties={**before.properties, **wanted.properties},
    )


def _add_to(link: LinkNodes, type_id: str, properties: dict[str, Any]) -> None:
    """Add to a link what the same link has where it comes again (SchemaError: another type)."""
    if type_id not in {"", link.link_type_id}:
        raise SchemaError(
            f"the link {shown(link.source_id)} - {shown(link.target_id)} comes twice, of type "
            f"{shown(link.link_type_id)} and of type {shown(type_id)}",
            fix="give them different keys",
        )
    link.properties.update(properties)


def _standing(graph: Graph, source_id: str, target_id: str, type_id: str) -> Link | None:
    """Return the first link between two nodes that has a type, "" for any."""
    found = links_between(graph, source_id, target_id)
    return next((link for link in found if not type_id or link.link_type_id == type_id), None)


def incoming(edges: Any, nodes: Any) -> Incoming | IncomingGraph:
    """Read what ``update`` is given, which is what networkx's ``Graph.update`` is given.

    Parameters
    ----------
    edges : graph or iterable
        A networkx graph, a graph of this package (a session, a file), or edges: (u, v),
        (u, v, attributes) or (u, v, key, attributes).
    nodes : iterable or None
        Nodes: a key, or (key, attributes).

    Raises
    ------
    TypeError
        It is none of these.
    """
    if isinstance(edges, ReadableGraph):
        return incoming_graph(edges)
    node_list: list[NodeEntry] = []
    edge_list: list[Edge] = []
    if hasattr(edges, "is_multigraph") and hasattr(edges, "edges"):
        node_list.extend(edges.nodes(data=True))
        if edges.is_multigraph():
            edge_list.extend(edges.edges(keys=True, data=True))
        else:
            edge_list.extend((u, v, None, data) for u, v, data in edges.edges(data=True))
    elif edges is not None:
        edge_list.extend(map(_edge, edges))
    if nodes is not None:
        node_list.extend(map(node_entry, nodes))
    return Incoming(node_list, edge_list)


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


def _resolve(key: object, node_ids: dict[object, str]) -> str:
    node_id = node_ids.get(key)
    if node_id is None:
        node_id = node_ids[key] = node_id_of(key)
    return node_id


def _parent_of(attributes: Mapping[Any, Any]) -> object:
    """Return the attribute ``parent`` where it can be a key."""
    parent = attributes.get("parent")
    return parent if isinstance(parent, str | int | tuple) else None


def _node(
    key: object, node_id: str, parent_id: str | None, attributes: Mapping[Any, Any]
) -> CreateNode:
    named = partial(_node_named, key)
    left = dict(attributes)
    name = left.pop("name") if isinstance(left.get("name"), str) else ""
    if not name and isinstance(key, str) and node_id != key:
        name = key  # its node_id has quotes around it
    position = None
    for field in ("pos", "position"):
        if _is_pair(left.get(field)):
            position = position_of(left.pop(field), named)
    if parent_id is not None:
        del left["parent"]
    type_id, properties = _split(left, named)
    return CreateNode(
        node_id=node_id,
        parent_id=parent_id,
        blueprint_type_id=type_id,
        name=name,
        position=position,
        properties=properties,
    )


def _split(attributes: Mapping[Any, Any], named: Callable[[], str]) -> tuple[str, dict[str, Any]]:
    """Return the type, and the other attributes as properties."""
    type_id = ""
    properties: dict[str, Any] = {}
    for name, value in attributes.items():
        if name == "type" and isinstance(value, str):
            type_id = str(value)
        elif not is_missing(value):
            text = name if isinstance(name, str) else str(name)
            properties[text] = json_value(value, text, named)
    return type_id, properties


def _node_named(key: object) -> str:
    return f"node {shown(key)}"


def _edge_named(u: object, v: object) -> str:
    return f"edge {shown(u)} - {shown(v)}"


def _is_pair(value: object) -> bool:
    return not isinstance(value, str | Mapping) and hasattr(value, "__len__") and len(value) == 2


def _parents_first(wanted: dict[str, CreateNode]) -> Iterable[CreateNode]:
    """Order commands so that a parent that is made stands before its children are made."""
    if all(command.parent_id is None for command in wanted.values()):
        return wanted.values()
    ordered: dict[str, CreateNode] = {}
    for node_id in wanted:
        ahead: dict[str, CreateNode] = {}
        current: str | None = node_id
        # a cycle among parents is left for the server to refuse
        while current in wanted and current not in ordered and current not in ahead:
            ahead[current] = wanted[current]
            current = wanted[current].parent_id
        ordered.update(reversed(ahead.items()))
    return ordered.values()
