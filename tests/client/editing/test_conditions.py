"""Compare and set, and dry runs, from Python, against a real server."""

from __future__ import annotations

import networkx as nx
import pytest

import graph_ext as gx
from graph_ext.client.graph import SharedGraph
from graph_ext.core.commands import UpdateNode
from tests.client.conftest import OpenGraph


@pytest.fixture
def plan(g: SharedGraph) -> SharedGraph:
    """Design with its part Sketch, before Build."""
    g.add_node("Design", state="todo")
    g.add_node("Sketch", parent="Design")
    g.add_edge("Design", "Build", weight=1)
    return g


def test_properties_are_set_only_where_they_are_as_expected(plan: SharedGraph) -> None:
    design = plan.nodes["Design"]
    design.update(state="doing", expect={"state": "todo", "owner": gx.UNSET})
    with pytest.raises(gx.ConflictError, match="state of node"):
        design.update({"state": "done"}, expect={"state": "todo"})
    with pytest.raises(gx.ConflictError, match="state of node"):
        # nothing would change: the condition is looked at all the same
        plan.add_node("Design", state="doing", expect=design.expected({"state": "todo"}))
    assert design["state"] == "doing"


def test_elements_are_removed_only_where_they_are_as_expected(plan: SharedGraph) -> None:
    with pytest.raises(gx.ConflictError):
        plan.remove_node("Design", expect={"state": "done"})
    with pytest.raises(gx.ConflictError):
        plan.remove_edge("Design", "Build", expect={"weight": 2})
    plan.remove_edge("Design", "Build", expect={"weight": 1})
    plan.remove_node("Design", expect=[gx.Expectation(node_id="Build")])
    assert list(plan) == ["Build"]


def test_a_node_is_made_only_if_there_is_none(plan: SharedGraph) -> None:
    fresh = [gx.Expectation(node_id="Test", exists=False)]
    plan.add_node("Test", expect=fresh)
    with pytest.raises(gx.ConflictError, match="exists"):
        plan.add_node("Test", n=1, expect=fresh)
    with pytest.raises(gx.ConflictError, match="no node"):
        plan.add_edge("Test", "Build", expect=[gx.Expectation(node_id="nowhere")])
    assert dict(plan.nodes["Test"]) == {}


def test_a_change_can_be_tied_to_a_rev(open_graph: OpenGraph, plan: SharedGraph) -> None:
    other = open_graph()
    rev = other.rev
    plan.nodes["Design"]["state"] = "doing"
    with pytest.raises(gx.ConflictError):
        other.update(nx.path_graph(3), base_rev=rev)
    with pytest.raises(gx.ConflictError):
        other.submit(UpdateNode("Design", name="x"), base_rev=rev)
    receipt = plan.submit(UpdateNode("Design", name="x"), base_rev=plan.rev)
    assert receipt.rev == plan.rev
    assert 0 not in plan


def test_a_dry_run_says_what_would_happen_and_changes_nothing(plan: SharedGraph) -> None:
    rev = plan.rev
    with plan.dry_run() as asked:
        plan.remove_node("Design")
    assert str(asked) == "would delete 1 link, delete 2 nodes"
    assert (asked.count, len(asked.events), plan.rev) == (3, 3, rev)
    with plan.dry_run() as asked:
        plan.nodes["Design"]["state"] = "done"
        plan.update(nx.path_graph(5))
        plan.undo()
        plan.nodes["Build"].name = "B"
    assert len(asked.plans) == 4
    assert "create 5 nodes" in str(asked)
    assert plan.rev == rev
    plan.nodes["Design"]["state"] = "done"  # meant again
    assert plan.rev == rev + 1


def test_a_dry_run_raises_what_the_change_would(plan: SharedGraph) -> None:
    with plan.dry_run() as asked, pytest.raises(gx.CycleError):
        plan.nodes["Design"].parent = "Sketch"
    assert str(asked) == "would change nothing"
    with plan.dry_run(), pytest.raises(gx.ConflictError):
        plan.remove_node("Design", expect={"state": "done"})


def test_a_dry_run_is_of_its_graph_alone(open_graph: OpenGraph, plan: SharedGraph) -> None:
    other = open_graph()
    with plan.dry_run():
        other.add_node("meant")
    assert plan.replica.wait_until(lambda: "meant" in plan, 30)
