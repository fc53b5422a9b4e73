"""Whether a value is what its property type asks for, for every value type of a blueprint."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from graph_ext.core.blueprint import PropertyType
from graph_ext.core.json_values import MAX_ID_BYTES, did_you_mean, shown
from graph_ext.core.patterns import compile_pattern

__all__ = ["MAX_MATCHED_CHARACTERS", "property_problem"]

MAX_MATCHED_CHARACTERS = 1000
"""How long a text may be whose property has a pattern: a bound on the work of matching it."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATETIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DURATION = re.compile(
    r"-?P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)", re.ASCII
)
# the schemes that are harmless as the target of a link in a page
_URL = re.compile(r"(?:(?:https?|ftp)://[^\s/?#<>\"]+|mailto:[^\s<>\"]+)[^\s<>\"]*", re.IGNORECASE)


def property_problem(property_type: PropertyType, value: Any) -> str | None:
    """Say why a value does not fit, as in "must be a number, got 'x'"; None: it fits.

    Parameters
    ----------
    property_type : PropertyType
        What is asked for.
    value : Any
        Safe JSON.
    """
    problem = _CHECKS[property_type.type](property_type, value)
    return None if problem is None else f"{problem}, got {shown(value)}"


def _text(expected: PropertyType, value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    if expected.pattern is None:
        return None
    if len(value) > MAX_MATCHED_CHARACTERS:
        return f"must have at most {MAX_MATCHED_CHARACTERS} characters, for it has a pattern"
    # anywhere in the text, as JSON Schema has it
    fits = compile_pattern(expected.pattern).search(value)
    return None if fits else f"must match {expected.pattern}"


def _number(expected: PropertyType, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "must be a number"
    return _range(expected, value)


def _integer(expected: PropertyType, value: Any) -> str | None:
    # JSON makes no difference between 3 and 3.0
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    ):
        return "must be a whole number"
    return _range(expected, value)


def _range(expected: PropertyType, value: float) -> str | None:
    if expected.minimum is not None and value < expected.minimum:
        return f"must be at least {expected.minimum:g}"
    if expected.maximum is not None and value > expected.maximum:
        return f"must be at most {expected.maximum:g}"
    return None


def _boolean(_expected: PropertyType, value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _date(_expected: PropertyType, value: Any) -> str | None:
    if isinstance(value, str) and _DATE.fullmatch(value) and _is_date(value):
        return None
    return "must be a date such as 2026-11-30"


def _datetime(_expected: PropertyType, value: Any) -> str | None:
    if isinstance(value, str) and _DATETIME.fullmatch(value) and _is_datetime(value):
        return None
    return "must be a time with its zone such as 2026-11-30T09:00:00Z"


def _duration(_expected: PropertyType, value: Any) -> str | None:
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return None
    return "must be an ISO 8601 duration such as P3DT4H"


def _url(_expected: PropertyType, value: Any) -> str | None:
    if isinstance(value, str) and value.isprintable() and _URL.fullmatch(value):
        return None
    return "must be an http, https, ftp or mailto address"


def _select(expected: PropertyType, value: Any) -> str | None:
    if isinstance(value, str) and value in expected.options:
        return None
    hint = did_you_mean(value, expected.options) if isinstance(value, str) else None
    return f"must be one of {_listed(expected.options)}" + (f" ({hint})" if hint else "")


def _multi_select(expected: PropertyType, value: Any) -> str | None:
    if (
        isinstance(value, list)
        and all(isinstance(item, str) and item in expected.options for item in value)
        and len(set(value)) == len(value)
    ):
        return None
    return f"must be a list of different ones of {_listed(expected.options)}"


def _reference(_expected: PropertyType, value: Any) -> str | None:
    if isinstance(value, str) and 1 <= len(value.encode()) <= MAX_ID_BYTES:
        return None
    return "must be the node_id of a node"


def _json(_expected: PropertyType, _value: Any) -> str | None:
    return None


def _listed(options: tuple[str, ...]) -> str:
    some = ", ".join(shown(option) for option in options[:10])
    return some if len(options) <= 10 else f"{some}, ... ({len(options)} in all)"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_datetime(text: str) -> bool:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


_CHECKS: dict[str, Callable[[PropertyType, Any], str | None]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "duration": _duration,
    "url": _url,
    "currency": _number,
    "select": _select,
    "multi-select": _multi_select,
    "reference": _reference,
    "json": _json,
}
