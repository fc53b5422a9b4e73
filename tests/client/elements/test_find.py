"""Looking for elements, and walking the tree (client/elements/find.py, comparing.py, tree.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec import UNSET

import graph_ext as gx
from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import CycleError, NotFoundError, SchemaError
from tests.client.conftest import OpenGraph

VALUES: dict[str, Any] = {
    "one": 1,
    "true": True,
    "float": 1.5,
    "text": "1",
    "null": None,
    "list": [1, "a"],
    "day": "2026-11-25",
    "time": "2026-11-25T10:00:00+02:00",
    "dict": {"a": 1},
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (1, ["one"]),
        (1.0, ["one"]),
        (True, ["true"]),
        (None, ["null"]),
        ({"a": 1}, ["dict"]),
        ((1, "a"), ["list"]),
        (UNSET, ["none"]),
        (date(2026, 11, 25), ["day"]),
        (gx.gt(1), ["float"]),
        (gx.ge(1), ["one", "float"]),
        (gx.lt(1.5), ["one"]),
        (gx.le(1.5), ["one", "float"]),
        (gx.le("1"), ["text"]),
        (gx.ge(date(2026, 11, 25)), ["day", "time"]),
        (gx.lt(date(2026, 11, 25)), []),
        (gx.gt(datetime(2026, 11, 25, 7, 59, tzinfo=UTC)), ["time"]),
        (gx.lt(datetime(2026, 11, 25, 10, 1, tzinfo=timezone(timedelta(hours=2)))), ["time"]),
        (gx.one_of(1, "1", UNSET), ["one", "text", "none"]),
        (gx.contains("a"), ["list"]),
        (gx.contains("1"), ["text", "day", "time"]),
        (gx.contains(1), ["list"]),
        (gx.matches(r"^\d$"), ["text"]),
        (gx.ge(1) & gx.lt(1.2), ["one"]),
        (gx.gt(1) | gx.contains("1"), ["float", "text", "day", "time"]),
        (~gx.ne(1), ["one"]),
        (lambda value: isinstance(value, list), ["list"]),
    ],
)
def test_a_condition_finds_what_it_says(
    g: SharedGraph, condition: Any, expected: list[str]
) -> None:
    g.add_nodes_from([(key, {"x": value}) for key, value in VALUES.items()])
    g.add_node("none")
    assert [node.key for node in g.find(x=condition)] == expected


def test_anything_else_or_nothing_is_not_equal(g: SharedGraph) -> None:
    g.add_nodes_from([("a", {"x": 1}), ("b", {"x": 2}), "c"])
    assert [node.key for node in g.find(x=gx.ne(1))] == ["b", "c"]
    assert [node.key for node in g.find(x=gx.ne(UNSET))] == ["a", "b"]


def test_properties_called_as_parameters_are_are_found_too(g: SharedGraph) -> None:
    g.add_node("a", type="T")
    g.nodes["a"].update({"type": "inner", "name": "n", "parent": 3, "self": 1, "properties": 2})
    g.add_node("b", type="T", name="B")
    assert [n.key for n in g.find({"type": "inner", "name": "n", "parent": 3}, type="T")] == ["a"]
    assert [n.key for n in g.find(self=1, properties=2)] == ["a"]
    assert [n.key for n in g.find(name="B")] == ["b"]
    assert [n.key for n in g.find(name=gx.matches("^b$"))] == []
    g.add_edge("a", "b", key=0)
    g.edges["a", "b"].update({"source": 1, "type": "x"})
    assert [e.key for e in g.find_edges({"source": 1, "type": "x"}, target="b")] == [0]
    assert g.find_edges({"source": 2}) == []


def test_types_and_places_narrow_it_down(g: SharedGraph) -> None:
    g.add_nodes_from([("a", {"type": "T"}), ("b", {"type": "U", "parent": "a"}), "c"])
    assert [n.key for n in g.find(type=["T", "U"])] == ["a", "b"]
    assert [n.key for n in g.find(type="")] == ["c"]
    assert [n.key for n in g.find(parent=None)] == ["a", "c"]
    assert [n.key for n in g.find(parent="a")] == ["b"]
    assert [n.key for n in g.find()] == ["a", "b", "c"]
    with pytest.raises(NotFoundError, match="nobody"):
        g.find(parent="nobody")


@pytest.mark.parametrize("directed", [True, False])
def test_edges_are_found_by_their_ends(open_graph: OpenGraph, directed: bool) -> None:
    g = open_graph(blueprint={"directed": directed})
    g.add_edges_from([("a", "b", 0), ("b", "a", 1), ("b", "c", 2), ("a", "a", 3)])
    back = [] if directed else [1]
    assert [e.key for e in g.find_edges(source="a")] == [0, 3, *back]
    assert [e.key for e in g.find_edges(target="a")] == ([1, 3] if directed else [0, 3, 1])
    assert [e.key for e in g.find_edges(source="a", target="b")] == [0, *back]
    assert [e.key for e in g.find_edges()] == [0, 1, 2, 3]


def test_what_lies_around_a_node(g: SharedGraph) -> None:
    g.add_edges_from([(n, n + 1, 0) for n in range(6)])
    nodes, edges = g.neighborhood(3, 2)
    assert {node.key for node in nodes} == {1, 2, 3, 4, 5}
    assert (nodes[0].key, len(edges)) == (3, 4)
    assert g.neighborhood(3, 0).edges == []
    for wrong in (-1, 1.5, True):
        with pytest.raises(SchemaError, match="a depth must be"):
            g.neighborhood(3, wrong)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        g.neighborhood("nobody")


@pytest.mark.parametrize("bound", [object(), None, True, [1], float("nan"), 2**60])
def test_what_has_no_order_is_refused(bound: object) -> None:
    with pytest.raises(SchemaError):
        gx.gt(bound)


def test_a_wrong_pattern_is_refused() -> None:
    with pytest.raises(SchemaError, match="no regular expression"):
        gx.matches("(")


def test_nodes_are_moved_in_the_tree_and_among_their_siblings(g: SharedGraph) -> None:
    g.add_nodes_from(["a", "b", "c"])
    g.add_node("top")
    for key in "abc":
        g.move(key, "top")
    g.move("c", "top", before="a")
    assert g.children("top") == ["c", "a", "b"]
    g.move("c", "top")
    assert (g.children("top"), g.parent("c"), g.parent("top")) == (["a", "b", "c"], "top", None)
    g.move("b", None, before="top")
    assert g.children() == ["b", "top"]
    with pytest.raises(CycleError):
        g.move("top", "a")
    with pytest.raises(SchemaError, match="before must name"):
        g.move("a", "top", before="b")
    for call in (g.children, g.parent):
        with pytest.raises(NotFoundError, match="nobody"):
            call("nobody")
