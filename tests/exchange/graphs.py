"""Graphs for the tests of file formats: made by hypothesis, compared, and built from files."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import MAX_INTEGER
from graph_ext.exchange import GraphFile

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any valid Unicode, control characters and noncharacters included."""

XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8
)
ID_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
_WORDS = st.sampled_from(
    [
        "id",
        "key",
        "name",
        "label",
        "type",
        "kind",
        "source",
        "target",
        "parent",
        "parent_id",
        "pid",
        "x",
        "y",
        "position",
        "properties",
        "graph",
        "directed",
        "weight",
        "graphics",
        "graph_ext",
        "json",
        "1",
        "007",
        "1e3",
        "nan",
        "true",
        "id:text",
        "a:json",
        "viz:size",
        "link_type",
        "node_type",
        "Source",
        "classes",
        "data",
        "SUID",
        "undirected",
        "attributes",
        ";;;;;;;;",
        "x y {z}",
        "graph [",
        "#",
    ]
)


def ids(xml: bool) -> st.SearchStrategy[str]:
    """Ids, names of types and of properties, some of them words that formats use themselves."""
    return _WORDS | (XML_TEXT.filter(bool) if xml else ID_TEXT)


def values(integers: bool = True) -> st.SearchStrategy[Any]:
    scalars = (
        TEXT
        | st.booleans()
        | st.integers(-MAX_INTEGER, MAX_INTEGER)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.sampled_from(["", "1", "1.0", "true", "007", " x ", "a\nb", "a\rb", "<b>", '"', "-0"])
    )
    nested = st.recursive(
        st.none() | scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=5,
    )
    return scalars | nested


_POSITIONS = st.none() | st.tuples(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def graphs(draw: st.DrawFn, *, xml: bool = False, nul: bool = True) -> Graph:
    """Graphs of any kind; ``xml``: with no id or name that XML can't hold."""
    names = XML_TEXT if xml else (TEXT if nul else TEXT.filter(lambda text: "\0" not in text))
    words = ids(xml)
    properties = st.dictionaries(words, values(), max_size=4)
    graph = Graph()
    directed = draw(st.booleans())
    graph.apply(BlueprintUpdated(Blueprint(directed=directed), Blueprint()))
    node_ids = draw(st.lists(words, max_size=7, unique=True))
    for number, node_id in enumerate(node_ids):
        graph.apply(
            NodeCreated(
                node_id,
                draw(st.none() | st.sampled_from(node_ids[:number])) if number else None,
                draw(st.just("") | words),
                draw(st.just("") | names),
                float(draw(st.integers(0, 3))),
                draw(_POSITIONS),
                draw(properties),
            )
        )
    if node_ids:
        for link_id in draw(st.lists(words, max_size=6, unique=True)):
            graph.apply(
                NodeLinked(
                    link_id,
                    draw(st.sampled_from(node_ids)),
                    draw(st.sampled_from(node_ids)),
                    draw(st.just("") | words),
                    draw(properties),
                )
            )
    return graph


def graph_of(file: GraphFile) -> Graph:
    """Make the graph that a file's commands make in an empty session."""
    graph = Graph()
    graph.apply(BlueprintUpdated(file.blueprint, Blueprint()))
    for number, node in enumerate(file.nodes):
        assert node.node_id is not None
        assert node.node_id not in graph.nodes
        assert node.parent_id is None or node.parent_id in graph.nodes
        graph.apply(
            NodeCreated(
                node.node_id,
                node.parent_id,
                node.blueprint_type_id,
                node.name,
                float(number),
                node.position,
                node.properties,
            )
        )
    for number, link in enumerate(file.links):
        assert link.source_id in graph.nodes
        assert link.target_id in graph.nodes
        link_id = link.link_id or f"link {number}"
        assert link_id not in graph.links
        graph.apply(
            NodeLinked(link_id, link.source_id, link.target_id, link.link_type_id, link.properties)
        )
    return graph


def plain(graph: Graph) -> Any:
    """All that a format should carry, with the types of values told apart."""
    return {
        "directed": graph.blueprint.directed,
        "children": {
            str(parent): [node.node_id for node in graph.children(parent)]
            for parent in [None, *graph.nodes]
        },
        "nodes": {
            node.node_id: (
                node.parent_id,
                node.blueprint_type_id,
                node.name,
                node.position,
                exact(node.properties),
            )
            for node in graph.nodes.values()
        },
        "links": [
            (
                link.link_id,
                link.source_id,
                link.target_id,
                link.link_type_id,
                exact(link.properties),
            )
            for link in graph.links.values()
        ],
    }


def exact(properties: dict[str, Any]) -> str:
    """Properties as text in which 1, 1.0, "1" and true differ."""
    return json.dumps(properties, sort_keys=True, allow_nan=False)
