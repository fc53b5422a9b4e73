"""How commits become durable: on the slate where they are short, else in the file.

A quick disk is waited for right here, on the event loop, a fraction of a millisecond at most; any
other by the writing thread. The file follows the slate when nothing comes for a moment, or when
there is much on it; what is in the -wal file is copied into the database proper behind all answers,
by a thread of its own. Made by session_file.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from graph_ext.hub.ports import Append, Appended
from graph_ext.stores.quickness import Quickness
from graph_ext.stores.schema import connect
from graph_ext.stores.slate import NOTE_BYTES
from graph_ext.stores.thread import WritingThread
from graph_ext.stores.writer import Writer

__all__ = ["Appending"]

_PROMPT_BYTES = 4096  # of records: what is longer is the writing thread's
_MUCH_BYTES = 128 * 1024  # of records on the slate, which is full with some times as many
_IDLE_S = 0.05
_AGAIN_S = 1.0  # after the file could not follow
_COPY_BYTES = 4 * 1024 * 1024  # of the -wal file
_PAGES_BYTES = 32 * 1024  # about, that a transaction writes besides its records and their state


class Appending:
    """Where the commits of one session go. Used from the event loop.

    Parameters
    ----------
    path : Path
        The session's file.
    writer : Writer
        Writes it.
    writing : WritingThread
        Where the writer is called from.
    reading : ThreadPoolExecutor
        Where the -wal file is copied.
    """

    def __init__(
        self, path: Path, writer: Writer, writing: WritingThread, reading: ThreadPoolExecutor
    ) -> None:
        self._path = path
        self._writer = writer
        self._writing = writing
        self._reading = reading
        self._quickness = Quickness()
        # how many groups were noted, and how many when it was last looked
        self._noted = 0
        self._looked_at = 0
        # looks whether nothing comes any more, while something is on the slate
        self._timer: asyncio.TimerHandle | None = None
        # whether the file is being brought up to the slate
        self._following = False
        # about what the -wal file has that the database proper has not
        self._uncopied_bytes = 0
        self._copying = False
        self._stopped = False

    @property
    def prompt(self) -> bool:
        """Whether a short append is done, and told of, before :meth:`append` returns."""
        return self._quickness.is_quick and self._writer.can_note

    def append(self, commits: Sequence[Append], size: int, told: Appended) -> None:
        """Make commits durable, whose records have so many bytes.

        ``told`` is called on the event loop, perhaps before this returns: with None, or with why
        it could not be done (UnavailableError).
        """
        if size <= _PROMPT_BYTES and self.prompt and self._note(commits):
            told(None)
            self._has_noted()
        else:
            self._writing.call(
                partial(self._write, commits, size), partial(self._written, size, told)
            )

    def stop(self) -> None:
        """Begin nothing more: the session is closing."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _note(self, commits: Sequence[Append]) -> bool:
        began = time.perf_counter()
        noted = self._writer.note(commits)
        if noted:
            self._quickness.took(time.perf_counter() - began)
        return noted

    def _write(self, commits: Sequence[Append], size: int) -> None:
        """Write in the thread."""
        if size > NOTE_BYTES or not self._note(commits):
            self._writer.append(commits)

    def _written(self, size: int, told: Appended, error: BaseException | None) -> None:
        told(error)
        if error is not None or self._stopped:
            return
        if self._writer.slate.size:
            self._has_noted()
            return
        self._has_grown(size)
        if size <= NOTE_BYTES and not self._writer.can_note:
            # one that can't be made costs what it was to save, and nothing else
            self._writing.call(self._writer.slate.make, _ignored)

    # --- the file follows the slate -----------------------------------------------------------

    def _has_noted(self) -> None:
        self._noted += 1
        if self._writer.slate.size >= _MUCH_BYTES:
            self._follow()
        elif self._timer is None:
            self._wait(_IDLE_S)

    def _wait(self, seconds: float) -> None:
        if not self._stopped:
            self._looked_at = self._noted
            self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._noted != self._looked_at:
            self._wait(_IDLE_S)
        elif self._writer.slate.size:
            self._follow()

    def _follow(self) -> None:
        if not self._following:
            self._following = True
            self._writing.call(
                self._writer.follow, partial(self._followed, self._writer.slate.size)
            )

    def _followed(self, size: int, error: BaseException | None) -> None:
        self._following = False
        if error is None:
            self._has_grown(size)
        if self._writer.slate.size and self._timer is None:
            # what it could not take is as durable on the slate
            self._wait(_IDLE_S if error is None else _AGAIN_S)

    # --- the database proper follows the -wal file --------------------------------------------

    def _has_grown(self, size: int) -> None:
        # a record, and about as much in a row of nodes or links
        self._uncopied_bytes += 2 * size + _PAGES_BYTES
        if self._uncopied_bytes < _COPY_BYTES or self._copying or self._stopped:
            return
        self._copying = True
        loop = asyncio.get_running_loop()
        copied = loop.run_in_executor(self._reading, _copy, self._path)
        copied.add_done_callback(self._has_copied)

    def _has_copied(self, copied: asyncio.Future[None]) -> None:
        self._copying = False
        if not copied.cancelled() and copied.exception() is None:
            self._uncopied_bytes = 0
        # else: tried again after the next commit; what is in the -wal file is durable there


def _copy(path: Path) -> None:
    # no more than can be had while others read and write: nobody waits for it
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _ignored(_: Any) -> None:
    pass
