"""A session's schema: node types, link types, their properties, and the kind of graph.

The empty blueprint is open: any type and any property. So is each empty part of one: no node
types, any node type; a type without properties, any property. Whether a blueprint makes sense is
decided in core/blueprint_rules.py, whether a graph fits it in core/conformance.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, ValidationError, convert, field

from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import did_you_mean, shown

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
wire, currency a number whose unit is the property's ``currency``, reference a node_id. A datetime
is an instant; the property's ``zone`` ("Europe/Berlin") says whose clock people read it by."""

Cardinality = Literal["many-to-many", "one-to-many", "many-to-one", "one-to-one"]


class PropertyType(Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, kw_only=True):
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
    zone: str = ""


class NodeType(Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, kw_only=True):
    """A kind of node. ``allowed_children`` None: any; (): none."""

    label: str = ""
    description: str = ""
    icon: str = ""
    colour: str = ""
    allowed_children: tuple[str, ...] | None = None
    properties: dict[str, PropertyType] = field(default_factory=dict)


class LinkType(Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, kw_only=True):
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


class Blueprint(Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, kw_only=True):
    """A session's schema; no node types: any node type, no link types: any link type."""

    node_types: dict[str, NodeType] = field(default_factory=dict)
    link_types: dict[str, LinkType] = field(default_factory=dict)
    directed: bool = True
    multigraph: bool = True
    self_links: bool = True

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Blueprint:
        """Read a blueprint as people write it in YAML or JSON.

        A type may be left empty, and a property may be just the name of its value type:
        ``node_types: {Task: {properties: {effort: number}}, Note: }``.

        Raises
        ------
        SchemaError
            A key or a value is none that a blueprint has. Whether it makes sense as a whole is
            checked by ``check_blueprint`` of core/blueprint_rules.py.
        """
        fields = _fields(cls, mapping, "")
        for kind, type_of in (("node_types", NodeType), ("link_types", LinkType)):
            types: dict[str, Any] = {}
            for type_id, written in _fields(None, fields.get(kind), kind).items():
                at = f"{kind}.{type_id}"
                parts = _fields(type_of, written, at)
                parts["properties"] = {
                    name: _read(PropertyType, value, f"{at}.properties.{name}")
                    for name, value in _fields(
                        None, parts.get("properties"), f"{at}.properties"
                    ).items()
                }
                types[type_id] = _read(type_of, parts, at)
            fields[kind] = types
        blueprint: Blueprint = _read(cls, fields, "")
        return blueprint


def _read(struct: type[Any], written: Any, path: str) -> Any:
    """Make a struct of what was written for it."""
    if struct is PropertyType and isinstance(written, str):
        written = {"type": written}
    parts = _fields(struct, written, path)
    try:
        return convert(parts, struct)
    except ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        at = (path + place.rstrip("`")).lstrip(".")
        raise SchemaError(f"{at}: {problem[:1].lower()}{problem[1:]}", path=at) from None


def _fields(struct: type[Any] | None, written: Any, path: str) -> dict[str, Any]:
    """Return a mapping's items; those of a struct must be fields of it."""
    if written is None:
        return {}
    if not isinstance(written, Mapping):
        raise SchemaError(
            f"{path or 'a blueprint'} must be a mapping, got {shown(written)}", path=path or None
        )
    known = None if struct is None else struct.__struct_fields__
    for key in written:
        if not isinstance(key, str) or (known is not None and key not in known):
            hint = did_you_mean(key, known) if known and isinstance(key, str) else None
            where = f" in {path}" if path else ""
            raise SchemaError(
                f"a blueprint has no {shown(key)}{where}", path=path or None, fix=hint
            )
    return dict(written)
