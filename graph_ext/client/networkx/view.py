"""``g.nx``: networkx's own classes over mappings that read a session; what they change, it changes.

There is one class for each of networkx's four. Called by themselves, as ``G.copy()`` and others do
with ``G.__class__()``, they make networkx's plain graphs: copies are nobody's session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, cast

import networkx as nx

from graph_ext.client.editing.given import incoming
from graph_ext.client.editing.update import Edge, Incoming, NodeEntry
from graph_ext.client.elements.keys import EdgeKey, link_key_of, node_id_of
from graph_ext.client.networkx.attributes import LinkAttributes, NodeAttributes
from graph_ext.client.networkx.index import (
    EdgeKeys,
    KeyedIndex,
    Neighbours,
    NodesByKey,
    OuterAdjacency,
)
from graph_ext.client.networkx.removal import clearing, removed_links, removed_nodes
from graph_ext.client.readable import ReadableGraph

__all__ = [
    "LiveDiGraph",
    "LiveGraph",
    "LiveMultiDiGraph",
    "LiveMultiGraph",
    "bring",
    "is_live",
    "live_view",
    "plain",
    "standing_still",
]


class _Live(nx.Graph):  # type: ignore[type-arg]
    """What the four have in common: every change is a command, or several in one commit.

    Refusals raise as networkx does where it has a word for them, else GraphError; nothing was
    changed then. A change of several elements is one commit: all or nothing.
    """

    node_dict_factory: ClassVar[Any] = NodesByKey
    node_attr_dict_factory: ClassVar[Any] = NodeAttributes
    adjlist_outer_dict_factory: ClassVar[Any] = OuterAdjacency
    adjlist_inner_dict_factory: ClassVar[Any] = Neighbours
    edge_attr_dict_factory: ClassVar[Any] = LinkAttributes

    # networkx's class of the same kind
    _plain: Any
    # what it reads, and what carries out its changes
    _index: KeyedIndex

    def __new__(cls, *args: Any, **attributes: Any) -> Any:
        """Make a plain graph of the same kind: see the module's text."""
        return cls._plain(*args, **attributes)

    @classmethod
    def over(cls, graph: ReadableGraph, attributes: dict[str, Any]) -> Any:
        """Return the view of a session; its graph attributes are that dict."""
        view = object.__new__(cls)
        view.attach(graph, attributes)
        return view

    def attach(self, graph: ReadableGraph, attributes: dict[str, Any]) -> None:
        """Read a session from now on."""
        index = KeyedIndex(
            graph,
            graph.live_replica,
            directed=self.is_directed(),
            multigraph=self.is_multigraph(),
        )
        self._index = index
        self.graph = attributes
        # nothing is ever kept from one call to the next: others change the session, too
        self.__networkx_cache__ = cast("dict[str, Any]", None)
        self._node = cast("dict[Any, dict[str, Any]]", index.nodes)
        self._adj = cast("dict[Any, dict[Any, dict[str, Any]]]", index.out)
        if index.directed:
            self._pred = index.into

    def __reduce__(self) -> tuple[Any, ...]:
        copied = plain(self)
        return _same, (copied,)

    def add_node(self, node_for_adding: Any, **attr: Any) -> None:
        """Add a node, or give the one that stands attributes."""
        self._add([(_named(node_for_adding), attr)], [])

    def add_nodes_from(self, nodes_for_adding: Iterable[Any], **attr: Any) -> None:
        """Add nodes, or give those that stand attributes, in one commit."""
        nodes: list[NodeEntry] = []
        for entry in nodes_for_adding:
            try:
                hash(entry)
                nodes.append((_named(entry), attr))
            except TypeError:
                key, own = entry
                nodes.append((_named(key), {**attr, **own}))
        self._add(nodes, [])

    def remove_node(self, n: Any) -> None:
        """Remove a node and its links; nodes below it move up to where it was."""
        if n not in self._node:
            raise nx.NetworkXError(f"The node {n} is not in the graph.")
        self._index.change(lambda graph: removed_nodes(graph, [n]))

    def remove_nodes_from(self, nodes: Iterable[Any]) -> None:
        """Remove those of the nodes that stand, in one commit."""
        gone = [n for n in nodes if n in self._node]
        self._index.change(lambda graph: removed_nodes(graph, gone))

    def add_edge(self, u_of_edge: Any, v_of_edge: Any, **attr: Any) -> Any:
        """Add an edge, or give the one that stands attributes."""
        self._add([], [(_named(u_of_edge), _named(v_of_edge), None, attr)])

    def add_edges_from(self, ebunch_to_add: Iterable[Any], **attr: Any) -> Any:
        """Add edges, or give those that stand attributes, in one commit."""
        edges: list[Edge] = []
        for edge in ebunch_to_add:
            if len(edge) not in {2, 3}:
                raise nx.NetworkXError(f"Edge tuple {edge} must be a 2-tuple or 3-tuple.")
            own = edge[2] if len(edge) == 3 else {}
            edges.append((_named(edge[0]), _named(edge[1]), None, {**attr, **dict(own)}))
        self._add([], edges)

    def remove_edge(self, u: Any, v: Any) -> None:
        """Remove the edge between two nodes."""
        if not self.has_edge(u, v):
            raise nx.NetworkXError(f"The edge {u}-{v} not in graph")
        self._index.change(lambda graph: removed_links(graph, [(u, v, None)]))

    def remove_edges_from(self, ebunch: Iterable[Any]) -> None:
        """Remove those of the edges that stand, in one commit."""
        gone = [(u, v, None) for u, v in (edge[:2] for edge in ebunch) if self.has_edge(u, v)]
        self._index.change(lambda graph: removed_links(graph, gone))

    def update(self, edges: Any = None, nodes: Any = None) -> None:
        """Bring in a graph, or edges and nodes, in one commit."""
        if edges is None and nodes is None:
            raise nx.NetworkXError("update needs nodes or edges input")
        if hasattr(edges, "nodes") and hasattr(edges, "edges") and nodes is None:
            coming = cast("Incoming", incoming(getattr(edges, "nx", edges), None))
            self._add(coming.nodes, coming.edges)
            self.graph.update(coming.attributes)
            return
        if nodes is not None:
            self.add_nodes_from(nodes)
        if edges is not None:
            self.add_edges_from(edges)

    def clear(self) -> None:
        """Remove everything, in one commit."""
        self._index.change(clearing)
        self.graph.clear()

    def clear_edges(self) -> None:
        """Remove all edges, in one commit."""
        self._index.change(lambda graph: clearing(graph, nodes=False))

    def _add(self, nodes: Collection[NodeEntry], edges: Collection[Edge]) -> Incoming:
        coming = Incoming(nodes, edges, as_networkx=True)
        label = f"Update of {len(nodes)} nodes, {len(edges)} links" if len(coming) > 1 else ""
        self._index.change(coming.plan, label)
        return coming


class LiveGraph(_Live):
    """A session that is undirected and simple."""

    _plain: Any = nx.Graph


class LiveDiGraph(_Live, nx.DiGraph):  # type: ignore[type-arg]
    """A session that is directed and simple."""

    _plain: Any = nx.DiGraph


class _LiveMulti(_Live):
    """What the two with parallel edges have in common."""

    edge_key_dict_factory: ClassVar[Any] = EdgeKeys

    def add_edge(  # type: ignore[override]
        self, u_for_edge: Any, v_for_edge: Any, key: Any = None, **attr: Any
    ) -> Any:
        """Add an edge, or give the one of that key attributes; return its key."""
        return self._keyed([(_named(u_for_edge), _named(v_for_edge), key, attr)])[0]

    def add_edges_from(self, ebunch_to_add: Iterable[Any], **attr: Any) -> Any:
        """Add edges, or give those of their keys attributes, in one commit; return the keys."""
        return self._keyed([_multi_edge(edge, attr) for edge in ebunch_to_add])

    def _keyed(self, edges: list[Edge]) -> list[EdgeKey]:
        coming = self._add([], edges)
        directed = self.is_directed()
        return [
            link_key_of(link_id, node_id_of(u), node_id_of(v), directed=directed)
            for link_id, (u, v, _, _) in zip(coming.link_ids, edges, strict=True)
        ]

    def remove_edge(self, u: Any, v: Any, key: Any = None) -> None:
        """Remove the edge of a key, or the youngest between two nodes."""
        if not self.has_edge(u, v):
            raise nx.NetworkXError(f"The edge {u}-{v} is not in the graph.")
        if key is not None and not cast("Any", self).has_edge(u, v, key):
            raise nx.NetworkXError(f"The edge {u}-{v} with key {key} is not in the graph.")
        self._index.change(lambda graph: removed_links(graph, [(u, v, key)]))

    def remove_edges_from(self, ebunch: Iterable[Any]) -> None:
        """Remove those of the edges that stand, in one commit."""
        gone = [
            (edge[0], edge[1], edge[2] if len(edge) > 2 else None)
            for edge in ebunch
            if self.has_edge(edge[0], edge[1])
        ]
        self._index.change(lambda graph: removed_links(graph, gone))


class LiveMultiGraph(_LiveMulti, nx.MultiGraph):  # type: ignore[type-arg]
    """A session that is undirected and may have parallel links."""

    _plain: Any = nx.MultiGraph


class LiveMultiDiGraph(_LiveMulti, nx.MultiDiGraph):  # type: ignore[type-arg]
    """A session that is directed and may have parallel links: the default."""

    _plain: Any = nx.MultiDiGraph


_CLASSES: dict[tuple[bool, bool], type[_Live]] = {
    (False, False): LiveGraph,
    (True, False): LiveDiGraph,
    (False, True): LiveMultiGraph,
    (True, True): LiveMultiDiGraph,
}


def live_view(graph: ReadableGraph, known: Any, attributes: dict[str, Any]) -> Any:
    """Return the view of a session: the known one, unless the session is of another kind by now."""
    with graph.replica.lock:
        blueprint = graph.replica.graph.blueprint
    kind = _CLASSES[blueprint.directed, blueprint.multigraph]
    if type(known) is kind and known._index.replica is graph.live_replica:
        return known
    return kind.over(graph, attributes)


def is_live(graph: object) -> bool:
    """Tell whether a graph is a session's view."""
    return isinstance(graph, _Live)


def standing_still(view: Any) -> AbstractContextManager[None]:
    """Let others' changes of who is next to whom wait."""
    held: AbstractContextManager[None] = view._index.held()
    return held


def bring(view: Any, nodes: Collection[NodeEntry], edges: Collection[Edge]) -> None:
    """Add nodes and edges with their attributes, in one commit (GraphError)."""
    view._add(nodes, edges)


def plain(view: Any) -> Any:
    """Return a graph of networkx's own with everything that is in a view, and nothing shared."""
    copied = view._plain()
    with view._index.held():
        copied.graph.update(view.graph)
        copied.add_nodes_from((n, d.copy()) for n, d in view._node.items())
        if view.is_multigraph():
            edges: Iterable[Any] = (
                (u, v, k, d.copy()) for u, v, k, d in view.edges(keys=True, data=True)
            )
        else:
            edges = ((u, v, d.copy()) for u, v, d in view.edges(data=True))
        copied.add_edges_from(edges)
    return copied


def _same(graph: Any) -> Any:
    return graph


def _named(key: Any) -> Any:
    if key is None:
        raise ValueError("None cannot be a node")
    return key


def _multi_edge(edge: Any, common: Mapping[str, Any]) -> Edge:
    """Return an edge as networkx reads it: the third may be a key or attributes."""
    key: Any = None
    own: Any = {}
    match len(edge):
        case 2:
            u, v = edge
        case 3:
            u, v, own = edge
        case 4:
            u, v, key, own = edge
        case _:
            raise nx.NetworkXError(f"Edge tuple {edge} must be a 2-tuple, 3-tuple or 4-tuple.")
    try:
        attributes = {**common, **dict(own)}
    except (TypeError, ValueError):
        if len(edge) != 3:
            raise
        key, attributes = own, dict(common)
    return (_named(u), _named(v), key, attributes)
