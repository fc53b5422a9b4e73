"""From Python's types to a blueprint's: what ``float``, ``Literal["a", "b"]`` or a field becomes.

========================================  =============================================
annotation                                value type
========================================  =============================================
``str``, ``float``, ``int``, ``bool``     text, number, integer, boolean
``date``, ``datetime``, ``timedelta``     date, datetime, duration
``Literal["a", "b"]``, an Enum of texts   select
a list, set or tuple of these             multi-select
a node type (``g.node_type``)             reference
pydantic's URLs                           url
any other list or dict, a class, ``Any``  json
========================================  =============================================

``Optional`` and ``Required`` say whether a value has to be there. ``Annotated`` says more: bounds
and patterns of msgspec, pydantic or annotated_types, a text that describes it, or a dict with parts
of a property as blueprints have them (``{"type": "currency", "currency": "EUR"}``). What a
blueprint can't hold, as the length of a text, is left out with a warning.
"""

from __future__ import annotations

import collections.abc
import re
import types
import typing
import warnings
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from msgspec import UNSET, to_builtins

from graph_ext.client.blueprint.type_name import TypeName
from graph_ext.core.blueprint import PropertyType
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import shown

__all__ = ["Written", "written_property"]

Written = dict[str, Any]
"""A part of a blueprint as people write it in YAML or JSON."""

_PLAIN = {
    str: "text",
    UUID: "text",
    float: "number",
    int: "integer",
    bool: "boolean",
    date: "date",
    datetime: "datetime",
    timedelta: "duration",
    Any: "json",
    object: "json",
}
_SEQUENCES = (
    *(list, set, frozenset, tuple),
    *(collections.abc.Sequence, collections.abc.Set, collections.abc.Iterable),
)
# what constraints are called, and what can't be said in a blueprint
_BOUNDS = {"ge": "minimum", "le": "maximum"}
_STRICT = {"gt": ("minimum", 1), "lt": ("maximum", -1)}
_TEXTS = {"title": "label", "description": "description", "documentation": "description"}
_LOST = ("min_length", "max_length", "multiple_of", "max_digits", "decimal_places", "strict")


def written_property(spec: object, named: str) -> Written:
    """Return a property as blueprints have it.

    Parameters
    ----------
    spec : object
        An annotation, a value type's name, a mapping of what people write, or a PropertyType.
    named : str
        How messages call it, as in ``Task.effort``.

    Returns
    -------
    dict
        Its ``required`` is there only where the annotation says something about it.

    Raises
    ------
    SchemaError
        It is none of these, or nothing that a property can be.
    """
    if isinstance(spec, PropertyType):
        written: Written = to_builtins(spec)
        return written
    if isinstance(spec, str) and not isinstance(spec, TypeName):
        return {"type": spec}
    if isinstance(spec, Mapping):
        return dict(spec)
    return _Reading(named).read(spec)


class _Reading:
    """One annotation on its way."""

    def __init__(self, named: str) -> None:
        self._named = named
        self._said: Written = {}
        # ("minimum", 0): bounds that the value must not reach
        self._strict: list[tuple[str, float]] = []

    def read(self, annotation: Any) -> Written:
        written = self._kind(annotation)
        written.update(self._said)
        for bound, value in self._strict:
            if written.get("type") == "integer":
                written[bound] = value + (1 if bound == "minimum" else -1)
            else:
                self._lose(f"a {bound} that is not itself allowed ({value!r})")
        return written

    def _kind(self, annotation: Any) -> Written:
        """Return what an annotation says by itself, and note what it says besides."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            for meta in arguments[1:]:
                self._note(meta)
            return self._kind(arguments[0])
        if origin is typing.Required or origin is typing.NotRequired:
            self._said["required"] = origin is typing.Required
            return self._kind(arguments[0])
        if origin in {typing.Union, types.UnionType}:
            return self._union(arguments)
        if origin is typing.Literal:
            return self._select(arguments)
        if hasattr(annotation, "__supertype__"):  # a NewType
            return self._kind(annotation.__supertype__)
        if hasattr(annotation, "__value__"):  # a type alias
            return self._kind(annotation.__value__)
        if isinstance(annotation, TypeName):
            return {"type": "reference"}
        if isinstance(annotation, typing.Hashable) and annotation in _PLAIN:
            return {"type": _PLAIN[annotation]}
        if isinstance(annotation, type) and issubclass(annotation, Enum):
            return self._select(tuple(member.value for member in annotation))
        if origin in _SEQUENCES and arguments:
            items = _Reading(self._named)._kind(arguments[0])
            return {**items, "type": "multi-select" if items["type"] == "select" else "json"}
        if isinstance(origin or annotation, type):
            is_url = annotation.__module__.startswith("pydantic") and "Url" in annotation.__name__
            return {"type": "url" if is_url else "json"}
        raise SchemaError(
            f"{self._named} can't be a property of type {shown(annotation)}",
            fix="float, int, bool, str, date, datetime, timedelta, Literal[...], an Enum, list, "
            "dict, Any, or the name of a value type",
        )

    def _union(self, arguments: tuple[Any, ...]) -> Written:
        members = [member for member in arguments if member not in {type(None), type(UNSET)}]
        if len(members) < len(arguments):
            self._said.setdefault("required", False)
        if set(members) == {int, float}:
            return {"type": "number"}
        if len(members) == 1:
            return self._kind(members[0])
        return {"type": "json"}

    def _select(self, options: tuple[Any, ...]) -> Written:
        if None in options:
            self._said.setdefault("required", False)
            options = tuple(option for option in options if option is not None)
        if not options or not all(isinstance(option, str) for option in options):
            raise SchemaError(
                f"the options of {self._named} must be text, got {shown(list(options))}"
            )
        return {"type": "select", "options": [str(option) for option in options]}

    def _note(self, meta: object) -> None:
        """Take what stands in an annotation besides the type."""
        if isinstance(meta, str):
            self._said["description"] = meta
        elif isinstance(meta, PropertyType):
            self._said.update(to_builtins(meta))
        elif isinstance(meta, Mapping):
            self._said.update(meta)
        else:
            for name, part in _TEXTS.items():
                if isinstance(text := getattr(meta, name, None), str):
                    self._said[part] = text
            for name, part in _BOUNDS.items():
                if isinstance(bound := getattr(meta, name, None), int | float):
                    self._said[part] = bound
            for name, (part, _) in _STRICT.items():
                if isinstance(bound := getattr(meta, name, None), int | float):
                    self._strict.append((part, bound))
            pattern = getattr(meta, "pattern", None)
            if isinstance(pattern, str | re.Pattern):
                self._said["pattern"] = pattern if isinstance(pattern, str) else pattern.pattern
            for name in _LOST:
                if getattr(meta, name, None):
                    self._lose(f"a {name}")
            for inner in getattr(meta, "metadata", None) or ():  # of a pydantic Field
                self._note(inner)

    def _lose(self, what: str) -> None:
        warnings.warn(
            f"a blueprint can't hold {what}: it is left out of {self._named}", stacklevel=2
        )
