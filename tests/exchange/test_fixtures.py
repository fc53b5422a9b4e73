"""Files with the quirks of the programs that write them; files/ holds them, written by us."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from graph_ext.core.commands import Batch, CreateNode, LinkNodes, execute
from graph_ext.core.errors import BadMessageError
from graph_ext.core.graph import Graph
from graph_ext.exchange import Format, GraphFile, read_file

_FILES = Path(__file__).parent / "files"


def _read(name: str) -> GraphFile:
    return read_file(_FILES / name)


def _nodes(file: GraphFile) -> dict[str, CreateNode]:
    return {node.node_id or "": node for node in file.nodes}


def _notes(file: GraphFile) -> list[str]:
    return [str(note) for note in file.notes]


def _ends(file: GraphFile) -> list[tuple[str, str]]:
    return [(link.source_id, link.target_id) for link in file.links]


@pytest.mark.parametrize("path", sorted(_FILES.iterdir()), ids=lambda path: path.name)
def test_a_file_is_told_by_its_bytes_as_by_its_name(path: Path) -> None:
    by_name, by_bytes = read_file(path), read_file(path.read_bytes())
    assert by_name == by_bytes
    assert by_name.nodes


@pytest.mark.parametrize("path", sorted(_FILES.iterdir()), ids=lambda path: path.name)
def test_the_commands_of_a_file_are_accepted(path: Path) -> None:
    file = read_file(path)
    graph, number = Graph(), count()
    execute(graph, Batch([*file.nodes, *file.links]), lambda: f"new {next(number)}")
    assert list(graph.nodes) == [node.node_id for node in file.nodes]
    assert len(graph.links) == len(file.links)


def test_gephi_gexf_with_a_byte_order_mark_and_foreign_namespaces() -> None:
    file = _read("gephi.gexf")
    nodes = _nodes(file)
    assert file.format == "gexf"
    assert file.blueprint.directed
    assert nodes["0.0"].name == "Ada & Co"
    assert nodes["0.0"].parent_id == "2.0"
    assert nodes["0.0"].position == (132.3315, -245.4011)
    assert nodes["0.0"].properties == {
        "Modularity Class": 3,
        "Tags": ["red", "green"],
        "Seen": True,
        "size": 8.357143,
        "color": "#5b5bf5",
    }
    assert nodes["1.0"].properties == {
        "Modularity Class": "none",
        "nowhere": "declared",
        "Seen": False,
    }
    assert list(nodes).index("2.0") < list(nodes).index("0.0")
    assert file.links[:2] == [
        LinkNodes("0.0", "1.0", link_id="0", properties={"weight": 1.0}),
        LinkNodes("0.0", "1.0", properties={"thickness": 2.0, "weight": 2, "label": "again"}),
    ]
    assert _notes(file) == [
        "numbers are not finite and were left out (first: 'Score' of node '0.0')",
        "values are not of their declared type and were kept as text (first: 'Modularity Class')",
        "values have attributes that are not declared and were read as text (first: nowhere)",
        "positions are not two finite numbers and were left out (first: '1.0')",
        "ids of links stand in the file twice: the later links get new ones (first: '0')",
        "mutual edges are read as one link",
        "nodes are named only by links and were added (first: '3.0')",
    ]


def test_dynamic_gexf_with_nested_nodes_in_latin_1() -> None:
    file = _read("dynamic.gexf")
    nodes = _nodes(file)
    assert not file.blueprint.directed
    assert [(node.node_id, node.parent_id) for node in file.nodes] == [
        ("a", None),
        ("b", "a"),
        ("c", "b"),
    ]
    assert nodes["a"].name == "Café"
    assert nodes["a"].properties == {
        "Price": 8,
        "color": "#ff7700",
        "start": "2026-01-01",
        "end": "2026-02-01",
    }
    assert file.links[0].link_type_id == "holds"
    assert [note for note in _notes(file) if "the last is kept" in note]


def test_the_earliest_gexf_numbers_its_attributes() -> None:
    file = _read("earliest.gexf")
    assert file.nodes[0].properties == {"importId": "ncs1", "pages": 7}
    assert _notes(file) == ["positions have a z, which was left out"]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a |b | c", ["a", "b", "c"]),
        ("a ,b , c", ["a", "b", "c"]),
        ("[a, b, c]", ["a", "b", "c"]),
        (r"['a', '\'b\'', 'c']", ["a", "'b'", "c"]),
        ('["a", "b,c"]', ["a", "b,c"]),
        ("['a', \"b\", c]", ["a", "b", "c"]),
        ("", []),
    ],
)
def test_lists_of_gexf_are_split_however_they_are_written(text: str, items: list[str]) -> None:
    value = text.replace('"', "&quot;")
    body = f"""<gexf><graph><attributes class="node"><attribute id="0" title="l"
        type="liststring"/></attributes><nodes><node id="a"><attvalues><attvalue for="0"
        value="{value}"/></attvalues></node></nodes></graph></gexf>"""
    assert read_file(body.encode()).nodes[0].properties == {"l": items}


def test_igraph_graphml_with_duplicate_edges_and_defaults() -> None:
    file = _read("igraph.graphml")
    assert not file.blueprint.directed
    assert [(node.name, node.properties) for node in file.nodes] == [
        ("Alice <a@example.org>", {"age": 48.0, "boss": True}),
        ("Bob", {"boss": False}),
    ]
    assert _ends(file) == [("n0", "n1"), ("n0", "n1"), ("n1", "n1")]
    assert "not finite" in _notes(file)[1]


def test_yed_graphml_with_groups_and_html_labels() -> None:
    file = _read("yed.graphml")
    nodes = _nodes(file)
    assert nodes["n0"].name == "Group 1"
    assert nodes["n0"].position == (0.0, 100.0)
    assert nodes["n0::n0"].parent_id == "n0"
    assert nodes["n0::n0"].name == "Big news & more"
    assert nodes["n0::n0"].position == (25.0, 35.0)
    assert nodes["n0::n0"].properties == {"description": "a < b"}
    assert _ends(file) == [("n0::n0", "n0::n0"), ("n0", "n1"), ("n0", "n1")]
    assert file.links[1].properties == {"label": "contains"}
    assert "labels are HTML: only their text was read (first: 'Big news & more')" in _notes(file)
    assert "hyperedges have more or fewer than two ends and were left out" in _notes(file)
    assert "ports were left out" in _notes(file)


def test_networkx_graphml_with_one_attribute_of_two_types() -> None:
    file = _read("networkx.graphml")
    nodes = _nodes(file)
    assert nodes["0"].properties == {"club": "Mr. Hi"}
    assert nodes["1"].properties == {"club": 7}
    assert [link.link_id for link in file.links] == ["0", "1", None]
    assert file.links[2].properties == {"d9": "x"}


def test_yed_gml_with_groups_and_texts_of_two_lines() -> None:
    file = _read("yed.gml")
    nodes = _nodes(file)
    assert nodes["0"].parent_id == "1"
    assert nodes["0"].name == "Inner #1"
    assert nodes["0"].position == (15.0, -125.5)
    assert nodes["1"].name == 'A "group"\nof two lines'
    assert [link.properties for link in file.links] == [
        {"label": "edge 2", "value": 42},
        {"value": 1.5},
    ]


def test_igraph_gml_with_missing_ids_and_repeated_keys() -> None:
    file = _read("igraph.gml")
    assert [node.node_id for node in file.nodes] == ["1", "node-1", "7"]
    assert file.nodes[0].name == "café é"
    assert file.nodes[0].properties == {"tags": ["a", "b"], "big": "12345678901234567890"}
    assert file.nodes[1].properties == {"nan": "foo"}
    assert _ends(file) == [("1", "7"), ("1", "7")]
    assert "further graphs in the file were left out" in _notes(file)


def test_gml_with_texts_without_quotes() -> None:
    file = _read("unquoted.gml")
    assert [(node.node_id, node.name) for node in file.nodes] == [("A", "Ä & ✅"), ("B-1", "")]
    assert file.nodes[0].properties == {"version": "1.2.3"}
    assert _ends(file) == [("B-1", "A")]
    assert _notes(file) == ["texts stand without quotes: 5 (first: 'A')"]


@pytest.mark.parametrize("text", ["id a\n]", "id\na\n", "id a b\n", "ida", "id 1 2"])
def test_gml_without_values_is_not_guessed_at(text: str) -> None:
    with pytest.raises(BadMessageError):
        read_file(f"graph [ node [ {text} ] ]".encode(), "gml")


def test_gml_of_networkx_marks_lists_of_one_item() -> None:
    body = b'graph [ node [ id 0 l "_networkx_list_start" l 5 ] node [ id 1 l 5 l 6 ] ]'
    file = read_file(body)
    assert [node.properties for node in file.nodes] == [{"l": [5]}, {"l": [5, 6]}]


def test_networkx_node_link_json_with_tuples_and_nan() -> None:
    file = _read("networkx_node_link.json")
    assert not file.blueprint.directed
    assert file.blueprint.multigraph
    assert [node.node_id for node in file.nodes] == ["0", "b", '[0,"x"]']
    assert [link.properties for link in file.links] == [{"weight": 4}, {"weight": 5}, {}]


def test_keys_of_networkx_that_are_no_ids_are_kept_as_properties() -> None:
    body = b"""{"nodes": [], "links": [{"source": 1, "target": 2, "key": "knows"},
        {"source": 2, "target": 3, "key": "knows"}]}"""
    assert [link.properties for link in read_file(body).links] == [{"key": "knows"}] * 2


def test_d3_json_whose_links_count_the_nodes() -> None:
    file = _read("d3.json")
    assert [(node.node_id, node.name) for node in file.nodes] == [
        ("0", "Myriel"),
        ("1", "Napoleon"),
        ("2", "Valjean"),
    ]
    assert _ends(file) == [("1", "0"), ("2", "0")]


def test_graphology_json_of_sigma() -> None:
    file = _read("graphology.json")
    assert [(node.node_id, node.name, node.position) for node in file.nodes] == [
        ("Thomas", "Thomas H.", (1.5, -2.0)),
        ("Eric", "", None),
    ]
    assert file.links == [
        LinkNodes("Thomas", "Eric", link_id="T->E", properties={"type": "KNOWS"}),
        LinkNodes("Eric", "Thomas"),
    ]
    assert not file.blueprint.multigraph


def test_sigma_json_with_duplicate_edges() -> None:
    file = _read("sigma.json")
    assert [node.name for node in file.nodes] == ["A node", "7"]
    assert [link.link_id for link in file.links] == ["e0", None]


def test_a_simple_graph_with_parallel_edges_is_a_multigraph() -> None:
    body = b"""{"directed": false, "multigraph": false, "nodes": [],
        "links": [{"source": 1, "target": 2}, {"source": 2, "target": 1}]}"""
    file = read_file(body)
    assert file.blueprint.multigraph
    assert "file says that it has no parallel links, but it has" in _notes(file)


def test_cytoscape_desktop_json_without_its_own_bookkeeping() -> None:
    file = _read("cytoscape.cyjs")
    node = _nodes(file)["387"]
    assert (node.name, node.position) == ("YDL194W", (2058.4, 4022.7))
    assert node.properties == {"degree_layout": 1, "aliases": ["SNF3"], "gal1RGexp": 0.139}
    assert file.links == [LinkNodes("387", "388", link_id="706", properties={"interaction": "pp"})]


def test_cytoscape_js_elements_with_compound_parents() -> None:
    file = _read("cytoscape_js.json")
    nodes = _nodes(file)
    assert nodes["n1"].parent_id == "nparent"
    assert nodes["n1"].position == (100.0, 50.0)
    assert nodes["n2"].name == "<b>Two</b>"  # text, shown as it stands
    assert _ends(file) == [("n1", "n2"), ("n1", "n2")]
    assert _notes(file) == ["elements have styles or classes, which were left out"]


def test_elements_of_cytoscape_js_alone() -> None:
    file = _read("cytoscape_js_elements.json")
    assert file.format == "cytoscape"
    assert [(node.node_id, node.name, node.parent_id) for node in file.nodes] == [
        ("a", "A", None),
        ("b", "", "a"),
    ]
    assert file.links == [LinkNodes("a", "b", link_id="ab", properties={"weight": 1})]


def test_json_with_more_around_its_graph() -> None:
    file = _read("minivan.json")
    assert [(node.node_id, node.name, node.position) for node in file.nodes] == [
        ("n1", "Aalto", (1.0, 2.0)),
        ("n2", "", None),
    ]
    assert file.links == [LinkNodes("n1", "n2", link_id="e0", properties={"count": 3})]
    assert not file.blueprint.directed
    assert _notes(file)[0].startswith("values beside the graph were left out: 2")


def test_json_graph_format_has_its_nodes_by_their_ids() -> None:
    file = _read("json_graph_format.json")
    assert file.blueprint.directed
    assert [node.node_id for node in file.nodes] == ["ann", "bo", "cy"]
    assert file.nodes[0].properties == {"metadata": {"age": 40}}
    assert file.links == [LinkNodes("ann", "bo", properties={"relation": "mother of"})]


def test_gephi_csv_with_semicolons_and_directions() -> None:
    file = _read("gephi.csv")
    assert not file.blueprint.directed
    assert _ends(file) == [("1", "2"), ("2", "3"), ("2", "3")]
    assert file.links[0].properties == {
        "Label": 'a "friend"; close',
        "Weight": 1.0,
        "Code": "007",
    }
    assert "lines lack a source or a target and were left out" in _notes(file)


def test_csv_of_windows_snap_networkx_and_excel() -> None:
    assert _ends(_read("windows.tsv")) == [("Müller", "José")]
    assert _read("windows.tsv").links[0].properties == {"name": "Ü"}
    assert _ends(_read("snap.txt")) == [("0", "1"), ("0", "2"), ("2", "0")]
    assert _ends(_read("networkx.edgelist")) == [("1", "2"), ("1", "3")]
    file = _read("excel.csv")
    assert _nodes(file)["a"].name == "Two\r\nlines"
    assert _nodes(file)["a"].parent_id == "b"
    assert _nodes(file)["a"].properties == {"due": "2026-11-30"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><body/></html>", "neither GraphML nor GEXF"),
        (b"<graphml><graph>", "not well-formed XML"),
        (b"digraph { a -> b }", "can be written, not read"),
        (b'{"vertices": []}', 'a list "nodes"'),
        (b'{"nodes": [', "not valid JSON"),
        (b"graph [ node [ id 1 ] ] ]", "closes no block"),
        (b"graph [ node [ id 1\nlabel sheer nonsense ] ]", "line 2"),
        (b"justoneword", "columns source and target"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, said: str) -> None:
    with pytest.raises(BadMessageError, match=said):
        read_file(body)


@pytest.mark.parametrize(
    ("name", "body"),
    [("graphml", b"<gexf/>"), ("gexf", b"<graphml/>"), ("cytoscape", b'{"nodes": []}')],
)
def test_a_file_of_another_format_than_said_is_refused(name: Format, body: bytes) -> None:
    with pytest.raises(BadMessageError):
        read_file(body, name)
