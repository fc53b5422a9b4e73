"""Reading and writing files: the format told by the name or by what stands in it.

``gx.read`` and ``g.write`` of the client come here. A file is taken whole, up to a limit that also
holds for what a compressed one unpacks to, and written whole or not at all.
"""

from __future__ import annotations

import gzip
import re
import zlib
from io import BytesIO
from pathlib import Path
from typing import assert_never

from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.core.graph import Graph
from graph_ext.exchange import (
    csv,
    cytoscape,
    dot,
    gexf,
    gexf_write,
    gml,
    gml_write,
    graphml,
    graphml_write,
    node_link,
)
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.graph_file import Format, GraphFile, Limits, Note
from graph_ext.exchange.json_text import loaded
from graph_ext.exchange.placing import place_files

__all__ = ["encoded", "format_of", "read_file", "told_by_name", "write_file"]

_ENDINGS: dict[str, Format] = {
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".gml": "gml",
    ".json": "node-link",
    ".cyjs": "cytoscape",
    ".csv": "csv",
    ".tsv": "csv",
    ".edgelist": "csv",
    ".edges": "csv",
    ".dot": "dot",
    ".gv": "dot",
}
# names under which files of any format go around: what stands in them decides
_TELLING_NOTHING = {".json", ".dot", ".gv"}
_XML_ROOT = re.compile(r"<(?:[\w.-]+:)?(graphml|gexf)\b")
_GML_START = re.compile(
    r"(?:\s*#[^\n]*\n|\s*(?:Creator|Version|comment)\s+[^\n]*\n)*\s*graph\s*\[", re.I
)
_DOT_START = re.compile(r"\s*(?://[^\n]*\n\s*)*(?:strict\s+)?(?:di)?graph\b[^{\[]*\{", re.I)
_LOOKED_AT = 64 * 1024
_GZIP = b"\x1f\x8b"
_DEFAULT_LIMITS = Limits()


def format_of(path: str | Path) -> Format | None:
    """Return the format that a file's name tells; ``.gz`` behind it does not count."""
    path = Path(path)
    if path.suffix.lower() == ".gz":
        path = path.with_suffix("")
    return _ENDINGS.get(path.suffix.lower())


def told_by_name(path: str | Path) -> Format | None:
    """Return the format of a file to be read as far as its name tells it for sure."""
    path = Path(path)
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return None if bare.suffix.lower() in _TELLING_NOTHING else format_of(path)


def read_file(
    source: str | Path | bytes,
    format: Format | None = None,  # noqa: A002 (the word that users expect)
    limits: Limits = _DEFAULT_LIMITS,
) -> GraphFile:
    """Read a graph from a file.

    Parameters
    ----------
    source : str, Path or bytes
        The path of a file, or what stands in one; either may be compressed by gzip. Beside
        ``a.csv``, a table of nodes ``a.nodes.csv`` is read too where there is one.
    format : Format, optional
        Left out, the name tells it, or what stands in the file; where they differ beyond doubt (a
        GraphML file called ``a.csv``), what stands in it.
    limits : Limits, optional
        How much is taken.

    Returns
    -------
    GraphFile
        Commands ready to be sent, and notes on what could not be carried.

    Raises
    ------
    BadMessageError
        It can't be read in that format.
    TooLargeError
        It is over a limit, or nested too deep.
    OSError
        There is no such file, or it can't be opened.
    """
    nodes = None
    if isinstance(source, bytes):
        body = _unpacked(source, limits)
        told = format or _sniffed(body)
    else:
        path = Path(source)
        body = _unpacked(_taken(path, limits), limits)
        told = format or _told(told_by_name(path), body)
        if told == "csv" and (beside := _nodes_path(path)).is_file():
            nodes = _unpacked(_taken(beside, limits), limits)
    match told:
        case "graphml":
            return graphml.read(body, limits)
        case "gexf":
            return gexf.read(body, limits)
        case "gml":
            return gml.read(body, limits)
        case "cytoscape":
            return cytoscape.read(body, limits)
        case "csv":
            return csv.read(body, limits, nodes)
        case "node-link":
            return node_link.read(body, limits) if format else _read_json(body, limits)
        case "dot":
            raise BadMessageError(
                "DOT files can be written, not read",
                fix="gml2gv -g, or networkx with pydot, makes a file that can be",
            )
        case other:
            assert_never(other)


def write_file(
    graph: Graph,
    path: str | Path,
    format: Format | None = None,  # noqa: A002
) -> list[Note]:
    """Write a graph to a file, compressed where the name ends in ``.gz``.

    For CSV a second file ``a.nodes.csv`` beside ``a.csv`` holds the nodes.

    Parameters
    ----------
    graph : Graph
        What to write.
    path : str or Path
        Where; what is there is replaced.
    format : Format, optional
        Left out, the name tells it.

    Returns
    -------
    list of Note
        What the format could not carry as it stood.

    Raises
    ------
    BadMessageError
        The name tells no format.
    OSError
        The file can't be written.
    """
    path = Path(path)
    format = format or format_of(path)  # noqa: A001
    if format is None:
        raise BadMessageError(
            f"the name {path.name!r} tells no format", fix=f"end it in one of {', '.join(_ENDINGS)}"
        )
    if format == "csv":
        edges, nodes, notes = csv.write(graph)
        place_files({_nodes_path(path): _packed(path, nodes), path: _packed(path, edges)})
        return notes
    body, notes = encoded(graph, format)
    place_files({path: _packed(path, body)})
    return notes


def encoded(
    graph: Graph,
    format: Format,  # noqa: A002
) -> tuple[bytes, list[Note]]:
    """Return a graph as the bytes of one file, and what they could not carry as it stood.

    A CSV file on its own is the edge list.
    """
    match format:
        case "graphml":
            return graphml_write.write(graph)
        case "gexf":
            return gexf_write.write(graph)
        case "gml":
            return gml_write.write(graph)
        case "node-link":
            return node_link.write(graph)
        case "cytoscape":
            return cytoscape.write(graph)
        case "csv":
            edges, _, notes = csv.write(graph)
            lost = Note(len(graph.nodes), "nodes have only their ids in an edge list, or nothing")
            return edges, [*notes, lost]
        case "dot":
            return dot.write(graph)
        case other:
            assert_never(other)


def _nodes_path(path: Path) -> Path:
    """Return the name of the table of nodes beside an edge list: a.nodes.csv beside a.csv."""
    endings = path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:]
    stem = path.name.removesuffix("".join(endings))
    return path.with_name(f"{stem}.nodes{''.join(endings)}")


def _taken(path: Path, limits: Limits) -> bytes:
    with path.open("rb") as file:
        return file.read(limits.max_bytes + 1)


def _packed(path: Path, body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0) if path.suffix.lower() == ".gz" else body


def _unpacked(body: bytes, limits: Limits) -> bytes:
    if body.startswith(_GZIP) and len(body) <= limits.max_bytes:
        try:
            with gzip.GzipFile(fileobj=BytesIO(body)) as file:
                body = file.read(limits.max_bytes + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BadMessageError(f"the file is compressed, and damaged: {error}") from None
    if len(body) > limits.max_bytes:
        raise TooLargeError(
            f"the file is larger than {limits.max_bytes} bytes, or unpacks to more",
            fix="raise max_bytes",
        )
    if body.startswith(b"PK\x03\x04"):
        raise BadMessageError("the file is a zip archive", fix="unpack it first")
    return body


def _told(named: Format | None, body: bytes) -> Format:
    """Return the format that a name tells, unless the file can't possibly be of it."""
    if named is None:
        return _sniffed(body)
    text = _head(body)
    if found := _XML_ROOT.search(text) if text.startswith("<") else None:
        return "graphml" if found[1] == "graphml" else "gexf"
    if named in ("graphml", "gexf", "gml") and not text.startswith("<"):
        sniffed = _sniffed(body)
        return named if sniffed == "csv" else sniffed
    return named


def _head(body: bytes) -> str:
    head = body[:_LOOKED_AT]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    return head.decode("utf-8", "replace").lstrip("\ufeff").lstrip()


def _sniffed(body: bytes) -> Format:
    text = _head(body)
    if text.startswith("<"):
        if found := _XML_ROOT.search(text):
            return "graphml" if found[1] == "graphml" else "gexf"
        raise BadMessageError("the file is XML, but neither GraphML nor GEXF")
    if text.startswith(("{", "[")):
        return "node-link"
    if _GML_START.match(text):
        return "gml"
    if _DOT_START.match(text):
        return "dot"
    return "csv"


def _read_json(body: bytes, limits: Limits) -> GraphFile:
    """Read JSON of either form."""
    collector = Collector(limits)
    value = loaded(body, collector.notes, limits)
    if cytoscape.is_cytoscape(value):
        return cytoscape.from_value(value, collector)
    return node_link.from_value(value, collector)
