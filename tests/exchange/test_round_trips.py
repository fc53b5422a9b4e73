"""What a format can carry comes back equal, whatever stands in it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_ext.core.blueprint import Blueprint, NodeType
from graph_ext.core.errors import BadMessageError
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.exchange import Format, encoded, format_of, read_file, write_file
from graph_ext.exchange import csv as csv_format
from graph_ext.exchange.graph_file import Limits
from tests.exchange.graphs import graph_of, graphs, plain

_ROUND_TRIPS: list[Format] = ["graphml", "gexf", "gml", "node-link", "cytoscape"]
_XML = ("graphml", "gexf")


@pytest.mark.parametrize("name", _ROUND_TRIPS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_everything_comes_back_equal(name: Format, data: st.DataObject) -> None:
    graph = data.draw(graphs(xml=name in _XML))
    body, _ = encoded(graph, name)
    file = read_file(body, name)
    assert plain(graph_of(file)) == plain(graph)
    assert file.notes == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graph=graphs(nul=False))
def test_two_csv_tables_carry_everything(graph: Graph) -> None:
    edges, nodes, _ = csv_format.write(graph)
    file = csv_format.read(edges, Limits(), nodes)
    expected = plain(graph)
    if not graph.links:  # only links tell whether they have a direction
        expected["directed"] = True
    assert plain(graph_of(file)) == expected
    assert file.notes == []


@pytest.mark.parametrize("name", ["graphml", "gexf"])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graph=graphs())
def test_ids_that_xml_cannot_hold_keep_the_shape(name: Format, graph: Graph) -> None:
    body, _ = encoded(graph, name)
    back = graph_of(read_file(body, name))
    assert len(back.nodes) == len(graph.nodes)
    assert len(back.links) == len(graph.links)
    assert [len(back.children(node)) for node in back.nodes].count(0) == [
        len(graph.children(node)) for node in graph.nodes
    ].count(0)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_format_is_told_by_what_stands_in_the_file(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(_ROUND_TRIPS))
    graph = data.draw(graphs(xml=True))
    body, _ = encoded(graph, name)
    assert read_file(body).format == name
    assert plain(graph_of(read_file(gzip.compress(body)))) == plain(graph)


def _small() -> Graph:
    graph = Graph()
    graph.apply(NodeCreated("plan", name="The plan", order=1, position=(0.5, -2)))
    graph.apply(NodeCreated("Design", "plan", "Task", order=1, properties={"effort": 3}))
    graph.apply(NodeCreated("Übung", "plan", "Task", order=2, properties={"done": True}))
    graph.apply(NodeLinked("l1", "Design", "Übung", "blocks", {"weight": 0.5}))
    graph.apply(NodeLinked("l2", "Design", "Übung", "blocks", {"weight": 2}))
    return graph


@pytest.mark.parametrize(
    "name",
    ["a.graphml", "a.GEXF", "a.gml", "a.json", "a.cyjs", "a.csv", "a.graphml.gz", "a.csv.gz"],
)
def test_files_are_written_and_read_by_their_names(tmp_path: Path, name: str) -> None:
    graph = _small()
    assert write_file(graph, tmp_path / name) == []
    file = read_file(str(tmp_path / name))
    assert file.format == format_of(name)
    assert file.notes == []
    assert plain(graph_of(file)) == plain(graph)


def test_a_table_of_nodes_can_be_read_alone(tmp_path: Path) -> None:
    write_file(_small(), tmp_path / "a.csv")
    file = read_file(tmp_path / "a.nodes.csv")
    assert [node.node_id for node in file.nodes] == ["plan", "Design", "Übung"]
    assert [node.parent_id for node in file.nodes] == [None, "plan", "plan"]
    assert file.links == []


def test_an_edge_list_alone_says_what_it_lost() -> None:
    _, notes = encoded(_small(), "csv")
    assert "only their ids" in str(notes[0])


def test_a_name_that_tells_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMessageError, match="tells no format"):
        write_file(_small(), tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", [*_ROUND_TRIPS, "csv", "dot"])
def test_writers_say_that_a_blueprint_is_not_carried(name: Format) -> None:
    graph = _small()
    graph.apply(BlueprintUpdated(Blueprint(node_types={"Task": NodeType()}), Blueprint()))
    _, notes = encoded(graph, name)
    assert "blueprint is not carried" in [str(note) for note in notes]


def test_writers_say_which_values_others_cannot_read() -> None:
    graph = Graph()
    graph.apply(NodeCreated("a", properties={"tags": ["x"], "bell": "\a", "my key": 1}))
    assert [str(note) for note in encoded(graph, "graphml")[1]] == [
        "values are lists, objects or null and were written as JSON text (first: 'tags')",
        "texts have characters that XML can't hold and were written as JSON (first: 'bell')",
    ]
    assert [str(note) for note in encoded(graph, "gml")[1]] == [
        "values are lists, objects or null: other programs can't read them (first: 'tags')",
        "properties have names that other programs can't read (first: 'my key')",
    ]


@pytest.mark.parametrize("name", ["node-link", "cytoscape", "gml"])
def test_formats_that_know_simple_graphs_say_so(name: Format) -> None:
    graph = Graph()
    graph.apply(BlueprintUpdated(Blueprint(directed=False, multigraph=False), Blueprint()))
    graph.apply(NodeCreated("a"))
    graph.apply(NodeCreated("b"))
    graph.apply(NodeLinked("l", "a", "b"))
    body, _ = encoded(graph, name)
    assert read_file(body, name).blueprint == graph.blueprint
