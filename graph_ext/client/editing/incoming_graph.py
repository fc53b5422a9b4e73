"""A graph into a session: of a file that was read, of another session, or of an old rev.

Elements keep their ids. A node that stands already is updated; so is a link of the same id and
ends. A link whose id stands between other nodes is the one that stands at its place, the second
between two nodes the second, or a new one. So the same file again changes nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from graph_ext.client.editing.plan import update_link, update_node
from graph_ext.client.elements.links import links_between
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import CreateNode, Edit, LinkNodes, UpdateBlueprint
from graph_ext.core.graph import Graph, Link

__all__ = ["IncomingGraph", "StandingLinks", "graph_commands", "incoming_graph"]


class StandingLinks:
    """Finds the links that stand for those that come without an id: each is given out once.

    Parameters
    ----------
    graph : Graph
        Where they stand; must not change meanwhile.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        # (source_id, target_id, type) -> those that were not given out yet
        self._left: dict[tuple[str, str, str], Iterator[Link]] = {}
        self._taken: set[str] = set()

    def take(self, link_id: str) -> None:
        """Give a link out."""
        self._taken.add(link_id)

    def next(self, source_id: str, target_id: str, type_id: str) -> Link | None:
        """Give out the next link between two nodes that has a type, "" for any."""
        graph = self._graph
        if source_id not in graph.nodes or target_id not in graph.nodes or not graph.links:
            return None
        if not graph.blueprint.directed and target_id < source_id:
            source_id, target_id = target_id, source_id
        place = (source_id, target_id, type_id)
        left = self._left.get(place)
        if left is None:
            left = self._left[place] = iter(links_between(graph, source_id, target_id))
        for link in left:
            if link.link_id not in self._taken and type_id in {"", link.link_type_id}:
                self._taken.add(link.link_id)
                return link
        return None


class IncomingGraph:
    """A graph on its way into a session.

    Parameters
    ----------
    nodes : list of CreateNode
        Each with its node_id; parents before their children.
    edges : list of LinkNodes
        Each with its link_id.
    blueprint : Blueprint
        The graph's own. A session that is empty and has none takes it; any other keeps its own.
    """

    def __init__(
        self, nodes: list[CreateNode], edges: list[LinkNodes], blueprint: Blueprint
    ) -> None:
        self.nodes = nodes
        self.edges = edges
        self.edge_count = len(edges)
        self.blueprint = blueprint

    def __len__(self) -> int:
        return len(self.nodes) + len(self.edges)

    def plan(self, graph: Graph) -> list[Edit]:
        """Return the commands, nodes first.

        Parameters
        ----------
        graph : Graph
            What stands already; must not change meanwhile.

        Raises
        ------
        SchemaError
            An element that stands has another type.
        """
        edits: list[Edit] = []
        if not graph.nodes and graph.blueprint == Blueprint():
            if self.blueprint != graph.blueprint:
                edits.append(UpdateBlueprint(self.blueprint))
        elif self.edges and graph.blueprint.directed != self.blueprint.directed:
            warnings.warn(_direction_differs(graph.blueprint.directed), stacklevel=4)
        for command in self.nodes:
            node = graph.nodes.get(command.node_id or "")
            if node is None:
                edits.append(command)
            else:
                edits.extend(update_node(node, command))
        edits.extend(self._links(graph))
        return edits

    def _links(self, graph: Graph) -> list[Edit]:
        if not graph.links:
            return list(self.edges)
        standing = StandingLinks(graph)
        found = [_same(graph, link) for link in self.edges]
        for known in found:
            if known is not None:
                standing.take(known.link_id)
        edits: list[Edit] = []
        for known, link in zip(found, self.edges, strict=True):
            wanted = link
            if known is None and link.link_id in graph.links:
                known = standing.next(link.source_id, link.target_id, link.link_type_id)  # noqa: PLW2901
                # its id stands between other nodes
                wanted = LinkNodes(
                    link.source_id, link.target_id, link.link_type_id, None, link.properties
                )
            if known is None:
                edits.append(wanted)
            else:
                edits.extend(update_link(known, link.link_type_id, link.properties))
        return edits


def incoming_graph(source: ReadableGraph) -> IncomingGraph:
    """Return what another graph holds, as commands."""
    replica = source.replica
    with replica.lock:
        nodes, links = graph_commands(replica.graph)
        return IncomingGraph(nodes, links, replica.graph.blueprint)


def graph_commands(graph: Graph) -> tuple[list[CreateNode], list[LinkNodes]]:
    """Return what makes all nodes, parents before their children, and all links of a graph."""
    nodes = [
        CreateNode(
            node.node_id,
            node.parent_id,
            node.blueprint_type_id,
            node.name,
            None,
            node.position,
            node.properties,
        )
        for root in graph.children(None)
        for node in map(graph.nodes.__getitem__, graph.subtree(root.node_id))
    ]
    links = [
        LinkNodes(link.source_id, link.target_id, link.link_type_id, link.link_id, link.properties)
        for link in graph.links.values()
    ]
    return nodes, links


def _same(graph: Graph, wanted: LinkNodes) -> Link | None:
    """Return the link that stands under the id of one that comes, if it has the same ends."""
    link = graph.links.get(wanted.link_id or "")
    if link is None:
        return None
    ends = (wanted.source_id, wanted.target_id)
    if ends == (link.source_id, link.target_id):
        return link
    turned = not graph.blueprint.directed and ends == (link.target_id, link.source_id)
    return link if turned else None


def _direction_differs(directed: bool) -> str:
    return (
        f"links of the incoming graph {'have no' if directed else 'have a'} direction, those of "
        f"this session {'have one' if directed else 'have none'}; a new, empty session takes the "
        "kind of graph from the first that comes in"
    )
