"""Property values in formats that only know text: their kinds, how each is written and read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct

from graph_ext.core.graph import Link, Node

__all__ = ["Column", "Kind", "columns_of", "kind_of", "parsed", "text_of"]

Kind = Literal["boolean", "integer", "number", "text", "json"]
"""What a text stands for; json: null, a list or an object, written as JSON."""

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_MAX_DIGITS = 400  # longer ones are no number that anybody means, and cost quadratic time


class Column(Struct, frozen=True):
    """One property in one kind: a property with values of two kinds makes two columns."""

    name: str
    kind: Kind


def kind_of(value: object) -> Kind:
    """Return the kind of a safe JSON value."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "json"


def columns_of(elements: Iterable[Node | Link]) -> dict[str, set[Kind]]:
    """Return the kinds of value that each property has, in the order in which they are met."""
    columns: dict[str, set[Kind]] = {}
    for element in elements:
        for name, value in element.properties.items():
            kinds = columns.get(name)
            if kinds is None:
                kinds = columns[name] = set()
            kinds.add(kind_of(value))
    return columns


def text_of(value: object, kind: Kind) -> str:
    """Return a value as text, so that :func:`parsed` gives it back."""
    if kind == "text":
        return str(value)
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "json":
        return json.dumps(value, allow_nan=False)  # ASCII: fit for every format and encoding
    return repr(value)


def parsed(text: str, kind: Kind) -> Any:
    """Return the value that a text stands for; may be a number that is not finite.

    Raises
    ------
    ValueError
        The text is not of that kind.
    """
    if kind == "text":
        return text
    if kind == "boolean":
        try:
            return _BOOLEANS[text.strip().lower()]
        except KeyError:
            raise ValueError(text) from None
    if kind == "json":
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError("nested too deep") from None
    text = text.strip()
    if len(text) > _MAX_DIGITS or "_" in text:  # Python reads 1_000, nobody else does
        raise ValueError("no number")
    if kind == "integer":
        if _INTEGER.match(text):
            return int(text)
        number = float(text)  # Gephi writes 3.0 in columns of integers
        return int(number) if number.is_integer() else number
    return float(text)
