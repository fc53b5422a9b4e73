"""Whole graphs in: what commands bring networkx graphs, nodes and edges into a session.

What attributes become is said in :mod:`graph_ext.client.editing.meaning`. NaN, NaT and NA say
"missing": that attribute is left out.

A node that stands already is updated. So is a link: under a key (a multigraph's edges have one)
the link of that key; without one the first link between the two nodes that has the wanted type, and
where the session is no multigraph, the only one. What comes twice comes once, with the attributes
of both, the later ones first in rank.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

from graph_ext.client.editing.meaning import new_node, node_changes, parent_in, type_and_properties
from graph_ext.client.editing.plan import update_link
from graph_ext.client.elements.keys import EdgeKey, digest_of_ends, link_key_of, node_id_of
from graph_ext.client.elements.links import links_between
from graph_ext.client.ids import new_id
from graph_ext.core.commands import CreateNode, Edit, LinkNodes
from graph_ext.core.errors import SchemaError
from graph_ext.core.graph import Graph, Link
from graph_ext.core.json_values import shown

__all__ = ["Edge", "Incoming", "NodeEntry", "parents_first"]

NodeEntry = tuple[object, Mapping[Any, Any]]
"""(key, attributes)"""

Edge = tuple[object, object, object, Mapping[Any, Any]]
"""(u, v, key or None, attributes)"""


class Incoming:
    """Nodes and edges on their way into a session.

    Parameters
    ----------
    nodes : collection of (key, attributes)
        Nodes.
    edges : collection of (u, v, key or None, attributes)
        Edges; nodes that stand nowhere are made.
    parallel : bool
        Whether an edge without a key is another one, as for ``add_edge``, where the session is a
        multigraph.
    as_networkx : bool
        Whether to act as networkx's own classes do: such an edge gets the next number for its key,
        and a NaN is refused, not left out.
    whole : {"", "directed", "undirected"}
        Whether it is a whole graph, and which: the ends of all edges are among the nodes, and each
        edge comes once (of a directed graph, once from its source to its target).
    """

    def __init__(
        self,
        nodes: Collection[NodeEntry],
        edges: Collection[Edge],
        *,
        parallel: bool = False,
        as_networkx: bool = False,
        whole: Literal["", "directed", "undirected"] = "",
    ) -> None:
        self.nodes = nodes
        self.edges = edges
        self.edge_count = len(edges)
        # attributes of the whole graph, which no session has
        self.attributes: Mapping[str, Any] = {}
        self.parallel = parallel
        # the id of each edge's link by the last plan; "": the server will make one
        self.link_ids: list[str] = []
        self._as_networkx = as_networkx
        self._whole = whole

    def __len__(self) -> int:
        return len(self.nodes) + self.edge_count

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
        wanted: dict[str, CreateNode] = {}
        for key, attributes in self._entries(node_ids):
            node_id = node_ids[key]
            parent_id = None
            if "parent" in attributes:
                parent_id = self._parent(graph, node_ids, node_id, attributes)
            wanted[node_id] = new_node(
                key, node_id, parent_id, attributes, strict=self._as_networkx
            )
        for key in () if self._whole else _ends(self.edges):
            if key not in node_ids:
                node_id = node_ids[key] = node_id_of(key)
                if node_id not in wanted and node_id not in graph.nodes:
                    wanted[node_id] = new_node(key, node_id, None, {})
        if not graph.nodes:
            edits: list[Edit] = list(parents_first(wanted))
        else:
            edits = []
            for command in parents_first(wanted):
                node = graph.nodes.get(command.node_id or "")
                if node is None:
                    edits.append(command)
                else:
                    edits.extend(node_changes(node, command))
        links = _Links(graph, node_ids, edits, as_networkx=self._as_networkx)
        distinct = self._whole == "undirected" or (
            self._whole == "directed" and graph.blueprint.directed
        )
        links.plan(self.edges, parallel=self.parallel, distinct=distinct)
        self.link_ids = links.link_ids
        return edits

    def _entries(self, node_ids: dict[object, str]) -> Iterable[NodeEntry]:
        """Note every node's id; return the nodes, one entry each."""
        for key, _ in self.nodes:
            if key not in node_ids:
                node_ids[key] = node_id_of(key)
        if len(node_ids) == len(self.nodes):
            return self.nodes
        merged: dict[object, Mapping[Any, Any]] = {}
        for key, attributes in self.nodes:
            merged[key] = {**merged[key], **attributes} if key in merged else attributes
        return merged.items()

    @staticmethod
    def _parent(
        graph: Graph,
        node_ids: dict[object, str],
        node_id: str,
        attributes: Mapping[Any, Any],
    ) -> str | None:
        parent = attributes["parent"]
        if isinstance(parent, str | int | tuple) and (known := node_ids.get(parent)) is not None:
            return known
        return parent_in(graph, node_id, attributes)


class _Links:
    """The commands for the edges of what comes in, appended to those for their nodes."""

    def __init__(
        self, graph: Graph, node_ids: dict[object, str], edits: list[Edit], *, as_networkx: bool
    ) -> None:
        self._graph = graph
        self._directed = graph.blueprint.directed
        self._multigraph = graph.blueprint.multigraph
        self._node_ids = node_ids
        self._edits = edits
        self._as_networkx = as_networkx
        # the id of each edge's link; "": the server will make one
        self.link_ids: list[str] = []
        # what the links that may come twice will have: type and properties
        self._coming: dict[object, LinkNodes] = {}
        # ends -> the keys of all links between them; only where edges are numbered
        self._taken: dict[object, set[EdgeKey]] = {}

    def plan(self, edges: Iterable[Edge], *, parallel: bool, distinct: bool) -> None:
        node_ids, coming, link_ids = self._node_ids, self._coming, self.link_ids
        edits, strict = self._edits, self._as_networkx
        stand, directed = bool(self._graph.links), self._directed
        texts: dict[object, str] = {}
        standing: list[tuple[Link, LinkNodes]] = []
        u: object = None
        v: object = None

        def named() -> str:
            return f"edge {shown(u)} - {shown(v)}"

        for u, v, given, attributes in edges:
            source_id, target_id = node_ids[u], node_ids[v]
            type_id = ""
            properties: dict[str, Any] = {}
            if attributes:
                type_id, properties = type_and_properties(attributes, named, strict=strict)
            key: Any = self._numbered(source_id, target_id, given) if strict else given
            link_id: str | None = None
            same: object = None
            if key is not None:
                text = texts.get(key)
                if text is None:
                    text = texts[key] = node_id_of(key)
                link_id = same = f"{text}#{digest_of_ends(source_id, target_id, directed)}"
            elif not self._multigraph:
                same = self._ends(source_id, target_id)
            if distinct:
                same = None
            elif same in coming:
                _add_to(coming[same], type_id, properties)
                link_ids.append(coming[same].link_id or "")
                continue
            link = None
            if stand and not (parallel and self._multigraph and key is None):
                link = self._standing(source_id, target_id, link_id, type_id)
            if link is not None:
                link_id = link.link_id
            elif link_id is None and parallel:
                link_id = new_id()
            link_ids.append(link_id or "")
            wanted = LinkNodes(source_id, target_id, type_id, link_id, properties)
            if same is not None:
                coming[same] = wanted
            if link is None:
                edits.append(wanted)
            else:
                standing.append((link, wanted))
        for link, wanted in standing:
            edits.extend(update_link(link, wanted.link_type_id, wanted.properties))

    def _standing(
        self, source_id: str, target_id: str, link_id: str | None, type_id: str
    ) -> Link | None:
        """Return the link that an edge means: of a key, or the first of its type ("": any)."""
        if link_id is not None:
            return self._graph.links.get(link_id)
        found = links_between(self._graph, source_id, target_id)
        if not self._multigraph:
            return found[0] if found else None
        return next((link for link in found if not type_id or link.link_type_id == type_id), None)

    def _numbered(self, source_id: str, target_id: str, key: Any) -> EdgeKey | None:
        """Return the key of an edge as networkx's ``new_edge_key`` chooses it, if it has none."""
        if not self._multigraph:
            return None
        ends = self._ends(source_id, target_id)
        taken = self._taken.get(ends)
        if taken is None:
            taken = self._taken[ends] = {
                link_key_of(link.link_id, source_id, target_id, directed=self._directed)
                for link in links_between(self._graph, source_id, target_id)
            }
        if key is None:
            key = len(taken)
            while key in taken:
                key += 1
        taken.add(key)
        chosen: EdgeKey = key
        return chosen

    def _ends(self, source_id: str, target_id: str) -> tuple[str, str]:
        if not self._directed and target_id < source_id:
            return target_id, source_id
        return source_id, target_id


def _add_to(link: LinkNodes, type_id: str, properties: dict[str, Any]) -> None:
    """Add to a link what the same link has where it comes again (SchemaError: another type)."""
    if type_id not in {"", link.link_type_id}:
        raise SchemaError(
            f"the link {shown(link.source_id)} - {shown(link.target_id)} comes twice, of type "
            f"{shown(link.link_type_id)} and of type {shown(type_id)}",
            fix="give them different keys",
        )
    link.properties.update(properties)


def _ends(edges: Iterable[Edge]) -> Iterator[object]:
    for u, v, _, _ in edges:
        yield u
        yield v


def parents_first(wanted: dict[str, CreateNode]) -> Iterable[CreateNode]:
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
