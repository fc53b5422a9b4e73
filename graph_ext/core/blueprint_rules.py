"""Whether a blueprint makes sense by itself; whether a graph fits it is core/conformance.py's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from msgspec import to_builtins

from graph_ext.core.blueprint import Blueprint, LinkType, NodeType, PropertyType
from graph_ext.core.errors import SchemaError, TooLargeError
from graph_ext.core.json_values import (
    MAX_PROPERTIES,
    MAX_PROPERTIES_BYTES,
    check_id,
    did_you_mean,
    shown,
    value_problem,
    value_size,
)
from graph_ext.core.patterns import compile_pattern
from graph_ext.core.property_values import property_problem

__all__ = ["check_blueprint"]

_NUMERIC = {"number", "integer", "currency"}
_CHOICES = {"select", "multi-select"}
# the form of a name of the IANA; whether there is such a zone only its data base knows
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,31}){0,2}", re.ASCII)


def check_blueprint(blueprint: Blueprint, path: str = "") -> None:
    """Check that a blueprint is whole, safe JSON, and names nothing that it does not have.

    Parameters
    ----------
    blueprint : Blueprint
        What to check.
    path : str
        Where it stands, to be put before the paths of what is wrong: "blueprint.".

    Raises
    ------
    SchemaError
        It does not make sense.
    TooLargeError
        It is over its bounds: 1000 types of a kind, 1000 properties a type, 1 MiB in all.
    """
    for kind, types in (("node", blueprint.node_types), ("link", blueprint.link_types)):
        if len(types) > MAX_PROPERTIES:
            raise TooLargeError(
                f"a blueprint may have at most {MAX_PROPERTIES} {kind} types",
                path=path + f"{kind}_types",
            )
        for type_id, element_type in types.items():
            at = f"{path}{kind}_types.{type_id}"
            check_id(type_id, f"the name of a {kind} type", at)
            _check_properties(type_id, element_type, at)
    for type_id, node_type in blueprint.node_types.items():
        at = f"{path}node_types.{type_id}"
        _check_known(blueprint, node_type.allowed_children, f"{at}.allowed_children")
    for type_id, link_type in blueprint.link_types.items():
        at = f"{path}link_types.{type_id}"
        _check_known(blueprint, link_type.source_types, f"{at}.source_types")
        _check_known(blueprint, link_type.target_types, f"{at}.target_types")
        if not blueprint.directed and (
            link_type.acyclic or link_type.cardinality != "many-to-many"
        ):
            raise SchemaError(
                f"{type_id} can't be acyclic or have a cardinality: "
                "in an undirected session links have no direction",
                path=at,
            )
    plain = _listed(to_builtins(blueprint))
    if problem := value_problem(plain):
        raise SchemaError(f"a blueprint {problem}", path=path.removesuffix(".") or None)
    if value_size(plain) > MAX_PROPERTIES_BYTES:
        raise TooLargeError(
            f"a blueprint may take at most {MAX_PROPERTIES_BYTES} bytes",
            path=path.removesuffix(".") or None,
        )


def _check_properties(type_id: str, element_type: NodeType | LinkType, path: str) -> None:
    if len(element_type.properties) > MAX_PROPERTIES:
        raise TooLargeError(
            f"a type may have at most {MAX_PROPERTIES} properties", path=f"{path}.properties"
        )
    for name, expected in element_type.properties.items():
        at = f"{path}.properties.{name}"
        check_id(name, "the name of a property", at)
        for problem in _property_type_problems(expected):
            raise SchemaError(f"{type_id}.{name} {problem}", path=at)


def _property_type_problems(expected: PropertyType) -> Iterable[str]:
    """Yield what of a property type does not go together."""
    kind = expected.type
    if kind in _CHOICES and not expected.options:
        yield f"is a {kind} and needs options"
    if kind not in _CHOICES and expected.options:
        yield f"has options, which only a select or multi-select has, not a {kind}"
    if twice := _twice(expected.options):
        yield f"has the option {shown(twice)} twice"
    bounds = [bound for bound in (expected.minimum, expected.maximum) if bound is not None]
    if bounds and kind not in _NUMERIC:
        yield f"has a minimum or maximum, which only numbers have, not a {kind}"
    if not all(isfinite(bound) for bound in bounds):
        yield "must have a finite minimum and maximum"
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        yield f"has a minimum above its maximum: {bounds[0]:g} > {bounds[1]:g}"
    if expected.pattern is not None:
        if kind != "text":
            yield f"has a pattern, which only a text has, not a {kind}"
        try:
            compile_pattern(expected.pattern)
        except SchemaError as error:
            yield f"can't be checked: {error.message}"
    if expected.currency and kind != "currency":
        yield f"has a currency, which only a currency has, not a {kind}"
    if expected.zone and kind != "datetime":
        yield f"has a time zone, which only a datetime has, not a {kind}"
    if expected.zone and not _ZONE.fullmatch(expected.zone):
        yield f"must have a time zone such as Europe/Berlin, got {shown(expected.zone)}"
    if expected.default is not None:
        yield from _default_problems(expected)


def _default_problems(expected: PropertyType) -> Iterable[str]:
    if expected.type == "reference":
        yield "is a reference and can't have a default"
    problem = value_problem(expected.default) or property_problem(expected, expected.default)
    if problem:
        yield f"has a default that does not fit: it {problem}"


def _check_known(blueprint: Blueprint, names: tuple[str, ...] | None, path: str) -> None:
    known: Mapping[str, Any] = blueprint.node_types
    for name in names or ():
        if name not in known:
            raise SchemaError(
                f"the blueprint has no node type {shown(name)}",
                path=path,
                fix=did_you_mean(name, known),
            )
    if twice := _twice(names or ()):
        raise SchemaError(f"{shown(twice)} is there twice", path=path)


def _listed(value: Any) -> Any:
    """Return a value with lists in the place of tuples."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value


def _twice(names: tuple[str, ...]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
