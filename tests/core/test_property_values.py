"""Every value type of a blueprint: what it takes, what it does not, and what people are told."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]  # no stubs among our test requirements
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_ext.core.blueprint import PropertyType
from graph_ext.core.json_schema import property_schema
from graph_ext.core.json_values import did_you_mean, shown, value_problem, value_size
from graph_ext.core.property_values import MAX_MATCHED_CHARACTERS, property_problem

NUMBER = {"type": "number", "minimum": 0, "maximum": 1.5}
CHOICE = {"type": "select", "options": ("open", "done")}
CHOICES = {"type": "multi-select", "options": ("a", "b")}
CODE = {"type": "text", "pattern": "^[A-Z]+-[0-9]+$"}


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({}, ""),
        ({}, "any\ntext \U0001f600"),
        (CODE, "PRJ-17"),
        ({"type": "text", "pattern": "b"}, "abc"),
        ({"type": "number"}, -1),
        (NUMBER, 0),
        (NUMBER, 1.5),
        ({"type": "integer"}, 3),
        ({"type": "integer"}, 3.0),
        ({"type": "boolean"}, False),
        ({"type": "date"}, "2024-02-29"),
        ({"type": "datetime"}, "2026-11-30T09:00:00Z"),
        ({"type": "datetime"}, "2026-11-30t09:00:00.123456789+05:30"),
        ({"type": "duration"}, "P3DT4H"),
        ({"type": "duration"}, "P2W"),
        ({"type": "duration"}, "PT0.5S"),
        ({"type": "duration"}, "-P1Y2M"),
        ({"type": "url"}, "https://example.org/a?b=c#d"),
        ({"type": "url"}, "HTTP://example.org"),
        ({"type": "url"}, "mailto:ada@example.org"),
        ({"type": "currency", "currency": "EUR"}, 9.99),
        (CHOICE, "open"),
        (CHOICES, []),
        (CHOICES, ["b", "a"]),
        ({"type": "reference"}, "any node"),
        ({"type": "json"}, None),
        ({"type": "json"}, {"a": [1]}),
    ],
)
def test_a_value_of_the_type_is_taken(fields: dict[str, Any], value: Any) -> None:
    assert property_problem(PropertyType(**fields), value) is None
    jsonschema.validate(value, property_schema(PropertyType(**fields)))


@pytest.mark.parametrize(
    ("fields", "value", "problem"),
    [
        ({}, 3, "must be text, got 3"),
        ({}, None, "must be text, got None"),
        (CODE, "prj-17", "must match ^[A-Z]+-[0-9]+$, got 'prj-17'"),
        (CODE, "A" * (MAX_MATCHED_CHARACTERS + 1), "must have at most 1000 characters, for it"),
        ({"type": "number"}, "x", "must be a number, got 'x'"),
        ({"type": "number"}, True, "must be a number, got True"),
        (NUMBER, -0.5, "must be at least 0, got -0.5"),
        (NUMBER, 2, "must be at most 1.5, got 2"),
        ({"type": "integer"}, 3.5, "must be a whole number, got 3.5"),
        ({"type": "integer"}, False, "must be a whole number"),
        ({"type": "boolean"}, 1, "must be true or false, got 1"),
        ({"type": "date"}, "2026-02-29", "must be a date such as 2026-11-30"),
        ({"type": "date"}, "20260228", "must be a date"),
        ({"type": "date"}, "2026-W01-1", "must be a date"),
        ({"type": "date"}, "\uff12026-02-28", "must be a date"),
        ({"type": "datetime"}, "2026-11-30T09:00:00", "must be a time with its zone"),
        ({"type": "datetime"}, "2026-11-30T25:00:00Z", "must be a time with its zone"),
        ({"type": "datetime"}, "2026-11-30", "must be a time with its zone"),
        ({"type": "duration"}, "P", "must be an ISO 8601 duration such as P3DT4H, got 'P'"),
        ({"type": "duration"}, "P1DT", "must be an ISO 8601 duration"),
        ({"type": "duration"}, "3 days", "must be an ISO 8601 duration"),
        ({"type": "url"}, "javascript:alert(1)", "must be an http, https, ftp or mailto address"),
        ({"type": "url"}, "https://", "must be an http"),
        ({"type": "url"}, "https://a b", "must be an http"),
        ({"type": "url"}, "https://a/\n", "must be an http"),
        ({"type": "url"}, 'https://a/"onclick=', "must be an http"),
        ({"type": "currency"}, "9.99", "must be a number"),
        (CHOICE, "opne", "must be one of 'open', 'done' (did you mean 'open'?), got 'opne'"),
        (CHOICE, ["open"], "must be one of 'open', 'done', got ['open']"),
        (CHOICES, "a", "must be a list of different ones of 'a', 'b', got 'a'"),
        (CHOICES, ["a", "a"], "must be a list of different ones"),
        (CHOICES, ["c"], "must be a list of different ones"),
        (CHOICES, [["a"]], "must be a list of different ones"),
        ({"type": "reference"}, "", "must be the node_id of a node, got ''"),
        ({"type": "reference"}, 3, "must be the node_id of a node, got 3"),
    ],
)
def test_another_value_is_refused_in_plain_words(
    fields: dict[str, Any], value: Any, problem: str
) -> None:
    assert problem in (property_problem(PropertyType(**fields), value) or "")


def test_many_options_are_listed_in_part() -> None:
    many = PropertyType(type="select", options=tuple(f"o{n}" for n in range(30)))
    assert "'o9', ... (30 in all)" in (property_problem(many, "zzz") or "")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(value=JSON)
def test_no_value_of_any_type_raises(value: Any) -> None:
    assert value_problem(value) is None
    assert value_size(value) > 0
    for fields in (
        CODE,
        NUMBER,
        CHOICE,
        CHOICES,
        *(
            {"type": t}
            for t in (
                "date",
                "datetime",
                "duration",
                "url",
                "reference",
                "json",
                "boolean",
                "integer",
            )
        ),
    ):
        property_problem(PropertyType(**fields), value)  # type: ignore[arg-type]


@given(value=st.one_of(JSON, st.text(alphabet="\ud800a\x00\n"), st.binary(), st.complex_numbers()))
def test_what_a_message_shows_is_short_and_printable(value: Any) -> None:
    assert shown(value).isprintable()
    assert len(shown(value)) <= 120


def test_endless_nesting_and_endless_digits_are_shown_too() -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: Any = 0
    for _ in range(5000):
        deep = [deep]
    assert shown(deep) == "a value of type list"
    assert shown(endless) == "[[...]]"
    assert shown(10**5000) == "a value of type int"
    assert shown(["x"] * 100) == "a list of 100 items"
    assert shown({str(n): n for n in range(100)}) == "an object of 100 keys"
    assert value_problem(deep) == "must be nested at most 32 deep"


def test_hints_are_given_only_where_looking_is_cheap_and_something_is_close() -> None:
    assert did_you_mean("Desing", ["Design", "Build"]) == "did you mean 'Design'?"
    assert did_you_mean("build", ["Design", "Build"]) == "did you mean 'Build'?"
    assert did_you_mean("xyz", ["Design", "Build"]) is None
    assert did_you_mean("n1", (f"n{n}" for n in range(501))) is None
