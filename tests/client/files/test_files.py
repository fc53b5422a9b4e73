"""Files in and out of sessions: ``gx.read``, ``g.update``, ``g.write`` (client/files/write.py)."""

from __future__ import annotations

import gzip
import io
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

import graph_ext as gx
from graph_ext.client.files.write import FileFormat, NotCarriedWarning
from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import BadMessageError, GraphError, ReadOnlyError, TooLargeError
from tests.client.conftest import OpenGraph
from tests.exchange.graphs import plain

_FILES = Path(__file__).parents[2] / "exchange" / "files"
_ENDINGS = [".graphml", ".gexf", ".gml", ".json", ".cyjs", ".csv", ".graphml.gz", ".csv.gz"]


def read_quietly(file: Any, **options: Any) -> gx.FileGraph:
    """Read a file of which something can't be carried."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotCarriedWarning)
        return gx.read(file, **options)


def names_in(folder: Path) -> list[str]:
    """The names of all files, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("path", sorted(_FILES.iterdir()), ids=lambda path: path.name)
def test_a_file_goes_through_a_session_and_every_format_unchanged(
    path: Path, g: SharedGraph, tmp_path: Path
) -> None:
    file = read_quietly(path)
    g.update(file)
    stands = plain(g.replica.graph)
    assert stands == plain(file.replica.graph)
    for ending in [*_ENDINGS, ".graph.gz"]:
        with warnings.catch_warnings():
            # lists and objects, which only our own reader understands
            warnings.simplefilter("ignore", NotCarriedWarning)
            g.write(tmp_path / f"copy{ending}")
        back = gx.read(tmp_path / f"copy{ending}")
        assert back.notes == []
        found = plain(back.replica.graph)
        if "csv" in ending and not g.edges:  # only links tell that they have no direction
            found["directed"] = stands["directed"]
        assert found == stands, ending
    assert names_in(tmp_path) == sorted(  # nothing is left of the writing
        [f"copy{ending}" for ending in [*_ENDINGS, ".graph.gz"]]
        + ["copy.nodes.csv", "copy.nodes.csv.gz"]
    )


def test_what_was_read_can_be_looked_at_and_not_changed() -> None:
    with pytest.warns(NotCarriedWarning, match="gephi.gexf was read, with this difference:\n- "):
        file = gx.read(_FILES / "gephi.gexf")
    lines = repr(file).splitlines()
    assert lines[0] == "<graph file 'gephi': 4 nodes, 3 links, directed, gexf>"
    assert lines[1] == "read with this difference:"
    assert lines[2] == ("- numbers are not finite and were left out (first: 'Score' of node '0.0')")
    assert "<li>mutual edges are read as one link</li>" in file._repr_html_()
    assert file.nodes["0.0"].name == "Ada & Co"
    assert len(file.edges) == 3
    assert not file.blueprint.node_types
    with pytest.raises(ReadOnlyError, match="can't be changed"):
        file.nodes["0.0"]["x"] = 1


def test_notes_come_with_the_warning() -> None:
    with pytest.warns(NotCarriedWarning) as caught:
        file = gx.read(_FILES / "yed.gml")
    (warning,) = [each.message for each in caught if isinstance(each.message, NotCarriedWarning)]
    assert list(warning.notes) == file.notes != []
    assert caught[0].filename == __file__


def test_writing_says_what_could_not_be_carried(g: SharedGraph, tmp_path: Path) -> None:
    g.blueprint = {"node_types": {"Task": None}}
    g.add_node("a", type="Task", tags=["x"])
    with pytest.warns(NotCarriedWarning, match="blueprint is not carried"):
        notes = g.write(tmp_path / "a.graphml")
    assert str(notes[0]).startswith("blueprint is not carried")


def test_the_same_file_again_changes_nothing(g: SharedGraph) -> None:
    for name in ("gephi.gexf", "igraph.gml", "networkx_node_link.json", "sigma.json"):
        file = read_quietly(_FILES / name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of both directions
            g.update(file)
            rev = g.rev
            g.update(file)
        assert g.rev == rev


def test_links_of_two_files_with_the_same_ids_are_kept_apart(g: SharedGraph) -> None:
    edge = '<edge id="0" source="{}" target="{}"/>'
    gexf = "<gexf><graph defaultedgetype='directed'><edges>{}</edges></graph></gexf>"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotCarriedWarning)  # the nodes are named only by links
        one = gx.read(gexf.format(edge.format("a", "b")).encode())
        other = gx.read(gexf.format(edge.format("b", "c")).encode())
    g.update(one)
    g.update(other)
    assert g.edges() == [("a", "b"), ("b", "c")]
    rev = g.rev
    g.update(other)
    g.update(one)
    assert g.rev == rev


def test_parallel_links_without_ids_stay_parallel(g: SharedGraph) -> None:
    file = gx.read(
        b"graph [ directed 1 node [ id 1 ] node [ id 2 ]"
        b" edge [ source 1 target 2 w 1 ] edge [ source 1 target 2 w 2 ] ]"
    )
    g.update(file)
    assert g.edges(data="w") == [(1, 2, 1), (1, 2, 2)]


def test_an_empty_session_becomes_the_kind_of_graph_that_comes_in(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    body = (
        b'{"directed": false, "multigraph": false, "nodes": [{"id": 1}, {"id": 2}],'
        b' "links": [{"source": 1, "target": 2}]}'
    )
    g.update(gx.read(body))
    assert (g.blueprint.directed, g.blueprint.multigraph) == (False, False)
    assert g.rev == 1
    other = open_graph("with something in it")
    other.add_edge("a", "b")
    with pytest.warns(UserWarning, match="have no direction, those of this session have one"):
        other.update(gx.read(body))
    assert other.blueprint.directed
    assert len(other.edges) == 2


def test_another_session_goes_in_with_its_ids(g: SharedGraph, open_graph: OpenGraph) -> None:
    g.blueprint = {"node_types": {"Task": None}}
    g.add_node("a", type="Task", effort=1)
    g.add_node("b", type="Task", parent="a")
    g.add_edge("a", "b", key="k", w=2)
    other = open_graph("another, of files")
    other.update(g)
    assert plain(other.replica.graph) == plain(g.replica.graph)
    assert other.blueprint == g.blueprint


# --- files, bytes, file objects ------------------------------------------------------------------

_GML = b"graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] ]"


@pytest.mark.parametrize(
    "body",
    [_GML, bytearray(_GML), memoryview(_GML), gzip.compress(_GML, mtime=0)],
    ids=["bytes", "bytearray", "memoryview", "gzip"],
)
def test_bytes_are_read(body: Any) -> None:
    file = gx.read(body)
    assert (list(file), file.format, file.name) == ([1, 2], "gml", "graph")


def test_file_objects_are_read_and_written(tmp_path: Path) -> None:
    file = gx.read(io.BytesIO(_GML))
    assert gx.read(io.StringIO(_GML.decode())).edges() == file.edges()
    binary, text = io.BytesIO(), io.StringIO()
    file.write(binary, "graphml")
    file.write(text, "graphml")
    assert binary.getvalue().decode() == text.getvalue()
    assert plain(gx.read(binary.getvalue()).replica.graph) == plain(file.replica.graph)
    with (tmp_path / "named.gexf").open("wb") as named:
        file.write(named)
    with (tmp_path / "named.gexf").open("rb") as named:
        assert gx.read(named).format == "gexf"
    with pytest.raises(BadMessageError, match="must come with a format"):
        file.write(io.BytesIO())
    with pytest.raises(BadMessageError, match="a path, bytes or a file object"):
        gx.read(3)  # type: ignore[arg-type]


def test_a_wrong_ending_hides_nothing(tmp_path: Path) -> None:
    graph = gx.read(_GML)
    formats: list[FileFormat] = ["graphml", "gexf", "gml", "node-link"]
    for told in formats:
        for ending in ("gml", "gexf", "graphml", "txt", "nothing"):
            path = tmp_path / f"a.{ending}"
            graph.write(path, told)
            assert gx.read(path).format == told
            assert gx.read(path).edges() == [(1, 2)]


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    feeder = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        os.write(feeder, _GML)
        with (tmp_path / "pipe").open("rb") as reader:
            os.close(feeder)
            feeder = -1
            assert gx.read(reader).edges() == [(1, 2)]
    finally:
        if feeder >= 0:
            os.close(feeder)


def test_a_name_that_tells_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMessageError, match=r"tells no format \(end it in .graphml"):
        gx.read(_GML).write(tmp_path / "a.docx")
    with pytest.raises(BadMessageError, match="has no history"):
        gx.read(_GML).write(tmp_path / "a.graph.gz")


# --- hostile files -------------------------------------------------------------------------------

_BOMB = b"""<?xml version="1.0"?><!DOCTYPE graphml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<graphml><graph><node id="&b;"/></graph></graphml>"""
_OUTSIDE = b"""<!DOCTYPE gexf [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<gexf><graph><nodes><node id="1" label="&x;"/></nodes></graph></gexf>"""
_DEEP_XML = b"<graphml>" + b"<graph><node id='1'>" * 5000


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (_BOMB, BadMessageError, "document type"),
        (_OUTSIDE, BadMessageError, "document type"),
        (_DEEP_XML, TooLargeError, "nested more than 600 deep"),
        (b"graph [ a [ " * 1000, TooLargeError, "nested more than 64 deep"),
        (b'{"nodes": ' + b"[" * 100_000, TooLargeError, "nested too deep"),
        (gzip.compress(bytes(3_000_000), mtime=0), TooLargeError, "or unpacks to more"),
        (b"PK\x03\x04plan", BadMessageError, "zip archive"),
        (b"\x1f\x8b\x08\x00damaged", BadMessageError, "compressed, and damaged"),
        (b"graph [ node [ id 1 label \0 ] ]", BadMessageError, "NUL characters"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_hostile_files_are_refused(
    body: bytes, error: type[GraphError], said: str, packed: bool, tmp_path: Path
) -> None:
    if packed and not body.startswith((b"PK", b"\x1f\x8b")):
        body = gzip.compress(body, mtime=0)
    (tmp_path / "hostile").write_bytes(body)
    for source in (body, tmp_path / "hostile", io.BytesIO(body)):
        with pytest.raises(error, match=said):
            gx.read(source, max_bytes=2_000_000)


def test_names_that_lead_out_of_a_folder_are_only_names(tmp_path: Path, g: SharedGraph) -> None:
    body = b'graph [ node [ id 1 label "../../out" ] node [ id "../../../etc/passwd" ] ]'
    g.update(gx.read(body))
    folder = tmp_path / "folder"
    folder.mkdir()
    for ending in _ENDINGS:
        g.write(folder / f"a{ending}")
    assert names_in(tmp_path) == ["folder"]
    assert "../../../etc/passwd" in gx.read(folder / "a.gexf").nodes


def test_more_elements_than_asked_for_are_refused() -> None:
    with pytest.raises(TooLargeError, match="raise max_elements"):
        gx.read(_GML, max_elements=2)
