"""A diff told from events is the one that a comparison of both graphs gives."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import UpdateBlueprint, execute
from graph_ext.core.diff import Diff, diff_between
from graph_ext.core.errors import GraphError
from graph_ext.core.events import (
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.graph import Graph
from tests.core.states import RandomEdits, ids, plain

Flat = dict[str, dict[str, str]]


def flat(graph: Graph) -> tuple[Flat, Flat]:
    """Every element's fields as JSON text: there 1, 1.0 and true are three things."""

    def fields(element: Any) -> dict[str, str]:
        values = {name: getattr(element, name) for name in element.__struct_fields__[1:]}
        values |= {f"properties.{k}": v for k, v in values.pop("properties").items()}
        return {name: repr(_norm(value)) for name, value in values.items()}

    nodes = {key: fields(node) for key, node in graph.nodes.items()}
    return nodes, {key: fields(link) for key, link in graph.links.items()}


def _norm(value: Any) -> Any:
    """0 and 0.0 are one number; a tuple is a list."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | tuple):
        return [_norm(item) for item in value]
    if isinstance(value, dict):
        return {key: _norm(value[key]) for key in sorted(value)}
    return value


def compared(one: Flat, other: Flat) -> dict[str, Any]:
    """The naive diff."""
    return {
        "added": {key: other[key] for key in other.keys() - one.keys()},
        "removed": {key: one[key] for key in one.keys() - other.keys()},
        "changed": {
            key: {
                name: (one[key].get(name), other[key].get(name))
                for name in one[key] | other[key]
                if one[key].get(name) != other[key].get(name)
            }
            for key in one.keys() & other.keys()
            if one[key] != other[key]
        },
    }


def told(diff: Diff) -> list[dict[str, Any]]:
    """The diff in the form of the naive one."""
    found = []
    for part, id_field in ((diff.nodes, "node_id"), (diff.links, "link_id")):
        graph = Graph()
        for element in (*part.added, *part.removed):
            graph.apply(element.created())
        rows = flat(graph)[0 if id_field == "node_id" else 1]
        found.append(
            {
                "added": {e: rows[e] for e in (getattr(x, id_field) for x in part.added)},
                "removed": {e: rows[e] for e in (getattr(x, id_field) for x in part.removed)},
                "changed": {
                    getattr(change, id_field): {
                        name: (_shown(value.old), _shown(value.new))
                        for name, value in change.fields.items()
                    }
                    for change in part.changed
                },
            }
        )
    return found


def _shown(value: Any) -> str | None:
    return None if repr(value) == "UNSET" else repr(_norm(value))


def between(events: list[Event], from_rev: int = 0, to_rev: int = 1, **bounds: int) -> Diff:
    return diff_between(
        from_rev, to_rev, events, **{"max_elements": 1000, "max_bytes": 10**9, **bounds}
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_diff_is_what_a_comparison_of_both_graphs_finds(seed: int) -> None:
    random = Random(seed)
    edits, graph, new_id = RandomEdits(random), Graph(), ids("made-")
    log: list[list[Event]] = []
    states = [flat(graph)]
    while len(log) < 60:
        try:
            log.append(execute(graph, edits.batch(graph), new_id))
        except GraphError:
            continue
        states.append(flat(graph))
    for _ in range(40):
        a, b = random.randint(0, 60), random.randint(0, 60)
        events = [event for commit in log[min(a, b) : max(a, b)] for event in commit]
        diff = between(events, a, b)
        assert (diff.from_rev, diff.to_rev, diff.truncated) == (a, b, False)
        assert told(diff) == [compared(states[a][i], states[b][i]) for i in (0, 1)], (a, b)


def test_true_is_not_one_and_what_came_back_drops_out() -> None:
    diff = between(
        [
            PropertyChanged("flag", True, 1, node_id="a"),
            PropertyChanged("back", 2, 1, node_id="a"),
            PropertyChanged("back", 1, 2, node_id="a"),
            PropertyChanged("whole", 1.0, 1, node_id="b"),
            NodeCreated("passing"),
            NodeDeleted("passing"),
        ]
    )
    assert plain(diff) == {
        "from_rev": 0,
        "to_rev": 1,
        "nodes": {
            "added": [],
            "removed": [],
            "changed": [{"node_id": "a", "fields": {"properties.flag": {"old": 1, "new": True}}}],
        },
        "links": {"added": [], "removed": [], "changed": []},
        "blueprint": None,
        "truncated": False,
    }


def test_an_element_made_anew_is_one_that_changed() -> None:
    diff = between(
        [
            PropertyDeleted("x", 1, node_id="a"),
            NodeDeleted("a", name="old", properties={"y": 2}),
            NodeCreated("a", name="new", blueprint_type_id="Task", properties={"x": 1, "y": 2}),
        ]
    )
    assert not diff.nodes.added + diff.nodes.removed
    assert plain(diff.nodes.changed) == [
        {
            "node_id": "a",
            "fields": {
                "name": {"old": "old", "new": "new"},
                "blueprint_type_id": {"old": "", "new": "Task"},
            },
        }
    ]


def test_a_blueprint_that_changed_is_told_both_ways() -> None:
    graph = Graph()
    simple = Blueprint(multigraph=False)
    events = execute(graph, UpdateBlueprint(simple), ids())
    diff, back = between(events, 0, 1), between(events, 1, 0)
    assert diff.blueprint is not None
    assert back.blueprint is not None
    assert (diff.blueprint.old, diff.blueprint.new) == (Blueprint(), simple)
    assert (back.blueprint.old, back.blueprint.new) == (simple, Blueprint())
    events += execute(graph, UpdateBlueprint(Blueprint()), ids())
    assert between(events).blueprint is None


@pytest.mark.parametrize("bounds", [{"max_elements": 2}, {"max_bytes": 1000}])
def test_a_diff_over_its_bounds_says_so_and_is_right_in_what_it_has(bounds: dict[str, int]) -> None:
    text = "x" * 400
    events: list[Event] = [NodeCreated(f"n{i}", properties={"text": text}) for i in range(5)]
    events += [PropertyChanged("text", i, text, node_id=f"n{i}") for i in range(5)]
    # gone again, but n3 has been missed: it must not come in with a part of its story
    events += [
        NodeDeleted("n0"),
        PropertyChanged("late", 1, node_id="n3"),
        NodeLinked("l", "a", "b"),
    ]
    diff = between(events, **bounds)
    assert diff.truncated
    assert [(node.node_id, node.properties) for node in diff.nodes.added] == [("n1", {"text": 1})]
    assert not diff.nodes.changed
    assert not diff.links.added
