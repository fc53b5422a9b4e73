"""networkx reads what we write, and we read what networkx writes."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import networkx as nx
import pytest

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.exchange import Format, encoded, read_file


def _graph() -> Graph:
    graph = Graph()
    graph.apply(NodeCreated("0", order=1, position=(1.5, -2.0), properties={"effort": 3}))
    graph.apply(NodeCreated("1", "0", order=1, properties={"effort": 0.5, "state": "tödo"}))
    graph.apply(NodeLinked("7", "0", "1", "", {"weight": 2.5}))
    graph.apply(NodeLinked("8", "0", "1", "", {"weight": 4}))
    return graph


def _with_networkx(body: bytes, name: Format) -> Any:
    if name == "graphml":
        return nx.read_graphml(BytesIO(body))
    if name == "gexf":
        return nx.read_gexf(BytesIO(body))
    if name == "gml":
        return nx.read_gml(BytesIO(body))
    return nx.relabel_nodes(nx.node_link_graph(json.loads(body), edges="links"), str)


@pytest.mark.parametrize("name", ["graphml", "gexf", "gml", "node-link"])
def test_networkx_reads_what_is_written(name: Format) -> None:
    found = _with_networkx(encoded(_graph(), name)[0], name)
    assert type(found) is nx.MultiDiGraph
    assert list(found) == ["0", "1"]
    assert found.nodes["0"]["effort"] == 3
    assert found.nodes["1"]["effort"] == 0.5
    assert found.nodes["1"]["state"] == "tödo"
    assert sorted(data["weight"] for _, _, data in found.edges(data=True)) == [2.5, 4]


@pytest.mark.parametrize("name", ["graphml", "gml", "node-link"])
def test_networkx_reads_undirected_graphs(name: Format) -> None:
    graph = _graph()
    graph.apply(BlueprintUpdated(Blueprint(directed=False), Blueprint()))
    assert type(_with_networkx(encoded(graph, name)[0], name)) is nx.MultiGraph


def _written_by_networkx(graph: Any, name: Format) -> bytes:
    if name == "graphml":
        return "\n".join(nx.generate_graphml(graph)).encode()
    if name == "gexf":
        return "\n".join(nx.generate_gexf(graph)).encode()
    if name == "gml":
        return "\n".join(nx.generate_gml(graph)).encode()
    if name == "cytoscape":
        return json.dumps(nx.cytoscape_data(graph)).encode()
    return json.dumps(nx.node_link_data(graph)).encode()


@pytest.mark.parametrize("name", ["graphml", "gexf", "gml", "cytoscape", "node-link"])
@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_what_networkx_writes_is_read(name: Format, kind: Any) -> None:
    graph = kind(nx.karate_club_graph())
    graph.add_edge(33, 34, weight=1)
    graph.add_edge(34, 34, weight=2)
    file = read_file(_written_by_networkx(graph, name), name)
    assert len(file.nodes) == 35
    assert len(file.links) == graph.number_of_edges()
    assert file.blueprint.directed == graph.is_directed()
    assert sum(link.properties["weight"] for link in file.links) == graph.size("weight")
    assert file.nodes[0].properties["club"] == "Mr. Hi"
    if name in ("cytoscape", "node-link"):
        assert file.blueprint.multigraph == graph.is_multigraph()
