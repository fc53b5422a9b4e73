"""A command between its submission and its outcome, and how the caller waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Literal

from msgspec import Struct

from graph_ext.core.errors import GraphError, UnavailableError, error_from_code
from graph_ext.protocol import Commit, Outcome, Part, Planned

__all__ = ["PendingChange", "PendingCommand", "PendingCommands", "Progress", "Receipt"]


class Receipt(Struct, frozen=True):
    """What became of a command: its rev, and the last part of its commit if that was seen.

    Of a dry run: ``planned``, and the rev that it would have become.
    """

    rev: int
    commit: Commit | None = None
    planned: Planned | None = None


class PendingChange(Struct, frozen=True):
    """A change on its way: ``what`` it is, of how many edits, and whether the server may have it.

    While the server is away, one that was not ``sent`` waits for it, and so does one of which the
    server has to be asked what became of it. Neither is done twice.
    """

    command_id: str
    what: str
    count: int
    sent: bool


class Progress(Struct, frozen=True):
    """How far a long command, or the loading of a session, has come."""

    phase: Literal["sending", "committing", "receiving"]
    count: int
    total: int


class PendingCommand:
    """A command that has no outcome yet.

    Parameters
    ----------
    command_id : str
        The same however often it is sent.
    parts : list of Part
        Its encoded messages, in order.
    progress : SimpleQueue, optional
        Where to report; None there means that there is an outcome.
    what : str
        What people call it.

    All but ``result`` is for the I/O thread.
    """

    def __init__(
        self,
        command_id: str,
        parts: list[Part],
        progress: SimpleQueue[Progress | None] | None = None,
        what: str = "",
    ) -> None:
        self.command_id = command_id
        # what people call it: its label, or its type
        self.what = what
        self.parts = parts
        self.progress = progress
        # the outcome; a refusal is its exception
        self.result: Future[Receipt] = Future()
        # whether the server may know of it; set with the first sending
        self.sent = False
        # the rev that the server says it has, until the replica has that too
        self.rev: int | None = None
        # how long it may wait for a server that is away, in seconds
        self.timeout_s = 0.0
        # fails it when the server stays away for too long; set while that is away
        self._expiry: asyncio.TimerHandle | None = None
        # how many of its edits were sent, and how many of its events have come back
        self._sent_count = 0
        self._received_count = 0
        if progress is not None:
            self.result.add_done_callback(lambda _result: progress.put(None))

    @property
    def total(self) -> int:
        """How many edits it holds."""
        return sum(part.edits for part in self.parts)

    def begin(self) -> None:
        """Note that it is sent from its first message on."""
        self._sent_count = self._received_count = 0
        self.sent = True

    def sent_part(self, index: int) -> None:
        """Note that one of its messages went out."""
        self._sent_count += self.parts[index].edits
        self._report("sending", self._sent_count)
        if index == len(self.parts) - 1:
            self._report("committing", 0)

    def received(self, commit: Commit) -> None:
        """Note that a part of its commit has come."""
        self._received_count += len(commit.events)
        self._report("receiving", min(self._received_count, self.total))

    def succeed(self, receipt: Receipt) -> None:
        """Let its caller go on."""
        self.keep()
        if not self.result.done():
            self.result.set_result(receipt)

    def fail(self, error: GraphError) -> None:
        """Raise an error at its caller."""
        self.keep()
        if not self.result.done():
            self.result.set_exception(error)

    def expire_later(self, expire: Callable[[PendingCommand], None]) -> None:
        """Have it given up after its time, unless the server is back before."""
        if self._expiry is None:
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(self.timeout_s, expire, self)

    def keep(self) -> None:
        """Let it not expire: the server is back."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None

    def _report(self, phase: Literal["sending", "committing", "receiving"], count: int) -> None:
        if self.progress is not None:
            self.progress.put(Progress(phase, count, self.total))


class PendingCommands:
    """A session's commands without an outcome, in the order of submission; on the I/O thread.

    Parameters
    ----------
    trouble : callable
        Says why the server can't be reached, "" when it can.
    """

    def __init__(self, trouble: Callable[[], str]) -> None:
        self._trouble = trouble
        # by command_id
        self._commands: dict[str, PendingCommand] = {}

    def __iter__(self) -> Iterator[PendingCommand]:
        return iter(tuple(self._commands.values()))

    def add(self, command: PendingCommand) -> None:
        """Take a new one."""
        self._commands[command.command_id] = command

    def changes(self) -> list[PendingChange]:
        """List them for people; from any thread."""
        return [
            PendingChange(command.command_id, command.what, command.total, command.sent)
            for command in self
        ]

    def get(self, command_id: str) -> PendingCommand | None:
        """The command of an id, if it is waited for."""
        return self._commands.get(command_id)

    def drop(self, command_id: str) -> None:
        """Wait for one no longer."""
        if command := self._commands.pop(command_id, None):
            command.keep()

    def learn(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take what the server says, with ``joined``, has become of all of them.

        What it said before counts no more: it may have been of another history.
        """
        for command in self:
            outcome = outcomes.get(command.command_id)
            command.rev = None if outcome is None else outcome.rev
            if outcome is not None and outcome.code is not None:
                self.fail(command, error_from_code(outcome.code, outcome.message or outcome.code))

    def succeed(self, command: PendingCommand, rev: int, commit: Commit | None = None) -> None:
        """Let a command's caller go on."""
        self._commands.pop(command.command_id, None)
        command.succeed(Receipt(rev, commit))

    def planned(self, command: PendingCommand, planned: Planned) -> None:
        """Let the caller of a dry run go on."""
        self._commands.pop(command.command_id, None)
        command.succeed(Receipt(planned.rev, planned=planned))

    def fail(self, command: PendingCommand, error: GraphError) -> None:
        """Raise an error at a command's caller."""
        self._commands.pop(command.command_id, None)
        command.fail(error)

    def fail_all(self, error: GraphError) -> None:
        """Raise an error at every caller: nothing more will be heard of the session."""
        unknown = type(error)(
            f"{error.message}; whether the server has done this command is not known",
            fix=error.fix,
        )
        for command in self:
            self.fail(command, unknown if command.sent else error)

    def advance(self, rev: int) -> None:
        """Let those go on of which the replica has all up to ``rev``."""
        for command in self:
            if command.rev is not None and command.rev <= rev:
                self.succeed(command, command.rev)

    def expire_later(self, command: PendingCommand) -> None:
        """Give a command up after its time, unless the server is back before."""
        command.expire_later(self._expire)

    def _expire(self, command: PendingCommand) -> None:
        why = self._trouble()
        waited = f"waited {command.timeout_s:g} s for the Jupyter server{why and f' ({why})'}"
        if command.sent:
            error = UnavailableError(
                f"{waited}; it was cut off while it had this command, and whether it has done it "
                "is not known",
                fix="look at the graph when g.status is 'live' again",
            )
        else:
            error = UnavailableError(
                f"{waited}; the change was not made", fix="try again when g.status is 'live'"
            )
        self.fail(command, error)
