"""Nodes and links one by one, as networkx has them: each call is a commit.

Long: most of it is the methods' description.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from graph_ext.client.editing.conditions import Conditions, Expect
from graph_ext.client.editing.meaning import is_pair
from graph_ext.client.editing.plan import ends_that_miss, position_of, update_link, update_node
from graph_ext.client.elements.keys import EdgeKey, Key, key_of, link_id_of, link_key_of, node_id_of
from graph_ext.client.elements.links import links_between
from graph_ext.client.elements.nodes import find_node
from graph_ext.client.elements.values import json_properties
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.ids import new_id
from graph_ext.core.commands import CreateNode, DeleteNode, Edit, LinkNodes, UnlinkNodes
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown

__all__ = ["EditedGraph"]


class EditedGraph(FollowedGraph):
    """A session to which nodes and links are added, and from which they are removed."""

    def add_node(  # noqa: PLR0913 (people give one or two of them)
        self,
        /,
        node_id: Key | None = None,
        *,
        type: str = "",  # noqa: A002 (as the blueprint calls it)
        name: str = "",
        parent: Key | None = None,
        position: Sequence[float] | None = None,
        expect: Iterable[Expectation] = (),
        **properties: object,
    ) -> Key:
        """Add a node, or update it if it stands already, as networkx does.

        Parameters
        ----------
        node_id : str, int or tuple, optional
            Its key; without one it gets a new id.
        type : str
            Its type in the blueprint.
        name : str
            What people see instead of the key.
        parent : key, optional
            The node it is part of; it becomes the last of its children.
        position : (x, y), optional
            Where it stands, in graph units; networkx's word for it, ``pos``, will do, too.
        expect : iterable of Expectation
            What must hold of the graph.
        **properties
            Its other properties.

        Returns
        -------
        str, int or tuple
            Its key.

        Raises
        ------
        GraphError
            The refusal: SCHEMA, NOT_FOUND (the parent), CYCLE, UNAVAILABLE and so on.

        Examples
        --------
        >>> g.add_node("Paint", type="Task", parent="Build", effort=3)
        'Paint'
        >>> g.nodes["Paint"]["effort"] = 4
        >>> g.nodes["Paint"]
        NodeView('Paint', type='Task', parent='Build', {'effort': 4})
        """
        wanted_id = new_id() if node_id is None else node_id_of(node_id)
        if position is None and is_pair(properties.get("pos")):
            position = cast("Sequence[float]", properties.pop("pos"))
        values = json_properties(properties, lambda: f"node {shown(node_id)}")
        where = position_of(position, lambda: f"node {shown(node_id)}")
        if not name and isinstance(node_id, str) and wanted_id != node_id:
            name = node_id

        def plan(graph: Graph) -> list[Edit]:
            node = graph.nodes.get(wanted_id)
            parent_id = None
            if parent is not None:
                parent_id = find_node(graph, parent) or node_id_of(parent)
            wanted = CreateNode(
                node_id=wanted_id,
                parent_id=parent_id,
                blueprint_type_id=str(type),
                name=name,
                position=where,
                properties=values,
            )
            return [wanted] if node is None else update_node(node, wanted)

        self.carry_out(plan, conditions=Conditions(tuple(expect)))
        return key_of(wanted_id) if node_id is None else node_id

    def add_edge(
        self,
        /,
        u: Key,
        v: Key,
        *,
        key: EdgeKey | None = None,
        type: str = "",  # noqa: A002 (as the blueprint calls it)
        expect: Iterable[Expectation] = (),
        **properties: object,
    ) -> EdgeKey:
        """Add a link from u to v, as networkx's MultiDiGraph does.

        Ends that do not stand yet are made in the same commit, unless the blueprint has node types:
        then the server refuses (NOT_FOUND), because nobody knows which type they should have. In a
        session that is no multigraph, the link between u and v is updated if there is one.

        Parameters
        ----------
        u, v : str, int or tuple
            The keys of its ends.
        key : str, int or tuple, optional
            What tells it from other links between the two; a link of that key is updated. Without
            a key it is a new link.
        type : str
            Its type in the blueprint.
        expect : iterable of Expectation
            What must hold of the graph.
        **properties
            Its properties.

        Returns
        -------
        str, int or tuple
            Its key.

        Raises
        ------
        GraphError
            The refusal.

        Examples
        --------
        >>> g.add_edge("Roof", "Paint", key=0, type="blocks", days=2)
        0
        >>> g.edges["Roof", "Paint"]
        LinkView('Roof', 'Paint', key=0, type='blocks', {'days': 2})
        """
        values = json_properties(properties, lambda: f"edge {shown(u)} - {shown(v)}")
        source_id, target_id = node_id_of(u), node_id_of(v)
        fresh = new_id()
        made: list[EdgeKey] = []

        def plan(graph: Graph) -> list[Edit]:
            directed = graph.blueprint.directed
            link = None
            link_id = fresh
            if key is not None:
                link_id = link_id_of(source_id, target_id, key, directed=directed)
                link = graph.links.get(link_id)
            elif not graph.blueprint.multigraph:
                link = next(iter(links_between(graph, source_id, target_id)), None)
            made[:] = [
                link_key_of(
                    link_id if link is None else link.link_id,
                    source_id,
                    target_id,
                    directed=directed,
                )
            ]
            if link is not None:
                return update_link(link, str(type), values)
            wanted = LinkNodes(source_id, target_id, str(type), link_id, values)
            return [*ends_that_miss(graph, wanted), wanted]

        self.carry_out(plan, conditions=Conditions(tuple(expect)))
        return made[0]

    def remove_node(self, node_id: Key, *, expect: Expect = ()) -> None:
        """Remove a node with its children, theirs, and all their links.

        Parameters
        ----------
        node_id : str, int or tuple
            Its key.
        expect : mapping or iterable of Expectation
            The values that its properties must still have, or any conditions.

        Raises
        ------
        GraphError
            NOT_FOUND, CONFLICT (something is not as expected), or another refusal.

        Examples
        --------
        >>> g.remove_node("Build", expect={"state": "doing"})
        >>> list(g)
        ['Design']
        """
        node = self.nodes[node_id]
        self.submit(DeleteNode(node.node_id), expect=node.expected(expect))

    def remove_edge(
        self, u: Key, v: Key, key: EdgeKey | None = None, *, expect: Expect = ()
    ) -> None:
        """Remove the link from u to v; where there are several, the one of that key.

        Parameters
        ----------
        u, v, key : str, int or tuple
            Its ends, and what tells it from others between them.
        expect : mapping or iterable of Expectation
            The values that its properties must still have, or any conditions.

        Raises
        ------
        GraphError
            NOT_FOUND, CONFLICT (several, and no key; or something is not as expected), or another
            refusal.

        Examples
        --------
        >>> g.remove_edge("Design", "Build")
        >>> ("Design", "Build") in g.edges
        False
        """
        link = self.edges[(u, v) if key is None else (u, v, key)]
        self.submit(UnlinkNodes(link.link_id), expect=link.expected(expect))
