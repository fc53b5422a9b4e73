"""Reading a session's current state: as a graph, or as the pages of a snapshot.

A row's body is the JSON of the event that would make the element as it stands, without its
``type`` (docs/decisions/001-order-and-snapshots.md). SQLite itself joins rows to runs of about a
page: Python's sqlite3 lets go of the interpreter around every step, and row by row a large graph
would be handed back and forth with the event loop a hundred thousand times. Called by reading.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import UnavailableError
from graph_ext.core.events import BlueprintUpdated
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.hub.paging import pages_of
from graph_ext.hub.ports import SnapshotPage
from graph_ext.protocol import PAGE_BYTES

__all__ = ["read_graph", "read_pages"]

_FIRST_PLACES = 64  # of a table, before it is known how long its rows are
_FEW_LINKS = 5000  # put by their nodes in some milliseconds: more wait until somebody asks
_FILL = 0.95  # of a run, where the next rows are as long, and as dense, as the last ones

# a range of places and no LIMIT: the rows need not be handed from one query to another; they are
# visited as the table has them, by place
_RUN = "SELECT group_concat(body, ','), count(*) FROM {}s WHERE place > ? AND place <= ?"
_NEXT = "SELECT min(place) FROM {}s WHERE place > ?"
_KINDS = ("node", "link")

_blueprint = msgspec.json.Decoder(Blueprint)
_nodes = msgspec.json.Decoder(list[Node])
_links = msgspec.json.Decoder(list[Link])


def read_graph(connection: sqlite3.Connection) -> Graph:
    """Build the graph from the stored state, in a read transaction.

    Raises
    ------
    UnavailableError
        A row is not what it should be.
    sqlite3.Error
        The file can't be read.
    """
    graph = Graph()
    try:
        blueprint = _blueprint.decode(_meta(connection, "blueprint"))
        if blueprint != graph.blueprint:
            graph.apply(BlueprintUpdated(blueprint, graph.blueprint))
        for kind, run in _runs(connection, PAGE_BYTES):
            if kind == 0:
                graph.load(_nodes.decode(b"[%b]" % run), ())
            else:
                graph.load((), _links.decode(b"[%b]" % run))
        if len(graph.links) <= _FEW_LINKS:
            graph.index()
    except (msgspec.DecodeError, KeyError) as error:
        raise UnavailableError(
            f"The session's stored graph is damaged: {error}", fix="restore the file from a backup"
        ) from error
    return graph


def read_pages(connection: sqlite3.Connection, page_bytes: int) -> Iterator[SnapshotPage]:
    """Read the stored state page by page, nodes before links, in a read transaction."""
    return pages_of(
        _runs(connection, page_bytes),
        rev=_meta(connection, "rev"),
        total=_meta(connection, "nodes") + _meta(connection, "links"),
        blueprint=_meta(connection, "blueprint"),
        page_bytes=page_bytes,
    )


def _runs(connection: sqlite3.Connection, page_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Give the bodies of all elements, nodes before links: a kind's place in _KINDS, and a run.

    A run is at most ``page_bytes`` long, or a single body.
    """
    for kind, name in enumerate(_KINDS):
        query = _RUN.format(name)
        # so many places are taken at once: rows, where none was deleted
        place, places = 0, _FIRST_PLACES
        while True:
            try:
                run, count = _within(connection, page_bytes, query, (place, place + places))
            except sqlite3.DataError:
                # too long; a single row has its length whatever it is
                if places > 1:
                    places //= 2
                    continue
                run, count = connection.execute(query, (place, place + 1)).fetchone()
            if count:
                yield kind, run
                place += places
                places = max(1, int(_FILL * page_bytes * places / len(run)))
                continue
            following = connection.execute(_NEXT.format(name), (place,)).fetchone()[0]
            if following is None:
                break
            place = following - 1


def _within(
    connection: sqlite3.Connection, length: int, query: str, values: tuple[int, int]
) -> tuple[bytes, int]:
    """Read one row, by a query that must not make a text longer than that (sqlite3.DataError)."""
    usual = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length)
    try:
        row: tuple[bytes, int] = connection.execute(query, values).fetchone()
    finally:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, usual)
    return row


def _meta(connection: sqlite3.Connection, key: str) -> Any:
    return connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0]
