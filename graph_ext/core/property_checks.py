"""Whether an element's properties are safe JSON and small enough, whatever the blueprint says."""

from __future__ import annotations

from typing import Any

from graph_ext.core.conformance import owner_of, type_of
from graph_ext.core.errors import SchemaError, TooLargeError
from graph_ext.core.events import NodeCreated, NodeLinked
from graph_ext.core.graph import Link, Node
from graph_ext.core.json_values import (
    MAX_PROPERTIES,
    MAX_PROPERTIES_BYTES,
    check_id,
    value_problem,
    value_size,
)

__all__ = ["check_new_properties", "check_new_value"]

_SMALL = 1024  # bytes: so small a value among so few is not worth adding all up
_FEW = 16


def check_new_properties(element: Node | Link | NodeCreated | NodeLinked, at: str) -> None:
    """Check the properties of a new element; ``at`` comes before the paths of refusals.

    Raises
    ------
    SchemaError
        A name is none, or a value is no safe JSON.
    TooLargeError
        There are too many, or they are too large.
    """
    size = 0
    for name, value in element.properties.items():
        check_id(name, "the name of a property", f"{at}properties")
        _check_safe(element, name, value, at, f"properties.{name}")
        size += value_size(value)
    _check_bounds(element, len(element.properties), size, at)


def check_new_value(element: Node | Link, name: object, value: Any, at: str) -> None:
    """Check a value that a property of an element is to have.

    Raises
    ------
    SchemaError
        The name is none, or the value is no safe JSON.
    TooLargeError
        The element would have too many properties, or too large ones.
    """
    properties = element.properties
    if not isinstance(name, str) or name not in properties:  # else it was checked already
        name = check_id(name, "a property_name", f"{at}property_name")
    _check_safe(element, name, value, at, "value")
    size = value_size(value)
    if size > _SMALL or len(properties) >= _FEW:
        size += sum(value_size(other) for key, other in properties.items() if key != name)
        _check_bounds(element, len(properties) + (name not in properties), size, at)


def _check_safe(
    element: Node | Link | NodeCreated | NodeLinked, name: str, value: Any, at: str, path: str
) -> None:
    if problem := value_problem(value):
        type_id = type_of(element)
        subject = f"{type_id}.{name}" if type_id else name
        raise SchemaError(f"{subject} {problem} ({owner_of(element)})", path=at + path)


def _check_bounds(
    element: Node | Link | NodeCreated | NodeLinked, count: int, size: int, at: str
) -> None:
    if count > MAX_PROPERTIES:
        raise TooLargeError(
            f"an element may have at most {MAX_PROPERTIES} properties, got {count} "
            f"({owner_of(element)})",
            path=f"{at}properties",
        )
    if size > MAX_PROPERTIES_BYTES:
        raise TooLargeError(
            f"the properties of an element may take at most {MAX_PROPERTIES_BYTES} bytes, "
            f"got about {size} ({owner_of(element)})",
            path=f"{at}properties",
        )
