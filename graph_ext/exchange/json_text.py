"""JSON as other programs write it: NaN and lone surrogates pass, to be noted by the collector."""

from __future__ import annotations

import json
from typing import Any

from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.exchange.graph_file import Limits, Notes
from graph_ext.exchange.text import decoded, refuse_crowds

__all__ = ["apart", "compact", "file_id", "loaded", "scalar_text"]


def loaded(body: bytes, notes: Notes, limits: Limits) -> Any:
    """Return the value that a file holds.

    Raises
    ------
    BadMessageError
        It is no JSON.
    TooLargeError
        It is nested too deep, or has too many lists and objects.
    """
    refuse_crowds(body, limits)
    try:
        return json.loads(decoded(body, notes))
    except BadMessageError:
        raise
    except RecursionError:
        raise TooLargeError("the file is nested too deep") from None
    except ValueError as error:  # json's own, and an int of thousands of digits
        raise BadMessageError(f"the file is not valid JSON: {error}") from None


def file_id(value: object) -> str | None:
    """Return an id as text: 1 and "1" are one, 2.0 is 2, an array (networkx's tuples) is JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 1000 else hex(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, list):
        try:
            return compact(value)
        except (RecursionError, ValueError):  # endless nesting, endless digits, NaN
            return None
    return None


def scalar_text(value: object) -> str:
    """Return a name as text; "" for what is none."""
    if isinstance(value, str):
        return value
    return (file_id(value) or "") if isinstance(value, int | float) else ""


def compact(value: object) -> str:
    """Return a value as JSON on one line.

    Raises
    ------
    ValueError
        It holds NaN or Infinity.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def apart(properties: dict[str, Any], words: frozenset[str]) -> dict[str, Any]:
    """Return properties with those of a reserved name in an object ``properties`` of their own."""
    if words.isdisjoint(properties):
        return properties
    reserved = {name: value for name, value in properties.items() if name in words}
    rest = {name: value for name, value in properties.items() if name not in words}
    return {**rest, "properties": reserved}
