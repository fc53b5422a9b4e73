"""Conditions of commands: when they hold, and how it is said that they do not (rule 3.9)."""

import re
from typing import Any

import msgspec
import pytest

from graph_ext.core.errors import ConflictError, SchemaError
from graph_ext.core.events import NodeCreated, NodeLinked
from graph_ext.core.expectations import Expectation, check_expectations
from graph_ext.core.graph import Graph


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    properties: dict[str, Any] = {"effort": 5, "done": True, "none": None, "tags": ["a", {"b": 1}]}
    graph.apply(NodeCreated("a", None, "Task", "Design", 0.0, (1.0, 2.5), properties))
    graph.apply(NodeCreated("b", "a", "", "", 0.0, None, {}))
    graph.apply(NodeLinked("ab", "a", "b", "blocks", {"weight": 1.0}))
    return graph


def check(graph: Graph, *expectations: dict[str, Any]) -> None:
    """Check conditions as they come over the wire."""
    check_expectations(graph, msgspec.convert(list(expectations), list[Expectation]))


@pytest.mark.parametrize(
    "expectation",
    [
        {"node_id": "a"},
        {"link_id": "ab"},
        {"node_id": "x", "exists": False},
        {"link_id": "a", "exists": False},
        {"node_id": "a", "property_name": "effort", "value": 5},
        {"node_id": "a", "property_name": "effort", "value": 5.0},
        {"node_id": "a", "property_name": "done", "value": True},
        {"node_id": "a", "property_name": "none", "value": None},
        {"node_id": "a", "property_name": "tags", "value": ["a", {"b": 1.0}]},
        {"node_id": "a", "property_name": "missing"},
        {"link_id": "ab", "property_name": "weight", "value": 1},
        {"node_id": "a", "field": "name", "value": "Design"},
        {"node_id": "a", "field": "blueprint_type_id", "value": "Task"},
        {"node_id": "a", "field": "parent_id", "value": None},
        {"node_id": "b", "field": "parent_id", "value": "a"},
        {"node_id": "a", "field": "position", "value": [1, 2.5]},
        {"node_id": "b", "field": "position", "value": None},
        {"link_id": "ab", "field": "source_id", "value": "a"},
        {"link_id": "ab", "field": "link_type_id", "value": "blocks"},
    ],
)
def test_what_stands_may_be_expected(graph: Graph, expectation: dict[str, Any]) -> None:
    check(graph, expectation)


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ({"node_id": "x"}, "there is no node 'x'"),
        ({"link_id": "a"}, "there is no link 'a'"),
        ({"node_id": "x", "property_name": "effort", "value": 1}, "there is no node 'x'"),
        ({"node_id": "a", "exists": False}, "node 'a' exists"),
        ({"node_id": "a", "property_name": "effort", "value": 6}, "effort of node 'a' is 5, not 6"),
        ({"node_id": "a", "property_name": "effort"}, "effort of node 'a' is 5, not not set"),
        ({"node_id": "a", "property_name": "no", "value": None}, "no of node 'a' is not set"),
        ({"node_id": "a", "property_name": "done", "value": 1}, "done of node 'a' is True, not 1"),
        ({"node_id": "a", "property_name": "none", "value": False}, "none of node 'a' is None"),
        ({"node_id": "a", "property_name": "tags", "value": ["a", {"b": True}]}, "tags of node"),
        ({"node_id": "a", "property_name": "tags", "value": ["a"]}, "tags of node 'a'"),
        ({"node_id": "a", "property_name": "effort", "value": "5"}, "effort of node 'a' is 5"),
        ({"node_id": "a", "field": "name", "value": "x"}, "name of node 'a' is 'Design', not 'x'"),
        ({"node_id": "a", "field": "position", "value": [1]}, "position of node 'a'"),
        ({"link_id": "ab", "field": "target_id", "value": "a"}, "target_id of link 'ab' is 'b'"),
    ],
)
def test_what_does_not_stand_is_a_conflict(
    graph: Graph, expectation: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConflictError, match=re.escape(message)) as caught:
        check(graph, {"node_id": "a"}, expectation)
    assert caught.value.path == "expect[1]"


@pytest.mark.parametrize(
    "expectation",
    [
        {},
        {"node_id": "a", "link_id": "ab"},
        {"node_id": "x", "value": 1},
        {"node_id": "x", "property_name": "effort", "field": "name", "value": 1},
        {"node_id": "x", "field": "name"},
        {"node_id": "x", "field": "source_id", "value": "a"},
        {"link_id": "x", "field": "name", "value": "a"},
        {"node_id": "x", "property_name": "effort", "exists": False},
    ],
)
def test_what_makes_no_sense_is_refused_whatever_stands(
    graph: Graph, expectation: dict[str, Any]
) -> None:
    with pytest.raises(SchemaError) as caught:
        check(graph, expectation)
    assert (caught.value.path or "").startswith("expect[0]")
