"""From a command to its outcome: encodes it, hands it to the I/O thread, waits, shows progress."""

from __future__ import annotations

from queue import SimpleQueue

from graph_ext.client.ids import new_id
from graph_ext.client.pending import PendingCommand, Progress, Receipt
from graph_ext.client.progress import FROM_ELEMENTS, show_progress
from graph_ext.client.session import SessionClient
from graph_ext.core.commands import Batch, Command
from graph_ext.core.errors import SchemaError, TooLargeError
from graph_ext.protocol import Limits, SubmitCommand, encode, split_batch

__all__ = ["send"]


def send(
    session: SessionClient,
    command: Command,
    timeout_s: float,
    *,
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
    pending = _prepare(session, command, count, reports)
    try:
        session.submit(pending, timeout_s)
        if reports is not None:
            label = command.label if isinstance(command, Batch) else ""
            show_progress(reports, label or "Update", least=0)
        error = pending.result.exception()
    except KeyboardInterrupt:
        session.abandon(pending)
        raise
    if error is not None:
        raise error
    return pending.result.result()


def _prepare(
    session: SessionClient,
    command: Command,
    count: int,
    reports: SimpleQueue[Progress | None] | None,
) -> PendingCommand:
    command_id = new_id()
    try:
        if isinstance(command, Batch):
            parts = split_batch(session.session_id, command_id, command)
        else:
            parts = [
                SubmitCommand(session_id=session.session_id, command_id=command_id, command=command)
            ]
        messages = [encode(part) for part in parts]
    except UnicodeEncodeError:
        raise SchemaError("text must be valid Unicode, got a lone surrogate") from None
    if session.limits is not None:
        _check(session.limits, messages, count)
    counts = [len(p.command.commands) if isinstance(p.command, Batch) else 1 for p in parts]
    return PendingCommand(command_id, messages, counts, reports)


def _check(limits: Limits, messages: list[bytes], count: int) -> None:
    """Refuse here what the server would: over a frame far too large it closes the socket."""
    largest = max(map(len, messages), default=0)
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
