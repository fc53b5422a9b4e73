"""Reading a session's current state: as a graph, or as the pages of a snapshot.

A row's body is the JSON of the event that would make the element as it stands, without its
``type`` (docs/decisions/001-order-and-snapshots.md). Called by reading.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import UnavailableError
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.hub.paging import pages_of
from graph_ext.hub.ports import SnapshotPage

__all__ = ["read_graph", "read_pages"]

_ROWS = 500  # decoded or paged at once: a millisecond or two
_NODES = "SELECT body FROM nodes ORDER BY place"
_LINKS = "SELECT body FROM links ORDER BY place"

_blueprint = msgspec.json.Decoder(Blueprint)
_nodes = msgspec.json.Decoder(list[NodeCreated])
_links = msgspec.json.Decoder(list[NodeLinked])


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
        rows = connection.execute(_NODES)
        while chunk := rows.fetchmany(_ROWS):
            graph.load(_nodes.decode(b"[%b]" % b",".join([row[0] for row in chunk])), ())
        rows = connection.execute(_LINKS)
        while chunk := rows.fetchmany(_ROWS):
            graph.load((), _links.decode(b"[%b]" % b",".join([row[0] for row in chunk])))
        graph.index()
    except (msgspec.DecodeError, KeyError) as error:
        raise UnavailableError(
            f"The session's stored graph is damaged: {error}", fix="restore the file from a backup"
        ) from error
    return graph


def read_pages(connection: sqlite3.Connection, page_bytes: int) -> Iterator[SnapshotPage]:
    """Read the stored state page by page, nodes before links, in a read transaction."""
    return pages_of(
        _bodies(connection),
        rev=_meta(connection, "rev"),
        total=_meta(connection, "nodes") + _meta(connection, "links"),
        blueprint=_meta(connection, "blueprint"),
        page_bytes=page_bytes,
    )


def _bodies(connection: sqlite3.Connection) -> Iterator[tuple[int, bytes]]:
    """Give every element's kind (0: node, 1: link) and body, a bounded number read ahead."""
    for kind, query in enumerate((_NODES, _LINKS)):
        rows = connection.execute(query)
        while chunk := rows.fetchmany(_ROWS):
            for row in chunk:
                yield kind, row[0]


def _meta(connection: sqlite3.Connection, key: str) -> Any:
    return connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0]
