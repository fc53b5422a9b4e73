"""Versions over HTTP: revs that have a name, which the log never lets go of."""

from __future__ import annotations

from graph_ext.protocol.http import NewVersion, Version
from graph_ext.transports.operations import Call, operation

__all__ = ["OPERATIONS"]

_REFUSES = ("READ_ONLY",)


@operation("GET", "sessions/{session_id}/versions", allow="read")
async def list_versions(call: Call) -> list[Version]:
    """List the revs that have a name, in their order."""
    session = await call.session()
    return await session.versions.list()


@operation(
    "PUT",
    "sessions/{session_id}/versions/{name}",
    allow="edit",
    refuses=("SCHEMA", "DUPLICATE_ID", *_REFUSES),
    example={"rev": 41},
)
async def put_version(call: Call, name: str, body: NewVersion) -> Version:
    """Give a rev a name; a name is given once."""
    session = await call.session()
    return await session.versions.set(name, call.caller.actor, body.rev)


@operation(
    "DELETE", "sessions/{session_id}/versions/{name}", allow="edit", refuses=("SCHEMA", *_REFUSES)
)
async def delete_version(call: Call, name: str) -> None:
    """Take a name away; the rev stays for as long as the log reaches back to it."""
    session = await call.session()
    await session.versions.remove(name)


OPERATIONS = (list_versions, put_version, delete_version)
