"""A graph's encoded elements, page by page. Called by the stores, and by hub/archive.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph_ext.core.graph import Graph
from graph_ext.hub.ports import SnapshotPage
from graph_ext.protocol import encode

__all__ = ["pages_of", "pages_of_graph"]


def pages_of(
    runs: Iterable[tuple[int, bytes]], *, rev: int, total: int, blueprint: bytes, page_bytes: int
) -> Iterator[SnapshotPage]:
    """Put elements into pages of about ``page_bytes``; a larger element has one of its own.

    Parameters
    ----------
    runs : iterable of (int, bytes)
        A kind (0: node, 1: link) and an encoded element, or several with commas between; no run of
        several is larger than a page. Nodes before links.
    rev, total, blueprint
        See :class:`graph_ext.hub.ports.SnapshotPage`.
    page_bytes : int
        Of the elements of one page.
    """
    first: bytes | None = blueprint
    page: tuple[list[bytes], list[bytes]] = ([], [])
    size = 0
    for kind, run in runs:
        size += len(run) + 1
        if size > page_bytes and (page[0] or page[1]):
            yield SnapshotPage(rev, total, first, page[0], page[1], False)
            first, page, size = None, ([], []), len(run) + 1
        page[kind].append(run)
    yield SnapshotPage(rev, total, first, page[0], page[1], True)


def pages_of_graph(graph: Graph, rev: int, page_bytes: int) -> Iterator[SnapshotPage]:
    """Put the elements of a graph into pages; it must not change meanwhile."""

    def bodies() -> Iterator[tuple[int, bytes]]:
        for node in graph.nodes.values():
            yield 0, encode(node)
        for link in graph.links.values():
            yield 1, encode(link)

    return pages_of(
        bodies(),
        rev=rev,
        total=len(graph.nodes) + len(graph.links),
        blueprint=encode(graph.blueprint),
        page_bytes=page_bytes,
    )
