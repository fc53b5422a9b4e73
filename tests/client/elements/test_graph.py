"""What a person writes in a cell: nodes, links, properties, against a real server."""

from __future__ import annotations

from typing import Any

import pytest

from graph_ext.client.elements.keys import Key
from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import (
    ConflictError,
    GraphError,
    NotFoundError,
    SchemaError,
    UndoEmptyError,
)
from tests.client.conftest import OpenGraph

TASKS: dict[str, Any] = {
    "node_types": {
        "Task": {"properties": {"effort": {"type": "number", "minimum": 0}}},
        "Phase": {"allowed_children": ["Task"]},
    },
    "link_types": {"blocks": {"source_types": ["Task"], "target_types": ["Task"]}},
}


def test_a_change_is_there_when_the_line_returns(g: SharedGraph) -> None:
    assert (len(g), g.rev, g.status) == (0, 0, "live")
    assert (
        g.add_node("Design", type="Task", name="The design", position=(1, 2), effort=3) == "Design"
    )
    node = g.nodes["Design"]
    assert (node.type, node.name, node.position, dict(node)) == (
        "Task",
        "The design",
        (1.0, 2.0),
        {"effort": 3},
    )
    assert (len(g), g.rev, list(g), "Design" in g, "Build" in g) == (1, 1, ["Design"], True, False)


def test_properties_are_a_dict_that_writes_through(g: SharedGraph) -> None:
    g.add_node("Design", effort=3)
    node = g.nodes["Design"]
    node["effort"] = 5
    node["tags"] = ["a", "b"]
    assert dict(node) == {"effort": 5, "tags": ["a", "b"]}
    del node["effort"]
    assert "effort" not in node
    assert node.pop("tags") == ["a", "b"]
    rev = g.rev
    node.update({"x": 1}, y=2)
    assert (dict(node), g.rev) == ({"x": 1, "y": 2}, rev + 1)
    node.clear()
    assert (dict(node), g.rev) == ({}, rev + 2)
    node.clear()
    node.update({})
    assert g.rev == rev + 2


def test_a_value_that_was_read_is_the_readers_own(g: SharedGraph) -> None:
    g.add_node("a", tags=[1])
    g.nodes["a"]["tags"].append(2)
    assert g.nodes["a"]["tags"] == [1]


def test_networkx_s_pos_is_the_position_where_it_is_one(g: SharedGraph) -> None:
    g.add_node("a", pos=(1, 2))
    g.add_node("b", pos=(1, 2), position=(3, 4))
    g.add_node("c", pos="noun")
    g.add_nodes_from([("d", {"pos": (1, 2)})])
    assert [g.nodes[key].position for key in "abcd"] == [(1, 2), (3, 4), None, (1, 2)]
    assert [dict(g.nodes[key]) for key in "abcd"] == [{}, {"pos": [1, 2]}, {"pos": "noun"}, {}]


def test_a_node_is_renamed_placed_and_moved(g: SharedGraph) -> None:
    for key in ("Build", "Walls", "Roof"):
        g.add_node(key)
    g.nodes["Walls"].parent = "Build"
    g.nodes["Roof"].parent = "Build"
    g.nodes["Roof"].name = "The roof"
    g.nodes["Roof"].position = (3, 4)
    assert g.nodes["Build"].children == ["Walls", "Roof"]
    assert (g.nodes["Roof"].parent, g.nodes["Roof"].name) == ("Build", "The roof")
    g.nodes["Roof"].parent = None
    g.nodes["Roof"].position = None
    assert (g.nodes["Roof"].parent, g.nodes["Roof"].position) == (None, None)
    assert g.nodes["Build"].children == ["Walls"]


def test_adding_a_node_again_updates_it_as_in_networkx(g: SharedGraph) -> None:
    g.add_node("a", type="Task", x=1, y=1)
    g.add_node("a", x=2, name="A")
    assert (dict(g.nodes["a"]), g.nodes["a"].name, g.nodes["a"].type) == (
        {"x": 2, "y": 1},
        "A",
        "Task",
    )
    rev = g.rev
    g.add_node("a", type="Task", x=2)
    assert g.rev == rev
    with pytest.raises(SchemaError, match="of type 'Task', which can't be changed to 'Bug'"):
        g.add_node("a", type="Bug")


def test_a_node_without_a_key_gets_one(g: SharedGraph) -> None:
    first, second = g.add_node(name="x"), g.add_node(name="x")
    assert first != second
    assert list(g) == [first, second]


def test_keys_that_are_no_text_come_back_as_they_went_in(g: SharedGraph) -> None:
    keys: list[Key] = [0, "0", (1, "a"), "plain"]
    for key in keys:
        assert g.add_node(key) == key
    assert list(g) == keys
    assert [type(key) for key in g] == [int, str, tuple, str]
    assert g.nodes[0].node_id == "0"
    assert (g.nodes["0"].name, g.nodes["0"].key) == ("0", "0")
    g.add_edge(0, (1, "a"))
    assert next(iter(g.edges))[:2] == (0, (1, "a"))


def test_an_id_that_another_client_chose_is_found_as_text_too(g: SharedGraph) -> None:
    g.add_node(7)
    assert g.nodes["7"].key == 7


def test_an_edge_makes_the_nodes_it_needs_in_the_same_commit(g: SharedGraph) -> None:
    key = g.add_edge("Design", "Build", type="blocks", days=2)
    assert (g.rev, list(g), list(g.edges)) == (1, ["Design", "Build"], [("Design", "Build", key)])
    edge = g.edges["Design", "Build"]
    assert (edge.source, edge.target, edge.type, edge.key, dict(edge)) == (
        "Design",
        "Build",
        "blocks",
        key,
        {"days": 2},
    )
    edge["days"] = 3
    assert g.edges["Design", "Build", key]["days"] == 3
    assert g.edges[edge.link_id].source == "Design"
    assert ("Build", "Design") not in g.edges
    assert g.edges(data="days") == [("Design", "Build", 3)]
    assert g.edges(keys=True, data=True) == [("Design", "Build", key, {"days": 3})]


def test_parallel_edges_are_told_apart_by_their_keys(g: SharedGraph) -> None:
    g.add_edge("a", "b", key=0, x=1)
    g.add_edge("a", "b", key="0", x=2)
    g.add_edge("a", "b", key=0, x=3)
    assert [(edge[2], view["x"]) for edge, view in g.edges.items()] == [(0, 3), ("0", 2)]
    with pytest.raises(ConflictError, match=r"2 links lead from 'a' to 'b' \(keys 0, '0'\)"):
        g.edges["a", "b"]
    with pytest.raises(ConflictError, match="say which"):
        g.remove_edge("a", "b")
    g.remove_edge("a", "b", 0)
    assert g.edges["a", "b"]["x"] == 2
    g.add_edge("a", "b")
    assert len(g.edges) == 2


def test_in_a_simple_graph_an_edge_is_updated(open_graph: OpenGraph) -> None:
    g = open_graph(blueprint={"multigraph": False, "directed": False})
    first = g.add_edge("a", "b", x=1)
    assert g.add_edge("b", "a", y=2) == first
    assert dict(g.edges["b", "a"]) == {"x": 1, "y": 2}
    assert len(g.edges) == 1


def test_removing_a_node_takes_its_children_and_links_along(g: SharedGraph) -> None:
    g.add_node("Build")
    g.add_node("Walls", parent="Build")
    g.add_edge("Design", "Walls")
    g.remove_node("Build")
    assert (list(g), len(g.edges)) == (["Design"], 0)


def test_a_view_of_what_was_deleted_says_so(g: SharedGraph) -> None:
    g.add_edge("a", "b")
    node, edge = g.nodes["a"], g.edges["a", "b"]
    g.remove_node("a")
    with pytest.raises(NotFoundError, match="node 'a' was deleted"):
        node["x"]
    with pytest.raises(NotFoundError, match="was deleted"):
        edge.type  # noqa: B018
    with pytest.raises(NotFoundError):
        node["x"] = 1


def test_views_can_be_listed_like_networkx_ones(g: SharedGraph) -> None:
    g.add_node("a", x=1)
    g.add_node("b")
    assert list(g.nodes) == ["a", "b"]
    assert g.nodes() == ["a", "b"]
    assert g.nodes(data=True) == [("a", {"x": 1}), ("b", {})]
    assert g.nodes(data="x", default=0) == [("a", 1), ("b", 0)]
    assert {key: dict(node) for key, node in g.nodes.items()} == {"a": {"x": 1}, "b": {}}
    assert [node.key for node in g.nodes.values()] == ["a", "b"]
    assert repr(g.nodes["a"]) == "NodeView('a', {'x': 1})"
    assert repr(g.nodes) == "NodesView(['a', 'b'])"
    assert None not in g.nodes
    assert ("a", "b") not in g.edges


def test_a_blueprint_holds_and_can_be_changed(open_graph: OpenGraph) -> None:
    g = open_graph(blueprint=TASKS)
    g.add_node("Design", type="Task", effort=3)
    with pytest.raises(SchemaError, match=r"Task.effort must be a number, got 'x' \(node Design\)"):
        g.nodes["Design"]["effort"] = "x"
    with pytest.raises(NotFoundError):
        g.add_edge("Design", "Build", type="blocks")
    with pytest.raises(SchemaError):
        g.add_node("Other", type="Nonsense")
    assert (len(g), g.rev, dict(g.nodes["Design"])) == (1, 2, {"effort": 3})
    with pytest.raises(GraphError):
        g.blueprint = {"node_types": {"Bug": {}}}
    rev = g.rev
    g.blueprint = g.blueprint
    assert g.rev == rev
    g.blueprint = {**TASKS, "node_types": {**TASKS["node_types"], "Bug": {}}}
    g.add_node("Leak", type="Bug")
    with pytest.raises(SchemaError, match="node_types"):
        g.blueprint = {"node_types": 3}
    with pytest.raises(SchemaError, match="did you mean 'colour'"):
        g.blueprint = {"node_types": {"Task": {"colur": "red"}}}
    g.blueprint = {
        **TASKS,
        "node_types": {**TASKS["node_types"], "Bug": {"properties": {"n": "number"}}},
    }
    with pytest.raises(SchemaError, match="must be a number"):
        g.nodes["Leak"]["n"] = "x"


def test_a_session_that_stands_keeps_its_blueprint(open_graph: OpenGraph) -> None:
    open_graph(blueprint=TASKS)
    open_graph(blueprint=TASKS)
    open_graph()
    with pytest.warns(UserWarning, match="keeps its own blueprint"):
        g = open_graph(blueprint={})
    assert "Task" in g.blueprint.node_types


def test_undo_and_redo_are_commits_of_their_own(g: SharedGraph) -> None:
    with pytest.raises(UndoEmptyError):
        g.undo()
    g.add_node("a", x=1)
    g.nodes["a"]["x"] = 2
    assert g.undo() == []
    assert (g.nodes["a"]["x"], g.rev) == (1, 3)
    assert g.redo() == []
    assert (g.nodes["a"]["x"], g.rev) == (2, 4)


def test_undo_tells_what_it_left_alone(open_graph: OpenGraph) -> None:
    mine, theirs = open_graph(), open_graph()
    mine.add_node("a", x=1, y=1)
    mine.nodes["a"].update(x=2, y=2)
    theirs.replica.wait_beyond(1, 10)
    theirs.nodes["a"]["x"] = 3
    skipped = mine.undo()
    assert [(s.reason, s.field) for s in skipped] == [("overwritten", "properties.x")]
    assert dict(mine.nodes["a"]) == {"x": 3, "y": 1}


def test_an_element_that_stands_already_is_no_second_one(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    a.add_edge("u", "v", key=1)
    # b's replica may not have it yet: then it is refused, waits for it, and updates
    b.add_edge("u", "v", key=1, x=1)
    b.add_node("u", y=1)
    assert (len(b), len(b.edges), b.edges["u", "v", 1]["x"]) == (2, 1, 1)
