"""Graphs of igraph and rustworkx go into a session and come back (client/networkx/others.py)."""

from __future__ import annotations

from typing import Any

import igraph
import networkx as nx
import pytest
import rustworkx

from graph_ext.client.editing.given import incoming
from graph_ext.client.graph import SharedGraph
from graph_ext.client.networkx.unshared import UnsharedGraph
from graph_ext.core.blueprint import Blueprint

KINDS = [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]


def _unshared(directed: bool = True, multigraph: bool = True) -> UnsharedGraph:
    return UnsharedGraph(Blueprint(directed=directed, multigraph=multigraph))


def _bring(into: UnsharedGraph, graph: Any) -> None:
    into.carry_out(incoming(graph, None).plan)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", ["igraph", "rustworkx"])
def test_what_goes_out_comes_back_the_same(kind: type[nx.Graph[Any]], to: str) -> None:
    full = kind(nx.karate_club_graph())
    full.add_node("7", name="seven", x=[1, {"y": True}])
    full.add_node((0, "a"), weight=1.5)
    full.add_edge("7", (0, "a"), label="l")
    full.add_edge(7, 7)
    if full.is_multigraph():
        full.add_edge(0, 1, key="again")
    there = _unshared(full.is_directed(), full.is_multigraph())
    there.nx.update(full)
    out: Any = there.to_igraph() if to == "igraph" else there.to_rustworkx()
    back = _unshared(full.is_directed(), full.is_multigraph())
    _bring(back, out)
    assert (back.nx.nodes, back.nx.adj) == (full.nodes, full.adj)


def test_graphs_that_igraph_made(g: SharedGraph) -> None:
    made = igraph.Graph.Famous("Zachary")
    made.vs["club"] = ["a" if vertex.index < 17 else None for vertex in made.vs]
    made["title"] = "Zachary"
    g.update(made)
    assert (len(g.nx), g.nx.number_of_edges(), g.rev) == (34, 78, 1)
    assert (g.nx.nodes[0], g.nx.nodes[33]) == ({"club": "a"}, {})
    assert g.nx.graph == {"title": "Zachary"}
    named = igraph.Graph.TupleList([("x", "y"), ("y", "z")], directed=True)
    g.update(named)
    assert set(g.nx) >= {"x", "y", "z"}
    assert g.to_igraph().vs["name"][:2] == ["0", "1"]


def test_graphs_that_rustworkx_made(g: SharedGraph) -> None:
    made: Any = rustworkx.PyDiGraph()
    a, b, c = made.add_nodes_from(["payload", {"x": 1}, None])
    made.add_edge(a, b, 2.5)
    made.add_edge(b, c, None)
    made.remove_node(c)
    d = made.add_node([1, 2])
    made.add_edge(b, d, {"weight": 1})
    g.update(made)
    assert (
        dict(g.nx.nodes(data=True))
        == {
            0: {"data": "payload"},
            1: {"x": 1},
            d: {"data": {"1": 2}},
        }
        or d == c
    )
    assert [data for _, _, data in g.nx.edges(data=True)] == [{"data": 2.5}, {"weight": 1}]
    out: Any = g.to_rustworkx()
    assert out[0] == {"data": "payload", "key": 0}
