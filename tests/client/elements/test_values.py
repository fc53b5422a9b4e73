"""What Python's values become as properties (client/elements/values.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import Enum, IntEnum

import numpy as np
import pandas as pd
import pytest

from graph_ext.client.editing.plan import position_of
from graph_ext.client.elements.values import is_missing, json_value, own_copy
from graph_ext.core.errors import SchemaError


class State(Enum):
    DONE = "done"


class Level(IntEnum):
    HIGH = 3


def convert(value: object) -> object:
    return json_value(value, "effort", lambda: "node 'Design'")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        ("x", "x"),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ((1, (2, "a")), [1, [2, "a"]]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({"b", 1}), [1, "b"]),
        ({"a": (1,)}, {"a": [1]}),
        (date(2026, 11, 30), "2026-11-30"),
        (datetime(2026, 11, 30, 9, tzinfo=UTC), "2026-11-30T09:00:00+00:00"),
        (pd.Timestamp("2026-11-30"), "2026-11-30T00:00:00"),
        (np.datetime64("2026-11-30"), "2026-11-30"),
        (State.DONE, "done"),
        (Level.HIGH, 3),
    ],
)
def test_a_value_becomes_its_json(value: object, expected: object) -> None:
    converted = convert(value)
    assert converted == expected
    assert type(converted) is type(expected)


ENDLESS: list[object] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "finite"),
        (np.float64("inf"), "finite"),
        (pd.NaT, "JSON value"),
        (2**53, "2\\*\\*53"),
        ("\ud800", "valid Unicode"),
        (["\ud800"], "valid Unicode"),
        ({1: 2}, "text for keys"),
        (object(), "JSON value"),
        (1j, "JSON value"),
        (b"x", "JSON value"),
        (ENDLESS, "32 deep"),
    ],
)
def test_a_value_with_no_safe_json_is_refused_by_name(value: object, reason: str) -> None:
    with pytest.raises(SchemaError, match=f"^effort of node 'Design' must .*{reason}"):
        convert(value)


@pytest.mark.parametrize(
    "value", [float("nan"), np.float32("nan"), pd.NaT, pd.NA, np.datetime64("NaT")]
)
def test_what_numpy_and_pandas_call_missing_is_missing(value: object) -> None:
    assert is_missing(value)


@pytest.mark.parametrize("value", [None, 0, 0.0, "", "nan", [], np.int64(0), np.array([1.0])])
def test_what_is_there_is_not_missing(value: object) -> None:
    assert not is_missing(value)


def test_a_copy_shares_nothing_that_can_change() -> None:
    value = {"a": [{"b": 1}]}
    copy = own_copy(value)
    copy["a"][0]["b"] = 2
    assert value == {"a": [{"b": 1}]}


@pytest.mark.parametrize("value", [(1, 2), [1.0, 2], np.array([1, 2]), {"x": 1, "y": 2}.values()])
def test_a_position_is_two_numbers(value: object) -> None:
    assert position_of(value, lambda: "node 'a'") == (1.0, 2.0)


@pytest.mark.parametrize(
    "value", [(1,), (1, 2, 3), (1, "2"), (1, float("nan")), (True, 1), 7, "ab"]
)
def test_anything_else_is_no_position(value: object) -> None:
    with pytest.raises(SchemaError, match="position of node 'a' must be two finite numbers"):
        position_of(value, lambda: "node 'a'")
