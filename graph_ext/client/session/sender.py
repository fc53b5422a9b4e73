"""From a command to its outcome: encodes it, hands it to the I/O thread, waits, shows progress."""

from __future__ import annotations

import logging
from queue import SimpleQueue

from graph_ext.client.editing.conditions import UNCONDITIONAL, Conditions
from graph_ext.client.ids import new_id
from graph_ext.client.session.pending import PendingCommand, Progress, Receipt
from graph_ext.client.session.progress import FROM_ELEMENTS, show_progress
from graph_ext.client.session.session import SessionClient
from graph_ext.core.commands import Batch, Command
from graph_ext.core.errors import SchemaError, TooLargeError
from graph_ext.protocol import Limits, Part, SubmitCommand, encode_command

__all__ = ["send"]

_SILENT_S = 1.0  # how long a change may wait for a server that is away until that is said

log = logging.getLogger(__name__)


def send(  # noqa: PLR0913 (all that a command is sent with)
    session: SessionClient,
    command: Command,
    timeout_s: float,
    *,
    conditions: Conditions = UNCONDITIONAL,
    dry_run: bool = False,
    progress: bool | None = None,
) -> Receipt:
    """Send a command and wait until its commit is applied to the replica.

    Parameters
    ----------
    session : SessionClient
        Where to.
    command : Command
        What to do.
    timeout_s : float
        How long to wait for a server that is away.
    conditions : Conditions
        What must hold then.
    dry_run : bool
        Whether only to ask what it would do.
    progress : bool, optional
        Whether to show a bar; by default from 10,000 edits.

    Raises
    ------
    GraphError
        The refusal.
    RuntimeError
        Called in the I/O thread.
    """
    session.wire.io.forbid("a change of a graph")
    count = len(command.commands) if isinstance(command, Batch) else 1
    shows = count >= FROM_ELEMENTS if progress is None else progress
    reports: SimpleQueue[Progress | None] | None = SimpleQueue() if shows else None
    message = SubmitCommand(
        session_id=session.session_id,
        command_id=new_id(),
        command=command,
        expect=list(conditions.expect),
        base_rev=conditions.base_rev,
        dry_run=dry_run,
    )
    parts = _parts(session, message, count)
    label = command.label if isinstance(command, Batch) else ""
    what = label or str(command.__struct_config__.tag)
    pending = PendingCommand(message.command_id, parts, reports, what)
    try:
        session.submit(pending, timeout_s)
        if reports is not None:
            show_progress(reports, label or "Update", least=0)
        error = _await(session, pending, timeout_s)
    except KeyboardInterrupt:
        session.abandon(pending)
        raise
    if error is not None:
        raise error
    return pending.result.result()


def _await(
    session: SessionClient, pending: PendingCommand, timeout_s: float
) -> BaseException | None:
    """Wait for the outcome; say so where the server is away, lest a cell seems to hang."""
    said = False
    while True:
        try:
            return pending.result.exception(_SILENT_S)
        except TimeoutError:
            if not said and session.status in {"offline", "connecting"}:
                said = True
                trouble = session.wire.trouble
                log.warning(
                    "graph_ext: %s: waiting up to %g s for the Jupyter server%s",
                    session.name,
                    timeout_s,
                    f" ({trouble})" if trouble else "",
                )


def _parts(session: SessionClient, message: SubmitCommand, count: int) -> list[Part]:
    try:
        parts = encode_command(message)
    except UnicodeEncodeError:
        raise SchemaError("text must be valid Unicode, got a lone surrogate") from None
    if session.limits is not None:
        _check(session.limits, parts, count)
    return parts


def _check(limits: Limits, parts: list[Part], count: int) -> None:
    """Refuse here what the server would: over a frame far too large it closes the socket."""
    largest = max(len(part.body) for part in parts)
    if largest > limits.message_bytes:
        raise TooLargeError(
            f"the server takes messages of at most {limits.message_bytes} bytes, "
            f"and this one has {largest}",
            fix="keep large values in files, and their paths in properties",
        )
    if count > limits.batch_commands:
        raise TooLargeError(
            f"the server takes at most {limits.batch_commands} changes in one commit, "
            f"and these are {count}",
            fix="make several updates of them",
        )
