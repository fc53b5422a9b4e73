"""``g.find``, ``g.find_edges``, ``g.neighborhood``: the elements that one is after.

There is no index: every element of the type is looked at, a hundred thousand in some tenth of a
second. What is asked of an element by its ends or its parent looks only at those.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import UNSET, UnsetType

from graph_ext.client.elements.comparing import Comparison, equal_to
from graph_ext.client.elements.keys import Key
from graph_ext.client.elements.links import LinkView, links_between
from graph_ext.client.elements.nodes import NodeView
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.errors import SchemaError
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import shown
from graph_ext.core.neighbourhood import neighbourhood

__all__ = ["FindingGraph", "Neighborhood"]

Tests = list[tuple[str, Callable[[Any], object]]]
"""(property's name, condition) of each property that matters"""


class Neighborhood(NamedTuple):
    """The part of a graph around a node: ``nodes``, the nearest first, and ``edges`` among them."""

    nodes: list[NodeView]
    edges: list[LinkView]


class FindingGraph(ReadableGraph):
    """A graph in which one can look for nodes and links."""

    def find(
        self,
        properties: Mapping[str, object] | None = None,
        /,
        *,
        type: str | Iterable[str] | None = None,  # noqa: A002 (as the blueprint calls it)
        name: object = None,
        parent: Key | None | UnsetType = UNSET,
        **more: object,
    ) -> list[NodeView]:
        """Find the nodes whose properties are as asked.

        Parameters
        ----------
        properties : mapping, optional
            More properties: those that are called ``type``, ``name`` or ``parent``, or have
            names that Python can't write as a keyword.
        type : str or several, optional
            Their type, or one of several.
        name : str or comparison, optional
            What people see instead of the key.
        parent : key, optional
            What they are part of; None: they stand at the top.
        **more
            Properties, each with the value that it has, ``UNSET`` for none, a comparison
            (``gx.gt(3)``, see :mod:`graph_ext.client.elements.comparing`), or a function that is
            told the value and says whether it will do (it is not asked where the property is not
            set).

        Returns
        -------
        list of NodeView
            In the order of creation; with a ``parent`` in the order of its children.

        Raises
        ------
        SchemaError
            A value is none that a property can have.
        TypeError
            `properties` is no mapping.
        NotFoundError
            There is no node of the parent's key.

        Examples
        --------
        >>> [node.key for node in g.find(type="Task", effort=gx.ge(3), state=gx.ne("done"))]
        ['Build', 'Walls']
        >>> [node.key for node in g.find({"type": gx.UNSET}, parent="Build")]
        ['Walls', 'Roof']
        >>> for node in g.find(effort=lambda effort: effort % 2 == 0):
        ...     print(node.key, node["effort"])
        Build 8
        Roof 2
        """
        tests = _tests(properties, more)
        fits_name = None if name is None else _test(name)
        types = _types(type)
        replica = self.replica
        with replica.lock:
            graph = replica.graph
            nodes: Iterable[Node] = graph.nodes.values()
            if parent is not UNSET:
                nodes = graph.children(None if parent is None else self.node_id(parent))
            if types is not None:
                nodes = [node for node in nodes if node.blueprint_type_id in types]
            # properties are replaced, never changed: they may be looked at without the lock, and
            # conditions, which are anybody's code, must not be asked under it
            found = [(node.node_id, node.properties) for node in nodes]
            names = [] if fits_name is None else [node.name for node in nodes]
        if fits_name is not None:
            named = zip(found, names, strict=True)
            found = [element for element, called in named if fits_name(called)]
        return [NodeView(self, node_id) for node_id in _fitting(found, tests)]

    def find_edges(
        self,
        properties: Mapping[str, object] | None = None,
        /,
        *,
        type: str | Iterable[str] | None = None,  # noqa: A002 (as the blueprint calls it)
        source: Key | None = None,
        target: Key | None = None,
        **more: object,
    ) -> list[LinkView]:
        """Find the links whose properties are as asked.

        Parameters
        ----------
        properties : mapping, optional
            More properties: those that are called ``type``, ``source`` or ``target``, or have
            names that Python can't write as a keyword.
        type : str or several, optional
            Their type, or one of several.
        source, target : key, optional
            The nodes that they come from and lead to; in an undirected session, either end.
        **more
            Properties, as for :meth:`find`.

        Returns
        -------
        list of LinkView
            Oldest first; in an undirected session those first that were made from this end.

        Raises
        ------
        SchemaError
            A value is none that a property can have.
        TypeError
            `properties` is no mapping.
        NotFoundError
            There is no node of such a key.

        Examples
        --------
        >>> [(edge.source, edge.target) for edge in g.find_edges(type="blocks", days=gx.lt(5))]
        [('Design', 'Build')]
        >>> g.find_edges(source="Roof")
        []
        """
        tests = _tests(properties, more)
        types = _types(type)
        replica = self.replica
        with replica.lock:
            source_id = None if source is None else self.node_id(source)
            target_id = None if target is None else self.node_id(target)
            links = _links(replica.graph, source_id, target_id)
            if types is not None:
                links = [link for link in links if link.link_type_id in types]
            found = [(link.link_id, link.properties) for link in links]
        return [LinkView(self, link_id) for link_id in _fitting(found, tests)]

    def neighborhood(self, n: Key, depth: int = 1) -> Neighborhood:
        """Return what lies within some steps of a node, in either direction of the links.

        Parameters
        ----------
        n : str, int or tuple
            The node's key.
        depth : int
            How many steps; 0: the node by itself.

        Returns
        -------
        Neighborhood
            ``nodes``, the node itself first and then the nearest, and all ``edges`` among them.

        Raises
        ------
        NotFoundError
            There is no such node.
        SchemaError
            The depth is below 0, or no whole number.

        Examples
        --------
        >>> nodes, edges = g.neighborhood("Design")
        >>> [node.key for node in nodes]
        ['Design', 'Build']
        >>> [edge.type for edge in edges]
        ['blocks']
        """
        if type(depth) is not int or depth < 0:
            raise SchemaError(f"a depth must be a whole number, 0 or more, got {shown(depth)}")
        replica = self.replica
        with replica.lock:
            around = neighbourhood(
                replica.graph, self.node_id(n), depth, rev=replica.rev, max_elements=sys.maxsize
            )
        return Neighborhood(
            [NodeView(self, node.node_id) for node in around.nodes],
            [LinkView(self, link.link_id) for link in around.links],
        )


def _links(graph: Graph, source_id: str | None, target_id: str | None) -> Iterable[Link]:
    """Return the links of a graph, or those at the ends that are given."""
    if source_id is None:
        if target_id is None:
            return graph.links.values()
        return graph.in_links(target_id) if graph.blueprint.directed else graph.links_of(target_id)
    if target_id is not None:
        return links_between(graph, source_id, target_id)
    return graph.out_links(source_id) if graph.blueprint.directed else graph.links_of(source_id)


def _tests(properties: Mapping[str, object] | None, more: Mapping[str, object]) -> Tests:
    if properties is not None and not isinstance(properties, Mapping):
        raise TypeError(
            f"properties must be a mapping of names to values, got {shown(properties)}: "
            "g.find(effort=gx.gt(3)) says of which property"
        )
    wanted: Iterator[tuple[str, object]] = iter({**(properties or {}), **more}.items())
    return [(name, _test(value)) for name, value in wanted]


def _test(value: object) -> Callable[[Any], object]:
    if isinstance(value, Comparison):
        return value.holds
    if callable(value):
        asked = value
        return lambda having: having is not UNSET and asked(having)
    return equal_to(value).holds


def _fitting(found: list[tuple[str, dict[str, Any]]], tests: Tests) -> list[str]:
    """Return the ids of those whose properties are as asked."""
    for name, test in tests:
        found = [element for element in found if test(element[1].get(name, UNSET))]
    return [element_id for element_id, _ in found]


def _types(wanted: str | Iterable[str] | None) -> frozenset[str] | None:
    if wanted is None:
        return None
    return frozenset((wanted,) if isinstance(wanted, str) else wanted)
