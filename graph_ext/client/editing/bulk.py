"""Many nodes and links at once, each time as one commit: networkx's bulk calls, and ``update``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graph_ext.client.editing.conditions import UNCONDITIONAL, Conditions
from graph_ext.client.editing.given import incoming, node_entry
from graph_ext.client.editing.incoming_graph import IncomingGraph
from graph_ext.client.editing.update import Edge, Incoming
from graph_ext.client.elements.keys import EdgeKey, Key, link_key_of, node_id_of
from graph_ext.client.elements.links import LinkView, find_links, several_links
from graph_ext.client.elements.nodes import NodeView, find_node
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.networkx.methods import GraphForNetworkX
from graph_ext.client.session.collector import collector_paused
from graph_ext.core.commands import DeleteNode, Edit, UnlinkNodes
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown

__all__ = ["BulkEditedGraph"]


class BulkEditedGraph(FollowedGraph, GraphForNetworkX):
    """A session to which many nodes and links are added, or from which they are removed, at once.

    Each call is one commit: all or nothing, and one step to undo. From 10,000 elements on it shows
    a progress bar.
    """

    def add_nodes_from(
        self,
        /,
        nodes: Iterable[Any],
        *,
        type: str = "",  # noqa: A002 (as the blueprint calls it)
        parent: Key | None = None,
        label: str = "",
        progress: bool | None = None,
        **properties: object,
    ) -> None:
        """Add nodes, or update those that stand already, as networkx does.

        Parameters
        ----------
        nodes : iterable
            Keys, or (key, attributes). The attributes ``type``, ``name``, ``parent`` and ``pos`` or
            ``position`` mean what they mean to ``add_node``, where they are that; all others
            become properties.
        type : str
            The type of those that do not say theirs.
        parent : key, optional
            What those are part of that do not say it.
        label : str
            What the history calls it.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 elements.
        **properties
            Properties of all that do not say otherwise.

        Raises
        ------
        GraphError
            The refusal; nothing was changed.

        Examples
        --------
        >>> g.add_nodes_from(["Paint", ("Floor", {"effort": 4})], type="Task", effort=1)
        >>> [(node.key, node["effort"]) for node in map(g.nodes.get, ["Paint", "Floor"])]
        [('Paint', 1), ('Floor', 4)]
        """
        common: dict[Any, Any] = dict(properties)
        if type:
            common["type"] = str(type)
        if parent is not None:
            # as it is found now: a key that nobody has is refused below, not taken for a property
            common["parent"] = self.nodes[parent].key
        entries = list(map(node_entry, nodes))
        if common:
            entries = [(key, {**common, **attributes}) for key, attributes in entries]
        coming = Incoming(entries, [])
        self._bring(coming, label or f"Add {len(entries)} nodes", progress)

    def add_edges_from(
        self,
        /,
        edges: Iterable[Any],
        *,
        type: str = "",  # noqa: A002 (as the blueprint calls it)
        label: str = "",
        progress: bool | None = None,
        **properties: object,
    ) -> list[EdgeKey]:
        """Add links, as ``add_edge`` does each; ends that do not stand are made.

        Parameters
        ----------
        edges : iterable
            (u, v), (u, v, attributes), (u, v, key) or (u, v, key, attributes), in any mixture. The
            attribute ``type`` is the link's type; all others become properties.
        type : str
            The type of those that do not say theirs.
        label : str
            What the history calls it.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 elements.
        **properties
            Properties of all that do not say otherwise.

        Returns
        -------
        list of str, int or tuple
            Their keys, in the order in which they were given.

        Raises
        ------
        TypeError
            One is none of these.
        GraphError
            The refusal; nothing was changed.

        Examples
        --------
        >>> g.add_edges_from([("Roof", "Paint", 0), ("Walls", "Paint", 0, {"days": 2})], days=1)
        [0, 0]
        >>> g.edges["Roof", "Paint"]["days"], g.edges["Walls", "Paint"]["days"]
        (1, 2)
        """
        common: dict[Any, Any] = dict(properties)
        if type:
            common["type"] = str(type)
        entries = list(map(_edge, edges))
        if common:
            entries = [(u, v, key, {**common, **attributes}) for u, v, key, attributes in entries]
        coming = Incoming([], entries, parallel=True)
        self._bring(coming, label or f"Add {len(entries)} links", progress)
        with self.replica.lock:
            directed = self.replica.graph.blueprint.directed
        return [
            link_key_of(link_id, node_id_of(u), node_id_of(v), directed=directed)
            for link_id, (u, v, _, _) in zip(coming.link_ids, entries, strict=True)
        ]

    def remove_nodes_from(
        self, nodes: Iterable[Any], *, label: str = "", progress: bool | None = None
    ) -> None:
        """Remove nodes, each with all below it and their links; those that nobody has are passed.

        Parameters
        ----------
        nodes : iterable
            Keys, or what ``find`` returns.
        label : str
            What the history calls it.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 elements.

        Raises
        ------
        GraphError
            The refusal; nothing was changed.

        Examples
        --------
        >>> g.remove_nodes_from(["Design", "nobody"])
        >>> g.remove_nodes_from(g.find(effort=gx.lt(3)), label="Tidy up")
        >>> list(g)
        ['Build', 'Walls']
        """
        entries = list(nodes)

        def plan(graph: Graph) -> list[Edit]:
            going: dict[str, None] = {}
            for entry in entries:
                node_id = entry.node_id if isinstance(entry, NodeView) else find_node(graph, entry)
                if node_id is not None and node_id in graph.nodes:
                    going[node_id] = None
            # what goes with a node above it can't be removed once more
            return [
                DeleteNode(node_id) for node_id in going if not _has_above(graph, node_id, going)
            ]

        about = label or f"Remove {len(entries)} nodes"
        self.carry_out(plan, label=about, progress=progress, batch=True)

    def remove_edges_from(
        self, edges: Iterable[Any], *, label: str = "", progress: bool | None = None
    ) -> None:
        """Remove links; those that do not stand are passed.

        Parameters
        ----------
        edges : iterable
            (u, v), (u, v, key), either with attributes after it, which are not looked at; link_ids;
            or what ``find_edges`` returns.
        label : str
            What the history calls it.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 elements.

        Raises
        ------
        TypeError
            One is none of these.
        GraphError
            CONFLICT (several links stand between two nodes, and no key says which is meant), or
            another refusal; nothing was changed.

        Examples
        --------
        >>> g.remove_edges_from([("Design", "Build"), ("Design", "nobody")])
        >>> len(g.edges)
        1
        """
        entries = list(edges)

        def plan(graph: Graph) -> list[Edit]:
            going = dict.fromkeys(
                link_id for entry in entries if (link_id := _link_id(graph, entry)) is not None
            )
            return [UnlinkNodes(link_id) for link_id in going]

        about = label or f"Remove {len(entries)} links"
        self.carry_out(plan, label=about, progress=progress, batch=True)

    def update(  # noqa: PLR0913 (people give one or two of them)
        self,
        edges: Any = None,
        nodes: Any = None,
        *,
        label: str = "",
        expect: Iterable[Expectation] = (),
        base_rev: int | None = None,
        progress: bool | None = None,
    ) -> None:
        """Bring a networkx graph, a file, or edges and nodes, into the session, as one commit.

        What stands already is updated: the same update again changes nothing. See
        :mod:`graph_ext.client.editing.update` for what attributes become.

        Parameters
        ----------
        edges : graph of networkx, igraph, rustworkx or this package, or iterable of edges
            What ``gx.read`` gives, or another session, is taken with its ids. Edges are (u, v),
            (u, v, attributes) or (u, v, key, attributes).
        nodes : iterable, optional
            Keys, or (key, attributes).
        label : str
            What the history calls it.
        expect : iterable of Expectation
            What must hold of the graph.
        base_rev : int, optional
            The rev that the session must stand at: nobody has changed anything since.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 changes.

        Raises
        ------
        TypeError
            It is none of these.
        GraphError
            The refusal; nothing was changed.

        Examples
        --------
        >>> import networkx as nx
        >>> g.update(nx.path_graph(3))
        >>> g.neighborhood(1).nodes
        [NodeView(1, {}), NodeView(2, {}), NodeView(0, {})]
        """
        coming = incoming(edges, nodes)
        about = label or f"Update of {len(coming.nodes)} nodes, {coming.edge_count} links"
        self._bring(coming, about, progress, Conditions(tuple(expect), base_rev))
        if isinstance(coming, Incoming):
            self.keep_attributes(coming.attributes)

    def _bring(
        self,
        coming: Incoming | IncomingGraph,
        label: str,
        progress: bool | None,
        conditions: Conditions = UNCONDITIONAL,
    ) -> None:
        with collector_paused(len(coming)):
            self.carry_out(
                coming.plan, label=label, conditions=conditions, progress=progress, batch=True
            )


def _edge(edge: Any) -> Edge:
    match edge:
        case (u, v):
            return (u, v, None, {})
        case (u, v, Mapping() as attributes):
            return (u, v, None, attributes)
        case (u, v, key):
            return (u, v, key, {})
        case (u, v, key, Mapping() as attributes):
            return (u, v, key, attributes)
    raise TypeError(
        "an edge is (u, v), (u, v, attributes), (u, v, key) or (u, v, key, attributes), "
        f"got {shown(edge)}"
    )


def _link_id(graph: Graph, entry: Any) -> str | None:
    """Return the id of the link that is meant; None: there is none."""
    if isinstance(entry, LinkView | str):
        link_id = entry if isinstance(entry, str) else entry.link_id
        return link_id if link_id in graph.links else None
    u, v, key, _ = _edge(entry)
    found = find_links(graph, u, v, key)
    if len(found) > 1:
        raise several_links(graph, u, v, found)
    return found[0].link_id if found else None


def _has_above(graph: Graph, node_id: str, among: Mapping[str, None]) -> bool:
    """Tell whether a node stands below one of these."""
    parent_id = graph.nodes[node_id].parent_id
    while parent_id is not None:
        if parent_id in among:
            return True
        parent_id = graph.nodes[parent_id].parent_id
    return False
