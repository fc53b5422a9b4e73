"""Any bytes, and near misses of every format, are read or refused, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_ext.exchange import Format, encoded
from tests.exchange.graphs import graphs
from tests.exchange.reading import READ, read_or_refused


@settings(deadline=None)
@given(body=st.binary(max_size=200), name=st.sampled_from([None, *READ]))
def test_any_bytes_are_read_or_refused(body: bytes, name: Format | None) -> None:
    read_or_refused(body, name)


@settings(deadline=None)
@given(text=st.text(max_size=200), name=st.sampled_from([None, *READ]))
def test_any_text_is_read_or_refused(text: str, name: Format | None) -> None:
    read_or_refused(text.encode("utf-8", "surrogatepass"), name)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_files_are_read_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(READ))
    body = bytearray(encoded(data.draw(graphs()), name)[0])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        piece = data.draw(
            st.binary(max_size=3)
            | st.sampled_from([b"<", b"]", b"[", b'"', b"\0", b"&#0;", b"NaN", b"1e999", b"null"])
        )
        body[start : start + data.draw(st.integers(0, 5))] = piece
    read_or_refused(bytes(body), data.draw(st.sampled_from([None, name])))


_WORDS = st.sampled_from(
    [
        "nodes",
        "links",
        "edges",
        "id",
        "key",
        "source",
        "target",
        "name",
        "label",
        "x",
        "y",
        "z",
        "parent",
        "parent_id",
        "pid",
        "elements",
        "data",
        "position",
        "properties",
        "attributes",
        "graph",
        "graph_ext",
        "group",
        "type",
        "value",
        "for",
        "directed",
        "multigraph",
        "options",
        "multi",
        "undirected",
        "node",
        "edge",
        "SUID",
        "a",
        "b",
        "1",
    ]
)
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=5),
    max_leaves=12,
)
_OBJECTS = st.lists(st.dictionaries(_WORDS, _JSON, max_size=5) | _JSON, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nodes=_OBJECTS, links=_OBJECTS, more=st.dictionaries(_WORDS, _JSON, max_size=3))
def test_any_json_is_read_or_refused(nodes: Any, links: Any, more: Any) -> None:
    for value in (
        {"nodes": nodes, "links": links, **more},
        {**more, "nodes": nodes, "edges": links},
        {"nodes": nodes, "links": links, "graph": {"graph_ext": 1}},
        {"elements": {"nodes": nodes, "edges": links}, **more},
        {"elements": nodes + links, "data": {"graph_ext": 1}},
        {"elements": [{"data": node, "position": node} for node in nodes]},
        nodes,
    ):
        read_or_refused(json.dumps(value).encode(), None)


_TAGS = st.sampled_from(
    [
        "graph",
        "node",
        "edge",
        "data",
        "key",
        "default",
        "port",
        "hyperedge",
        "endpoint",
        "nodes",
        "edges",
        "attributes",
        "attribute",
        "attvalues",
        "attvalue",
        "parents",
        "parent",
        "viz:position",
        "color",
        "size",
        "shape",
        "thickness",
        "spell",
        "slice",
        "y:Geometry",
        "y:NodeLabel",
        "y:Label",
        "y:Label.Text",
        "y:RectD",
        "y:ShapeNode",
        "desc",
    ]
)
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "for",
            "attr.name",
            "attr.type",
            "key",
            "source",
            "target",
            "directed",
            "edgedefault",
            "defaultedgetype",
            "type",
            "title",
            "value",
            "class",
            "pid",
            "label",
            "weight",
            "kind",
            "x",
            "y",
            "z",
            "width",
            "r",
            "g",
            "b",
            "hex",
            "node",
            "start",
            "Text",
        ]
    ),
    st.sampled_from(
        [
            "n0",
            "n1",
            "graph_ext.name",
            "graph_ext.json.1",
            "graph_ext.parent",
            "graph_ext.x",
            "node",
            "edge",
            "int",
            "double",
            "boolean",
            "listinteger",
            "liststring",
            "string",
            "undirected",
            "true",
            "nan",
            "1",
            "1.5",
            "-7e999",
            "[1,2]",
            "a|b",
        ]
    )
    | st.text("ab1.\t", max_size=3),
    max_size=4,
)


def _xml(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def element(tag: str, attributes: dict[str, str], inner: list[str]) -> str:
        head = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        return f"<{tag}{head}>{''.join(inner)}</{tag}>"

    return st.builds(element, _TAGS, _ATTRIBUTES, st.lists(children, max_size=5))


@pytest.mark.parametrize("root", ["graphml", "gexf"])
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_xml_is_read_or_refused(root: str, data: st.DataObject) -> None:
    texts = st.sampled_from(["", "n0", "1", "nan", "&#9;", "<html>a &amp; b", "{}", "[1"]).map(
        lambda text: text.replace("<", "&lt;")
    )
    inner = data.draw(st.lists(st.recursive(texts, _xml, max_leaves=15), max_size=4))
    read_or_refused(f"<{root}>{''.join(inner)}</{root}>".encode(), None)


def _lines(words: str) -> Callable[[Any], bytes]:
    choices = words.split(" ")
    return lambda picks: " ".join(choices[pick % len(choices)] for pick in picks).encode()


_PICKS = st.lists(st.integers(0, 200), max_size=40)


@settings(deadline=None)
@given(picks=_PICKS)
def test_any_gml_is_read_or_refused(picks: list[int]) -> None:
    words = (
        'graph node edge id label source target graphics x y gid graph_ext node_id json "{}" "a" '
        '"&#0;&#1114112;&amp;" [ ] [ ] [ ] 1 2 -1.5 1e999 NaN true # \n Creator "graph_ext"'
    )
    read_or_refused(b"graph [ " + _lines(words)(picks), "gml")
    read_or_refused(b'Creator "graph_ext" graph [ node [ ' + _lines(words)(picks) + b" ] ]", "gml")


@settings(deadline=None)
@given(picks=_PICKS, delimiter=st.sampled_from(",;\t| "))
def test_any_csv_is_read_or_refused(picks: list[int], delimiter: str) -> None:
    words = (
        'source target id Type type label x y parent 1 2.0 nan true Undirected "a " "" a:json \n \n'
    )
    body = _lines(words)(picks).replace(b" ", delimiter.encode())
    read_or_refused(body, "csv")
    read_or_refused(b"source,target,Type,a:json\n" + body, "csv")
    read_or_refused(b"id,label,x,y,parent,:boolean,b:boolean\n" + body, "csv")
