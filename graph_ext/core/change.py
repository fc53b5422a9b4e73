"""A change in the making: events that are checked and applied one by one, all or none.

Both ways to make events pass here, the planning of commands (core/planning.py) and undo
(core/history.py), so both leave a graph that is whole and fits its blueprint.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from graph_ext.core.acyclic import closes_cycle
from graph_ext.core.blueprint_rules import check_blueprint
from graph_ext.core.conformance import (
    Problem,
    acyclic_problems,
    child_problems,
    end_problems,
    link_problems,
    misfit_report,
    node_problems,
    owner_of,
    property_types,
    type_of,
    value_problems,
)
from graph_ext.core.errors import (
    ConflictError,
    CycleError,
    DuplicateIdError,
    NotFoundError,
    SchemaError,
)
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
    did_you_mean,
    is_plain_id,
    plainly_fit,
    position_problem,
    shown,
)
from graph_ext.core.property_checks import check_new_properties, check_new_value

__all__ = ["Change"]

_SEARCHES = 50  # above so many new acyclic links one search of the whole type is cheaper
_HINTS_AMONG = 500  # nodes: looking through more would take milliseconds

_Element = Node | Link | NodeCreated | NodeLinked


class Change:
    """Events applied to a graph, to be kept or taken back together.

    Parameters
    ----------
    graph : Graph
        Changed by :meth:`add`; nobody else may change it before the end.

    Attributes
    ----------
    graph : Graph
        With the events so far.
    events : list of Event
        Those events, in order.
    """

    __slots__ = ("_acyclic", "_references", "at", "events", "graph")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.events: list[Event] = []
        # where in the command its planner is, as in "commands[3]."; set by the planner
        self.at = ""
        # checked by finish(), for what comes later in the change may still set it right
        self._acyclic: list[tuple[str, str]] = []  # (link_id, at)
        self._references: list[tuple[str, str, str]] = []  # (node_id, subject, path)

    def node(self, node_id: object, path: str) -> Node:
        """Return a node that has to be there.

        Raises
        ------
        NotFoundError
            It is not.
        """
        node = self.graph.nodes.get(node_id) if isinstance(node_id, str) else None
        if node is None:
            raise NotFoundError(
                f"no node {shown(node_id)}", path=self.at + path, fix=self._hint(node_id)
            )
        return node

    def link(self, link_id: object, path: str) -> Link:
        """Return a link that has to be there.

        Raises
        ------
        NotFoundError
            It is not.
        """
        link = self.graph.links.get(link_id) if isinstance(link_id, str) else None
        if link is None:
            raise NotFoundError(f"no link {shown(link_id)}", path=self.at + path)
        return link

    def element(self, node_id: object, link_id: object) -> Node | Link:
        """Return the node or the link that has to be there; exactly one of the ids is given.

        Raises
        ------
        SchemaError
            Both are given, or none.
        NotFoundError
            The element is not there.
        """
        if link_id is None and isinstance(node_id, str):  # what nearly all are about
            node = self.graph.nodes.get(node_id)
            if node is not None:
                return node
        if (node_id is None) == (link_id is None):
            raise SchemaError(
                "a property belongs to a node or to a link: give node_id or link_id, one of them",
                path=self.at + "node_id",
            )
        return self.link(link_id, "link_id") if node_id is None else self.node(node_id, "node_id")

    def add(self, event: Event) -> None:
        """Check an event against the graph and apply it.

        Raises
        ------
        GraphError
            It does not fit. The event is not applied; those before it still are.
        """
        match event:  # what comes most stands first: each case costs its time
            case PropertyChanged():
                self._check_changed(event, self.element(event.node_id, event.link_id))
            case NodeCreated():
                self._check_created(event)
            case NodeLinked():
                self._check_linked(event)
            case PropertyDeleted():
                self._check_property_deleted(event)
            case NodeUpdated():
                self._check_updated(event)
            case NodeDeleted():
                self._check_deleted(event)
            case NodeUnlinked():
                self.link(event.link_id, "link_id")
            case BlueprintUpdated():
                self._check_blueprint(event)
            case _:
                assert_never(event)
        self.graph.apply(event)
        self.events.append(event)

    def add_changed(self, event: PropertyChanged, element: Node | Link) -> None:
        """Do as :meth:`add` does, with the event's element, where that is known (GraphError)."""
        self._check_changed(event, element)
        self.graph.apply(event)
        self.events.append(event)

    def finish(self) -> None:
        """Check what only the whole change can answer: references and acyclic link types.

        Raises
        ------
        NotFoundError
            A reference names no node.
        CycleError
            Links of an acyclic type make a cycle.
        """
        if not self._references and not self._acyclic:
            return
        graph = self.graph
        for node_id, subject, path in self._references:
            if node_id not in graph.nodes:
                raise NotFoundError(
                    f"{subject} must be the node_id of a node, got {shown(node_id)}",
                    path=path,
                    fix=self._hint(node_id),
                )
        if len(self._acyclic) > _SEARCHES:
            for problem in acyclic_problems(graph, graph.blueprint):
                raise CycleError(problem.message)
            return
        for link_id, at in self._acyclic:
            link = graph.links.get(link_id)
            if link is not None and closes_cycle(graph, link):
                raise CycleError(
                    f"{link.link_type_id} links must not make a cycle, which this one would close "
                    f"({owner_of(link)})",
                    path=f"{at}target_id",
                )

    def rollback(self) -> None:
        """Take everything back; the graph equals what it was before."""
        for event in reversed(self.events):
            self.graph.apply(event.inverse())
        self.events.clear()

    def _check_created(self, event: NodeCreated) -> None:
        graph = self.graph
        node_id = event.node_id
        if not is_plain_id(node_id):
            check_id(node_id, "a node_id", self.at + "node_id")
        if node_id in graph.nodes:
            raise DuplicateIdError(
                f"a node {shown(node_id)} exists already", path=self.at + "node_id"
            )
        if event.name:
            check_name(event.name, self.at + "name")
        if event.blueprint_type_id:
            check_id(event.blueprint_type_id, "the name of a type", self.at + "blueprint_type_id")
        if event.position is not None:
            self._check_position(event, event.position)
        if event.properties and not plainly_fit(event.properties):
            check_new_properties(event, self.at)
        blueprint = graph.blueprint
        if event.parent_id is not None:
            parent = self.node(event.parent_id, "parent_id")
            if blueprint.node_types:
                self._refuse(
                    child_problems(blueprint, parent.blueprint_type_id, event.blueprint_type_id),
                    event,
                )
        if blueprint.node_types:
            self._refuse(node_problems(blueprint, event), event)
            for name, value in event.properties.items():
                self._note_reference(event, name, value, f"properties.{name}")

    def _check_linked(self, event: NodeLinked) -> None:
        graph = self.graph
        link_id = event.link_id
        # what most are like is seen at a glance: a graph that comes in has very many
        if not is_plain_id(link_id):
            check_id(link_id, "a link_id", self.at + "link_id")
        if link_id in graph.links:
            raise DuplicateIdError(
                f"a link {shown(link_id)} exists already", path=self.at + "link_id"
            )
        nodes = graph.nodes
        if type(event.source_id) is not str or event.source_id not in nodes:
            self.node(event.source_id, "source_id")
        if type(event.target_id) is not str or event.target_id not in nodes:
            self.node(event.target_id, "target_id")
        if event.link_type_id:
            check_id(event.link_type_id, "the name of a type", self.at + "link_type_id")
        if event.properties and not plainly_fit(event.properties):
            check_new_properties(event, self.at)
        blueprint = graph.blueprint
        if blueprint.link_types:
            self._refuse(link_problems(blueprint, event), event)
            for name, value in event.properties.items():
                self._note_reference(event, name, value, f"properties.{name}")
            if blueprint.link_types[event.link_type_id].acyclic:
                self._acyclic.append((link_id, self.at))
        if blueprint.link_types or not (blueprint.multigraph and blueprint.self_links):
            self._refuse(end_problems(graph, blueprint, event), event)

    def _check_changed(self, event: PropertyChanged, element: Node | Link) -> None:
        name, value = event.property_name, event.new_value
        check_new_value(element, name, value, self.at)
        blueprint = self.graph.blueprint
        if not blueprint.node_types and not blueprint.link_types:
            return
        if declared := property_types(blueprint, element):
            self._refuse(value_problems(type_of(element), declared, name, value, "value"), element)
            self._note_reference(element, name, value, "value")

    def _check_property_deleted(self, event: PropertyDeleted) -> None:
        element = self.element(event.node_id, event.link_id)
        name = event.property_name
        if name not in element.properties:
            raise NotFoundError(
                f"{owner_of(element)} has no property {shown(name)}",
                path=self.at + "property_name",
                fix=did_you_mean(str(name), element.properties),
            )
        expected = property_types(self.graph.blueprint, element).get(name)
        if expected is not None and expected.required:
            raise SchemaError(
                f"{type_of(element)}.{name} is required ({owner_of(element)})",
                path=self.at + "property_name",
            )

    def _check_updated(self, event: NodeUpdated) -> None:
        graph = self.graph
        node = self.node(event.node_id, "node_id")
        match event.field:
            case "name":
                check_name(event.new_value, self.at + "name")
            case "position":
                self._check_position(node, event.new_value)
            case "parent_id":
                if event.new_value is None:
                    return
                parent = self.node(event.new_value, "parent_id")
                self._check_ancestors(node, parent)
                self._refuse(
                    child_problems(
                        graph.blueprint, parent.blueprint_type_id, node.blueprint_type_id
                    ),
                    node,
                )
            case _:
                return  # the order is the planner's own

    def _check_position(self, node: Node | NodeCreated, position: object) -> None:
        if problem := position_problem(position):
            raise SchemaError(f"a position {problem} ({owner_of(node)})", path=self.at + "position")

    def _check_ancestors(self, node: Node, parent: Node) -> None:
        nodes = self.graph.nodes
        above: Node | None = parent
        while above is not None:
            if above is node:
                raise CycleError(
                    f"{owner_of(node)} can't be moved below "
                    + ("itself" if parent is node else f"{owner_of(parent)}, which is below it"),
                    path=self.at + "parent_id",
                )
            above = None if above.parent_id is None else nodes[above.parent_id]

    def _check_deleted(self, event: NodeDeleted) -> None:
        node = self.node(event.node_id, "node_id")
        graph, node_id = self.graph, node.node_id
        if graph.children(node_id) or graph.out_degree(node_id) or graph.in_degree(node_id):
            raise ConflictError(f"{owner_of(node)} still has children or links")

    def _check_blueprint(self, event: BlueprintUpdated) -> None:
        check_blueprint(event.new_value, f"{self.at}blueprint.")
        if report := misfit_report(self.graph, event.new_value):
            raise SchemaError(report, path=self.at + "blueprint")

    def _note_reference(self, element: _Element, name: str, value: Any, path: str) -> None:
        expected = property_types(self.graph.blueprint, element).get(name)
        if expected is not None and expected.type == "reference":
            self._references.append((value, f"{type_of(element)}.{name}", self.at + path))

    def _refuse(self, problems: Iterator[Problem], element: _Element) -> None:
        for problem in problems:
            raise SchemaError(
                f"{problem.message} ({owner_of(element)})",
                path=None if problem.path is None else self.at + problem.path,
                fix=problem.fix,
            )

    def _hint(self, node_id: object) -> str | None:
        if not isinstance(node_id, str):
            return None
        nodes = self.graph.nodes
        if len(nodes) > _HINTS_AMONG:
            return None
        for node in nodes.values():
            if node.name == node_id:
                return f"the node named {shown(node_id)} has the node_id {shown(node.node_id)}"
        return did_you_mean(node_id, nodes)
