"""Undo and redo over the store's log: which commit is meant, and what came after it.

What can be taken back is decided in core/history.py. Called by hub/pipeline.py, which holds the
session meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

import msgspec

from graph_ext.core.commands import Redo, Undo
from graph_ext.core.errors import GoneError, NotFoundError
from graph_ext.core.events import Event
from graph_ext.core.graph import Graph
from graph_ext.core.history import Undone, plan_undo
from graph_ext.core.undo_stacks import UndoStacks
from graph_ext.hub.ports import LAST, LogEntry, Place, SessionStore
from graph_ext.hub.quiet import discard_here
from graph_ext.protocol import PAGE_BYTES, Commit

__all__ = ["UndoHistory"]

_ENTRIES = 2000  # log entries read at once
_READ_BYTES = 4 * PAGE_BYTES

_commit = msgspec.json.Decoder(Commit)


class UndoHistory:
    """The undo stacks of one session, read from its log when first asked for.

    Parameters
    ----------
    store : SessionStore
        Has the log.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        # None until the first undo: most sessions are opened for something else
        self._stacks: UndoStacks | None = None

    def add(self, entries: Iterable[LogEntry]) -> None:
        """Take note of the next durable commits."""
        if self._stacks is not None:
            for entry in entries:
                self._stacks.add(entry)

    async def target(self, command: Undo | Redo, actor_id: str) -> int:
        """Say which rev a command means.

        Raises
        ------
        UndoEmptyError
            There is nothing to undo or redo.
        NotFoundError, GoneError
            There is no commit of that rev, or the log no longer has it.
        UnavailableError
            The log can't be read.
        """
        stacks = await self._ready()
        stacks.forget(self._store.floor)
        match command:
            case Redo():
                return stacks.redo_target(actor_id)
            case Undo(rev=int(rev)):
                if not 0 < rev <= self._store.rev:
                    raise NotFoundError(
                        f"There is no rev {rev}, the last is {self._store.rev}", path="rev"
                    )
                if rev <= self._store.floor:
                    raise GoneError(
                        f"The log no longer has rev {rev}: it begins after {self._store.floor}",
                        path="rev",
                    )
                return rev
            case Undo():
                return stacks.undo_target(None if command.scope == "session" else actor_id)
            case _:
                assert_never(command)

    def plan(self, graph: Graph, rev: int, *, force: bool) -> Undone:
        """Take a commit back, in a worker thread.

        Raises
        ------
        UndoConflictError
            Others have built on it.
        UndoNothingLeftError
            All of it was changed since.
        GoneError
            The log no longer has it.
        UnavailableError
            The log can't be read.
        """
        parts = self._parts((rev - 1, LAST))
        target = next(parts)
        events: list[Event] = list(target.events)
        while target.more:
            target = next(parts)
            events.extend(target.events)
        target = msgspec.structs.replace(target, events=events)
        try:
            return plan_undo(graph, target, parts, force=force)
        finally:
            discard_here(events)

    def drop(self, rev: int) -> None:
        """Ask no more for a commit of which nothing is left."""
        if self._stacks is not None:
            self._stacks.drop(rev)

    def _parts(self, after: Place) -> Iterator[Commit]:
        """Read the commits after a place, part by part, never much of them at once."""
        while records := self._store.read(after, _READ_BYTES):
            for record in records:
                yield _commit.decode(record.body)
            after = records[-1].place

    async def _ready(self) -> UndoStacks:
        if self._stacks is None:
            stacks = UndoStacks()
            for entries in await self._newest_first():
                await asyncio.to_thread(_feed, stacks.add, entries)
            self._stacks = stacks
        return self._stacks

    async def _newest_first(self) -> list[list[LogEntry]]:
        """Read the whole log's entries; the pages in the order of the log, each newest first."""
        pages: list[list[LogEntry]] = []
        before: int | None = None
        while page := await self._store.entries(before_rev=before, limit=_ENTRIES):
            pages.insert(0, page)
            before = page[-1].rev
        return pages


def _feed(add: Callable[[LogEntry], None], newest_first: list[LogEntry]) -> None:
    for entry in reversed(newest_first):
        add(entry)
