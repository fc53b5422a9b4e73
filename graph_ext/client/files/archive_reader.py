"""The graph in an archive: for looking at one without a server, which takes whole sessions of it.

An archive is a gzip stream of JSON lines (docs/protocol.md, 7.11): a header, the graph as
``snapshot`` messages, the log, the versions, and a footer with a checksum. Everything is run
through, so that a damaged archive is known as one; only the graph is kept.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import IO

import msgspec
from msgspec import Struct

from graph_ext.client.editing.incoming_graph import graph_commands
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import BadMessageError, GraphError, TooLargeError
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_text import UNREADABLE, unreadable
from graph_ext.core.retrace import check_element, check_whole
from graph_ext.exchange import GraphFile, Limits
from graph_ext.protocol import Snapshot

__all__ = ["begins_archive", "read_archive"]

_TYPE = "graph-ext-archive"
_VERSION = 1  # the newest that is read
_GZIP = 31  # zlib's name for a gzip header and the largest window
_LOOKED_AT = 4096
_PIECE_BYTES = 1024 * 1024
_LINE_BYTES = 32 * 1024 * 1024


class _Line(Struct, frozen=True):
    type: str = ""
    version: int = 0
    lines: int = -1
    checksum: str = ""


_any_line = msgspec.json.Decoder(_Line)
_snapshot = msgspec.json.Decoder(Snapshot)


def begins_archive(file: IO[bytes]) -> bool:
    """Tell whether a file is an archive, by how it begins; the file has been read from then."""
    try:
        head = zlib.decompressobj(wbits=_GZIP).decompress(file.read(_LOOKED_AT), _LOOKED_AT)
    except zlib.error:
        return False
    return head.startswith(f'{{"type":"{_TYPE}"'.encode())


def read_archive(file: IO[bytes], limits: Limits) -> GraphFile:
    """Read the graph and the blueprint of an archive.

    Parameters
    ----------
    file : binary file
        At its begin.
    limits : Limits
        ``max_bytes`` counts what the archive unpacks to, its history included.

    Raises
    ------
    BadMessageError
        It is no archive, a damaged one, or one of a newer version.
    TooLargeError
        It is over a limit.
    """
    reader = _Reader(limits)
    for line in _lines(file, limits):
        try:
            reader.take(line)
        except GraphError as error:
            raise type(error)(
                f"line {reader.count + 1} of the archive can't be taken: {error.message}",
                fix=error.fix,
            ) from None
        except UNREADABLE as error:
            raise BadMessageError(
                f"line {reader.count + 1} of the archive can't be read: "
                f"{unreadable(error, line[:_PIECE_BYTES]).message}"
            ) from None
    return reader.finish()


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # how many lines were taken
        self.count = 0
        self._checksum = hashlib.blake2b(digest_size=16)
        self._nodes: dict[str, Node] = {}
        self._links: dict[str, Link] = {}
        self._blueprint = Blueprint()
        # whether all pages of the graph, and the footer, were there
        self._is_whole = self._ended = False

    def take(self, line: bytes) -> None:
        if self._ended:
            raise BadMessageError("the archive goes on behind its end")
        found = _any_line.decode(line)
        if self.count == 0:
            self._check_header(found)
        elif not self._is_whole:
            self._take_page(_snapshot.decode(line))
        elif found.type == "end":
            if (found.lines, found.checksum) != (self.count, self._checksum.hexdigest()):
                raise BadMessageError("the checksum is another: the archive is damaged")
            self._ended = True
            return
        self._checksum.update(line + b"\n")
        self.count += 1

    def finish(self) -> GraphFile:
        if not self._ended:
            raise BadMessageError("the archive is cut off: its end is missing")
        graph = Graph()
        graph.blueprint = self._blueprint
        graph.load(self._nodes.values(), self._links.values())
        check_whole(graph)
        nodes, links = graph_commands(graph)
        # which of its formats it is makes no difference to an archive
        return GraphFile(format="node-link", nodes=nodes, links=links, blueprint=self._blueprint)

    def _check_header(self, found: _Line) -> None:
        if found.type != _TYPE:
            raise BadMessageError("this is no archive of a session")
        if found.version > _VERSION:
            raise BadMessageError(
                f"it is of version {found.version}, this graph_ext reads up to {_VERSION}",
                fix="update graph_ext",
            )

    def _take_page(self, page: Snapshot) -> None:
        if page.blueprint is not None:
            self._blueprint = page.blueprint
        for node in page.nodes:
            check_element(node)
            self._nodes[node.node_id] = node
        for link in page.links:
            check_element(link)
            self._links[link.link_id] = link
        if len(self._nodes) + len(self._links) > self._limits.max_elements:
            raise TooLargeError(
                f"the archive has more than {self._limits.max_elements} nodes and links",
                fix="raise max_elements",
            )
        self._is_whole = not page.more


def _lines(file: IO[bytes], limits: Limits) -> Iterator[bytes]:
    """Give the lines of a gzip stream."""
    unpacker = zlib.decompressobj(wbits=_GZIP)
    rest = b""
    unpacked = 0
    while not unpacker.eof and (piece := unpacker.unconsumed_tail or file.read(_PIECE_BYTES)):
        try:
            text = unpacker.decompress(piece, _PIECE_BYTES)
        except zlib.error as error:
            raise BadMessageError(f"the archive is damaged: {error}") from None
        unpacked += len(text)
        if unpacked > limits.max_bytes or len(rest) > _LINE_BYTES:
            raise TooLargeError(
                f"the archive unpacks to more than {limits.max_bytes} bytes, or has endless lines",
                fix="raise max_bytes, or let a server make a session of it: gx.import_(file, name)",
            )
        *whole, rest = (rest + text).split(b"\n")
        yield from whole
    if not unpacker.eof or rest:
        raise BadMessageError("the archive is cut off: its end is missing")
