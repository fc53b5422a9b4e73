"""Whole sessions out of a hub and into it: export, import.

An archive is made at once and sent afterwards, so that a slow reader holds no view of the session
open. Called by hub/hub.py, on the event loop; the work is done in threads.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable
from functools import partial

from graph_ext.core.errors import BadMessageError, GraphError, UnavailableError
from graph_ext.core.graph import Graph
from graph_ext.core.retrace import Retrace, check_whole
from graph_ext.hub.archive import archive_lines, compressed
from graph_ext.hub.archive_reader import ArchiveReader
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.old_graph import events_of
from graph_ext.hub.ports import LAST, Place, Restoration, SessionStore, SessionView
from graph_ext.hub.quiet import in_thread
from graph_ext.protocol import PAGE_BYTES

__all__ = ["read_archive", "send_archive"]

_IN_MEMORY_BYTES = 4 * 1024 * 1024  # an archive that is larger goes to a temporary file
_CHUNK_BYTES = 256 * 1024
_READ_BYTES = 4 * PAGE_BYTES
_FEED_BYTES = 256 * 1024  # so much is worth a thread


async def send_archive(  # noqa: PLR0913 - what the header has
    store: SessionStore,
    *,
    session_id: str,
    name: str,
    rev: int,
    at: float,
    turns: asyncio.Semaphore,
) -> AsyncGenerator[bytes, None]:
    """Make the archive of a session as it was at a rev, and give it piece by piece.

    Raises
    ------
    GoneError
        The log no longer reaches back to the rev; before the first piece.
    UnavailableError
        The store can't be read, or the temporary file can't be written; before the first piece.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:

        def make() -> None:
            try:
                with store.view() as view:
                    lines = archive_lines(view, session_id=session_id, name=name, rev=rev, at=at)
                    for piece in compressed(lines):
                        file.write(piece)
                file.seek(0)
            except OSError as error:
                raise UnavailableError(f"The archive can't be made: {error}") from error

        async with turns:
            await in_thread(make)
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield chunk


async def read_archive(
    chunks: AsyncIterable[bytes],
    into: Restoration,
    limits: HubLimits,
    turns: asyncio.Semaphore,
) -> None:
    """Read an archive into a session in the making, and check it.

    Raises
    ------
    BadMessageError
        This is no archive, a damaged one, or one whose log does not lead to its graph.
    TooLargeError
        It holds more than this server takes.
    UnavailableError
        The store can't be written.
    """
    reader = ArchiveReader(into, limits)
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= _FEED_BYTES:
            await in_thread(partial(reader.feed, bytes(waiting)))
            waiting.clear()

    def finish() -> None:
        reader.feed(bytes(waiting))
        reader.finish()
        with into.view() as view:
            _check_log(view)

    async with turns:
        await in_thread(finish)


def _check_log(view: SessionView) -> None:
    """Check that a graph is whole and that its log leads to it.

    Raises
    ------
    BadMessageError
        One of the two is not so; it says at which rev.
    UnavailableError
        The store can't be read.
    """
    graph = view.graph()
    rev = view.rev
    try:
        check_whole(graph)
        retrace = Retrace(graph)
        place: Place = (rev, LAST)
        while records := view.read_back(place, _READ_BYTES):
            for record in records:
                rev = record.rev
                for event in reversed(events_of(record)):
                    retrace.take_back(event)
            place = (records[-1].rev, records[-1].part)
        if view.floor == 0 and (graph.nodes or graph.links or graph.blueprint != Graph().blueprint):
            raise BadMessageError("the log does not begin with an empty graph")
    except UnavailableError:
        raise
    except GraphError as error:
        raise BadMessageError(
            f"The archive's log does not lead to its graph (rev {rev}): {error.message}"
        ) from error
    finally:
        graph.let_go()
