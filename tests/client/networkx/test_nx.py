"""``g.nx`` is a session as networkx's own graph: live, and written through (client/networkx)."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import networkx as nx
import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.core.commands import LinkNodes, UpdateNode
from graph_ext.core.errors import GraphError, ReadOnlyError, SchemaError
from tests.client.conftest import OpenGraph

PATIENCE_S = 60
KINDS = [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]


def _kind_of(graph: nx.Graph[Any]) -> dict[str, bool]:
    return {"directed": graph.is_directed(), "multigraph": graph.is_multigraph()}


def _full(kind: type[nx.Graph[Any]]) -> nx.Graph[Any]:
    """Return a graph with all that may be in one."""
    full: nx.Graph[Any] = kind(nx.karate_club_graph())
    full.add_node("42", name="42", pos=(1.5, 2.0), n=None, nested={"a": [1, {"b": True}]})
    full.add_node((0, "a"), name="", type="", parent="nobody")
    full.add_node("child", parent="42", type="Task", name="The child")
    full.add_edge("42", (0, "a"), type="blocks", weight=1.5)
    full.add_edge("child", "child")
    if full.is_multigraph():
        full.add_edge(0, 1, key="again", weight=9)
        full.add_edge(0, 1, weight=10)
    return full


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_goes_into_a_session_of_its_kind_and_comes_back_as_it_was(
    open_graph: OpenGraph, kind: type[nx.Graph[Any]]
) -> None:
    full = _full(kind)
    g = open_graph(**_kind_of(full))
    g.update(full)
    assert isinstance(g.nx, kind)
    assert nx.utils.graphs_equal(g.nx, full)
    assert list(g.nx) == list(full)
    copied = g.to_networkx()
    assert type(copied) is kind
    assert nx.utils.graphs_equal(copied, full)
    other = open_graph()
    assert (other.nx.nodes, other.nx.adj) == (full.nodes, full.adj)
    rev = g.rev
    g.update(full)
    g.nx.update(full)
    assert g.rev == rev


def test_the_server_keeps_a_session_simple_and_undirected(open_graph: OpenGraph) -> None:
    g = open_graph(directed=False, multigraph=False)
    g.nx.add_edge(1, 2, weight=1)
    g.nx.add_edge(2, 1, colour="red")
    assert g.nx[2][1] == {"weight": 1, "colour": "red"}
    with pytest.raises(SchemaError, match="at most one link between two nodes"):
        g.submit(LinkNodes("2", "1"))
    assert (g.nx.number_of_edges(), len(g.edges)) == (1, 1)
    with pytest.warns(UserWarning, match="stands already and keeps its own blueprint"):
        again = open_graph(directed=True)
    assert type(again.nx).__mro__[2] is nx.Graph


def test_a_kind_is_said_beside_a_blueprint(open_graph: OpenGraph) -> None:
    g = open_graph(blueprint={"node_types": {"T": {}}}, multigraph=False)
    assert isinstance(g.nx, nx.DiGraph)
    assert not g.nx.is_multigraph()
    assert "T" in g.blueprint.node_types


def test_what_others_do_is_there_at_the_next_look(open_graph: OpenGraph) -> None:
    mine, theirs = open_graph(), open_graph()
    mine.nx.add_edges_from([("a", "b"), ("b", "c")])
    neighbours, attributes = mine.nx["a"], mine.nx.nodes["a"]
    theirs.replica.wait_beyond(0, 10)
    assert theirs.nx.number_of_edges() == 2
    theirs.nx.add_edge("a", "z", weight=7)
    theirs.nx.nodes["a"]["colour"] = "red"
    mine.replica.wait_beyond(2, 10)
    assert list(neighbours) == ["b", "z"]
    assert attributes == {"colour": "red"}
    theirs.nx.remove_node("b")
    mine.replica.wait_beyond(3, 10)
    assert dict(mine.nx.adj) == {"a": {"z": {0: {"weight": 7}}}, "c": {}, "z": {}}
    assert dict(mine.nx.pred["z"]) == {"a": {0: {"weight": 7}}}
    theirs.undo()
    mine.replica.wait_beyond(4, 10)
    assert set(mine.nx.edges) == {("a", "b", 0), ("b", "c", 0), ("a", "z", 0)}


def test_who_iterates_is_not_disturbed(g: SharedGraph) -> None:
    g.nx.add_edges_from([(0, 1), (0, 2), (1, 2)])
    seen = []
    for node in g.nx:
        for neighbour in g.nx[node]:
            g.nx.add_edge(node, 10 + node, weight=1)
            seen.append((node, neighbour))
    assert seen == [(0, 1), (0, 2), (1, 2)]
    assert sorted(g.nx) == [0, 1, 2, 10, 11]


def test_a_change_of_many_is_one_commit_and_one_undo(g: SharedGraph) -> None:
    view = g.nx
    view.add_edges_from(nx.path_graph(5).edges, weight=2)
    assert g.rev == 1
    view.add_nodes_from([7, (8, {"x": 1})], y=2)
    view.remove_nodes_from([0, 1, 99])
    view.remove_edges_from([(2, 3), (3, 2)])
    assert (g.rev, list(view), list(view.edges)) == (4, [2, 3, 4, 7, 8], [(3, 4, 0)])
    view.clear_edges()
    view.clear()
    assert (g.rev, len(view)) == (6, 0)
    for _ in range(6):
        g.undo()
    assert len(view) == 0
    view.add_edge("a", "b")
    view.nodes["a"].update(x=1, y=2)
    assert g.rev == 14
    g.undo()
    assert view.nodes["a"] == {}


def test_a_refusal_raises_at_that_line_and_changes_nothing(g: SharedGraph) -> None:
    view = g.nx
    view.add_node("a", x=1)
    rev = g.rev
    with pytest.raises(SchemaError, match="x of node 'a' must be finite, got nan"):
        view.nodes["a"]["x"] = float("nan")
    with pytest.raises(SchemaError, match="a node's key must be a str, an int or a tuple"):
        view.add_edges_from([(1, 2), (2, 3.5)])
    with pytest.raises(SchemaError, match="y of edge 'a' - 'b' must be a JSON value"):
        view.add_edge("a", "b", y=object())
    with pytest.raises(GraphError):
        view.add_nodes_from([("b", {"parent": "c"}), ("c", {"parent": "b"})])
    with pytest.raises(nx.NetworkXError):
        view.remove_node("z")
    assert (g.rev, dict(view.nodes(data=True))) == (rev, {"a": {"x": 1}})


def test_a_list_or_a_dict_that_is_read_is_a_copy(g: SharedGraph) -> None:
    g.nx.add_node("a", tags=["x"])
    g.nx.nodes["a"]["tags"].append("y")
    assert g.nx.nodes["a"]["tags"] == ["x"]
    g.nx.nodes["a"]["tags"] = [*g.nx.nodes["a"]["tags"], "y"]
    assert g.nodes["a"]["tags"] == ["x", "y"]


def test_four_attributes_are_what_they_are_to_add_node(g: SharedGraph) -> None:
    view = g.nx
    view.add_node("top")
    view.add_node("a", type="Task", name="A", pos=(1, 2), parent="top", effort=3)
    node = g.nodes["a"]
    assert (node.type, node.name, node.position, node.parent) == ("Task", "A", (1.0, 2.0), "top")
    attributes = view.nodes["a"]
    attributes.update(name=5, pos="north", parent="nobody")
    assert (node.name, node.position, node.parent) == ("", None, None)
    assert attributes == {
        "type": "Task",
        "name": 5,
        "pos": "north",
        "parent": "nobody",
        "effort": 3,
    }
    attributes.update(name="B", pos=[3, 4], parent="top")
    assert (node.name, node.position, node.parent) == ("B", (3.0, 4.0), "top")
    assert dict(node) == {"effort": 3}
    for name in ("name", "pos", "parent"):
        del attributes[name]
    assert attributes == {"type": "Task", "effort": 3}
    with pytest.raises(SchemaError, match="chosen when it is made"):
        del attributes["type"]
    with pytest.raises(SchemaError, match="can't be changed to 'Other'"):
        attributes["type"] = "Other"
    with pytest.raises(KeyError):
        del attributes["name"]


def test_removing_a_node_keeps_what_is_below_it(g: SharedGraph) -> None:
    for key, parent in (("a", None), ("b", "a"), ("c", "b"), ("d", "b"), ("e", "c")):
        g.add_node(key, parent=parent)
    g.nx.remove_nodes_from(["b", "c"])
    assert {key: node.parent for key, node in g.nodes.items()} == {"a": None, "d": "a", "e": "a"}
    assert list(g.nx) == ["a", "d", "e"]


def test_copies_are_networkx_own_and_nobody_elses(g: SharedGraph) -> None:
    g.nx.add_edge("a", "b", weight=1)
    for copied in (
        g.nx.copy(),
        copy.deepcopy(g.nx),
        pickle.loads(pickle.dumps(g.nx)),
        g.nx.reverse(),
    ):
        assert type(copied) is nx.MultiDiGraph
        copied.add_edge("x", "y")
    assert isinstance(g.nx.subgraph(["a"]), nx.MultiDiGraph)
    assert (g.rev, len(g)) == (1, 2)


def test_a_session_that_becomes_of_another_kind_has_another_view(g: SharedGraph) -> None:
    g.nx.add_edge("a", "b")
    assert g.nx is g.nx
    before = g.nx
    g.blueprint = {"directed": False, "multigraph": False}
    assert g.nx is not before
    assert g.nx["b"] == {"a": {}}
    assert g.nx.graph is before.graph


def test_what_nobody_looks_at_does_not_pile_up(open_graph: OpenGraph) -> None:
    mine, theirs = open_graph(), open_graph()
    mine.nx.add_node("a")
    index: Any = vars(mine.nx)["_index"]
    theirs.update(nx.path_graph(6000))
    mine.replica.wait_beyond(mine.rev, 30)
    assert index._coming is None
    assert (len(mine.nx), mine.nx.number_of_edges()) == (6001, 5999)


def test_a_session_goes_into_another_whole(open_graph: OpenGraph) -> None:
    one, other = open_graph(), open_graph("another of test_nx")
    one.update(_full(nx.MultiDiGraph))
    other.update(one)
    for key, node in one.nx.nodes(data=True):
        assert (key, other.nx.nodes[key]) == (key, node)
    assert other.nx.adj == one.nx.adj


def test_in_a_batch_the_view_is_of_the_batch_wherever_it_was_taken(g: SharedGraph) -> None:
    g.nx.add_edge("a", "b", weight=1)
    view, nodes, edges = g.nx, g.nx.nodes, g.nx.edges
    with g.batch("Many"):
        assert g.nx is view
        assert view.add_edge("a", "b", weight=2) == 1
        view.nodes["a"]["x"] = 1
        view.edges["a", "b", 0]["weight"] = 5
        nx.add_path(g.nx, ["b", "c", "d"])
        with pytest.raises(SchemaError), g.batch():  # noqa: PT012 (a block is what is tried)
            view.remove_node("c")
            view.nodes["a"]["x"] = float("nan")
        assert sorted(nodes) == sorted(view) == ["a", "b", "c", "d"]
        assert (nodes["a"], len(edges), view.degree("c")) == ({"x": 1}, 4, 2)
        assert dict(view["a"])["b"] == {0: {"weight": 5}, 1: {"weight": 2}}
        assert list(view.pred["c"]) == ["b"]
        session: Any = g
        assert nx.shortest_path(session, "a", "d") == ["a", "b", "c", "d"]
        assert nx.shortest_path(view, "a", "d") == ["a", "b", "c", "d"]
        assert g.to_networkx().number_of_edges() == 4
        with ThreadPoolExecutor(1) as pool:  # which is not in the batch
            assert pool.submit(list, view).result(PATIENCE_S) == ["a", "b"]
            assert pool.submit(list, edges).result(PATIENCE_S) == [("a", "b", 0)]
    assert g.rev == 2
    assert g.nx is view
    assert list(view) == list(nodes) == ["a", "b", "c", "d"]
    assert dict(view["a"])["b"] == {0: {"weight": 5}, 1: {"weight": 2}}


def test_a_batch_that_is_given_up_leaves_the_view_as_it_was(g: SharedGraph) -> None:
    g.nx.add_edge("a", "b")
    view: Any = g.nx
    with pytest.raises(ZeroDivisionError), g.batch():  # noqa: PT012 (a block is what is tried)
        view.add_edge("b", "c")
        assert len(view) == 3
        1 / 0  # noqa: B018
    assert list(view.edges) == [("a", "b", 0)]
    assert not view._index.behind  # reading costs no more than before


def test_an_old_graph_is_networkx_too_and_read_only(g: SharedGraph) -> None:
    g.nx.add_edge("a", "b", weight=1)
    g.nx.add_edge("b", "c")
    then = g.at(1)
    assert list(then.nx.edges(data="weight")) == [("a", "b", 1)]
    assert type(then.to_networkx()) is nx.MultiDiGraph
    with pytest.raises(ReadOnlyError):
        then.nx.add_node("z")
    with pytest.raises(ReadOnlyError):
        then.nx.nodes["a"]["x"] = 1
    assert list(then.nx) == ["a", "b"]


def test_a_name_that_only_shows_a_key_is_no_attribute(g: SharedGraph) -> None:
    g.nx.add_node("42")
    assert (g.nodes["42"].name, g.nx.nodes["42"]) == ("42", {})
    g.submit(UpdateNode(g.nodes["42"].node_id, name="other"))
    assert g.nx.nodes["42"] == {"name": "other"}
