"""What the model takes for an id, a name and a value, and how refusals show them.

Everything that gets past these checks survives JSON, SQLite and a browser unharmed: numbers keep
their value (|int| <= 2**53-1, finite floats), texts are valid Unicode, nesting is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any
from unicodedata import normalize

from graph_ext.core.errors import SchemaError

__all__ = [
    "MAX_DEPTH",
    "MAX_ID_BYTES",
    "MAX_INTEGER",
    "MAX_NAME_BYTES",
    "MAX_PROPERTIES",
    "MAX_PROPERTIES_BYTES",
    "check_id",
    "check_name",
    "check_title",
    "did_you_mean",
    "equal_values",
    "is_plain_id",
    "plainly_fit",
    "position_problem",
    "shown",
    "value_problem",
    "value_size",
]

MAX_ID_BYTES = 256
MAX_NAME_BYTES = 1024
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32
MAX_PROPERTIES = 1000
MAX_PROPERTIES_BYTES = 1024 * 1024
"""How large all properties of one element may be together, about: texts count by their bytes."""

_TITLE_CHARACTERS = 256
_SHOWN = 60
_HINTS_AMONG = 500  # comparing against more ids would take milliseconds
_ITEM_BYTES = 8  # what a number, or the frame of any other value, counts
_FEW = 100  # properties of so small texts are far from their bound
_SMALL_BYTES = 100_000


def shown(value: object) -> str:
    """Return a value as a message shows it: shortened, and safe to print."""
    if isinstance(value, str) and len(value) > _SHOWN:
        value = value[: _SHOWN - 3] + "..."
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else _repr(value)
    return text if len(text) <= 2 * _SHOWN else text[: 2 * _SHOWN - 3] + "..."


def _repr(value: object) -> str:
    if isinstance(value, (list, tuple)) and len(value) > _SHOWN:
        return f"a list of {len(value)} items"
    if isinstance(value, dict) and len(value) > _SHOWN:
        return f"an object of {len(value)} keys"
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # endless nesting; an int of thousands of digits
        return f"a value of type {type(value).__name__}"
    return text if text.isprintable() else ascii(value)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint such as ``did you mean 'Design'?`` where something close is known.

    Parameters
    ----------
    name : str
        What came.
    known : iterable of str
        What there is; of more than 500 none is compared, for that would take too long.
    """
    candidates: list[str] = []
    for candidate in known:
        candidates.append(candidate)
        if len(candidates) > _HINTS_AMONG:
            return None
    folded = {candidate.casefold(): candidate for candidate in candidates}
    close = get_close_matches(name[:MAX_ID_BYTES].casefold(), folded, n=1)
    return f"did you mean {shown(folded[close[0]])}?" if close else None


def _text_problem(text: str) -> str | None:
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"must be valid Unicode, got {shown(text)} with a lone surrogate"
    return None


def check_id(value: object, what: str, path: str | None = None) -> str:
    """Check an id or the name of a type or property: 1-256 UTF-8 bytes, no control characters.

    Parameters
    ----------
    value : object
        What came.
    what : str
        How the message calls it, as in "a node_id".
    path : str, optional
        Where in the command it stands.

    Raises
    ------
    SchemaError
        It is none.
    """
    if not isinstance(value, str):
        raise SchemaError(f"{what} must be text, got {shown(value)}", path=path)
    if is_plain_id(value):
        return value
    if problem := _text_problem(value):
        raise SchemaError(f"{what} {problem}", path=path)
    if not value or len(value) > MAX_ID_BYTES or len(value.encode()) > MAX_ID_BYTES:
        raise SchemaError(
            f"{what} must have 1 to {MAX_ID_BYTES} bytes in UTF-8, got {shown(value)}", path=path
        )
    if not value.isprintable() and any(c < " " or "\x7f" <= c < "\xa0" for c in value):
        raise SchemaError(f"{what} must have no control characters, got {shown(value)}", path=path)
    return value


def is_plain_id(value: object) -> bool:
    """Tell at a glance that a value is an id; False says nothing. Nearly all are ASCII."""
    return (
        type(value) is str
        and value.isascii()
        and value.isprintable()
        and 0 < len(value) <= MAX_ID_BYTES
    )


def check_name(value: object, path: str | None = None) -> str:
    """Check a node's name: any text of at most 1024 UTF-8 bytes.

    Raises
    ------
    SchemaError
        It is none.
    """
    if not isinstance(value, str):
        raise SchemaError(f"a name must be text, got {shown(value)}", path=path)
    if problem := _text_problem(value):
        raise SchemaError(f"a name {problem}", path=path)
    if len(value) > MAX_NAME_BYTES // 4 and len(value.encode()) > MAX_NAME_BYTES:
        raise SchemaError(
            f"a name must have at most {MAX_NAME_BYTES} bytes in UTF-8, got {shown(value)}",
            path=path,
        )
    return value


def check_title(name: str, what: str) -> str:
    """Return a name that people give to a session or the like, as it is kept.

    Raises
    ------
    SchemaError
        It is none: 1 to 256 printable characters, in Unicode's NFC.
    """
    name = normalize("NFC", name).strip()
    if not 0 < len(name) <= _TITLE_CHARACTERS or not name.isprintable():
        raise SchemaError(
            f"{what} has 1 to {_TITLE_CHARACTERS} printable characters, got {shown(name)}",
            path="name",
        )
    return name


def value_problem(value: object, depth: int = 0) -> str | None:
    """Say why a value is no safe JSON, as in "must be finite, got nan"; None: it is.

    Parameters
    ----------
    value : object
        To pass: None, bool, int, float, str, list or dict.
    depth : int
        How many lists and objects it stands in already.
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return None if value.isascii() else _text_problem(value)
    if isinstance(value, int):
        if -MAX_INTEGER <= value <= MAX_INTEGER:
            return None
        return f"must be between -(2**53-1) and 2**53-1, got {shown(value)}"
    if isinstance(value, float):
        return None if isfinite(value) else f"must be finite, got {value}"
    if not isinstance(value, (list, dict)):
        return f"must be a JSON value, got {shown(value)} of type {type(value).__name__}"
    if depth >= MAX_DEPTH:
        return f"must be nested at most {MAX_DEPTH} deep"
    items: Iterable[object] = value
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return f"must have text for keys, got {shown(key)}"
            if problem := _text_problem(key):
                return problem
        items = value.values()
    for item in items:
        if problem := value_problem(item, depth + 1):
            return problem
    return None


def plainly_fit(properties: Mapping[Any, object]) -> bool:
    """Tell at a glance that all properties of an element are safe and small; False says nothing.

    So are nearly all: a few numbers and short texts in ASCII, under names like that. In one loop
    without calls, for it is asked of each of very many elements.
    """
    size = 0
    for name, value in properties.items():
        if not (
            type(name) is str
            and name.isascii()
            and name.isprintable()
            and 0 < len(name) <= MAX_ID_BYTES
        ):
            return False
        kind = type(value)
        if kind is str:
            if not value.isascii():  # type: ignore[attr-defined]
                return False
            size += len(value)  # type: ignore[arg-type]
        elif kind is int:
            if not -MAX_INTEGER <= value <= MAX_INTEGER:  # type: ignore[operator]
                return False
        elif kind is float:
            if not isfinite(value):  # type: ignore[arg-type]
                return False
        elif kind is not bool and value is not None:
            return False
    return len(properties) <= _FEW and size <= _SMALL_BYTES


def position_problem(position: object) -> str | None:
    """Say why something is no position: None, or two finite floats."""
    if position is None or (
        isinstance(position, tuple)
        and len(position) == 2
        and all(isinstance(part, float) and isfinite(part) for part in position)
    ):
        return None
    return f"must be two finite numbers, got {shown(position)}"


def equal_values(one: object, other: object) -> bool:
    """Compare as JSON does: true is not 1, and a position may be a tuple or a list."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            equal_values(value, other[name]) for name, value in one.items()
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(equal_values, one, other))
    return one == other


def value_size(value: object) -> int:
    """Return about how many bytes a safe value takes."""
    if isinstance(value, str):
        return _ITEM_BYTES + (len(value) if value.isascii() else len(value.encode()))
    if isinstance(value, list):
        return _ITEM_BYTES + sum(map(value_size, value))
    if isinstance(value, dict):
        return _ITEM_BYTES + sum(map(value_size, value)) + sum(map(value_size, value.values()))
    return _ITEM_BYTES
