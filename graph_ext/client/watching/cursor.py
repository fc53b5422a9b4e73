"""``g.follow()``: a session's commits one after another, from a rev on, as they come.

A cursor: it holds no queue. What the replica's last commits (session/recent_commits.py) do not have
any more is read from the server's log, so that a slow reader misses nothing and costs nothing; only
what the log has let go of is missed, and that is said. It never runs ahead of the replica.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Self
from urllib.parse import quote

from msgspec.structs import replace

from graph_ext.client.followed import FollowedGraph
from graph_ext.core.errors import GoneError, NotFoundError, UnavailableError
from graph_ext.core.events import Event
from graph_ext.protocol import Commit
from graph_ext.protocol.http import Commits

__all__ = ["Following"]

_RETRY_S = 1.0  # before the log is asked again, where the server could not answer


class Following:
    """The commits of a session, for one reader: an iterator, and an asynchronous one.

    It ends when it is closed, when the graph is, or when nothing came for ``timeout_s``.

    Parameters
    ----------
    graph : FollowedGraph
        Whose.
    since : int, optional
        The rev that is known already: the first commit is the one after it. None: the last.
    timeout_s : float, optional
        How long to wait for each commit; None: for ever.

    Raises
    ------
    NotFoundError
        There is no such rev yet.
    """

    def __init__(
        self, graph: FollowedGraph, since: int | None = None, timeout_s: float | None = None
    ) -> None:
        self._graph = graph
        self._timeout_s = timeout_s
        replica = graph.live_replica
        # closed for good: by `close`, or at its end
        self.closed = False
        # what was read from the log and not given yet: ascending, no gap, after `rev`
        self._ahead: deque[Commit] = deque()
        # a long commit's events so far, and where the log is read on from; "": after `rev`
        self._parts: list[Event] = []
        self._next = ""
        # the log, being read; and when it may be asked again, where the server could not answer
        self._reading: Future[Commits] | None = None
        self._retry_at = 0.0
        with replica.lock:
            if since is not None and not 0 <= since <= replica.rev:
                raise NotFoundError(
                    f"there is no rev {since} to follow from, the last is {replica.rev}", path="rev"
                )
            # the last commit given, and the history that it belongs to
            self.rev = replica.rev if since is None else since
            self.epoch, self.history = replica.epoch, replica.history
            replica.recent.serve(self)

    def close(self) -> None:
        """End it, from any thread: who waits for the next commit waits no longer."""
        self.closed = True
        replica = self._graph.live_replica
        with replica.lock:
            replica.recent.forget(self)
            replica.moved()

    async def aclose(self) -> None:
        """End it: :meth:`close`, as asynchronous generators call it."""
        self.close()

    def skip(self) -> None:
        """Go on after the last commit that the replica has, whatever comes before it."""
        replica = self._graph.live_replica
        self._ahead.clear()
        self._parts, self._next, self._reading = [], "", None
        with replica.lock:
            self.rev, self.epoch, self.history = replica.rev, replica.epoch, replica.history

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Commit:
        """Wait for the next commit.

        Raises
        ------
        StopIteration
            It was closed, the graph was, or nothing came for ``timeout_s``: then it may be asked
            again.
        GoneError
            The log no longer has the next commit, or the session was deleted.
        GraphError
            The session can't be followed any more.
        """
        self._graph.connection.io.forbid("waiting for a commit")
        deadline = self._deadline()
        while (commit := self._step()) is None:
            if self.closed:
                raise StopIteration
            self._graph.live_replica.wait_until(self._stirred, self._patience_s(deadline))
            if self._is_over(deadline):
                raise StopIteration
        return commit

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Commit:
        """Wait for the next commit, while the event loop goes on; as :meth:`__next__`."""
        deadline = self._deadline()
        while (commit := self._step()) is None:
            if self.closed:
                raise StopAsyncIteration
            await self._stir(self._patience_s(deadline))
            if self._is_over(deadline):
                raise StopAsyncIteration
        return commit

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"after rev {self.rev}"
        return f"<commits of {self._graph.name!r}, {state}>"

    # --- where it stands ------------------------------------------------------------------------

    def _step(self) -> Commit | None:
        """Return the next commit; None: there is none yet, or it is closed (GraphError)."""
        graph, replica = self._graph, self._graph.live_replica
        if self._reading is not None and self._reading.done():
            self._read()
        with replica.lock:
            if self.closed:
                return None
            if graph.status == "ended":
                self.close()
                if graph.failure is not None:
                    raise graph.failure
                return None
            if not replica.epoch or self._reading is not None:
                return None
            if replica.history != self.history:
                raise GoneError(
                    f"the history of {graph.name!r} is another one since rev {self.rev} was read: "
                    "the session was restored",
                    fix="read the graph as it is now, and follow from there: g.follow()",
                )
            if replica.rev <= self.rev:
                return None
            commit = self._ahead[0] if self._ahead else replica.recent.after(self.rev)
            if commit is not None and commit.rev <= replica.rev:
                if self._ahead:
                    self._ahead.popleft()
                self.rev = commit.rev
                return commit
        if commit is None and time.monotonic() >= self._retry_at:
            place = self._next or self.rev
            path = f"commits?since={place}&epoch={quote(self.epoch, safe='')}"
            self._reading = graph.connection.io.begin(partial(graph.asking, "GET", path, Commits))
            self._reading.add_done_callback(lambda _: replica.moved())
        return None

    def _read(self) -> None:
        """Take what the log had, and put the parts of long commits together (GraphError)."""
        reading, self._reading = self._reading, None
        if reading is None or reading.cancelled():
            return
        try:
            answer = reading.result()
        except UnavailableError:
            self._retry_at = time.monotonic() + _RETRY_S
            return
        if not answer.commits:
            self._retry_at = time.monotonic() + _RETRY_S
        for commit in answer.commits:
            self._parts.extend(commit.events)
            if not commit.more:
                self._ahead.append(replace(commit, events=self._parts))
                self._parts = []
        self._next = answer.next if self._parts else ""

    # --- waiting --------------------------------------------------------------------------------

    def _deadline(self) -> float:
        return math.inf if self._timeout_s is None else time.monotonic() + self._timeout_s

    def _is_over(self, deadline: float) -> bool:
        """Whether the time is over; not while the log is being read."""
        return time.monotonic() >= deadline and not self._stirred() and self._reading is None

    def _patience_s(self, deadline: float) -> float | None:
        """How long to wait for something to do; None: for as long as it takes."""
        now = time.monotonic()
        ends = [] if self._reading is not None else [deadline]
        if self._retry_at > now:
            ends.append(self._retry_at)
        end = min(ends, default=math.inf)
        return None if end == math.inf else max(0.0, end - now)

    def _stirred(self) -> bool:
        """Whether there is something to do."""
        replica = self._graph.live_replica
        with replica.lock:
            if self.closed or self._graph.status == "ended":
                return True
            if self._reading is not None:
                return self._reading.done()
            moved = replica.history != self.history or replica.rev > self.rev
            return bool(replica.epoch) and moved and time.monotonic() >= self._retry_at

    async def _stir(self, timeout_s: float | None) -> None:
        """Wait as :meth:`Replica.wait_until` does, while the event loop goes on."""
        loop = asyncio.get_running_loop()
        moved = asyncio.Event()

        def listener() -> None:
            # the loop of somebody who went without a word
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(moved.set)

        with self._graph.live_replica.listening(listener), suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self._stirred():
                    await moved.wait()
                    moved.clear()
