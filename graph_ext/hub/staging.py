"""Long batches on their way up: parts of one command, kept until the last is there.

One per client and session; dropped when the client leaves. Called by hub/session.py.
"""

from __future__ import annotations

from msgspec import Struct

from graph_ext.core.commands import Batch, Command, Edit
from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.hub.limits import HubLimits
from graph_ext.protocol import SubmitCommand

__all__ = ["Staging"]


_UNFINISHED = 1000  # more batches than that are never begun at once


class _Staged(Struct):
    """What has come of one batch so far; nothing is kept of one that was refused."""

    label: str
    commands: list[Edit]
    size: int = 0
    refused: bool = False


class Staging:
    """The unfinished batches of one client."""

    def __init__(self, limits: HubLimits) -> None:
        self._limits = limits
        # command_id -> its parts so far; while there are none, an edit that comes alone is whole
        self.begun: dict[str, _Staged] = {}
        # of all of them together
        self._size = 0
        # whether there were too many to know them
        self._confused = False

    def add(self, message: SubmitCommand, size: int) -> Command | None:
        """Take one ``command`` message of ``size`` bytes; return the command when it is whole.

        Raises
        ------
        BadMessageError
            A part is no batch.
        TooLargeError
            The batch has more commands or bytes than the server takes. What comes of it later is
            dropped without another word.
        """
        staged = self.begun.get(message.command_id)
        if staged is None:
            if message.more:
                staged = self._begin(message)
            self._check(message.command)
        if staged is None:
            return message.command
        try:
            self._stage(staged, message.command, size)
        finally:
            if not message.more:
                self._drop(message.command_id)
        if message.more or staged.refused:
            return None
        return Batch(staged.commands, staged.label)

    def refuse(self, message: SubmitCommand) -> None:
        """Drop what there is of a batch of which this part was refused, and what comes of it."""
        staged = self.begun.get(message.command_id)
        if not message.more:
            self._drop(message.command_id)
        elif staged is None:
            self._begin(message).refused = True
        else:
            self._refuse(staged)

    def _begin(self, message: SubmitCommand) -> _Staged:
        label = message.command.label if isinstance(message.command, Batch) else ""
        staged = _Staged(label, [])
        if len(self.begun) < _UNFINISHED:
            self.begun[message.command_id] = staged
        else:
            # of which some part was lost can't be known any more
            self._confused = True
        return staged

    def _stage(self, staged: _Staged, part: Command, size: int) -> None:
        if staged.refused:
            return
        try:
            if not isinstance(part, Batch):
                raise BadMessageError(
                    "Only a batch comes in several messages", path="command", fix="leave out more"
                )
            staged.size += size
            self._size += size
            staged.commands.extend(part.commands)
            self._check_size(len(staged.commands), self._size)
        except (BadMessageError, TooLargeError):
            self._refuse(staged)
            raise

    def _refuse(self, staged: _Staged) -> None:
        staged.refused = True
        staged.commands.clear()
        self._size -= staged.size
        staged.size = 0

    def _drop(self, command_id: str) -> None:
        staged = self.begun.pop(command_id, None)
        if staged is not None:
            self._size -= staged.size

    def _check(self, command: Command) -> None:
        if not isinstance(command, Batch):
            return
        if self._confused:
            raise TooLargeError(
                f"A client may have {_UNFINISHED} unfinished batches, this one had more",
                path="command",
                fix="join again, and finish one before the next",
            )
        self._check_size(len(command.commands), 0)

    def _check_size(self, commands: int, size: int) -> None:
        limits = self._limits
        if commands > limits.batch_commands:
            raise TooLargeError(
                f"A batch may have {limits.batch_commands} commands, this one has more",
                path="commands",
                fix="send it as several batches",
            )
        if size > limits.batch_bytes:
            raise TooLargeError(
                f"A batch may have {limits.batch_bytes} bytes, this one has more",
                path="commands",
                fix="send it as several batches",
            )
