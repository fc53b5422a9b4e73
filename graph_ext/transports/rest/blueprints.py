"""Blueprints over HTTP: read, put, check against the graph, JSON Schema of a type."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.blueprint_rules import check_blueprint
from graph_ext.core.commands import UpdateBlueprint
from graph_ext.core.conformance import misfits
from graph_ext.core.json_schema import json_schema
from graph_ext.hub.quiet import in_thread
from graph_ext.protocol.http import (
    BlueprintAtRev,
    BlueprintCheck,
    BlueprintMapping,
    CommandDone,
    NewCommand,
    PutQuery,
    SchemaQuery,
)
from graph_ext.transports.operations import Call, Stream, operation
from graph_ext.transports.rest.commands import execute
from graph_ext.transports.rest.slices import encoded, json_object

__all__ = ["OPERATIONS"]

_blueprint = msgspec.json.Decoder(Blueprint)


@operation("GET", "sessions/{session_id}/blueprint", allow="read")
async def read_blueprint(call: Call) -> BlueprintAtRev:
    """Read the session's blueprint; the empty one is open."""
    session = await call.session()
    async with aclosing(session.snapshot()) as pages:
        page = await anext(pages)
    return BlueprintAtRev(
        epoch=session.epoch, rev=page.rev, blueprint=_blueprint.decode(page.blueprint or b"{}")
    )


@operation(
    "PUT",
    "sessions/{session_id}/blueprint",
    allow="change-blueprint",
    refuses=("SCHEMA", "CONFLICT", "READ_ONLY", "TOO_LARGE"),
)
async def put_blueprint(call: Call, query: PutQuery, body: BlueprintMapping) -> CommandDone:
    """Replace the blueprint: one commit, as by the command ``update-blueprint``.

    Refused where an element would no longer fit; ``POST blueprint/check`` lists them all.
    """
    command = UpdateBlueprint(Blueprint.from_mapping(body))
    asked = NewCommand(
        command=command,
        command_id=query.command_id,
        base_rev=query.base_rev,
        dry_run=query.dry_run,
    )
    return await execute(call, asked)


@operation(
    "POST",
    "sessions/{session_id}/blueprint/check",
    allow="read",
    answer=BlueprintCheck,
    refuses=("SCHEMA", "TOO_LARGE"),
)
async def check_blueprint_fits(call: Call, body: BlueprintMapping) -> Stream:
    """List every element that would not fit a blueprint; nothing changes."""
    blueprint = Blueprint.from_mapping(body)
    check_blueprint(blueprint)
    return Stream(_misfits(call, blueprint))


@operation("GET", "sessions/{session_id}/blueprint/schema", allow="read")
async def read_schema(call: Call, query: SchemaQuery) -> dict[str, Any]:
    """Read the JSON Schema of a type's properties."""
    answer = await read_blueprint.run(call)
    return json_schema(answer.blueprint, query.type_id)


async def _misfits(call: Call, blueprint: Blueprint) -> AsyncGenerator[bytes, None]:
    session = await call.session()
    rev = session.rev
    graph = await session.past.graph_at(rev)
    try:
        found = encoded("misfits", misfits(graph, blueprint))
        async with aclosing(json_object(b'{"rev":%d}' % rev, ("misfits",), found)) as chunks:
            async for chunk in chunks:
                yield chunk
    finally:
        await in_thread(graph.let_go)


OPERATIONS = (read_blueprint, put_blueprint, check_blueprint_fits, read_schema)
