"""Whole sessions over HTTP: fork one at a rev, export one to a file, import it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import IO
from urllib.parse import quote

from graph_ext.core.errors import ForbiddenError, UnavailableError
from graph_ext.protocol import SessionInfo
from graph_ext.protocol.http import ExportQuery, Fork, ImportQuery
from graph_ext.transports.operations import Call, Stream, operation

__all__ = ["OPERATIONS"]

_ARCHIVE = "application/gzip"
_CHUNK_BYTES = 256 * 1024


@operation(
    "POST",
    "sessions/{session_id}/fork",
    allow="read",
    status=201,
    refuses=("SCHEMA", "DUPLICATE_ID"),
    example={"name": "plan B", "rev": 41},
)
async def fork_session(call: Call, body: Fork) -> SessionInfo:
    """Make a session of this one's graph and past, as it is or was at a rev; the caller owns it.

    Whoever may make sessions may fork those that they may read.
    """
    if not call.caller.may_write:
        raise ForbiddenError("You may not make graphs on this server")
    info = await call.hub.fork(call.session_id, body.name, body.rev, call.caller.actor)
    call.headers["Location"] = call.path.replace(f"{call.session_id}/fork", info.session_id)
    return call.seen(info)


@operation("GET", "sessions/{session_id}/export", allow="read", answer=bytes, media_type=_ARCHIVE)
async def export_session(call: Call, query: ExportQuery) -> Stream:
    """Read a session as a file: its graph, as it is or was at a rev, its history, its versions."""
    info = await call.hub.info(call.session_id)
    name = quote(f"{info.name}.graph.gz", safe="")
    return Stream(
        call.hub.export(call.session_id, query.rev),
        {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@operation(
    "POST",
    "sessions/import",
    allow="create",
    status=201,
    refuses=("SCHEMA", "DUPLICATE_ID"),
    upload=_ARCHIVE,
)
async def import_session(call: Call, query: ImportQuery) -> SessionInfo:
    """Make a session of an exported file: the same graph, revs and history; the caller owns it."""
    if call.upload is None:
        raise UnavailableError("The file did not arrive", fix="send it again")
    info = await call.hub.import_(query.name, _chunks(call.upload), call.caller.actor)
    call.headers["Location"] = call.path.removesuffix("import") + info.session_id
    return call.seen(info)


async def _chunks(file: IO[bytes]) -> AsyncGenerator[bytes, None]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
        yield chunk


OPERATIONS = (fork_session, export_session, import_session)
