"""What ``g.find`` compares properties with: ``gx.gt(3)``, ``gx.contains("wall")`` and the like.

A comparison is asked with a property's value, or UNSET where the element has none. Values of
another kind than what it compares with do not fit, and are no error: a text is not above 3.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from msgspec import UNSET

from graph_ext.client.elements.values import json_value
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import equal_values, shown

__all__ = [
    "Comparison",
    "contains",
    "equal_to",
    "ge",
    "gt",
    "le",
    "lt",
    "matches",
    "ne",
    "one_of",
]

_NUMBERS = frozenset({int, float})
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)", re.ASCII)


class Comparison:
    """A condition for a property's value; ``&``, ``|`` and ``~`` join and turn them round.

    Parameters
    ----------
    holds : callable
        Told a value, or UNSET for none; says whether it fits.
    said : str
        How it is written.

    Examples
    --------
    >>> gx.ge(3) & ~gx.one_of(5, 8)
    (ge(3) & ~one_of(5, 8))
    >>> [node.key for node in g.find(effort=gx.lt(3) | gx.gt(7))]
    ['Build', 'Roof']
    """

    __slots__ = ("_said", "holds")

    def __init__(self, holds: Callable[[Any], bool], said: str) -> None:
        # asked directly, it is quicker
        self.holds = holds
        self._said = said

    def __call__(self, value: Any) -> bool:
        """Tell whether a value fits; UNSET: the property is not set."""
        return self.holds(value)

    def __and__(self, other: Comparison) -> Comparison:
        return Comparison(lambda value: self(value) and other(value), f"({self!r} & {other!r})")

    def __or__(self, other: Comparison) -> Comparison:
        return Comparison(lambda value: self(value) or other(value), f"({self!r} | {other!r})")

    def __invert__(self) -> Comparison:
        return Comparison(lambda value: not self(value), f"~{self!r}")

    def __repr__(self) -> str:
        return self._said


def equal_to(value: object) -> Comparison:
    """Return what holds of this value only; of UNSET: where there is none."""
    if value is UNSET:
        return Comparison(lambda other: other is UNSET, "UNSET")
    wanted = _json(value)
    if type(wanted) is str:
        return Comparison(lambda other: other == wanted, repr(value))
    if type(wanted) in {int, float}:
        return Comparison(lambda other: other == wanted and type(other) is not bool, repr(value))
    return Comparison(lambda other: equal_values(other, wanted), repr(value))


def ne(value: object) -> Comparison:
    """Any other value, or none.

    Examples
    --------
    >>> [node.key for node in g.find(state=gx.ne("done"))]
    ['Build', 'Walls', 'Roof']
    """
    equal = equal_to(value)
    return Comparison(lambda other: not equal(other), f"ne({equal!r})")


def gt(bound: object) -> Comparison:
    """Above a number, date, time or text.

    Raises
    ------
    SchemaError
        It is nothing that has an order.

    Examples
    --------
    >>> [node.key for node in g.find(effort=gx.gt(3))]
    ['Build', 'Walls']
    """
    return _ordered("gt", bound, operator.gt)


def ge(bound: object) -> Comparison:
    """At least a number, date, time or text; raises as :func:`gt`."""
    return _ordered("ge", bound, operator.ge)


def lt(bound: object) -> Comparison:
    """Below a number, date, time or text; raises as :func:`gt`."""
    return _ordered("lt", bound, operator.lt)


def le(bound: object) -> Comparison:
    """At most a number, date, time or text; raises as :func:`gt`."""
    return _ordered("le", bound, operator.le)


def one_of(*values: object) -> Comparison:
    """One of these values; UNSET among them: or none.

    Examples
    --------
    >>> [node.key for node in g.find(state=gx.one_of("todo", "doing"))]
    ['Build', 'Roof']
    """
    tests = [equal_to(value) for value in values]
    said = ", ".join(map(repr, tests))
    return Comparison(lambda value: any(test(value) for test in tests), f"one_of({said})")


def contains(part: object) -> Comparison:
    """A text with this text in it, or a list with this item.

    Examples
    --------
    >>> [node.key for node in g.find(tags=gx.contains("outside"))]
    ['Walls', 'Roof']
    """
    wanted = _json(part)

    def holds(value: Any) -> bool:
        if isinstance(value, str):
            return isinstance(wanted, str) and wanted in value
        return isinstance(value, list) and any(equal_values(item, wanted) for item in value)

    return Comparison(holds, f"contains({part!r})")


def matches(pattern: str | re.Pattern[str]) -> Comparison:
    """A text in which a regular expression is found, as by :func:`re.search`.

    Raises
    ------
    SchemaError
        It is no regular expression.

    Examples
    --------
    >>> [node.key for node in g.find(state=gx.matches("^do"))]
    ['Design', 'Build']
    """
    try:
        found = re.compile(pattern).search
    except (re.error, TypeError) as error:
        raise SchemaError(f"{shown(pattern)} is no regular expression: {error}") from None
    said = pattern if isinstance(pattern, str) else pattern.pattern
    return Comparison(
        lambda value: isinstance(value, str) and found(value) is not None, f"matches({said!r})"
    )


def _ordered(word: str, bound: object, holds: Callable[[Any, Any], bool]) -> Comparison:
    said = f"{word}({bound!r})"
    if isinstance(bound, datetime):
        return Comparison(lambda value: _in_time(value, bound, holds), said)
    wanted = _json(bound)
    if isinstance(bound, date):
        # of a time, its day
        return Comparison(
            lambda value: (
                isinstance(value, str)
                and _DAY.match(value) is not None
                and holds(value[:10], wanted)
            ),
            said,
        )
    if isinstance(wanted, str):
        return Comparison(lambda value: isinstance(value, str) and holds(value, wanted), said)
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return Comparison(
            lambda value: type(value) in _NUMBERS and holds(value, wanted),
            said,
        )
    raise SchemaError(f"{word} compares with a number, a date, a time or text, got {shown(bound)}")


def _in_time(value: object, bound: datetime, holds: Callable[[Any, Any], bool]) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return holds(datetime.fromisoformat(value.upper()), bound)
    except (ValueError, TypeError):  # no time, or only one of the two has a zone
        return False


def _json(value: object) -> Any:
    return json_value(value, "the value", lambda: "a comparison")
