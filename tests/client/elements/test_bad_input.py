"""What can not be is refused at its line, and changes nothing."""

from __future__ import annotations

import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import (
    CycleError,
    NotFoundError,
    SchemaError,
    TooLargeError,
)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda g: g.nodes["Desing"], NotFoundError, "no node 'Desing'.*did you mean 'Design'"),
        (lambda g: g.nodes["Design"]["efort"], NotFoundError, "no property 'efort'.*'effort'"),
        (lambda g: g.nodes["Design"].__delitem__("no"), NotFoundError, "no"),
        (lambda g: g.remove_node("nobody"), NotFoundError, "no node 'nobody'"),
        (lambda g: g.remove_edge("Design", "x"), NotFoundError, "no link"),
        (lambda g: g.edges["Design"], NotFoundError, "no link"),
        (lambda g: g.edges[1, 2, 3, 4], TypeError, r"\(u, v, key\)"),
        (lambda g: g.add_node("x", parent="nobody"), NotFoundError, "nobody"),
        (
            lambda g: g.add_node("x", effort=float("nan")),
            SchemaError,
            "effort of node 'x' must be fin",
        ),
        (lambda g: g.add_node("x", effort=2**60), SchemaError, r"2\*\*53"),
        (lambda g: g.add_node("x", effort="\ud800"), SchemaError, "valid Unicode"),
        (lambda g: g.add_node("\ud800"), SchemaError, "valid Unicode|must"),
        (lambda g: g.add_node("x", name="\ud800"), SchemaError, "valid Unicode|must"),
        (lambda g: g.add_node(""), SchemaError, "1 to 256 bytes"),
        (lambda g: g.add_node("x" * 257), SchemaError, "1 to 256 bytes"),
        (lambda g: g.add_node("a\nb"), SchemaError, "control characters"),
        (lambda g: g.add_node(None, type="x" * 300), SchemaError, "256 bytes"),
        (lambda g: g.add_node(1.5), SchemaError, "must be a str, an int or a tuple"),
        (lambda g: g.add_node("x", position=(1, "y")), SchemaError, "two finite numbers"),
        (lambda g: g.add_node("x", effort=object()), SchemaError, "must be a JSON value"),
        (lambda g: g.add_node("x", effort=nested(40)), SchemaError, "32 deep"),
        (lambda g: g.add_node("x", effort="x" * 3_000_000), TooLargeError, "at most"),
        (lambda g: setattr(g.nodes["Design"], "parent", "Design"), CycleError, "below itself"),
        (lambda g: setattr(g.nodes["Design"], "parent", "Detail"), CycleError, "below"),
        (
            lambda g: g.add_edge("Design", "x", key=None, weight={1: 2}),
            SchemaError,
            "text for keys",
        ),
        (lambda g: g.update([("a",)]), TypeError, "an edge is"),
        (
            lambda g: g.update(nodes=[("a", {"x": 1}), ("b", {"x": 1j})]),
            SchemaError,
            "x of node 'b'",
        ),
    ],
)
def test_bad_input_is_refused_at_its_line_and_changes_nothing(
    g: SharedGraph, wrong: object, error: type[Exception], message: str
) -> None:
    g.add_node("Design", effort=3)
    g.add_node("Detail", parent="Design")
    before = (g.rev, g.nodes(data=True), len(g.edges))
    with pytest.raises(error, match=message):
        wrong(g)  # type: ignore[operator]
    assert (g.rev, g.nodes(data=True), len(g.edges)) == before
    g.nodes["Design"]["effort"] = 4
    assert g.status == "live"


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value
