"""Going back over a log that others wrote, to see whether it leads to the graph they gave with it.

Each event is held against the graph that stands after it, and taken back. What comes to stand by
that is checked as if it came in a command, but for the blueprint of its time. Pure.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, assert_never

import msgspec
from msgspec.structs import astuple

from graph_ext.core.blueprint_rules import check_blueprint
from graph_ext.core.conformance import misfits
from graph_ext.core.errors import ConflictError, SchemaError, TooLargeError
from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import (
    check_id,
    check_name,
    equal_values,
    position_problem,
    shown,
)
from graph_ext.core.property_checks import check_new_properties, check_new_value

__all__ = ["Retrace", "check_element", "check_whole"]

_encode = msgspec.json.Encoder().encode
_STEPS = 20_000_000  # up the forest in all: some seconds


def check_element(element: Node | Link | NodeCreated | NodeLinked) -> None:
    """Check an element by itself: ids, name, values (SchemaError, TooLargeError)."""
    if isinstance(element, Node | NodeCreated):
        check_id(element.node_id, "a node_id", "node_id")
        if element.name:
            check_name(element.name, "name")
        _check_type_id(element.blueprint_type_id)
        if problem := position_problem(element.position):
            raise SchemaError(f"a position {problem}", path="position")
        _check_order(element.order)
    else:
        check_id(element.link_id, "a link_id", "link_id")
        _check_type_id(element.link_type_id)
    check_new_properties(element, "")


def check_whole(graph: Graph) -> None:
    """Check that the parts of a graph go together, and fit its blueprint.

    Raises
    ------
    SchemaError
        A parent or an end of a link is missing, parents make a cycle, or something does not fit.
    """
    nodes = graph.nodes
    for link in graph.links.values():
        for node_id in (link.source_id, link.target_id):
            if node_id not in nodes:
                raise SchemaError(f"link {shown(link.link_id)} names no node {shown(node_id)}")
    # node_ids of those from which the way up is known to end
    ending: set[str | None] = {None}
    for node in nodes.values():
        way: list[str] = []
        above: str | None = node.node_id
        while above not in ending:
            ending.add(above)
            parent = nodes.get(above) if above is not None else None
            if parent is None:
                raise SchemaError(f"node {shown(way[-1])} names no parent {shown(above)}")
            way.append(parent.node_id)
            above = parent.parent_id
        if above is not None and above in way:
            raise SchemaError(f"the parents of node {shown(above)} make a cycle")
    check_blueprint(graph.blueprint, "blueprint.")
    for misfit in misfits(graph, graph.blueprint):
        raise SchemaError(f"the graph does not fit its blueprint: {misfit.message}")


class Retrace:
    """Takes a log back, newest event first.

    Parameters
    ----------
    graph : Graph
        Whole, and as it stands after all of the log; emptied by :meth:`take_back` bit by bit.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._steps_left = _STEPS

    def take_back(self, event: Event) -> None:
        """Take back the event before the last one.

        Raises
        ------
        ConflictError
            It does not lead to the graph as it stands.
        SchemaError, TooLargeError
            What it says was there before could not have been.
        """
        match event:
            case NodeCreated():
                self._unmake_node(event)
            case NodeLinked():
                self._stands(self.graph.links.get(event.link_id), event)
            case NodeDeleted():
                self._remake_node(event)
            case NodeUnlinked():
                if event.link_id in self.graph.links:
                    raise ConflictError(f"link {shown(event.link_id)} stands after its deletion")
                self._node(event.source_id)
                self._node(event.target_id)
                check_element(event.inverse())
            case NodeUpdated():
                self._put_back(event)
            case PropertyChanged():
                element = self._element(event)
                if event.property_name not in element.properties:
                    raise ConflictError(f"{_said(event)} is not set after it was")
                _same(element.properties[event.property_name], event.new_value, _said(event))
                if not isinstance(event.inverse(), PropertyDeleted):
                    check_new_value(element, event.property_name, event.old_value, "")
            case PropertyDeleted():
                element = self._element(event)
                if event.property_name in element.properties:
                    raise ConflictError(f"{_said(event)} is set after it was deleted")
                check_new_value(element, event.property_name, event.old_value, "")
            case BlueprintUpdated():
                if event.new_value != self.graph.blueprint:
                    raise ConflictError("the blueprint is not the one that was set")
                check_blueprint(event.old_value, "blueprint.")
            case _:
                assert_never(event)
        self.graph.apply(event.inverse())

    def _unmake_node(self, event: NodeCreated) -> None:
        graph, node_id = self.graph, event.node_id
        self._stands(graph.nodes.get(node_id), event)
        if graph.children(node_id) or graph.out_degree(node_id) or graph.in_degree(node_id):
            raise ConflictError(f"node {shown(node_id)} had children or links before it was made")

    def _stands(self, element: Node | Link | None, event: NodeCreated | NodeLinked) -> None:
        name = event.node_id if isinstance(event, NodeCreated) else event.link_id
        if element is None or not _alike(astuple(element), astuple(event)):
            raise ConflictError(f"{shown(name)} is not there as it was made")

    def _remake_node(self, event: NodeDeleted) -> None:
        if event.node_id in self.graph.nodes:
            raise ConflictError(f"node {shown(event.node_id)} stands after its deletion")
        if event.parent_id is not None:
            self._node(event.parent_id)
        check_element(event.inverse())

    def _put_back(self, event: NodeUpdated) -> None:
        node = self._node(event.node_id)
        _same(
            getattr(node, event.field), event.new_value, f"{event.field} of {shown(node.node_id)}"
        )
        old = event.old_value
        match event.field:
            case "name":
                check_name(old, "name")
            case "order":
                _check_order(old)
            case "position":
                if problem := position_problem(old):
                    raise SchemaError(f"a position {problem}", path="position")
            case "parent_id":
                if old is not None:
                    self._check_above(node, self._node(old))
            case _:
                assert_never(event.field)

    def _check_above(self, node: Node, parent: Node) -> None:
        above: Node | None = parent
        while above is not None:
            if above is node:
                raise ConflictError(f"node {shown(node.node_id)} was below itself")
            self._steps_left -= 1
            if self._steps_left < 0:
                raise TooLargeError("the log moves too many nodes that are too deep")
            above = None if above.parent_id is None else self.graph.nodes[above.parent_id]

    def _element(self, event: PropertyChanged | PropertyDeleted) -> Node | Link:
        if (event.node_id is None) == (event.link_id is None):
            raise SchemaError("a property belongs to a node or to a link, one of them")
        if event.link_id is None:
            return self._node(event.node_id)
        link = self.graph.links.get(event.link_id)
        if link is None:
            raise ConflictError(f"there is no link {shown(event.link_id)}")
        return link

    def _node(self, node_id: object) -> Node:
        node = self.graph.nodes.get(node_id) if isinstance(node_id, str) else None
        if node is None:
            raise ConflictError(f"there is no node {shown(node_id)}")
        return node


def _same(stands: Any, said: Any, what: str) -> None:
    if not equal_values(stands, said):
        raise ConflictError(f"{what} is {shown(stands)}, not {shown(said)}")


def _said(event: PropertyChanged | PropertyDeleted) -> str:
    return f"property {shown(event.property_name)} of {shown(event.node_id or event.link_id)}"


def _alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Compare as JSON does; what is encoded alike, as nearly all is, needs no second look."""
    return _encode(one) == _encode(other) or equal_values(one, other)


def _check_type_id(type_id: str) -> None:
    if type_id != "":
        check_id(type_id, "the name of a type")


def _check_order(order: object) -> None:
    if not isinstance(order, int | float) or isinstance(order, bool) or not isfinite(order):
        raise SchemaError(f"an order is a finite number, got {shown(order)}", path="order")
