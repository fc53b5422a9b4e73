"""A command between its submission and its outcome, and how the caller waits for that."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Literal

from msgspec import Struct

from graph_ext.core.errors import GraphError
from graph_ext.protocol import Commit

__all__ = ["PendingCommand", "Progress", "Receipt"]


class Receipt(Struct, frozen=True):
    """What became of a command: its rev, and the last part of its commit if that was seen."""

    rev: int
    commit: Commit | None = None


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
    messages : list of bytes
        Encoded ``command`` messages, in order.
    counts : list of int
        How many edits each of them holds.
    progress : SimpleQueue, optional
        Where to report; None there means that there is an outcome.
    """

    def __init__(
        self,
        command_id: str,
        messages: list[bytes],
        counts: list[int],
        progress: SimpleQueue[Progress | None] | None = None,
    ) -> None:
        self.command_id = command_id
        self.messages = messages
        self.counts = counts
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
        self.expiry: asyncio.TimerHandle | None = None
        # how many of its edits were sent, and how many of its events have come back
        self._sent_count = 0
        self._received_count = 0
        if progress is not None:
            self.result.add_done_callback(lambda _result: progress.put(None))

    @property
    def total(self) -> int:
        """How many edits it holds."""
        return sum(self.counts)

    def begin(self) -> None:
        """Note that it is sent from its first message on."""
        self._sent_count = self._received_count = 0
        self.sent = True

    def sent_message(self, index: int) -> None:
        """Note that one of its messages went out."""
        self._sent_count += self.counts[index]
        self._report("sending", self._sent_count)
        if index == len(self.messages) - 1:
            self._report("committing", 0)

    def received(self, commit: Commit) -> None:
        """Note that a part of its commit has come."""
        self._received_count += len(commit.events)
        self._report("receiving", min(self._received_count, self.total))

    def succeed(self, rev: int, commit: Commit | None = None) -> None:
        """Let its caller go on."""
        self._stop_expiry()
        if not self.result.done():
            self.result.set_result(Receipt(rev, commit))

    def fail(self, error: GraphError) -> None:
        """Raise an error at its caller."""
        self._stop_expiry()
        if not self.result.done():
            self.result.set_exception(error)

    def keep(self) -> None:
        """Let it not expire: the server is back."""
        self._stop_expiry()

    def _stop_expiry(self) -> None:
        if self.expiry is not None:
            self.expiry.cancel()
            self.expiry = None

    def _report(self, phase: Literal["sending", "committing", "receiving"], count: int) -> None:
        if self.progress is not None:
            self.progress.put(Progress(phase, count, self.total))
