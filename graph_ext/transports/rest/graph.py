"""The graph over HTTP: as it is or was, whole or in part; what differs between two revs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from graph_ext.protocol import encode
from graph_ext.protocol.http import GraphAtRev
from graph_ext.transports.operations import Call, Stream, operation
from graph_ext.transports.rest.slices import Slices, json_object

__all__ = ["OPERATIONS"]

_ARRAYS = ("nodes", "links")


@operation("GET", "sessions/{session_id}/graph", allow="read", answer=GraphAtRev, refuses=("GONE",))
async def read_graph(call: Call) -> Stream:
    """Read the whole graph, as it is now.

    Sent in slices: a large one is never held as one text.
    """
    return Stream(_present(call))


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


def _head(epoch: str, rev: int, blueprint: bytes) -> bytes:
    return b'{"epoch":%b,"rev":%d,"blueprint":%b}' % (encode(epoch), rev, blueprint)


OPERATIONS = (read_graph,)
