"""The still picture: what is in the SVG, and that what comes from a graph is only ever text."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.events import BlueprintUpdated, NodeCreated
from graph_ext.core.graph import Graph
from graph_ext.picture.channels import Channel, Channels
from graph_ext.picture.drawing import draw
from graph_ext.picture.scales import NEUTRAL
from graph_ext.picture.sketch import sketch
from tests.picture.graphs import graph_of

SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph: Graph, channels: Channels | None = None, **options: int) -> ET.Element:
    return ET.fromstring(draw(sketch(graph, channels or {}, **options)))


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{SVG}text")]


def discs(svg: ET.Element) -> dict[str, ET.Element]:
    """The nodes' circles, by their titles; those of the legend have none."""
    titled = ((disc.find(f"{SVG}title"), disc) for disc in svg.iter(f"{SVG}circle"))
    return {title.text or "": disc for title, disc in titled if title is not None}


def test_stored_positions_are_kept_with_y_upwards() -> None:
    nodes = [
        NodeCreated("a", position=(0, 0)),
        NodeCreated("b", position=(10, 0)),
        NodeCreated("c", position=(0, 10)),
    ]
    found = discs(drawn(graph_of(nodes, [("a", "b")])))
    x = {name: float(disc.get("cx", "")) for name, disc in found.items()}
    y = {name: float(disc.get("cy", "")) for name, disc in found.items()}
    assert x["a"] == x["c"] < x["b"]
    assert y["c"] < y["a"] == y["b"]
    assert x["b"] - x["a"] == pytest.approx(y["a"] - y["c"])


def test_what_a_graph_holds_is_only_text() -> None:
    hostile = '</text><script>alert("1")</script>&\x00\x1f'
    graph = graph_of(
        [
            NodeCreated("a", name=hostile, properties={"p": hostile}),
            NodeCreated("b", blueprint_type_id=hostile),
            NodeCreated("c", blueprint_type_id="other"),
        ],
        [("a", "b")],
    )
    for channels in (
        {},
        {"color": Channel(property="p")},
        {"color": Channel(property=hostile), "label": Channel(property="p")},
    ):
        svg = drawn(graph, channels)
        assert not list(svg.iter(f"{SVG}script"))
        assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {
            *("svg", "title", "g", "path", "circle", "text", "rect")
        }
        assert any("<script>" in text for text in [*texts(svg), *discs(svg)])


def test_a_directed_graph_has_arrowheads_and_an_undirected_one_none() -> None:
    graph = graph_of("ab", [("a", "b")])
    directed = drawn(graph)
    graph.apply(BlueprintUpdated(new_value=Blueprint(directed=False), old_value=Blueprint()))
    assert len(list(directed.iter(f"{SVG}path"))) == 2
    assert len(list(drawn(graph).iter(f"{SVG}path"))) == 1


def test_parallel_links_bend_apart_and_loops_are_seen() -> None:
    graph = graph_of("ab", [("a", "b"), ("a", "b"), ("b", "a"), ("a", "a")])
    lines = next(drawn(graph).iter(f"{SVG}path")).get("d") or ""
    assert lines.count("M") == 4
    assert lines.count("Q") == 2
    assert lines.count("c") == 1


def test_types_have_the_blueprints_colours_and_a_legend_where_there_are_several() -> None:
    nodes = [NodeCreated("a", blueprint_type_id="Task"), NodeCreated("b", blueprint_type_id="Doc")]
    graph = graph_of(nodes)
    blueprint = Blueprint.from_mapping({"node_types": {"Task": {"colour": "#123456"}, "Doc": {}}})
    graph.apply(BlueprintUpdated(new_value=blueprint, old_value=Blueprint()))
    svg = drawn(graph)
    assert discs(svg)["a"].get("fill") == "#123456"
    assert {"Task", "Doc"} <= set(texts(svg))
    only_one = drawn(graph_of(nodes[:1]))
    assert "Task" not in texts(only_one)


def test_numbers_have_a_ramp_in_the_legend_from_least_to_most() -> None:
    nodes = [NodeCreated(str(n), properties={"effort": n * 2.5}) for n in range(4)]
    svg = drawn(graph_of([*nodes, "none"]), {"color": Channel(property="effort")})
    assert {"effort", "0", "7.5"} <= set(texts(svg))
    assert len(list(svg.iter(f"{SVG}rect"))) > 10
    assert discs(svg)["none"].get("fill") == NEUTRAL


def test_a_filter_leaves_nodes_out_with_their_links() -> None:
    nodes = [NodeCreated(name, properties={"keep": name != "b"}) for name in "abc"]
    svg = drawn(graph_of(nodes, [("a", "b"), ("c", "a")]), {"filter": Channel(property="keep")})
    assert set(discs(svg)) == {"a", "c"}
    assert (next(svg.iter(f"{SVG}path")).get("d") or "").count("M") == 1


def test_of_a_large_graph_the_most_linked_are_drawn_and_it_says_so() -> None:
    names = [f"n{number}" for number in range(50)]
    links = [("n7", other) for other in names[10:]] + [("n7", "n3"), ("n3", "n4")]
    svg = drawn(graph_of(names, links), most_nodes=2)
    assert set(discs(svg)) == {"n7", "n3"}
    assert "2 of 50 nodes, those with most links" in texts(svg)
    few = drawn(graph_of(names, links), most_links=1)
    assert "50 of 50 nodes, those with most links" in texts(few)


def test_nothing_to_draw_says_so() -> None:
    assert texts(drawn(Graph())) == ["No nodes"]


def test_names_do_not_lie_over_each_other() -> None:
    heap = [NodeCreated(f"name {n}", position=(0, n / 1000)) for n in range(30)]
    away = NodeCreated("away", position=(10, 10))
    assert len(texts(drawn(graph_of([*heap, away])))) < 10


def test_nodes_in_a_row_have_the_whole_width() -> None:
    row = [NodeCreated(name, position=(x, 0)) for name, x in (("left here", 0), ("right", 0.5))]
    svg = drawn(graph_of(row, [("left here", "right")]))
    found = [float(disc.get("cx", "")) for disc in discs(svg).values()]
    assert found[1] - found[0] > 500
    assert set(texts(svg)) == {"left here", "right"}
