"""Sessions over HTTP: list, make, read, rename, delete; and whether the server runs."""

from __future__ import annotations

from graph_ext import __version__
from graph_ext.core.blueprint import Blueprint
from graph_ext.protocol import SUBPROTOCOL, SessionInfo
from graph_ext.protocol.http import Health, NewSession, Rename, SessionsQuery
from graph_ext.transports.operations import Call, operation

__all__ = ["OPERATIONS"]


@operation("GET", "health", allow="anyone")
async def health(call: Call) -> Health:
    """Say that the extension runs, and where roles come from (``access_policy``)."""
    return Health(
        status="ok",
        version=__version__,
        protocol=SUBPROTOCOL,
        access_policy=call.hub.access.rules.policy,
    )


@operation("GET", "sessions", allow="anyone")
async def list_sessions(call: Call, query: SessionsQuery) -> list[SessionInfo]:
    """List the sessions in which the caller has a role, by name."""
    return await call.hub.list(name=query.name, caller=call.caller)


@operation(
    "POST",
    "sessions",
    allow="create",
    status=201,
    refuses=("SCHEMA", "DUPLICATE_ID", "RATE_LIMITED"),
    example={
        "name": "plan",
        "blueprint": {"node_types": {"Task": {"properties": {"effort": "number"}}}},
    },
)
async def create_session(call: Call, body: NewSession) -> SessionInfo:
    """Make a session; the caller owns it.

    Names are unique on a server: where another has it, ``DUPLICATE_ID``.
    """
    blueprint = None if body.blueprint is None else Blueprint.from_mapping(body.blueprint)
    info = await call.hub.create(body.name, blueprint, call.caller.actor)
    call.headers["Location"] = f"{call.path}/{info.session_id}"
    return call.seen(info)


@operation("GET", "sessions/{session_id}", allow="read")
async def read_session(call: Call) -> SessionInfo:
    """Read about a session."""
    return await call.hub.info(call.session_id, call.role or "")


@operation(
    "PATCH",
    "sessions/{session_id}",
    allow="rename",
    refuses=("SCHEMA", "DUPLICATE_ID"),
    example={"name": "goal"},
)
async def rename_session(call: Call, body: Rename) -> SessionInfo:
    """Give a session another name."""
    return call.seen(await call.hub.rename(call.session_id, body.name))


@operation("DELETE", "sessions/{session_id}", allow="delete")
async def delete_session(call: Call) -> None:
    """Delete a session, with its history."""
    await call.hub.delete(call.session_id)


OPERATIONS = (
    health,
    list_sessions,
    create_session,
    read_session,
    rename_session,
    delete_session,
)
