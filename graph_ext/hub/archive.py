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

from msgspec import Struct

from graph_ext.core.errors import UnavailableError
from graph_ext.hub.draft import encode_page
from graph_ext.hub.old_graph import graph_before
from graph_ext.hub.paging import pages_of_graph
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
        for page in view.pages(PAGE_BYTES):
            yield encode_page(session_id, view.epoch, page)
    else:
        graph = graph_before(view, rev)
        try:
            for page in pages_of_graph(graph, rev, PAGE_BYTES):
                yield encode_page(session_id, view.epoch, page)
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
