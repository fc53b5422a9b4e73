"""Conditions of a change, as Python writes them: compare and set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import UNSET, Struct

from graph_ext.client.elements.values import json_value
from graph_ext.core.expectations import Expectation

__all__ = ["UNCONDITIONAL", "Conditions", "Expect", "about_element"]

Expect = Mapping[str, object] | Iterable[Expectation]
"""Of a change to one element: the values that its properties must have (UNSET: the property is not
set), or any conditions."""


class Conditions(Struct, frozen=True):
    """What must hold at the moment of a change, and at which rev, if that matters."""

    expect: tuple[Expectation, ...] = ()
    base_rev: int | None = None


UNCONDITIONAL = Conditions()


def about_element(
    expect: Expect, target: Mapping[str, str], named: Callable[[], str]
) -> list[Expectation]:
    """Return conditions as commands carry them.

    Parameters
    ----------
    expect : mapping or iterable
        See :data:`Expect`.
    target : mapping
        Which element a mapping is about: its ``node_id`` or its ``link_id``.
    named : callable
        Returns how a message calls the element.

    Raises
    ------
    SchemaError
        A value has no JSON form.
    """
    if not isinstance(expect, Mapping):
        return list(expect)
    return [
        Expectation(
            property_name=name,
            value=UNSET if value is UNSET else json_value(value, name, named),
            node_id=target.get("node_id"),
            link_id=target.get("link_id"),
        )
        for name, value in expect.items()
    ]
