"""Whether nodes, links and whole graphs fit a blueprint, and what people are told where not.

Each function yields every :class:`Problem` it sees: a command is refused with the first, a new
blueprint with a list of them. Which elements exist is not asked here (see core/draft.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from msgspec import Struct

from graph_ext.core.acyclic import find_cycle
from graph_ext.core.blueprint import Blueprint, LinkType, NodeType, PropertyType
from graph_ext.core.events import NodeCreated, NodeLinked
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import did_you_mean, shown
from graph_ext.core.property_values import property_problem

__all__ = [
    "Misfit",
    "Problem",
    "acyclic_problems",
    "child_problems",
    "end_problems",
    "link_problems",
    "misfit_report",
    "misfits",
    "node_problems",
    "owner_of",
    "property_types",
    "type_of",
    "value_problems",
    "with_defaults",
]

_REPORTED = 10  # so many misfits a report names


class Problem(NamedTuple):
    """Something that does not fit: for people, and where in the command it stands."""

    message: str
    path: str | None = None
    fix: str | None = None


class Misfit(Struct, frozen=True, omit_defaults=True):
    """What of a graph does not fit: a node, a link, or (neither id) several together.

    ``path``: where in the element, as in ``properties.effort``.
    """

    message: str
    node_id: str | None = None
    link_id: str | None = None
    path: str | None = None
    fix: str | None = None


def owner_of(element: Node | NodeCreated | Link | NodeLinked) -> str:
    """Return how messages call an element: ``node Design``, ``link Design -> Build``."""
    if isinstance(element, (Node, NodeCreated)):
        return f"node {_short(element.name or element.node_id)}"
    return f"link {_short(element.source_id)} -> {_short(element.target_id)}"


def type_of(element: Node | NodeCreated | Link | NodeLinked) -> str:
    """Return the name of an element's type; empty: it has none."""
    if isinstance(element, (Node, NodeCreated)):
        return element.blueprint_type_id
    return element.link_type_id


def property_types(
    blueprint: Blueprint, element: Node | NodeCreated | Link | NodeLinked
) -> Mapping[str, PropertyType]:
    """Return the properties that an element's type declares; empty: any, or no such type."""
    if isinstance(element, (Node, NodeCreated)):
        node_type = blueprint.node_types.get(element.blueprint_type_id)
        return {} if node_type is None else node_type.properties
    link_type = blueprint.link_types.get(element.link_type_id)
    return {} if link_type is None else link_type.properties


def with_defaults(
    declared: Mapping[str, PropertyType], properties: dict[str, Any]
) -> dict[str, Any]:
    """Return the properties with the defaults of those that are absent."""
    defaults = {
        name: expected.default
        for name, expected in declared.items()
        if expected.default is not None and name not in properties
    }
    return {**properties, **defaults} if defaults else properties


def value_problems(
    type_id: str,
    declared: Mapping[str, PropertyType],
    name: str,
    value: Any,
    path: str | None = None,
) -> Iterator[Problem]:
    """Yield why a type does not take this value for its property of that name."""
    if not declared:  # a type that declares no properties takes any
        return
    expected = declared.get(name)
    if expected is None:
        yield Problem(
            f"{type_id} has no property {shown(name)}", path, did_you_mean(name, declared)
        )
    elif problem := property_problem(expected, value):
        yield Problem(f"{type_id}.{name} {problem}", path)


def node_problems(blueprint: Blueprint, node: Node | NodeCreated) -> Iterator[Problem]:
    """Yield why a node by itself does not fit: its type and its properties."""
    if not blueprint.node_types:
        return
    node_type = blueprint.node_types.get(node.blueprint_type_id)
    if node_type is None:
        yield _unknown_type("node", node.blueprint_type_id, blueprint.node_types)
    else:
        yield from _property_problems(node.blueprint_type_id, node_type, node.properties)


def child_problems(
    blueprint: Blueprint, parent_type_id: str, child_type_id: str
) -> Iterator[Problem]:
    """Yield why a node of one type must not be the parent of one of another."""
    parent_type = blueprint.node_types.get(parent_type_id)
    if parent_type is None or parent_type.allowed_children is None:
        return
    if child_type_id not in parent_type.allowed_children:
        allowed = _listed(parent_type.allowed_children) or "no children"
        yield Problem(
            f"{parent_type_id} may have {allowed} below it, not {child_type_id or 'untyped nodes'}",
            "parent_id",
        )


def link_problems(blueprint: Blueprint, link: Link | NodeLinked) -> Iterator[Problem]:
    """Yield why a link by itself does not fit: its type and its properties."""
    if not blueprint.link_types:
        return
    link_type = blueprint.link_types.get(link.link_type_id)
    if link_type is None:
        yield _unknown_type("link", link.link_type_id, blueprint.link_types)
    else:
        yield from _property_problems(link.link_type_id, link_type, link.properties)


def end_problems(graph: Graph, blueprint: Blueprint, link: Link | NodeLinked) -> Iterator[Problem]:
    """Yield why a link must not join its two nodes, given the other links that stand there.

    Whether it closes a cycle of an acyclic type is not asked here: see :func:`acyclic_problems`.
    """
    source, target = link.source_id, link.target_id
    if not blueprint.self_links and source == target:
        yield Problem("this session has no links of a node to itself", "target_id")
    if not blueprint.multigraph and any(
        other.link_id != link.link_id for other in _between(graph, blueprint, source, target)
    ):
        yield Problem("this session has at most one link between two nodes", "target_id")
    link_type = blueprint.link_types.get(link.link_type_id)
    if link_type is None:
        return
    yield from _end_type_problems(graph, blueprint, link_type, link)
    one_source = link_type.cardinality in {"one-to-many", "one-to-one"}
    one_target = link_type.cardinality in {"many-to-one", "one-to-one"}
    if one_source and _has_other(graph.in_links(target), link):
        yield Problem(
            f"{link.link_type_id} is {link_type.cardinality} and {_short(target)} has a source",
            "target_id",
        )
    if one_target and _has_other(graph.out_links(source), link):
        yield Problem(
            f"{link.link_type_id} is {link_type.cardinality} and {_short(source)} has a target",
            "source_id",
        )


def acyclic_problems(graph: Graph, blueprint: Blueprint) -> Iterator[Problem]:
    """Yield a cycle of each acyclic link type that has one."""
    for type_id, link_type in blueprint.link_types.items():
        if link_type.acyclic and (cycle := find_cycle(graph, type_id)):
            way = " -> ".join(_short(link.source_id) for link in cycle[:5])
            more = " -> ..." if len(cycle) > 5 else f" -> {_short(cycle[0].source_id)}"
            yield Problem(f"{type_id} links must not make a cycle, but {way}{more} is one")


def misfits(graph: Graph, blueprint: Blueprint) -> Iterator[Misfit]:
    """Yield everything in a graph that does not fit a blueprint."""
    nodes = graph.nodes
    for node in nodes.values():
        problems = node_problems(blueprint, node)
        if node.parent_id is not None:
            parent_type_id = nodes[node.parent_id].blueprint_type_id
            problems = chain(
                problems, child_problems(blueprint, parent_type_id, node.blueprint_type_id)
            )
        for problem in problems:
            message = f"{problem.message} ({owner_of(node)})"
            yield Misfit(message, node_id=node.node_id, path=problem.path, fix=problem.fix)
    for link in graph.links.values():
        for problem in chain(link_problems(blueprint, link), end_problems(graph, blueprint, link)):
            message = f"{problem.message} ({owner_of(link)})"
            yield Misfit(message, link_id=link.link_id, path=problem.path, fix=problem.fix)
    for problem in acyclic_problems(graph, blueprint):
        yield Misfit(problem.message)


def misfit_report(graph: Graph, blueprint: Blueprint) -> str | None:
    """Say what in a graph does not fit a blueprint: the first few, and how many in all."""
    found = misfits(graph, blueprint)
    said = [problem.message for problem in islice(found, _REPORTED)]
    if not said:
        return None
    more = sum(1 for _ in found)
    count = f"{len(said) + more} {'place' if len(said) + more == 1 else 'places'}"
    if more:
        said.append(f"and {more} more")
    return f"the graph does not fit this blueprint in {count}: {'; '.join(said)}"


def _property_problems(
    type_id: str, element_type: NodeType | LinkType, properties: Mapping[str, Any]
) -> Iterator[Problem]:
    declared = element_type.properties
    for name, value in properties.items():
        yield from value_problems(type_id, declared, name, value, f"properties.{name}")
    for name, expected in declared.items():
        if expected.required and name not in properties:
            yield Problem(f"{type_id}.{name} is required", f"properties.{name}")


def _end_type_problems(
    graph: Graph, blueprint: Blueprint, link_type: LinkType, link: Link | NodeLinked
) -> Iterator[Problem]:
    sources, targets = link_type.source_types, link_type.target_types
    if sources is None and targets is None:
        return
    source_type = graph.nodes[link.source_id].blueprint_type_id
    target_type = graph.nodes[link.target_id].blueprint_type_id
    source_fits = sources is None or source_type in sources
    target_fits = targets is None or target_type in targets
    if source_fits and target_fits:
        return
    turned_fits = (sources is None or target_type in sources) and (
        targets is None or source_type in targets
    )
    if turned_fits and not blueprint.directed:  # then the ends have no order
        return
    if not source_fits:
        yield Problem(
            f"{link.link_type_id} must come from {_listed(sources or ())}, "
            f"got {source_type or 'an untyped node'}",
            "source_id",
        )
    if not target_fits:
        yield Problem(
            f"{link.link_type_id} must go to {_listed(targets or ())}, "
            f"got {target_type or 'an untyped node'}",
            "target_id",
        )


def _between(graph: Graph, blueprint: Blueprint, source: str, target: str) -> Iterator[Link]:
    """Yield the links that stand between two nodes, looking at the end that has fewer."""
    pairs = [(source, target)]
    if not blueprint.directed and source != target:
        pairs.append((target, source))
    for tail, head in pairs:
        if graph.out_degree(tail) <= graph.in_degree(head):
            yield from (link for link in graph.out_links(tail) if link.target_id == head)
        else:
            yield from (link for link in graph.in_links(head) if link.source_id == tail)


def _has_other(links: Any, link: Link | NodeLinked) -> bool:
    return any(
        other.link_type_id == link.link_type_id and other.link_id != link.link_id for other in links
    )


def _unknown_type(kind: str, type_id: str, known: Mapping[str, object]) -> Problem:
    path = "blueprint_type_id" if kind == "node" else "link_type_id"
    some = _listed(tuple(known))
    if not type_id:
        return Problem(f"a {kind} must have a type of the blueprint: {some}", path)
    return Problem(
        f"the blueprint has no {kind} type {shown(type_id)}, only {some}",
        path,
        did_you_mean(type_id, known),
    )


def _listed(names: tuple[str, ...]) -> str:
    some = ", ".join(_short(name) for name in names[:10])
    return some if len(names) <= 10 else f"{some}, ... ({len(names)} in all)"


def _short(name: str) -> str:
    """Return a name as it reads inside a sentence."""
    quoted = shown(name)
    return name if quoted[1:-1] == name else quoted
