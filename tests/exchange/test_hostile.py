"""Files that are made to harm: refused, or read without what harms, and never for long."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.exchange import Format, Limits, encoded, read_file
from tests.exchange.graphs import graph_of
from tests.exchange.reading import READ, read_or_refused

# --- named attacks

_LAUGHS = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
_BILLION_LAUGHS = f"""<?xml version="1.0"?>
<!DOCTYPE graphml [<!ENTITY a0 "ha">{_LAUGHS}]>
<graphml><graph><node id="&a9;"/></graph></graphml>"""
_OUTSIDE = """<!DOCTYPE gexf [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<gexf><graph><nodes><node id="&x;"/></nodes></graph></gexf>"""


@pytest.mark.parametrize("text", [_BILLION_LAUGHS, _OUTSIDE, "<!DOCTYPE graphml><graphml/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(text: str, encoding: str) -> None:
    text = text.replace('<?xml version="1.0"?>', "")
    with pytest.raises(BadMessageError, match="document type"):
        read_file(text.encode(encoding))


def test_a_decompression_bomb_is_refused_before_it_unpacks() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(64)) + packer.flush()
    with pytest.raises(TooLargeError, match="unpacks to more"):
        read_file(bomb, limits=Limits(max_bytes=1024 * 1024))


def test_files_over_the_limit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLargeError):
        read_file(b"a,b\n" * 100, limits=Limits(max_bytes=399))
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * 100)
    with pytest.raises(TooLargeError):
        read_file(path, limits=Limits(max_bytes=399))
    assert len(read_file(path, limits=Limits(max_bytes=400)).links) == 100


@pytest.mark.parametrize("name", READ)
def test_more_elements_than_the_limit_are_refused(name: Format) -> None:
    rows = "\n".join(f"a{n},b{n}" for n in range(50))
    body, _ = encoded(graph_of(read_file(rows.encode())), name)
    assert read_file(body, name, Limits(max_elements=150)).links
    with pytest.raises(TooLargeError, match="more than 149 nodes and links"):
        read_file(body, name, Limits(max_elements=149))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<graphml>" + "<graph><node>" * 5000, "graphml"),
        ("<gexf><graph>" + "<nodes><node>" * 5000, "gexf"),
        ("graph [ " + "node [ " * 5000, "gml"),
        ("[" * 100_000, "node-link"),
        ('{"nodes": [' + '{"id":' * 5000 + "1" + "}" * 5000 + "]}", "node-link"),
        ("[" * 100_000 + "]" * 100_000, "cytoscape"),
    ],
)
def test_deep_nesting_is_refused(body: str, name: Format) -> None:
    with pytest.raises(TooLargeError, match="nested"):
        read_file(body.encode(), name)


def test_values_nested_too_deep_are_left_out() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    file = read_file(json.dumps({"nodes": [{"id": "a", "deep": deep, "n": 1}]}).encode())
    assert file.nodes[0].properties == {"n": 1}
    assert "32 deep" in str(file.notes[0])


def test_numbers_that_are_not_finite_are_left_out_with_a_note() -> None:
    body = b'{"nodes": [{"id": 1, "a": NaN, "b": -Infinity, "c": 1e999, "d": {"e": NaN}, "f": 1}]}'
    file = read_file(body)
    assert file.nodes[0].properties == {"f": 1}
    assert (
        str(file.notes[0]) == "numbers are not finite and were left out: 3 (first: 'a' of node '1')"
    )
    assert "must be finite" in str(file.notes[1])


def test_numbers_beyond_those_of_json_are_kept_as_text() -> None:
    file = read_file(b'{"nodes": [{"id": 1, "a": 9007199254740992, "b": -9007199254740991}]}')
    assert file.nodes[0].properties == {"a": "9007199254740992", "b": -9007199254740991}
    assert "beyond 2**53-1" in str(file.notes[0])


def test_lone_surrogates_are_mended_with_a_note() -> None:
    body = rb'{"nodes": [{"id": "a\ud800", "label": "b\udfff", "c": "\ud83d\ude00 d\ud800"}]}'
    file = read_file(body)
    assert [str(note) for note in file.notes] == [
        r"ids of nodes can't be used and were replaced (first: 'a\ud800')",
        "texts are no valid Unicode and were mended: 2 (first: 'c' of node 'node-1')",
    ]
    (node,) = file.nodes
    assert (node.node_id, node.name, node.properties) == ("node-1", "b\ufffd", {"c": "😀 d\ufffd"})


@pytest.mark.parametrize("name", ["gml", "csv", "node-link", "cytoscape"])
def test_nul_bytes_are_refused(name: Format) -> None:
    with pytest.raises(BadMessageError, match="NUL"):
        read_file(b'graph [ node [ id 1 label "a\0b" ] ]', name)


def test_archives_and_damaged_gzip_are_refused() -> None:
    with pytest.raises(BadMessageError, match="zip archive"):
        read_file(b"PK\x03\x04 and so on")
    whole = gzip.compress(b"a,b\n" * 1000)
    for damaged in (whole[:-9], whole[:20] + b"junk" + whole[24:], whole + b"junk"):
        with pytest.raises(BadMessageError, match="damaged"):
            read_file(damaged)


def test_ids_and_names_that_are_too_long_are_mended_with_a_note() -> None:
    body = json.dumps(
        {
            "nodes": [{"id": "x" * 300, "name": "ü" * 600}, {"id": ""}, {"id": "a\nb"}],
            "links": [{"source": "x" * 300, "target": "a\nb"}, {"source": "", "target": "c" * 257}],
        }
    )
    file = read_file(body.encode())
    assert [node.node_id for node in file.nodes] == ["node-1", "node-2", "node-3", "node-4"]
    assert [(link.source_id, link.target_id) for link in file.links] == [
        ("node-1", "node-3"),
        ("node-2", "node-4"),
    ]
    assert file.nodes[0].name == "ü" * 512


def test_a_given_id_never_takes_the_place_of_another() -> None:
    body = (
        b'{"nodes": [{"id": ""}, {"id": "node-1"}], "links": [{"source": "node-1", "target": ""}]}'
    )
    file = read_file(body)
    assert len({node.node_id for node in file.nodes}) == 2
    assert [(link.source_id, link.target_id) for link in file.links] == [
        (file.nodes[1].node_id, file.nodes[0].node_id)
    ]


def test_more_properties_than_an_element_may_have_are_left_out() -> None:
    many = {f"p{n}": n for n in range(1001)}
    large = {"a": "x" * 600_000, "b": "y" * 600_000, "c": 1}
    file = read_file(json.dumps({"nodes": [{"id": 1, **many}, {"id": 2, **large}]}).encode())
    assert len(file.nodes[0].properties) == 1000
    assert file.nodes[1].properties.keys() == {"a"}
    assert "beyond what an element can hold" in str(file.notes[0])


def test_parents_in_a_circle_become_roots() -> None:
    nodes = [{"data": {"id": str(n), "parent": str((n + 1) % 5)}} for n in range(5)]
    nodes += [{"data": {"id": "self", "parent": "self"}}, {"data": {"id": "x", "parent": "gone"}}]
    file = read_file(json.dumps({"elements": {"nodes": nodes}}).encode())
    graph = graph_of(file)
    assert len(graph.nodes) == 7
    assert len(graph.children(None)) == 3
    assert sum(note.count for note in file.notes) == 3


def test_a_chain_of_100000_parents_is_read() -> None:
    lines = [f"{n},{n + 1 if n < 99_999 else ''}" for n in range(100_000)]
    file = read_file(("id,parent\n" + "\n".join(lines)).encode())
    assert file.nodes[0].node_id == "99999"
    assert file.nodes[-1].node_id == "0"


# --- work that grows with the square of a file: each of these took minutes, or memory without end


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"graph [ !" + b" " * 1_000_000 + b"!", "gml"),
        (b"graph [ " + b'a "b ' * 300_000, "gml"),
        (b"#\n" * 500_000 + b"a,b\n", "csv"),
        (b"a b {" + b"{" * 500_000 + b"}\n" + b"b" + b" " * 500_000 + b"{\n", "csv"),
        (b'a,b\n"' + b'"",' * 300_000, "csv"),
        (b"source,target," + b"x," * 4000 + b"\n" + b"a,b\n" * 50_000, "csv"),
        (b"<graphml a='" + b"x" * 4_000_000 + b"'/>", "graphml"),
        (b"<gexf>" + b"<a b='c'>" * 500 + b" a<z/>" * 200_000, "gexf"),
    ],
)
def test_work_grows_with_the_size_of_a_file_not_with_its_square(body: bytes, name: Format) -> None:
    read_or_refused(body, name)


def test_ids_are_made_quickly_among_thousands_of_the_same_form() -> None:
    nodes = [{"id": f"node-{number}"} for number in range(1, 30_001)] + [{}] * 30_000
    file = read_file(json.dumps({"nodes": nodes}).encode())
    assert len({node.node_id for node in file.nodes}) == 60_000


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"nodes": [' + b"[]," * 9000 + b"[]]}", "node-link"),
        (b"graph [ node [ " + b"a[]" * 9000 + b" ] ]", "gml"),
        (b"source,target\n" + b"a\n" * 9000, "csv"),
        (b"source,target\n" + b"a," * 9000, "csv"),
    ],
)
def test_crowds_of_small_things_are_refused_before_they_fill_the_memory(
    body: bytes, name: Format
) -> None:
    with pytest.raises(TooLargeError):
        read_file(body, name, Limits(max_elements=1000))
