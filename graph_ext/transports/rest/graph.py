"""The graph over HTTP: as it is or was, whole or in part; what differs between two revs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from graph_ext.core.diff import Diff
from graph_ext.core.neighbourhood import Neighbourhood
from graph_ext.hub.quiet import in_thread
from graph_ext.protocol import encode
from graph_ext.protocol.http import DiffQuery, GraphAtRev, GraphQuery, NeighbourhoodQuery
from graph_ext.transports.operations import Call, Stream, operation
from graph_ext.transports.rest.slices import Slices, encoded, in_slices, json_object

__all__ = ["OPERATIONS"]

_ARRAYS = ("nodes", "links")


@operation("GET", "sessions/{session_id}/graph", allow="read", answer=GraphAtRev)
async def read_graph(call: Call, query: GraphQuery) -> Stream:
    """Read the whole graph, as it is now or as it was at a rev.

    Sent in slices: a large one is never held as one text.
    """
    return Stream(_present(call) if query.rev is None else _past(call, query.rev))


@operation("GET", "sessions/{session_id}/neighbourhood", allow="read", answer=Neighbourhood)
async def read_neighbourhood(call: Call, query: NeighbourhoodQuery) -> Stream:
    """Read the part of the graph within some links of a node."""
    session = await call.session()
    found = await session.past.neighbourhood(query.node_id, query.depth, query.rev)
    return Stream(in_slices(found))


@operation("GET", "sessions/{session_id}/diff", allow="read", answer=Diff)
async def read_diff(call: Call, query: DiffQuery) -> Stream:
    """Tell what makes the graph at one rev of the graph at another, earlier or later."""
    session = await call.session()
    return Stream(in_slices(await session.past.diff(query.from_rev, query.to_rev)))


async def _present(call: Call) -> AsyncGenerator[bytes, None]:
    """Send what the store has of the graph, as it is encoded there."""
    session = await call.session()
    async with aclosing(session.snapshot()) as pages:
        first = await anext(pages)

        async def slices() -> Slices:
            yield "nodes", first.nodes
            yield "links", first.links
            async for page in pages:
                yield "nodes", page.nodes
                yield "links", page.links

        head = _head(session.epoch, first.rev, first.blueprint or b"{}")
        async with aclosing(json_object(head, _ARRAYS, slices())) as chunks:
            async for chunk in chunks:
                yield chunk


async def _past(call: Call, rev: int) -> AsyncGenerator[bytes, None]:
    """Send the graph as it was: one of our own."""
    session = await call.session()
    graph = await session.past.graph_at(rev)

    async def slices() -> Slices:
        for name, elements in (("nodes", graph.nodes.values()), ("links", graph.links.values())):
            async with aclosing(encoded(name, elements)) as parts:
                async for part in parts:
                    yield part

    head = _head(session.epoch, rev, encode(graph.blueprint))
    try:
        async with aclosing(json_object(head, _ARRAYS, slices())) as chunks:
            async for chunk in chunks:
                yield chunk
    finally:
        await in_thread(graph.let_go)


def _head(epoch: str, rev: int, blueprint: bytes) -> bytes:
    return b'{"epoch":%b,"rev":%d,"blueprint":%b}' % (encode(epoch), rev, blueprint)


OPERATIONS = (read_graph, read_neighbourhood, read_diff)
