"""The graph of a session, and how its changes become durable.

The graph in memory is ahead of the disk by the commits in flight. All that waits goes into one
transaction; once durable it is published, then its senders are told. What the disk refuses is
taken back from the graph, newest first. Owned by hub/pipeline.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from msgspec import Struct

from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.core.events import Event
from graph_ext.core.graph import Graph
from graph_ext.hub.effort import LONG
from graph_ext.hub.ports import Append, SessionStore
from graph_ext.hub.quiet import discard, in_thread, quiet, while_quiet
from graph_ext.hub.request import Request
from graph_ext.hub.tally import Tally

__all__ = ["InFlight", "Journal", "take_back"]

_MANY = 10  # times as many events as make a commit long, make a group of short ones long

_log = logging.getLogger(__name__)


class InFlight(Struct, eq=False, gc=False):
    """A commit that is in the graph and not yet durable.

    ``request``: what it was made of.
    """

    append: Append
    events: list[Event]
    request: Request


class Journal:
    """One session's graph in memory and the commits on their way to its store.

    Parameters
    ----------
    store : SessionStore
        Where commits become durable.
    graph : Graph
        At the store's rev.
    publish : callable
        Called with durable commits, in order, before their senders are told.
    tally : Tally
        Counts the transactions.

    Attributes
    ----------
    graph : Graph
        Ahead of the disk by what is in flight; replaced by :meth:`reload`.
    rev : int
        That of the graph.
    nodes, links : int
        How many there are at the last durable rev.
    settled : callable
        Called once for each commit, with several in order: and None when they are durable and
        published, or why they were taken back. Given by the journal's pipeline.
    taking_back : bool
        Nobody else may touch the graph while this is so.
    suspect : bool
        An error of ours may have left the graph other than the log says: it is to be reloaded.
    """

    def __init__(
        self,
        store: SessionStore,
        graph: Graph,
        publish: Callable[[Sequence[Append]], None],
        tally: Tally,
    ) -> None:
        self.graph = graph
        self.rev = store.rev
        self.nodes = len(graph.nodes)
        self.links = len(graph.links)
        self.settled: Callable[[Sequence[InFlight], GraphError | None], None]
        self.taking_back = False
        self.suspect = False
        self._store = store
        self._publish = publish
        self._tally = tally
        # commits for the next transaction, and those that are being written
        self._queue: list[InFlight] = []
        self._group: list[InFlight] = []
        # by the loop's clock: since when
        self._began = 0.0
        # whether the group is too long to be dealt with at once
        self._long = False
        # what is kept off while a long group is written
        self._hushed = ExitStack()
        # deals with a group that was long or refused; the next one waits for it
        self._task: asyncio.Task[None] | None = None
        # whether anything is in flight, and who waits until nothing is
        self._busy = False
        # whether the last group was of one commit, and whether one was written in this turn of the
        # loop without waiting for its end
        self._alone = False
        self._hurried = False
        # whether the store has a group, and has not returned
        self._handing = False
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight."""
        return not self._busy

    def send(self, commit: InFlight) -> None:
        """Take a commit that the graph has already."""
        self.rev = commit.append.entry.rev
        self._queue.append(commit)
        if self._busy:
            return
        self._busy = True
        loop = asyncio.get_running_loop()
        if self._alone and not self._hurried and self._store.prompt:
            # where commits come one by one, the rest of the turn is better spent after the answer
            self._hurried = True
            loop.call_soon(self._turned)
            self._go_on()
        else:
            # what else comes in this turn of the loop goes into the same transaction
            loop.call_soon(self._go_on)

    def _turned(self) -> None:
        self._hurried = False

    async def written(self) -> None:
        """Wait until nothing is in flight."""
        while self._busy:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting

    async def reload(self) -> None:
        """Read the graph from the store anew (UnavailableError)."""
        await self.written()
        self.graph = await while_quiet(self._store.load())
        self.rev = self._store.rev
        self.suspect = False

    def _go_on(self) -> None:
        """Write what waits."""
        group = self._group = self._queue
        self._queue = []
        if not group:
            self._busy = False
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                if not each.done():
                    each.set_result(None)
            return
        self._long = _is_long(group)
        if self._long:
            self._hushed.enter_context(quiet())
        self._alone = len(group) == 1
        self._began = asyncio.get_running_loop().time()
        self._handing = True
        self._store.append([commit.append for commit in group], self._appended)
        self._handing = False

    def _appended(self, error: BaseException | None) -> None:
        """Hear from the store what became of the group."""
        self._hushed.close()
        group = self._group
        if error is not None or self._long:
            self._task = asyncio.get_running_loop().create_task(self._settle(group, error))
            return
        self._tally.wrote(asyncio.get_running_loop().time() - self._began)
        try:
            self._tell(group)
        except Exception:  # noqa: BLE001 - the root of a group
            self._fail(group)
        if self._handing and self._queue:
            # the loop has its turn between groups, also where the store waits for the disk in it
            asyncio.get_running_loop().call_soon(self._go_on)
        else:
            self._go_on()

    async def _settle(self, group: list[InFlight], error: BaseException | None) -> None:
        try:
            if isinstance(error, GraphError):
                await self._take_back(group + self._queue, error)
            elif error is not None:
                raise error
            else:
                self._tally.wrote(asyncio.get_running_loop().time() - self._began)
                self._tell(group)
            for commit in group:
                if len(commit.events) > LONG:
                    await discard(commit.events, commit.append.nodes, commit.append.links)
        except Exception:  # noqa: BLE001 - a task's root
            queue, self._queue = self._queue, []
            self._fail(group + queue)
        finally:
            self._task = None
            self._go_on()

    def _fail(self, lost: Sequence[InFlight]) -> None:
        """Refuse commits over an error of ours, and trust the graph no longer."""
        _log.exception("Commits could not be written")
        self.suspect = True
        self.settled(lost, UnavailableError("The server failed while saving"))

    def _tell(self, group: Sequence[InFlight]) -> None:
        newest = group[-1].append
        self.nodes, self.links = newest.node_count, newest.link_count
        self._publish([commit.append for commit in group])
        self.settled(group, None)

    async def _take_back(self, lost: Sequence[InFlight], error: GraphError) -> None:
        """Bring the graph back to what is durable."""
        self.taking_back = True
        self._queue = []
        try:
            if _is_long(lost) or not self.graph.indexed:
                await in_thread(lambda: _undo_all(self.graph, lost))
            else:
                _undo_all(self.graph, lost)
            self.rev = self._store.rev
        finally:
            self.taking_back = False
        self.settled(lost, error)


def _is_long(group: Sequence[InFlight]) -> bool:
    lengths = [len(commit.events) for commit in group]
    return max(lengths) > LONG or sum(lengths) > _MANY * LONG


def _undo_all(graph: Graph, lost: Sequence[InFlight]) -> None:
    for commit in reversed(lost):
        take_back(graph, commit.events)


def take_back(graph: Graph, events: Sequence[Event]) -> None:
    """Bring a graph to where it was before its last events."""
    for event in reversed(events):
        graph.apply(event.inverse())
