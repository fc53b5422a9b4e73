"""How Python's values become a property's JSON: the one rule for assignments and imports.

None, bool, int, float and str are themselves; numpy numbers become Python's, arrays and tuples
lists, sets sorted lists, dates and durations ISO text, an Enum its value. A dict needs text for
keys. Anything else is refused, and so are NaN and Infinity, except that an import leaves a NaN
attribute out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from datetime import date, time, timedelta
from enum import Enum
from math import isfinite
from typing import Any

from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import MAX_DEPTH, MAX_INTEGER, shown, value_problem

__all__ = ["is_missing", "is_safe", "json_properties", "json_value", "own_copy"]

_PLAIN = frozenset({str, bool, int, float, type(None)})


class _NoJSON(Exception):  # noqa: N818 (its text is the end of a SchemaError's)
    """A value has no JSON form."""


def json_value(value: object, name: str, element: Callable[[], str]) -> Any:
    """Return a property's value as JSON has it.

    Parameters
    ----------
    value : object
        Anything.
    name : str
        The property's name.
    element : callable
        Returns how a message calls the element, as in ``node 'Design'``.

    Raises
    ------
    SchemaError
        It has no JSON form, or one that is not safe: NaN, an int beyond 2**53-1, text with a lone
        surrogate, nested more than 32 deep.
    """
    try:
        if type(value) not in _PLAIN:
            value = _convert(value, 0)
        problem = value_problem(value)
    except _NoJSON as no_json:
        problem = str(no_json)
    if problem is not None:
        raise SchemaError(f"{name} of {element()} {problem}")
    return value


def is_safe(value: object) -> bool:
    """Tell at a glance that a value is JSON as it stands; False says nothing."""
    kind = type(value)
    if kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER  # type: ignore[operator]
    if kind is float:
        return isfinite(value)  # type: ignore[arg-type]
    if kind is str:
        return value.isascii()  # type: ignore[attr-defined, no-any-return]
    return kind is bool or value is None


def json_properties(properties: Mapping[str, object], element: Callable[[], str]) -> dict[str, Any]:
    """Return all properties of an element as JSON has them (SchemaError)."""
    return {name: json_value(value, name, element) for name, value in properties.items()}


def is_missing(value: object) -> bool:
    """Tell whether a value says "none here" as numpy and pandas do: NaN, NaT or NA."""
    if type(value) in _PLAIN and type(value) is not float:
        return False
    if isinstance(value, float) or getattr(value, "shape", None) == ():
        return bool(value != value)  # noqa: PLR0124 (only NaN and NaT differ from themselves)
    return type(value).__name__ in {"NAType", "NaTType"}


def own_copy(value: Any) -> Any:
    """Return a value that its taker may change: what a replica holds is never changed in place."""
    if isinstance(value, dict):
        return {key: own_copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [own_copy(item) for item in value]
    return value


def _convert(value: object, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise _NoJSON(f"must be nested at most {MAX_DEPTH} deep")
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Enum):
        return _convert(value.value, depth + 1)
    if isinstance(value, bool | int | float | str):  # a subclass of theirs, numpy.float64 is one
        return next(plain(value) for plain in (bool, int, float, str) if isinstance(value, plain))
    if isinstance(value, Mapping):
        return {_text(key): _convert(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Set):
        return [_convert(item, depth + 1) for item in _sorted(value)]
    if isinstance(value, list | tuple):
        return [_convert(item, depth + 1) for item in value]
    if isinstance(value, date | time) and not is_missing(value):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, timedelta) and not is_missing(value):
        return _duration(value)
    if hasattr(value, "dtype") and hasattr(value, "tolist"):  # numpy's scalars and arrays
        plain = value.tolist()
        if type(plain) is not kind:
            return _convert(plain, depth + 1)
    raise _NoJSON(f"must be a JSON value, got {shown(value)} of type {kind.__name__}")


def _duration(span: timedelta) -> str:
    """Return a duration as ISO 8601 has it: PT0S, P3DT4.5S, -PT90S."""
    sign, span = ("-", -span) if span < timedelta(0) else ("", span)
    seconds = f"{span.seconds}.{span.microseconds:06}".rstrip("0").rstrip(".")
    days = f"{span.days}D" if span.days else ""
    return f"{sign}P{days}" + (f"T{seconds}S" if seconds != "0" or not days else "")


def _text(key: object) -> str:
    if isinstance(key, str):
        return str(key)
    raise _NoJSON(f"must have text for keys, got {shown(key)}")


def _sorted(values: Set[object]) -> list[object]:
    """Return a set in an order that is the same on every run."""
    try:
        return sorted(values)  # type: ignore[type-var]
    except TypeError:
        return sorted(values, key=lambda value: (type(value).__name__, repr(value)))
