"""networkx's functions take a session as it is (client/networkx/backend.py)."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import networkx as nx
import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.client.networkx.backend import backend
from tests.client.conftest import OpenGraph


def test_the_backend_is_registered() -> None:
    found = [
        point for point in entry_points(group="networkx.backends") if point.name == "graph_ext"
    ]
    assert [point.load() for point in found] == [backend]


def test_algorithms_run_on_a_session(open_graph: OpenGraph) -> None:
    g: Any = open_graph(directed=False, multigraph=False)
    club = nx.karate_club_graph()
    g.update(club)
    assert nx.pagerank(g) == pytest.approx(nx.pagerank(club))
    assert nx.shortest_path(g, 0, 33, weight="weight") == nx.shortest_path(club, 0, 33, "weight")
    assert nx.degree_centrality(g) == nx.degree_centrality(club)
    assert list(nx.connected_components(g)) == list(nx.connected_components(club))
    assert nx.utils.graphs_equal(nx.compose(g, g), club)
    assert nx.is_isomorphic(g.nx, club)
    assert set(nx.compose_all([g.nx, nx.path_graph(["x", "y"])])) == {*club, "x", "y"}


def test_what_an_algorithm_changes_is_changed(g: SharedGraph) -> None:
    g.update([("a", "b"), ("b", "c")])
    given: Any = g
    nx.set_node_attributes(given, {"a": 1, "b": 2}, "rank")
    nx.relabel_nodes(g.nx, {"a": "A"}, copy=False)
    assert g.nodes["b"]["rank"] == 2
    assert list(g.nx.edges()) == [("b", "c"), ("A", "b")]


def test_structure_stands_still_while_an_algorithm_runs(open_graph: OpenGraph) -> None:
    mine, theirs = open_graph(), open_graph()
    mine.update([("a", "b"), ("b", "c")])
    theirs.replica.wait_beyond(0, 10)
    seen: list[list[Any]] = []

    def weight(u: Any, v: Any, data: Any) -> float:
        rev = mine.rev
        theirs.add_edge("c", f"x{rev}")
        mine.replica.wait_beyond(rev, 10)
        seen.append(list(mine.nx))
        return 1.0

    given: Any = mine
    assert nx.dijkstra_path_length(given, "a", "c", weight) == 2
    assert seen == [["a", "b", "c"], ["a", "b", "c"]]
    assert len(mine.nx) == 5


def test_other_graphs_are_taken_along_without_a_session(g: SharedGraph) -> None:
    g.update([("a", "b")])
    given: Any = g
    other = backend.convert_from_nx(nx.MultiDiGraph([("b", "c")]))
    assert set(nx.compose(given, other, backend="graph_ext")) == {"a", "b", "c"}
    with pytest.raises(NotImplementedError, match="must be a str, an int"):
        backend.convert_from_nx(nx.Graph([(1.5, 2)]))
    assert type(backend.convert_to_nx(g)) is nx.MultiDiGraph
    assert backend.convert_to_nx(5) == 5
    with pytest.raises(AttributeError):
        backend.no_such_algorithm  # noqa: B018
