"""What commands it takes to make a graph hold a node or a link as the caller describes it.

As in networkx, an element that stands already is updated, not made again. Pure: it reads a graph
and returns commands; :mod:`graph_ext.client.graph` sends them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET

from graph_ext.client.elements.keys import number_of
from graph_ext.core.commands import CreateNode, Edit, LinkNodes, SetProperty, UpdateNode
from graph_ext.core.errors import SchemaError
from graph_ext.core.events import Position
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import shown

__all__ = ["ends_that_miss", "finite_numbers", "position_of", "update_link", "update_node"]


def position_of(value: object, element: Callable[[], str]) -> Position | None:
    """Return a position as commands have it.

    Parameters
    ----------
    value : object
        None, or two finite numbers (x, y) in graph units; a numpy array of two will do.
    element : callable
        Returns how a message calls the node.

    Raises
    ------
    SchemaError
        It is neither.
    """
    if value is None:
        return None
    numbers = finite_numbers(value, 2)
    if numbers is None:
        raise SchemaError(
            f"the position of {element()} must be two finite numbers (x, y), got {shown(value)}"
        )
    x, y = numbers
    return (x, y)


def finite_numbers(value: object, count: int) -> tuple[float, ...] | None:
    """Return so many finite numbers, as Python has them; None where a value is not that."""
    try:
        numbers = [number_of(part) for part in value]  # type: ignore[attr-defined]
    except TypeError:
        return None
    if len(numbers) != count or not all(map(_is_finite, numbers)):
        return None
    return tuple(float(number) for number in numbers)  # type: ignore[arg-type]


def update_node(node: Node, wanted: CreateNode) -> list[Edit]:
    """Return what it takes to give a node what is wanted; fields at their default are kept.

    Raises
    ------
    SchemaError
        It has another type.
    """
    if wanted.blueprint_type_id and wanted.blueprint_type_id != node.blueprint_type_id:
        raise SchemaError(
            f"node {shown(node.node_id)} is {_a_type(node.blueprint_type_id)}, which can't be "
            f"changed to {shown(wanted.blueprint_type_id)}",
            fix="remove the node and make it anew",
        )
    edits: list[Edit] = []
    name = wanted.name if wanted.name not in {"", node.name} else UNSET
    parent_id = wanted.parent_id if wanted.parent_id not in {None, node.parent_id} else UNSET
    position = wanted.position if wanted.position not in {None, node.position} else UNSET
    if not name is parent_id is position is UNSET:
        edits.append(UpdateNode(node.node_id, name=name, parent_id=parent_id, position=position))
    edits.extend(
        SetProperty(property_name=property_name, value=value, node_id=node.node_id)
        for property_name, value in _changed(node.properties, wanted.properties)
    )
    return edits


def update_link(link: Link, link_type_id: str, properties: Mapping[str, Any]) -> list[Edit]:
    """Return what it takes to give a link what is wanted.

    Raises
    ------
    SchemaError
        It has another type.
    """
    if link_type_id and link_type_id != link.link_type_id:
        raise SchemaError(
            f"link {shown(link.link_id)} is {_a_type(link.link_type_id)}, which can't be changed "
            f"to {shown(link_type_id)}",
            fix="remove the link and make it anew, or add one under another key",
        )
    return [
        SetProperty(property_name=name, value=value, link_id=link.link_id)
        for name, value in _changed(link.properties, properties)
    ]


def ends_that_miss(graph: Graph, link: LinkNodes) -> list[Edit]:
    """Return the commands that make a link's missing ends, where the blueprint lets any node be.

    With node types in the blueprint there are none: which type they should have, nobody knows,
    and the server refuses the link.
    """
    if graph.blueprint.node_types:
        return []
    ends = dict.fromkeys((link.source_id, link.target_id))
    return [CreateNode(node_id=node_id) for node_id in ends if node_id not in graph.nodes]


def _changed(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in wanted.items()
        # the same number of another kind (True and 1) is another value
        if name not in present or present[name] != value or type(present[name]) is not type(value)
    ]


def _is_finite(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)  # type: ignore[arg-type]


def _a_type(type_id: str) -> str:
    return f"of type {shown(type_id)}" if type_id else "untyped"
