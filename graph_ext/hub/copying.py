"""A session made of another one of this server, row by row. For worker threads.

An archive (archive.py) may be anybody's work; what the store itself has written is not judged
again, and its elements and commits are taken as they are encoded. Called by hub/past.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.errors import UnavailableError
from graph_ext.hub.draft import entry_of
from graph_ext.hub.old_graph import graph_before
from graph_ext.hub.paging import pages_of_graph
from graph_ext.hub.ports import (
    LAST,
    LogEntry,
    Place,
    Record,
    Restoration,
    Restored,
    SessionView,
    SnapshotPage,
)
from graph_ext.protocol import PAGE_BYTES, Commit, encode

__all__ = ["copy_session"]

_T = TypeVar("_T")

_AT_ONCE_BYTES = 4 * PAGE_BYTES  # read and written: some milliseconds


class _Node(Struct, gc=False):
    node_id: str


class _Link(Struct, gc=False):
    link_id: str


class _Sealed(Commit, frozen=True, tag="commit", kw_only=True):
    """A commit whose events are not looked into."""

    events: list[msgspec.Raw]  # type: ignore[assignment]  # encoded, where Commit has them read


_nodes = msgspec.json.Decoder(list[_Node])
_links = msgspec.json.Decoder(list[_Link])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_sealed = msgspec.json.Decoder(_Sealed)


def copy_session(view: SessionView, rev: int, into: Restoration) -> None:
    """Copy a session as it was at a rev: its graph, the log up to there, and the named revs.

    Raises
    ------
    GoneError
        The log no longer reaches back to the rev.
    UnavailableError
        The store can't be read or written.
    """
    blueprint = b"{}"
    counts = [0, 0]
    for page in _pages(view, rev):
        if page.blueprint is not None:
            blueprint = page.blueprint
        runs = _array(page.nodes)
        nodes = [(each.node_id, body) for each, body in _each(_nodes.decode(runs), runs)]
        runs = _array(page.links)
        links = [(each.link_id, body) for each, body in _each(_links.decode(runs), runs)]
        into.write_state(nodes, links)
        counts[0] += len(nodes)
        counts[1] += len(links)
    updated_at = _copy_log(view, rev, into)
    into.finish(
        Restored(
            rev=rev,
            floor=view.floor,
            blueprint=blueprint,
            node_count=counts[0],
            link_count=counts[1],
            updated_at=into.at if updated_at is None else updated_at,
            versions=[each for each in view.versions() if view.floor <= each.rev <= rev],
        )
    )


def _pages(view: SessionView, rev: int) -> Iterator[SnapshotPage]:
    if rev == view.rev:
        yield from view.pages(_AT_ONCE_BYTES)
        return
    graph = graph_before(view, rev)
    try:
        yield from pages_of_graph(graph, rev, _AT_ONCE_BYTES)
    finally:
        graph.let_go()


def _copy_log(view: SessionView, rev: int, into: Restoration) -> float | None:
    """Copy the commits up to a rev; return when the last was made (None: there is none)."""
    place: Place = (view.floor, LAST)
    count = 0
    at: float | None = None
    while place < (rev, LAST):
        found = view.read(place, _AT_ONCE_BYTES)
        if not found:
            raise UnavailableError(f"The session's log ends at rev {place[0]}")
        records: list[Record] = []
        entries: list[LogEntry] = []
        for record in found:
            place = record.place
            if place > (rev, LAST):
                break
            commit = _sealed.decode(record.body)
            count = len(commit.events) + (count if record.part else 0)
            body = encode(replace(commit, session_id=into.session_id, epoch=into.epoch))
            records.append(Record(record.rev, record.part, record.last, body))
            if record.last:
                entries.append(entry_of(commit, count))
                at = commit.at
        into.write_log(records, entries)
    return at


def _array(runs: Sequence[bytes]) -> bytes:
    return b"[%b]" % b",".join(runs)


def _each(elements: list[_T], array: bytes) -> Iterator[tuple[_T, bytes]]:
    """Give every element with its own part of the array that it was read from."""
    return zip(elements, map(bytes, _raws.decode(array)), strict=True)
