"""Whole graphs go in as one commit, and the same graph again changes nothing (update.py)."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import DuplicateIdError, NotFoundError, SchemaError
from tests.client.conftest import OpenGraph


def test_karate_club_goes_in_as_one_commit_and_comes_back(g: SharedGraph) -> None:
    club = nx.karate_club_graph()
    g.update(club)
    assert g.rev == 1
    assert list(g) == list(club)
    assert {key: dict(node) for key, node in g.nodes.items()} == dict(club.nodes(data=True))
    ours = {frozenset((u, v)): data for u, v, data in g.edges(data=True)}
    theirs = {frozenset((u, v)): data for u, v, data in club.edges(data=True)}
    assert ours == theirs
    assert len(g.edges) == club.number_of_edges()


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_the_same_graph_again_changes_nothing(g: SharedGraph, kind: type[nx.Graph[Any]]) -> None:
    graph: nx.Graph[Any] = kind([("a", "b"), ("b", "c"), ("b", "a"), ("c", "c")])
    if graph.is_multigraph():
        graph.add_edge("a", "b", x=1)
    graph.add_node(1, x=(1, 2), pos=(0.5, 1), name="one", type="T")
    g.update(graph)
    rev, edges = g.rev, g.edges(keys=True, data=True)
    assert len(edges) == graph.number_of_edges()
    g.update(graph)
    assert (g.rev, g.edges(keys=True, data=True)) == (rev, edges)


def test_what_differs_is_updated_and_nothing_is_made_twice(g: SharedGraph) -> None:
    g.add_node("a", type="T", x=1, y=1)
    g.add_edge("a", "b", type="t", z=1)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("a", x=2)
    graph.add_edge("a", "b", type="t", z=2)
    graph.add_edge("b", "a", type="t")
    rev = g.rev
    g.update(graph, label="Again")
    assert g.rev == rev + 1
    assert (dict(g.nodes["a"]), g.nodes["a"].type) == ({"x": 2, "y": 1}, "T")
    assert g.edges(data="z") == [("a", "b", 2), ("b", "a", None)]


def test_an_edge_of_another_type_is_another_link(g: SharedGraph) -> None:
    g.update([("a", "b", {"type": "s"})])
    g.update([("a", "b", {"type": "t"})])
    assert [edge.type for edge in g.edges.values()] == ["s", "t"]
    g.update([("a", "b", {"x": 1})])
    assert [dict(edge) for edge in g.edges.values()] == [{"x": 1}, {}]


def test_attributes_that_mean_something_become_it(g: SharedGraph) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node("Walls", parent="Build", pos=np.array([1, 2]), name="The walls", type="Task")
    graph.add_node("Build")
    graph.add_node("x", parent="nobody", pos="north", name=3, type=4)
    g.update(graph)
    walls = g.nodes["Walls"]
    assert (walls.parent, walls.position, walls.name, walls.type) == (
        "Build",
        (1.0, 2.0),
        "The walls",
        "Task",
    )
    assert dict(walls) == {}
    assert dict(g.nodes["x"]) == {"parent": "nobody", "pos": "north", "name": 3, "type": 4}


def test_attributes_are_made_json_and_missing_ones_left_out(g: SharedGraph) -> None:
    g.update(
        nodes=[
            (
                "a",
                {
                    "n": np.int64(3),
                    "t": (1, 2),
                    "s": {2, 1},
                    "none": None,
                    "nan": float("nan"),
                    "nat": pd.NaT,
                    7: "seven",
                },
            )
        ]
    )
    assert dict(g.nodes["a"]) == {"n": 3, "t": [1, 2], "s": [1, 2], "none": None, "7": "seven"}


def test_keys_of_every_kind_go_in(g: SharedGraph) -> None:
    grid = nx.grid_2d_graph(2, 2)
    g.update(grid)
    assert list(g) == list(grid)
    g.update([(0, "0"), ((0, 0), 0)])
    assert [edge[:2] for edge in g.edges][-2:] == [(0, "0"), ((0, 0), 0)]
    assert g.nodes["0"].name == "0"


def test_edges_and_nodes_can_be_given_as_to_networkx(g: SharedGraph) -> None:
    g.update([("a", "b"), ("b", "c", {"x": 1}), ("a", "b", "k", {"y": 2})], ["z", ("a", {"w": 1})])
    assert set(g) == {"a", "b", "c", "z"}
    assert g.edges["a", "b", "k"]["y"] == 2
    assert (g.rev, dict(g.nodes["a"])) == (1, {"w": 1})
    g.update()
    g.update([], [])
    assert g.rev == 1


def test_a_blueprint_with_node_types_needs_them_in_what_comes(open_graph: OpenGraph) -> None:
    g = open_graph(blueprint={"node_types": {"T": {}}})
    with pytest.raises(SchemaError):
        g.update([("a", "b")])
    assert (len(g), g.status) == (0, "live")
    g.update([("a", "b")], [("a", {"type": "T"}), ("b", {"type": "T"})])
    assert len(g.edges) == 1


def test_one_bad_element_refuses_the_whole_update(g: SharedGraph) -> None:
    nodes = [(n, {"x": n}) for n in range(500)]
    with pytest.raises(SchemaError, match="x of node 3 must be finite, got inf"):
        g.update(nodes=[*nodes, (3, {"x": float("inf")})])
    assert (len(g), g.rev) == (0, 0)
    with pytest.raises(NotFoundError):
        g.remove_node(3)


def test_a_large_update_travels_in_parts_and_arrives_whole(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    path = nx.path_graph(3000)
    nx.set_node_attributes(path, dict.fromkeys(path, "x" * 100), "text")
    seen: list[int] = []
    a.update(path)
    b.replica.wait_beyond(0, 30)
    with b.replica.lock:
        seen.append(len(b))
    assert seen == [3000]
    assert (a.rev, b.rev, len(b.edges)) == (1, 1, 2999)
    assert a.nodes(data=True) == b.nodes(data=True)
    assert a.undo() == []
    assert len(a) == 0


def test_progress_is_shown_from_ten_thousand_changes(
    g: SharedGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    g.update(nx.path_graph(100), label="Few")
    assert capsys.readouterr().err == ""
    g.update(nodes=range(1000, 11_000), label="Many")
    shown = capsys.readouterr().err
    assert "Many" in shown
    assert "100%" in shown
    assert "20.0k/20.0k" in shown


def test_a_refused_update_ends_its_progress_bar(
    g: SharedGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SchemaError):
        g.update(nodes=[*range(20_000), "x" * 300], label="Many")
    assert "100%" not in capsys.readouterr().err
    g.add_node("still works")


def test_two_who_bring_the_same_at_once_bring_it_once(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    club = nx.karate_club_graph()
    a.update(club)
    try:
        b.update(club)
    except DuplicateIdError:
        pytest.fail("the update was not planned anew")
    assert len(b) == 34
