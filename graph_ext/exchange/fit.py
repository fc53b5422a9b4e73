"""Whether what stands in a file can stand in a graph: mended or left out, with a note, if not."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from graph_ext.core.errors import SchemaError
from graph_ext.core.events import Position
from graph_ext.core.json_values import (
    MAX_ID_BYTES,
    MAX_INTEGER,
    MAX_NAME_BYTES,
    MAX_PROPERTIES,
    MAX_PROPERTIES_BYTES,
    check_id,
    shown,
    value_problem,
    value_size,
)
from graph_ext.exchange.graph_file import Notes
from graph_ext.exchange.values import parsed

__all__ = ["Fitter", "is_id"]


class Fitter:
    """Checks names, positions and properties by the rules of the core.

    Parameters
    ----------
    notes : Notes
        Where losses are counted.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        # names of properties that were found fit
        self._fit_names: set[str] = set()

    def type_id(self, type_id: str, owner: str) -> str:
        """Return the name of a type; "" where it can't be one."""
        if is_id(type_id):
            return type_id
        self._notes.add("types have names that can't be used and were left out", shown(owner))
        return ""

    def name(self, name: str, node_id: str) -> str:
        """Return a node's name, mended or cut where it has to be."""
        if name.isascii() and len(name) <= MAX_NAME_BYTES:
            return name
        name = self._text(name, f"name of node {shown(node_id)}")
        if len(encoded := name.encode()) > MAX_NAME_BYTES:
            self._notes.add(f"names are longer than {MAX_NAME_BYTES} bytes and were cut", node_id)
            name = encoded[:MAX_NAME_BYTES].decode(errors="ignore")
        return name

    def _text(self, text: str, what: str) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            self._notes.add("texts are no valid Unicode and were mended", what)
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    def position(self, position: tuple[object, object], node_id: str) -> Position | None:
        """Return a position, of numbers or of texts that are numbers; None where it is none."""
        try:
            x, y = (
                float(part) if isinstance(part, int | float) else parsed(str(part), "number")
                for part in position
            )
        except (ValueError, OverflowError):
            x = y = float("nan")
        if isfinite(x) and isfinite(y):
            return (x, y)
        self._notes.add("positions are not two finite numbers and were left out", shown(node_id))
        return None

    def properties(self, properties: dict[str, Any], noun: str, owner: str) -> dict[str, Any]:
        """Return the properties that a graph can hold; mostly that is all of them, untouched."""
        size = 0
        for name, value in properties.items():
            kind = type(value)
            if kind is str:
                if not value.isascii():
                    break
                size += len(value)
            elif kind is float:
                if not isfinite(value):
                    break
            elif kind is int:
                if not -MAX_INTEGER <= value <= MAX_INTEGER:
                    break
            elif kind is not bool:
                break
            if name not in self._fit_names:
                if not is_id(name):
                    break
                self._fit_names.add(name)
        else:
            if size <= MAX_PROPERTIES_BYTES // 2 and len(properties) <= MAX_PROPERTIES:
                return properties
        return self._mended(properties, f"{noun} {shown(owner)}")

    def _mended(self, properties: Mapping[str, Any], owner: str) -> dict[str, Any]:
        mended: dict[str, Any] = {}
        size = 0
        for name, found in properties.items():
            value, what = found, f"{shown(name)} of {owner}"
            if not is_id(name):
                self._notes.add("properties have names that can't be used and were left out", what)
                continue
            if isinstance(value, float) and not isfinite(value):
                self._notes.add("numbers are not finite and were left out", what)
                continue
            if isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
                self._notes.add("whole numbers are beyond 2**53-1 and were kept as text", what)
                value = str(value) if value.bit_length() < 10_000 else hex(value)
            if isinstance(value, str):
                value = self._text(value, what)
            elif problem := value_problem(value):
                self._notes.add(f"values {problem.partition(',')[0]} and were left out", what)
                continue
            size += len(name.encode()) + value_size(value)
            if size > MAX_PROPERTIES_BYTES or len(mended) == MAX_PROPERTIES:
                self._notes.add(
                    f"properties are beyond what an element can hold ({MAX_PROPERTIES} or "
                    f"{MAX_PROPERTIES_BYTES} bytes) and were left out",
                    what,
                )
                break
            mended[name] = value
        return mended


def is_id(text: str) -> bool:
    """Tell whether a text can be an id, or the name of a type or a property."""
    if 0 < len(text) <= MAX_ID_BYTES and text.isascii() and text.isprintable():
        return True  # as nearly all are
    try:
        check_id(text, "an id")
    except SchemaError:
        return False
    return True
