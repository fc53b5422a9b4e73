"""The archive of a session: its graph, its history and its named revs in one file, nothing lost.

A gzip stream of JSON lines, in this order: a header, the graph as ``snapshot`` messages, the log
from the floor on as ``commit`` messages, the named revs, and a footer with the checksum of all
before it (docs/protocol.md, 7; docs/decisions/011-archive.md). Written here, read by
archive_reader.py; both in worker threads.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct, field

from graph_ext.core.errors import UnavailableError
from graph_ext.core.graph import Graph
from graph_ext.hub.old_graph import graph_before
from graph_ext.hub.ports import LAST, Place, SessionView
from graph_ext.protocol import PAGE_BYTES, Actor, encode

__all__ = [
    "ARCHIVE_VERSION",
    "FORMAT",
    "GZIP",
    "Footer",
    "Header",
    "NamedRev",
    "archive_lines",
    "compressed",
    "running_checksum",
]

ARCHIVE_VERSION = 1
"""What this module writes, and the newest that is read."""

FORMAT = "graph-ext-archive"
"""The header's type."""

GZIP = 31
"""zlib's name for a gzip header and the largest window."""

_READ_BYTES = 4 * PAGE_BYTES
_LEVEL = 4  # of compression: twice as fast as the usual 6, a tenth longer


class _Line(Struct, frozen=True, tag_field="type", omit_defaults=True, kw_only=True):
    """What all lines of our own have in common."""


class Header(_Line, frozen=True, tag=FORMAT):
    """The first line. ``at``: Unix seconds, UTC, of the export."""

    version: int
    session_id: str
    name: str
    epoch: str
    rev: int
    floor: int
    versions: int
    at: float


class NamedRev(_Line, frozen=True, tag="version"):
    """A version, one a line."""

    name: str
    rev: int
    at: float
    actor: Actor


class Footer(_Line, frozen=True, tag="end"):
    """The last line: how many came before it, and the checksum of all their bytes."""

    lines: int
    checksum: str


class _Page(_Line, frozen=True, tag="snapshot"):
    """A ``snapshot`` message of elements that are encoded already."""

    session_id: str
    epoch: str
    rev: int
    total: int = 0
    blueprint: msgspec.Raw | None = None
    nodes: list[msgspec.Raw] = field(default_factory=list)
    links: list[msgspec.Raw] = field(default_factory=list)
    more: bool = False


def running_checksum() -> hashlib.blake2b:
    """Begin the checksum of an archive: BLAKE2b of 16 bytes."""
    return hashlib.blake2b(digest_size=16)


def archive_lines(
    view: SessionView, *, session_id: str, name: str, rev: int, at: float
) -> Iterator[bytes]:
    """Give the lines of an archive of a session as it was at a rev, each with its line end.

    Raises
    ------
    GoneError
        The log no longer reaches back to the rev.
    UnavailableError
        The store can't be read.
    """
    checksum = running_checksum()
    lines = 0
    for line in _lines(view, session_id, name, rev, at):
        text = line + b"\n"
        checksum.update(text)
        lines += 1
        yield text
    yield encode(Footer(lines=lines, checksum=checksum.hexdigest())) + b"\n"


def compressed(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Give the gzip stream of lines, in pieces of some size."""
    # the same bytes each time: no name and no time in the header
    packer = zlib.compressobj(_LEVEL, wbits=GZIP)
    for line in lines:
        if piece := packer.compress(line):
            yield piece
    yield packer.flush()


def _lines(view: SessionView, session_id: str, name: str, rev: int, at: float) -> Iterator[bytes]:
    versions = [version for version in view.versions() if view.floor <= version.rev <= rev]
    yield encode(
        Header(
            version=ARCHIVE_VERSION,
            session_id=session_id,
            name=name,
            epoch=view.epoch,
            rev=rev,
            floor=view.floor,
            versions=len(versions),
            at=at,
        )
    )
    if rev == view.rev:
        yield from _stored_pages(view, session_id)
    else:
        graph = graph_before(view, rev)
        try:
            yield from _pages(graph, session_id, view.epoch, rev)
        finally:
            graph.let_go()
    place: Place = (view.floor, LAST)
    while place < (rev, LAST):
        records = view.read(place, _READ_BYTES)
        if not records:
            raise UnavailableError(f"The session's log ends at rev {place[0]}")
        for record in records:
            place = record.place
            if place <= (rev, LAST):
                yield record.body
    for version in versions:
        yield encode(
            NamedRev(name=version.name, rev=version.rev, at=version.at, actor=version.actor)
        )


def _stored_pages(view: SessionView, session_id: str) -> Iterator[bytes]:
    for page in view.pages(PAGE_BYTES):
        first = page.blueprint is not None
        yield encode(
            _Page(
                session_id=session_id,
                epoch=view.epoch,
                rev=page.rev,
                total=page.total if first else 0,
                blueprint=None if page.blueprint is None else msgspec.Raw(page.blueprint),
                nodes=[msgspec.Raw(body) for body in page.nodes],
                links=[msgspec.Raw(body) for body in page.links],
                more=not page.last,
            )
        )


def _pages(graph: Graph, session_id: str, epoch: str, rev: int) -> Iterator[bytes]:
    total = len(graph.nodes) + len(graph.links)
    blueprint: msgspec.Raw | None = msgspec.Raw(encode(graph.blueprint))
    nodes: list[msgspec.Raw] = []
    links: list[msgspec.Raw] = []

    def page(more: bool) -> bytes:
        return encode(
            _Page(
                session_id=session_id,
                epoch=epoch,
                rev=rev,
                total=total if blueprint is not None else 0,
                blueprint=blueprint,
                nodes=nodes,
                links=links,
                more=more,
            )
        )

    size = 0
    for elements, bodies in ((graph.nodes, nodes), (graph.links, links)):
        for element in elements.values():
            body = encode(element)
            size += len(body) + 1
            if size > PAGE_BYTES and (nodes or links):
                yield page(more=True)
                blueprint = None
                nodes.clear()
                links.clear()
                size = len(body) + 1
            bodies.append(msgspec.Raw(body))
    yield page(more=False)
