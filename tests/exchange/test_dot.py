"""DOT is written for Graphviz: every text quoted, parents as clusters."""

from __future__ import annotations

from hypothesis import given, settings

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.exchange import encoded
from tests.exchange.graphs import graphs


def test_parents_become_clusters_and_texts_are_quoted() -> None:
    graph = Graph()
    graph.apply(NodeCreated("plan", name='The "plan"', position=(1, 2)))
    graph.apply(NodeCreated("<b>", "plan", "Task", properties={"n": 1, "label": "x\ny", "l": [1]}))
    graph.apply(NodeLinked("l1", "plan", "<b>", "has\\", {"weight": 0.5}))
    body, notes = encoded(graph, "dot")
    assert body.decode().splitlines() == [
        "digraph {",
        'subgraph "cluster_plan" {',
        'label="The \\"plan\\""',
        '"plan" ["label"="The \\"plan\\"", "pos"="1,-2!"]',
        '"<b>" ["label"="<b>", "type"="Task", "n"="1", "property_label"="x\\ny", "l"="[1]"]',
        "}",
        '"plan" -> "<b>" ["id"="l1", "label"="has\\\\", "weight"="0.5"]',
        "}",
    ]
    assert [str(note) for note in notes] == [
        "values are lists, objects or null and were written as JSON text (first: l)"
    ]


def test_an_undirected_graph_is_one_in_dot() -> None:
    graph = Graph()
    graph.apply(BlueprintUpdated(Blueprint(directed=False), Blueprint()))
    graph.apply(NodeCreated("a"))
    graph.apply(NodeLinked("l", "a", "a"))
    assert '"a" -- "a"' in encoded(graph, "dot")[0].decode()


@settings(deadline=None)
@given(graph=graphs())
def test_quotes_and_braces_are_balanced_in_any_graph(graph: Graph) -> None:
    text = encoded(graph, "dot")[0].decode()
    outside, quoted, escaped = [], False, False
    for character in text:
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif not quoted:
            outside.append(character)
    assert not quoted
    assert outside.count("{") == outside.count("}")
    assert outside.count("[") == outside.count("]")
