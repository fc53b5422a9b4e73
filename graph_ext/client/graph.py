"""``SharedGraph``: a session as a Python object, made of reads of a replica and of commands.

A change returns when it is durable at the server and applied to this replica; a refusal raises at
that line, and nothing was changed then. All methods may be called from any thread, except from
the connection's own. More than half of this long module is the methods' description.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Literal

from graph_ext.client.bulk import BulkEditedGraph
from graph_ext.client.caller import in_kernel
from graph_ext.client.company import GraphInCompany
from graph_ext.client.conditions import Conditions, Expect
from graph_ext.client.display import GraphDisplay, displays
from graph_ext.client.files import ArchivedGraph
from graph_ext.client.find import FindingGraph
from graph_ext.client.history import GraphWithHistory
from graph_ext.client.ids import new_id
from graph_ext.client.keys import EdgeKey, Key, key_of, link_id_of, link_key_of, node_id_of
from graph_ext.client.links import links_between
from graph_ext.client.nodes import find_node
from graph_ext.client.pandas import GraphFromTables
from graph_ext.client.pending import Receipt
from graph_ext.client.plan import (
    ends_that_miss,
    position_of,
    update_link,
    update_node,
)
from graph_ext.client.tree import TreeOfNodes
from graph_ext.client.types import TypedGraph
from graph_ext.client.values import json_properties
from graph_ext.client.watching import WatchedGraph
from graph_ext.core.commands import (
    CreateNode,
    DeleteNode,
    Edit,
    LinkNodes,
    Redo,
    Undo,
    UnlinkNodes,
)
from graph_ext.core.errors import UnavailableError
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown
from graph_ext.protocol import Skipped

__all__ = ["SharedGraph"]


class SharedGraph(
    GraphInCompany,
    WatchedGraph,
    GraphWithHistory,
    BulkEditedGraph,
    TreeOfNodes,
    FindingGraph,
    ArchivedGraph,
    GraphFromTables,
    TypedGraph,
):
    """A live shared graph. Made by :func:`graph_ext.open`.

    As a container it holds node keys: ``len(g)``, ``"Design" in g``, ``for key in g``.
    """

    # what `g` as a cell's last line shows; made at the first time
    _widget: GraphDisplay | None = None

    def add_node(  # noqa: PLR0913 (people give one or two of them)
        self,
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
            Where it stands, in graph units.
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

    # --- undo ---------------------------------------------------------------------------------

    def undo(
        self,
        *,
        scope: Literal["actor", "session"] = "actor",
        rev: int | None = None,
        force: bool = False,
    ) -> list[Skipped]:
        """Undo my last change (of that what still stands), as a new commit.

        Parameters
        ----------
        scope : {"actor", "session"}
            Mine, or the session's last whoever made it.
        rev : int, optional
            That commit instead.
        force : bool
            Also delete what others have built on it.

        Returns
        -------
        list of Skipped
            What stays as it is because somebody has changed or deleted it since.

        Raises
        ------
        GraphError
            UNDO_EMPTY, UNDO_NOTHING_LEFT, UNDO_CONFLICT, or another refusal.
        """
        return _skipped(self.submit(Undo(scope, rev, force)))

    def redo(self) -> list[Skipped]:
        """Redo what my last undo really undid; returns and raises as :meth:`undo`."""
        return _skipped(self.submit(Redo()))

    # --- showing ------------------------------------------------------------------------------

    def show(  # noqa: PLR0913 (people give one or two of them)
        self,
        *,
        color: object = None,
        size: object = None,
        label: object = None,
        layout: str = "",
        filter: object = None,  # noqa: A002 (as people call it)
        height: str | int = 480,
    ) -> GraphDisplay:
        """Return a live widget of the graph.

        Colours, sizes, names and the filter follow the graph: what is taken from a property is
        looked up in the page, without this process; a function is called here, again for each node
        that changes or whose links do.

        Parameters
        ----------
        color : str, tuple, mapping or callable, optional
            A property's name, or ``type``, ``name``, ``node_id``, ``degree``; or one colour for
            all, ``"#4aa564"``; or ``(property, {value: colour})``; or values by key, such as a dict
            or a Series; or a function of a node (:class:`NodeView`) that returns a value. Values
            that are numbers are coloured from least to most, colours are themselves, and all else
            is kinds of things. Without it, the types' colours.
        size : str, float, mapping or callable, optional
            Likewise, of numbers; a number is the same size for all: half the width, pixels. Without
            it, nodes with more links are larger.
        label : str, mapping or callable, optional
            Likewise; "" for no names. Without it, the nodes' names.
        layout : {"", "force", "tree", "circle", "grid"}
            Where nodes without a position stand; "" lets the canvas choose.
        filter : str, tuple, mapping, iterable or callable, optional
            Which nodes are shown: a property that is true, ``(property, [values])``, keys of nodes,
            or a function of a node.
        height : int or str
            In pixels, or a CSS length.

        Returns
        -------
        GraphWidget
            Last in a cell, it shows itself; ``w.selection``, ``w.select``, ``w.on_click``,
            ``w.on_hover``, ``w.look``, ``w.save``.

        Raises
        ------
        GraphError
            SCHEMA: what was given is none of these.
        Exception
            Whatever a function raises for one of the nodes there are now.

        Examples
        --------
        >>> w = g.show(color="state", size="effort", filter=lambda node: not node.get("done"))
        >>> w.save("plan.svg")
        """
        if not displays:
            raise UnavailableError("nothing is loaded that shows a graph", fix="import graph_ext")
        looks = {"color": color, "size": size, "label": label, "filter": filter}
        return displays[-1](self, height=height, layout=layout, looks=looks)

    def __repr__(self) -> str:
        return f"<graph_ext session {self.name!r}: {self._summary()}>"

    def _repr_html_(self) -> str:
        return f"<b>{escape(self.name)}</b> <span>({escape(self._summary())})</span>"

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        if not displays or not in_kernel():
            return {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self._widget is None:
            self._widget = self.show()
        shown_widget = self._widget._repr_mimebundle_()
        data = shown_widget[0] if isinstance(shown_widget, tuple) else shown_widget
        # no HTML: where the widget can't be shown, its picture shall be
        return {**(data or {}), "text/plain": repr(self)}

    def _summary(self) -> str:
        replica = self.replica
        with replica.lock:
            nodes, links, rev = len(replica.graph.nodes), len(replica.graph.links), replica.rev
        return f"{nodes} nodes, {links} links, rev {rev}, {self.status}"


def _skipped(receipt: Receipt) -> list[Skipped]:
    return [] if receipt.commit is None else list(receipt.commit.skipped)
