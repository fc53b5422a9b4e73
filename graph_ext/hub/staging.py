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
        # command_id -> its parts so far
        self._staged: dict[str, _Staged] = {}

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
        staged = self._staged.get(message.command_id)
        if staged is None and not message.more:
            self._check(message.command)
            return message.command
        if staged is None:
            staged = self._staged[message.command_id] = _Staged("", [])
            if isinstance(message.command, Batch):
                staged.label = message.command.label
        try:
            self._stage(staged, message.command, size)
        finally:
            if not message.more:
                del self._staged[message.command_id]
        if message.more or staged.refused:
            return None
        return Batch(staged.commands, staged.label)

    def _stage(self, staged: _Staged, part: Command, size: int) -> None:
        if staged.refused:
            return
        staged.size += size
        try:
            if not isinstance(part, Batch):
                raise BadMessageError(
                    "Only a batch comes in several messages", path="command", fix="leave out more"
                )
            staged.commands.extend(part.commands)
            self._check_size(len(staged.commands), sum(each.size for each in self._staged.values()))
        except (BadMessageError, TooLargeError):
            staged.refused = True
            staged.commands.clear()
            staged.size = 0
            raise

    def _check(self, command: Command) -> None:
        if isinstance(command, Batch):
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
