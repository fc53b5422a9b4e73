"""Node and link types in Python, and what fits them (client/blueprint/types.py, check.py)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Literal, Required

import pytest

import graph_ext as gx
from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import CycleError, NotFoundError, SchemaError
from tests.client.conftest import OpenGraph

TIMEOUT_S = 60


@dataclass
class Bug:
    """Something broken."""

    severity: Literal["low", "high"]
    name: str = ""


def test_types_are_made_used_and_changed(g: SharedGraph) -> None:
    Task = g.node_type(  # noqa: N806
        "Task",
        {
            "effort": Required[float],
            "done": bool,
            "due": date,
            "lasts": timedelta,
            "state": Literal["todo", "doing", "done"],
        },
    )
    Phase = g.node_type("Phase", {"lead": Task}, parent_of=[Task], label="A phase")  # noqa: N806
    Blocks = g.link_type("blocks", Task, [Task, Phase], {"days": int}, acyclic=True)  # noqa: N806
    g.add_node("Build", type=Phase)
    g.add_node("Design", type=Task, effort=3, due=date(2026, 12, 1), lasts=timedelta(days=1.5))
    g.add_nodes_from(["Walls", "Roof"], type=Task, parent="Build", effort=1)
    g.add_edge("Design", "Walls", type=Blocks, days=2)
    g.add_edges_from([("Walls", "Roof")], type=Blocks)
    assert g.nodes["Design"]["lasts"] == "P1DT43200S"
    assert [node.key for node in g.find(type=Task)] == ["Design", "Walls", "Roof"]
    assert [node.key for node in g.find(type=[Phase, "nothing"])] == ["Build"]
    assert len(g.find_edges(type=Blocks)) == 2
    g.nodes["Build"]["lead"] = "Design"
    wrongs: list[Callable[[], object]] = [
        lambda: g.add_node("x", type=Task),
        lambda: g.add_node("x", type=Task, effort=1, state="nearly"),
        lambda: g.add_node("x", type=Phase, parent="Build"),
        lambda: g.add_edge("Build", "Walls", type=Blocks),
    ]
    for wrong in wrongs:
        with pytest.raises(SchemaError):
            wrong()
    with pytest.raises(CycleError):
        g.add_edge("Roof", "Design", type=Blocks)
    rev = g.rev
    assert g.node_type("Task") == Task
    assert g.link_type("blocks") == Blocks
    assert g.rev == rev, "what stands is not made again"
    g.node_type("Phase", colour="#4aa564", parent_of=None)
    phase = g.blueprint.node_types["Phase"]
    assert (phase.colour, phase.label, phase.allowed_children) == ("#4aa564", "A phase", None)
    assert set(phase.properties) == {"lead"}
    with pytest.raises(SchemaError, match="does not fit this blueprint in 5 places"):
        g.node_type("Task", {"effort": str})
    with pytest.raises(SchemaError, match="no node type 'Nobody'"):
        g.node_type("Phase", parent_of=["Nobody"])


def test_a_type_is_a_text_that_knows_what_it_is(g: SharedGraph) -> None:
    Task = g.node_type("Task")  # noqa: N806
    assert (Task, repr(Task), Task in {"Task"}) == ("Task", "<node type 'Task'>", True)
    assert repr(pickle.loads(pickle.dumps(Task))) == repr(Task)
    g.add_node("a", type=Task, other=Task)
    assert type(g.nodes["a"].type) is str
    assert g.nodes["a"]["other"] == "Task"


def test_a_class_is_a_type_and_its_instances_nodes(g: SharedGraph) -> None:
    bug = g.node_type(Bug)
    g.add_node(1, type=bug, **asdict(Bug("high", "It leaks")))
    assert (g.nodes[1].name, dict(g.nodes[1])) == ("It leaks", {"severity": "high"})
    assert g.blueprint.node_types["Bug"].label == "Something broken"
    fixes = g.link_type(Bug, bug, bug)
    assert (repr(fixes), list(g.blueprint.link_types)) == ("<link type 'Bug'>", ["Bug"])


def test_types_that_two_make_at_once_all_stand(open_graph: OpenGraph) -> None:
    graphs = [open_graph(), open_graph()]

    def make(index: int) -> None:
        for n in range(6):
            graphs[index].node_type(f"T{index}{n}", {"x": int})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, range(2)))
    rev = max(g.rev for g in graphs)
    for g in graphs:
        assert g.replica.wait_beyond(rev - 1, TIMEOUT_S)
        assert sorted(g.blueprint.node_types) == [f"T{i}{n}" for i in range(2) for n in range(6)]


def test_types_in_a_batch_are_part_of_it(g: SharedGraph) -> None:
    with g.batch():
        task = g.node_type("Task", {"x": int})
        g.add_node("a", type=task, x=1)
        with pytest.raises(SchemaError):
            g.add_node("b", type=task, x="y")
    assert (g.rev, g.find(type=task)[0].key) == (1, "a")


def test_what_does_not_fit_is_listed_before_anything_is_made_stricter(g: SharedGraph) -> None:
    assert not g.check()
    assert repr(g.check()) == "everything fits"
    g.add_nodes_from([(n, {"x": n}) for n in range(30)], type="Task")
    g.add_edge(0, 1, key=0, type="near")
    strict = {
        "node_types": {"Task": {"properties": {"x": {"type": "number", "maximum": 4}}}},
        "link_types": {"blocks": {}},
    }
    found = g.check(strict)
    assert len(found) == 26
    assert (found[0].node_id, found[0].path, found[-1].link_id) == (
        "5",
        "properties.x",
        g.edges[0, 1].link_id,
    )
    assert repr(found).startswith("26 places where it does not fit:\n  Task.x must be at most 4")
    assert repr(found).endswith("... and 6 more")
    assert [misfit.node_id for misfit in found[:2]] == ["5", "6"]
    g.add_node("<b>", x=9, type="Task")
    assert "<i>" not in g.check({"node_types": {"<i>": {}}})._repr_html_()
    g.remove_nodes_from(g.find(x=gx.gt(4)))
    g.remove_edge(0, 1)
    assert not g.check(strict)
    g.blueprint = strict
    assert g.at(g.rev).check() is not None
    with pytest.raises(SchemaError, match="no node type 'Nobody'"):
        g.check({"node_types": {"T": {"allowed_children": ["Nobody"]}}})
    with pytest.raises(NotFoundError, match=r"no type 'Tusk'.*'Task'"):
        g.json_schema("Tusk")
    assert g.json_schema("Task")["properties"] == {"x": {"type": "number", "maximum": 4.0}}


def test_a_blueprint_comes_from_classes_or_a_file_wherever_one_is_asked_for(
    open_graph: OpenGraph, tmp_path: pytest.TempPathFactory
) -> None:
    g = open_graph(blueprint=[Bug])
    assert set(g.blueprint.node_types) == {"Bug"}
    g.blueprint = "node_types: {Bug: , Task: }\n"
    assert set(g.blueprint.node_types) == {"Bug", "Task"}
    assert g.check([Bug]) is not None
