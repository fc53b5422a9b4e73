"""The graph's reads, and what of them is not shown by the vectors."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from graph_ext.core.access import may
from graph_ext.core.events import (
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
)
from graph_ext.core.graph import Graph, Link, Node
from tests.core.states import graph_of, plain

_T = TypeVar("_T")


def again(values: object, as_type: type[_T]) -> list[_T]:
    """Read values from their JSON."""
    return msgspec.json.decode(msgspec.json.encode(values), type=list[as_type])  # type: ignore[valid-type]


def test_links_are_read_from_both_ends_oldest_first_and_one_to_itself_once() -> None:
    graph = graph_of(
        NodeCreated("a"),
        NodeCreated("b"),
        NodeLinked("3", "a", "b"),
        NodeLinked("1", "b", "a"),
        NodeLinked("2", "a", "a"),
    )
    assert [link.link_id for link in graph.out_links("a")] == ["3", "2"]
    assert [link.link_id for link in graph.in_links("a")] == ["1", "2"]
    assert [link.link_id for link in graph.links_of("a")] == ["3", "2", "1"]
    assert list(graph.out_links("nobody")) == graph.links_of("nobody") == []


def test_a_subtree_has_parents_before_children_and_siblings_in_order() -> None:
    graph = graph_of(
        NodeCreated("r"),
        NodeCreated("y", "r", order=2.0),
        NodeCreated("x", "r", order=1.0),
        NodeCreated("z", "x"),
        NodeCreated("other"),
    )
    assert graph.subtree("r") == ["r", "x", "z", "y"]
    assert graph.subtree("z") == ["z"]
    assert graph.place(graph.nodes["y"]) == 1


def test_events_share_nothing_that_later_changes() -> None:
    properties = {"x": [1]}
    created = NodeCreated("a", properties=properties)
    graph = graph_of(created, PropertyChanged("x", 2, [1], "a"))
    assert created.properties is properties
    assert properties == {"x": [1]}
    held = graph.nodes["a"].properties
    graph.apply(PropertyChanged("y", 3, node_id="a"))
    assert held == {"x": 2}


def test_an_element_is_encoded_as_the_event_that_makes_it() -> None:
    node = NodeCreated("a", None, "T", "A", 1.5, (1.0, 2.0), {"x": 1})
    link = NodeLinked("l", "a", "a", "t", {"y": 2})
    graph = graph_of(node, link)
    assert graph.nodes["a"].created() == node
    assert graph.links["l"].created() == link
    assert {"type": "node-created", **plain(graph.nodes["a"])} == plain(node)
    assert {"type": "node-linked", **plain(graph.links["l"])} == plain(link)


def test_loading_many_is_the_same_as_applying_each() -> None:
    nodes = [
        NodeCreated("b", "a", "Task"),
        NodeCreated("a", name="a"),
        NodeCreated("c", "a", name="See", order=-1.0),
    ]
    links = [NodeLinked("2", "a", "b", "uses", {"x": 1}), NodeLinked("1", "b", "b", "uses")]
    # as they come over the wire, where no two texts are one
    nodes, links = again(nodes, NodeCreated), again(links, NodeLinked)
    applied = graph_of(*nodes, *links, NodeLinked("3", "b", "a"), NodeUnlinked("1", "b", "b"))
    loaded = Graph()
    loaded.load(again(nodes, Node), again(links, Link))
    # before anybody has asked for links by their nodes
    loaded.apply(NodeLinked("3", "b", "a"))
    assert list(loaded.links) == ["2", "1", "3"]
    loaded.apply(NodeUnlinked("1", "b", "b"))
    assert loaded.nodes == applied.nodes
    assert loaded.links == applied.links
    assert [link.link_id for link in loaded.in_links("b")] == ["2"]
    assert [link.link_id for link in loaded.out_links("b")] == ["3"]
    for graph in (loaded, applied):
        assert graph.links["2"].source_id is graph.nodes["a"].node_id, "one text for both"
        assert graph.nodes["a"].name is graph.nodes["a"].node_id
        assert graph.nodes["b"].properties is graph.nodes["a"].properties
    assert [node.node_id for node in loaded.children("a")] == ["c", "b"]


def test_links_that_are_put_off_are_found_when_asked_for() -> None:
    first, second = NodeLinked("1", "a", "b"), NodeLinked("2", "b", "a")
    graph = graph_of(NodeCreated("a"), NodeCreated("b"), first)
    graph.put_off()
    found = [graph.indexed]  # there is none yet
    for event in again([second], NodeLinked):
        graph.apply(event)
    found.append(graph.indexed)
    assert [link.link_id for link in graph.links_of("a")] == ["1", "2"]
    assert graph.links["2"].source_id is graph.nodes["b"].node_id
    # those that come later are put there at once
    graph.apply(NodeLinked("3", "b", "b"))
    assert [*found, graph.indexed] == [True, False, True]
    assert [link.link_id for link in graph.out_links("b")] == ["2", "3"]


def test_a_position_read_from_json_or_given_as_a_tuple_is_the_same() -> None:
    graph = graph_of(
        NodeCreated("a"),
        NodeUpdated("a", "position", None, [1.0, 2.0]),  # type: ignore[arg-type]  # as in JSON
    )
    assert graph.nodes["a"].position == (1.0, 2.0)


def test_nothing_is_kept_of_what_is_gone() -> None:
    graph = graph_of(
        NodeCreated("a"),
        NodeCreated("b", "a"),
        NodeLinked("l", "a", "b"),
        NodeUnlinked("l", "a", "b"),
        NodeDeleted("b", "a"),
        NodeDeleted("a"),
    )
    kept = (graph._nodes, graph._links, graph._children, graph._out, graph._in)
    assert [len(one) for one in kept] == [0] * 5


def test_roles_may_do_what_their_table_says() -> None:
    assert [may(role, "read") for role in ("viewer", "editor", "owner")] == [True, True, True]
    assert [may(role, "edit") for role in ("viewer", "editor", "owner")] == [False, True, True]
    assert [may(role, "delete") for role in ("viewer", "editor", "owner")] == [False, False, True]
    assert not may(None, "read")
