"""networkx's bulk calls: every form of a node and an edge, each call one commit."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import ConflictError, NotFoundError, SchemaError
from tests.client.conftest import OpenGraph

KEYS = [0, "0", -3, "a", "[1]", '"q"', (1, "a"), ((0, 1.5), "x"), ("1",)]


def test_nodes_come_as_keys_or_with_attributes_in_one_commit(g: SharedGraph) -> None:
    g.add_node("Build")
    rev = g.rev
    g.add_nodes_from(
        [1, ("a", {"effort": 3, "type": "Bug", "pos": (1, 2)}), (2, {})],
        type="Task",
        parent="Build",
        effort=1,
    )
    assert g.rev == rev + 1
    made = [g.nodes[1], g.nodes["a"], g.nodes[2]]
    assert [(n.key, n.type, n.parent, n["effort"]) for n in made] == [
        (1, "Task", "Build", 1),
        ("a", "Bug", "Build", 3),
        (2, "Task", "Build", 1),
    ]
    assert g.nodes["a"].position == (1.0, 2.0)
    g.add_nodes_from([1, 2], effort=9)
    assert (g.nodes[1].type, g.nodes[1]["effort"], g.nodes[2]["effort"]) == ("Task", 9, 9)


def test_a_node_that_comes_twice_comes_once_with_all_its_attributes(g: SharedGraph) -> None:
    g.add_nodes_from([("a", {"x": 1, "y": 1, "type": "T"}), "b", ("a", {"x": 2})])
    assert (list(g), dict(g.nodes["a"]), g.nodes["a"].type) == (["a", "b"], {"x": 2, "y": 1}, "T")


def test_edges_come_in_all_of_networkx_s_forms(g: SharedGraph) -> None:
    before = g.rev
    forms: list[Any] = [
        ("a", "b"),
        ("a", "b", {"x": 1}),
        ("a", "b", 7),
        ("a", "b", (0, "k"), {"x": 2, "type": "t"}),
    ]
    keys = g.add_edges_from(forms, type="s", y=3)
    assert (g.rev, len(set(keys)), keys[2:]) == (before + 1, 4, [7, (0, "k")])
    assert g.edges(keys=True, data="x") == [
        ("a", "b", keys[0], None),
        ("a", "b", keys[1], 1),
        ("a", "b", 7, None),
        ("a", "b", (0, "k"), 2),
    ]
    assert [edge.type for edge in g.edges.values()] == ["s", "s", "s", "t"]
    assert all(edge["y"] == 3 for edge in g.edges.values())
    again = g.add_edges_from([("a", "b", 7, {"x": 5}), ("a", "b", 7, {"z": 6}), ("a", "b")])
    assert (again[:2], len(g.edges)) == ([7, 7], 5)
    assert dict(g.edges["a", "b", 7]) == {"y": 3, "x": 5, "z": 6}


@pytest.mark.parametrize("directed", [True, False])
def test_what_networkx_holds_after_bulk_calls_the_session_holds(
    open_graph: OpenGraph, directed: bool
) -> None:
    g = open_graph(blueprint={"directed": directed, "multigraph": False})
    reference: Any = nx.DiGraph() if directed else nx.Graph()
    for graph in (g, reference):
        graph.add_nodes_from(["a", ("b", {"x": 1})], y=2)
        graph.add_edges_from([("a", "b", {"w": 1}), ("b", "a", {"w": 2}), ("a", "b", {"v": 3})])
        graph.add_edges_from([("c", "a"), ("c", "c")], w=4)
        graph.remove_nodes_from(["nobody"])
        graph.remove_edges_from([("c", "c"), ("b", "nobody")])
    assert g.nodes(data=True) == list(reference.nodes(data=True))
    ends: Any = tuple if directed else frozenset
    ours = {ends((u, v)): data for u, v, data in g.edges(data=True)}
    assert ours == {ends((u, v)): data for u, v, data in reference.edges(data=True)}
    assert len(g.edges) == len(reference.edges)


def test_keys_come_back_from_bulk_calls_as_they_went_in(g: SharedGraph) -> None:
    g.add_nodes_from(KEYS)
    assert list(g) == KEYS
    keys = g.add_edges_from([(KEYS[0], "a", key) for key in KEYS])
    assert keys == KEYS
    assert list(map(type, keys)) == list(map(type, KEYS))
    assert [edge[2] for edge in g.edges] == KEYS
    g.remove_edges_from([(KEYS[0], "a", key) for key in KEYS[1:]])
    g.remove_nodes_from(KEYS[1:3])
    assert [edge[2] for edge in g.edges] == [0]
    assert list(g) == [0, *KEYS[3:]]


def test_nodes_are_removed_with_what_is_below_them_each_once(g: SharedGraph) -> None:
    g.add_nodes_from(["top", ("mid", {"parent": "top"}), ("low", {"parent": "mid"}), "other"])
    rev = g.rev
    g.remove_nodes_from(["low", "top", "nobody", "top", ("no", 1)])
    assert (list(g), g.rev) == (["other"], rev + 1)
    g.remove_nodes_from(["nobody"])
    assert g.rev == rev + 1
    g.undo()
    assert g.children("mid") == ["low"]


def test_an_edge_that_is_one_of_several_is_not_removed_by_chance(g: SharedGraph) -> None:
    g.add_edges_from([("a", "b", 0), ("a", "b", 1), ("b", "a")])
    with pytest.raises(ConflictError, match="say which"):
        g.remove_edges_from([("b", "a"), ("a", "b")])
    assert len(g.edges) == 3
    g.remove_edges_from([("a", "b", 1, {"x": 1}), *g.find_edges(source="b")])
    assert list(g.edges) == [("a", "b", 0)]


def test_one_bad_element_refuses_all_of_a_bulk_call(g: SharedGraph) -> None:
    g.add_nodes_from(["a", "b"])
    before = (g.rev, len(g), len(g.edges))
    with pytest.raises(SchemaError, match="x of node 'd'"):
        g.add_nodes_from(["c", ("d", {"x": object()})])
    with pytest.raises(NotFoundError, match="nobody"):
        g.add_nodes_from(["c"], parent="nobody")
    with pytest.raises(TypeError, match="an edge is"):
        g.add_edges_from([("a", "b"), ("a",)])
    with pytest.raises(SchemaError, match="comes twice, of type 's' and of type 't'"):
        g.add_edges_from([("a", "b", 0, {"type": "s"}), ("a", "b", 0, {"type": "t"})])
    assert (g.rev, len(g), len(g.edges)) == before


def test_ten_thousand_elements_show_their_progress(
    g: SharedGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    g.add_nodes_from(range(9_999))
    assert capsys.readouterr().err == ""
    g.add_edges_from([(n, n) for n in range(10_000)], label="Loops")
    assert "Loops" in capsys.readouterr().err
    g.remove_nodes_from(range(10_000), label="Tidy up")
    assert "100%" in capsys.readouterr().err
    assert len(g) == 0


def test_a_property_may_be_called_self(g: SharedGraph) -> None:
    wanted: dict[str, Any] = {"self": 1}
    g.add_node("a", **wanted)
    g.add_edge("a", "a", **wanted)
    g.add_nodes_from(["b"], **wanted)
    g.add_edges_from([("b", "b")], **wanted)
    assert (g.nodes(data="self"), len(g.find_edges(self=1))) == ([("a", 1), ("b", 1)], 2)
