"""A session's schema: node types, link types, their properties, and the kind of graph.

The empty blueprint is open: any type and any property. :meth:`Blueprint.check` is the one place
that decides whether a graph fits; commands call its parts before they make events.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

__all__ = ["Blueprint", "LinkType", "NodeType", "PropertyType", "ValueType"]

ValueType = Literal[
    "text",
    "number",
    "integer",
    "boolean",
    "date",
    "datetime",
    "duration",
    "url",
    "currency",
    "select",
    "multi-select",
    "reference",
    "json",
]
"""What a property may hold. date, datetime (RFC 3339) and duration (ISO 8601) are text on the
wire, currency a number whose unit is the property's ``currency``, reference a node_id."""

Cardinality = Literal["many-to-many", "one-to-many", "many-to-one", "one-to-one"]


class PropertyType(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a property holds and how people see it."""

    type: ValueType = "text"
    label: str = ""
    description: str = ""
    required: bool = False
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    options: tuple[str, ...] = ()
    currency: str = ""


class NodeType(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A kind of node. ``allowed_children`` None: any; (): none."""

    label: str = ""
    description: str = ""
    icon: str = ""
    colour: str = ""
    allowed_children: tuple[str, ...] | None = None
    properties: dict[str, PropertyType] = field(default_factory=dict)


class LinkType(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A kind of link. ``source_types``, ``target_types`` None: any.

    ``cardinality`` reads source-to-target: in one-to-many each target has at most one source.
    """

    label: str = ""
    description: str = ""
    colour: str = ""
    source_types: tuple[str, ...] | None = None
    target_types: tuple[str, ...] | None = None
    cardinality: Cardinality = "many-to-many"
    acyclic: bool = False
    properties: dict[str, PropertyType] = field(default_factory=dict)


class Blueprint(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A session's schema; no node types: any node type, no link types: any link type."""

    node_types: dict[str, NodeType] = field(default_factory=dict)
    link_types: dict[str, LinkType] = field(default_factory=dict)
    directed: bool = True
    multigraph: bool = True
    self_links: bool = True

    def validate(self, path: str = "blueprint") -> None:
        """Check that the blueprint itself makes sense.

        Raises
        ------
        SchemaError
            It does not.
        """
