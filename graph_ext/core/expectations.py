"""Conditions of a command, compare and set: it is done only where the graph is as its sender says.

Checked by hub/pipeline.py between the commands before and the command itself, with no await.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from graph_ext.core.errors import ConflictError, SchemaError
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import equal_values, shown

__all__ = ["Expectation", "ExpectedField", "check_expectations"]

ExpectedField = Literal[
    "name", "parent_id", "position", "blueprint_type_id", "source_id", "target_id", "link_type_id"
]
"""What of an element, its properties aside, can be expected."""


class Expectation(
    Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True
):
    """What has to hold of a node or of a link (exactly one of the two ids).

    With ``property_name`` or ``field``: it has that ``value`` (left out: the property is not set).
    With neither: the element stands, or with ``exists`` false it does not.
    """

    node_id: str | None = None
    link_id: str | None = None
    property_name: str | None = None
    field: ExpectedField | None = None
    value: Any | UnsetType = UNSET
    exists: bool = True


def check_expectations(graph: Graph, expectations: Iterable[Expectation]) -> None:
    """Check that all of them hold.

    Raises
    ------
    ConflictError
        One does not; it says what stands instead.
    SchemaError
        One makes no sense: both ids or none, a property and a field, a value of neither, a field
        the element has not.
    """
    for index, expectation in enumerate(expectations):
        _check(graph, expectation, f"expect[{index}]")


def _check(graph: Graph, expectation: Expectation, path: str) -> None:
    element_id, is_node = _subject(expectation, path)
    element: Node | Link | None
    if is_node:
        element, what = graph.nodes.get(element_id), f"node {shown(element_id)}"
    else:
        element, what = graph.links.get(element_id), f"link {shown(element_id)}"
    if element is None:
        if expectation.exists:
            raise ConflictError(f"there is no {what}", path=path)
        return
    if not expectation.exists:
        raise ConflictError(f"{what} exists", path=path)
    stands: Any
    if expectation.property_name is not None:
        at: str = expectation.property_name
        stands = element.properties.get(at, UNSET)
    elif expectation.field is not None:
        at = expectation.field
        stands = getattr(element, at)
    else:
        return
    if not equal_values(stands, expectation.value):
        raise ConflictError(
            f"{at} of {what} is {_said(stands)}, not {_said(expectation.value)}", path=path
        )


def _subject(expectation: Expectation, path: str) -> tuple[str, bool]:
    """Return the id an expectation is about, and whether it is a node's (SchemaError)."""
    node_id, link_id = expectation.node_id, expectation.link_id
    if (node_id is None) == (link_id is None):
        raise SchemaError(
            "an expectation is about a node or a link: give node_id or link_id, one of them",
            path=path,
        )
    of_property, of_field = expectation.property_name is not None, expectation.field is not None
    valued = expectation.value is not UNSET
    if (of_property and of_field) or (valued and not of_property and not of_field):
        raise SchemaError(
            "a value is that of a property or a field: give property_name or field, one of them",
            path=path,
        )
    if of_field and not valued:
        raise SchemaError("a field always has a value: give the one expected", path=path)
    if not expectation.exists and (of_property or of_field):
        raise SchemaError("what does not exist has no property and no field", path=path)
    kind: type[Node | Link] = Link if node_id is None else Node
    if of_field and expectation.field not in kind.__struct_fields__:
        raise SchemaError(
            f"a {kind.__name__.lower()} has no field {expectation.field}", path=f"{path}.field"
        )
    return (link_id or "", False) if node_id is None else (node_id, True)


def _said(value: Any) -> str:
    return "not set" if value is UNSET else shown(value)
