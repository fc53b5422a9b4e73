"""Blueprints as JSON Schema (2020-12), from which forms are drawn.

labextension/src/panel does the same for the page; tests/vectors/schemas holds both to it.
"""

from __future__ import annotations

from typing import Any

from graph_ext.core.blueprint import Blueprint, LinkType, NodeType, PropertyType
from graph_ext.core.errors import NotFoundError
from graph_ext.core.json_values import did_you_mean, shown

__all__ = ["element_schema", "json_schema", "property_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(blueprint: Blueprint, type_id: str) -> dict[str, Any]:
    """Return the schema of the properties of a node type, or else of a link type.

    Raises
    ------
    NotFoundError
        The blueprint has no type of that name.
    """
    element_type = blueprint.node_types.get(type_id) or blueprint.link_types.get(type_id)
    if element_type is None:
        known = [*blueprint.node_types, *blueprint.link_types]
        raise NotFoundError(
            f"the blueprint has no type {shown(type_id)}", fix=did_you_mean(type_id, known)
        )
    return {"$schema": _DIALECT, **element_schema(element_type)}


def element_schema(element_type: NodeType | LinkType) -> dict[str, Any]:
    """Return the schema of a type's properties: an object; open where the type declares none."""
    properties = element_type.properties
    schema: dict[str, Any] = {"type": "object", **_titles(element_type)}
    schema["properties"] = {
        name: property_schema(expected) for name, expected in properties.items()
    }
    if required := [name for name, expected in properties.items() if expected.required]:
        schema["required"] = required
    schema["additionalProperties"] = not properties
    return schema


def property_schema(expected: PropertyType) -> dict[str, Any]:
    """Return the schema of a property's value."""
    schema = {**_value_schema(expected), **_titles(expected)}
    if expected.default is not None:
        schema["default"] = expected.default
    return schema


def _value_schema(expected: PropertyType) -> dict[str, Any]:
    match expected.type:
        case "text":
            pattern = {} if expected.pattern is None else {"pattern": expected.pattern}
            return {"type": "string", **pattern}
        case "number" | "currency":
            return {"type": "number", **_range(expected)}
        case "integer":
            return {"type": "integer", **_range(expected)}
        case "boolean":
            return {"type": "boolean"}
        case "date":
            return {"type": "string", "format": "date"}
        case "datetime":
            return {"type": "string", "format": "date-time"}
        case "duration":
            return {"type": "string", "format": "duration"}
        case "url":
            return {"type": "string", "format": "uri"}
        case "select":
            return {"type": "string", "enum": list(expected.options)}
        case "multi-select":
            items = {"type": "string", "enum": list(expected.options)}
            return {"type": "array", "items": items, "uniqueItems": True}
        case "reference":
            return {"type": "string"}
        case "json":
            return {}


def _range(expected: PropertyType) -> dict[str, float]:
    bounds = {"minimum": expected.minimum, "maximum": expected.maximum}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _titles(described: NodeType | LinkType | PropertyType) -> dict[str, str]:
    texts = {"title": described.label, "description": described.description}
    return {keyword: text for keyword, text in texts.items() if text}
