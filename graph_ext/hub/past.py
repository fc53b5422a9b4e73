"""The past of a session: the graph at an old rev, what has changed since, who has changed it.

All of it is read from the store in worker threads; nobody sees a rev before it is published. The
graph of an old rev is the present one with the log undone down to it. Owned by hub/session.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Literal

from graph_ext.core.blame import LastChanges
from graph_ext.core.diff import Diff, diff_between
from graph_ext.core.errors import NotFoundError, SchemaError, UnavailableError
from graph_ext.core.events import Event
from graph_ext.core.graph import Graph
from graph_ext.core.neighbourhood import Neighbourhood, neighbourhood
from graph_ext.hub.blame import blame
from graph_ext.hub.copying import copy_session
from graph_ext.hub.old_graph import events_of, graph_before
from graph_ext.hub.ports import LAST, LogEntry, Place, Record, Restoration, SessionStore, gone
from graph_ext.hub.quiet import in_thread
from graph_ext.hub.transfer import send_archive
from graph_ext.protocol import PAGE_BYTES, encode
from graph_ext.protocol.http import Blame

__all__ = ["Past"]

_READ_BYTES = 4 * PAGE_BYTES
_DIFF_ELEMENTS = 10_000
_DIFF_BYTES = 16 * 1024 * 1024
_NEIGHBOURS = 10_000  # nodes and links of one neighbourhood
_NEAR = 2000  # of them that take the event loop a few milliseconds
_ENTRIES = 1000  # log entries of one page
_DEPTH = 100


class Past:
    """What one session was.

    Parameters
    ----------
    store : SessionStore
        Has the log and the state.
    published : callable
        Gives the last rev that anybody may see.
    live : callable
        Gives the hub's own graph, where it is at the published rev and nobody is at work on it.
    index : callable
        Has that graph's links at hand by their nodes, if nobody is at work on it.
    turns : asyncio.Semaphore
        How many may read old graphs at once; each of them is in memory.
    """

    def __init__(
        self,
        store: SessionStore,
        published: Callable[[], int],
        live: Callable[[], Graph | None],
        index: Callable[[], Awaitable[None]],
        turns: asyncio.Semaphore,
    ) -> None:
        self._store = store
        self._published = published
        self._live = live
        self._index = index
        self._turns = turns

    async def graph_at(self, rev: int | None = None) -> Graph:
        """Build the graph as it was at a rev (None: the last).

        It is the caller's own. A large one is let go of in a thread: ``Graph.let_go``.

        Raises
        ------
        NotFoundError
            There is no such rev yet.
        GoneError
            The log no longer reaches back to it.
        UnavailableError
            The store can't be read.
        """
        rev = self._check(rev)
        async with self._turns:
            return await in_thread(lambda: self._graph(rev))

    async def neighbourhood(
        self, node_id: str, depth: int = 1, rev: int | None = None
    ) -> Neighbourhood:
        """Read the part of the graph within ``depth`` links of a node, at a rev (None: the last).

        Raises
        ------
        SchemaError
            The depth is none: 0 to 100.
        NotFoundError, GoneError, UnavailableError
            There is no such node at that rev; and see :meth:`graph_at`.
        """
        if not 0 <= depth <= _DEPTH:
            raise SchemaError(f"a depth must be from 0 to {_DEPTH}, got {depth}", path="depth")
        wanted = self._check(rev)
        await self._index()
        graph = self._live() if wanted == self._published() else None
        if graph is not None and graph.indexed:
            found = neighbourhood(graph, node_id, depth, rev=wanted, max_elements=_NEAR)
            if not found.truncated:
                return found

        def read() -> Neighbourhood:
            graph = self._graph(wanted)
            try:
                return neighbourhood(graph, node_id, depth, rev=wanted, max_elements=_NEIGHBOURS)
            finally:
                graph.let_go()

        async with self._turns:
            return await in_thread(read)

    async def history(
        self, *, before_rev: int | None = None, limit: int = 100, actor_id: str | None = None
    ) -> list[LogEntry]:
        """Read who has made which commit and when, newest first (UnavailableError).

        Parameters
        ----------
        before_rev : int, optional
            Go on below this rev.
        limit : int
            How many at most; never more than 1000.
        actor_id : str, optional
            Of one actor alone.
        """
        end = self._published() + 1
        before = end if before_rev is None else min(before_rev, end)
        limit = max(0, min(limit, _ENTRIES))
        return await self._store.entries(actor_id=actor_id, before_rev=before, limit=limit)

    async def diff(self, from_rev: int, to_rev: int) -> Diff:
        """Tell what makes the graph at one rev of the graph at another, earlier or later.

        Raises
        ------
        NotFoundError, GoneError, UnavailableError
            See :meth:`graph_at`.
        """
        low, high = sorted((self._check(from_rev), self._check(to_rev)))

        def read() -> Diff:
            return diff_between(
                from_rev,
                to_rev,
                self._events_between(low, high),
                max_elements=_DIFF_ELEMENTS,
                max_bytes=_DIFF_BYTES,
            )

        async with self._turns:
            return await in_thread(read)

    async def blame(
        self,
        kind: Literal["node", "link"],
        element_id: str,
        field: str | None = None,
        *,
        before_rev: int | None = None,
    ) -> Blame:
        """Find who has last changed what of an element (UnavailableError).

        Parameters
        ----------
        kind, element_id : str
            Which element.
        field : str, optional
            Which field of it, as in a diff; None: each.
        before_rev : int, optional
            Go on below this rev.
        """
        last = self._published()
        rev = last if before_rev is None else min(before_rev - 1, last)

        def read() -> Blame:
            changes = LastChanges(kind, element_id, field)
            with self._store.view() as view:
                return blame(view, rev, changes, encode(element_id))

        async with self._turns:
            return await in_thread(read)

    async def commits(self, since_rev: int, max_bytes: int, *, part: int = LAST) -> list[Record]:
        """Read the encoded commits after a rev: at least one record if there is any.

        A long commit is several records, and the list may end within one: go on with the rev and
        the ``part`` of the last.

        Raises
        ------
        NotFoundError, GoneError, UnavailableError
            See :meth:`graph_at`.
        """
        self._check(since_rev)
        end: Place = (self._published(), LAST)
        records = await self._store.records((since_rev, part), max_bytes)
        return [record for record in records if record.place <= end]

    def archive(
        self, session_id: str, name: str, rev: int | None, at: float
    ) -> AsyncGenerator[bytes, None]:
        """Give an archive of the session as it was at a rev (None: the last), piece by piece.

        Raises
        ------
        NotFoundError, GoneError, UnavailableError
            See :meth:`graph_at`; before the first piece.
        """
        return send_archive(
            self._store,
            session_id=session_id,
            name=name,
            rev=self._check(rev),
            at=at,
            turns=self._turns,
        )

    async def copy(self, rev: int | None, into: Restoration) -> None:
        """Copy the session as it was at a rev (None: the last) into one in the making.

        Raises
        ------
        NotFoundError, GoneError, UnavailableError
            See :meth:`graph_at`; or the new session can't be written.
        """
        wanted = self._check(rev)

        def copy() -> None:
            with self._store.view() as view:
                copy_session(view, wanted, into)

        async with self._turns:
            await in_thread(copy)

    def _check(self, rev: int | None) -> int:
        """Return a rev that can be read."""
        last = self._published()
        if rev is None:
            return last
        if not 0 <= rev <= last:
            raise NotFoundError(f"There is no rev {rev}, the last is {last}", path="rev")
        if rev < self._store.floor:
            raise gone(rev, self._store.floor)
        return rev

    def _graph(self, rev: int) -> Graph:
        with self._store.view() as view:
            return graph_before(view, rev)

    def _events_between(self, low: int, high: int) -> Iterator[Event]:
        place: Place = (low, LAST)
        while place < (high, LAST):
            records = self._store.read(place, _READ_BYTES)
            if not records:
                raise UnavailableError(f"The session's log ends at rev {place[0]}")
            for record in records:
                place = record.place
                if place > (high, LAST):
                    return
                yield from events_of(record)
