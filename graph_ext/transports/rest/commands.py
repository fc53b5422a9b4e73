"""Commands over HTTP: one, a batch, a dry run, undo, redo.

A command may be sent again when its answer was lost: the same ``command_id`` of the same actor is
not done twice.
"""

from __future__ import annotations

import asyncio
import uuid

import msgspec
from msgspec import Struct, field

from graph_ext.core.commands import Batch, Command, Redo, Undo
from graph_ext.core.errors import GoneError, TooLargeError, UnavailableError
from graph_ext.core.history import Skipped
from graph_ext.core.json_values import check_id
from graph_ext.hub.intake import action_of
from graph_ext.hub.session import Session
from graph_ext.protocol.http import CommandDone, NewCommand, RedoRequest, UndoRequest
from graph_ext.transports.operations import Call, operation

__all__ = ["OPERATIONS", "execute"]

_REFUSES = (
    "SCHEMA",
    "CONFLICT",
    "CYCLE",
    "READ_ONLY",
    "TOO_LARGE",
    "DUPLICATE_ID",
    "GONE",
)
_UNDO_REFUSES = (
    "UNDO_EMPTY",
    "UNDO_NOTHING_LEFT",
    "UNDO_CONFLICT",
)


@operation(
    "POST",
    "sessions/{session_id}/commands",
    allow="edit",
    refuses=(*_REFUSES, *_UNDO_REFUSES),
    example={
        "command_id": "01K6C",
        "command": {
            "type": "batch",
            "label": "Add a test",
            "commands": [
                {"type": "create-node", "node_id": "Test", "blueprint_type_id": "Task"},
                {"type": "link-nodes", "source_id": "Build", "target_id": "Test"},
            ],
        },
        "expect": [{"node_id": "Build", "property_name": "status", "value": "done"}],
    },
)
async def submit_command(call: Call, body: NewCommand) -> CommandDone:
    """Change the graph: one command, or a batch of them, all or nothing.

    Answered when the commit is durable. What it did is in the commit, as ``GET commits`` tells.
    """
    call.check(action_of(body.command))
    return await execute(call, body)


@operation("POST", "sessions/{session_id}/undo", allow="edit", refuses=(*_REFUSES, *_UNDO_REFUSES))
async def undo(call: Call, body: UndoRequest) -> CommandDone:
    """Take a commit back: the caller's last, the session's last, or the one of a rev.

    All but the first need a role that may undo what others did.
    """
    command = Undo(scope=body.scope, rev=body.rev, force=body.force)
    call.check(action_of(command))
    return await execute(
        call, NewCommand(command=command, command_id=body.command_id, dry_run=body.dry_run)
    )


@operation("POST", "sessions/{session_id}/redo", allow="edit", refuses=(*_REFUSES, *_UNDO_REFUSES))
async def redo(call: Call, body: RedoRequest) -> CommandDone:
    """Take the caller's last undo back."""
    return await execute(
        call, NewCommand(command=Redo(), command_id=body.command_id, dry_run=body.dry_run)
    )


async def execute(call: Call, asked: NewCommand) -> CommandDone:
    """Have a session do a command, and wait until it is durable.

    Raises
    ------
    TooLargeError
        A batch has more commands than the server takes.
    GraphError
        The session's refusal.
    """
    command_id = asked.command_id or uuid.uuid4().hex
    check_id(command_id, "a command_id", "command_id")
    _check_batch(asked.command, call.hub.limits.batch_commands)
    session = await call.session()
    outcome = session.execute(
        command_id,
        asked.command,
        call.caller.actor,
        client_id=call.client_id,
        base_rev=asked.base_rev,
        expect=asked.expect,
        dry_run=asked.dry_run,
    )
    # another request may wait for the same command
    done = await asyncio.shield(outcome)
    skipped: list[Skipped] = []
    if isinstance(asked.command, Undo | Redo) and not asked.dry_run:
        skipped = await _skipped(session, done.rev)
    return CommandDone(
        command_id=command_id,
        rev=done.rev,
        repeated=done.repeated,
        skipped=skipped,
        planned=done.planned,
    )


async def _skipped(session: Session, rev: int) -> list[Skipped]:
    """Read what an undo has left as it is."""
    try:
        first = await session.past.commits(rev - 1, 1)
    except (GoneError, UnavailableError):
        return []  # it is done all the same
    return _undone.decode(first[0].body).skipped


class _Undone(Struct):
    """As much of a commit as is told of an undo."""

    skipped: list[Skipped] = field(default_factory=list)


_undone = msgspec.json.Decoder(_Undone)


def _check_batch(command: Command, most: int) -> None:
    if isinstance(command, Batch) and len(command.commands) > most:
        raise TooLargeError(
            f"A batch may have {most} commands, this one has {len(command.commands)}",
            path="command.commands",
            fix="send it as several batches",
        )


OPERATIONS = (submit_command, undo, redo)
