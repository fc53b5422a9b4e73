"""A session's graph as this process has it: snapshot pages and commits in, reads out.

The rule of its lock: the I/O thread holds it while it applies one whole commit, or puts a loaded
snapshot in the old graph's place; a reader holds it while it takes what it needs; nobody holds it
while waiting for anything else. So a reader never sees half a commit, and takes a copy of whatever
it wants to go on with after it.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from graph_ext.client.session.recent_commits import RecentCommits
from graph_ext.core.events import Event
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.layered import LayeredGraph
from graph_ext.protocol import Commit, Cursor, Snapshot

__all__ = ["Gap", "Replica", "Shadow"]


_MANY = 10_000  # events: of so many links nobody asks by their nodes while they come


class Gap(Exception):  # noqa: N818 (no failure: the session is joined again)
    """A commit came that does not follow the last one."""


class Shadow(Protocol):
    """What is derived from a replica's graph and moves with it."""

    def follow(self, events: Sequence[Event] | None) -> None:
        """Hear, under the lock, by which events it has moved; None: to another graph."""


class Replica:
    """A graph that follows a session's log."""

    def __init__(self) -> None:
        # see the module's text
        self.lock = threading.RLock()
        # told of every new rev and status
        self._moved = threading.Condition(self.lock)
        # told, too, in the I/O thread; and the last commits, for those who watch them
        self._listeners: dict[Callable[[], None], None] = {}
        self.recent = RecentCommits()
        # told of all that the graph does
        self.shadows: weakref.WeakSet[Shadow] = weakref.WeakSet()
        # the graph at `rev`; another object after each snapshot
        self.graph = Graph()
        # what stands on `graph` and is told of its events before they happen
        self._layers: weakref.WeakSet[LayeredGraph] = weakref.WeakSet()
        # how many batches draft on it
        self.drafts = 0
        # the history that `rev` counts in; "" until something was loaded
        self.epoch = ""
        # the last commit applied whole
        self.rev = 0
        # counts up when what stands is no later state of what stood: the session was restored,
        # with another epoch or (a file's older copy) with the same one
        self.history = 0
        self._last_epoch = ""
        # a snapshot on its way, and how many of its elements are there
        self._loading: Graph | None = None
        self._loaded = 0
        self._total = 0
        # the events of a long commit's parts so far, and its rev
        self._parts: list[Event] = []
        self._parts_rev = 0
        _all.add(self)

    @property
    def cursor(self) -> Cursor | None:
        """Where to go on from; None: from the beginning."""
        return Cursor(self.epoch, self.rev) if self.epoch else None

    def node(self, node_id: str) -> Node | None:
        """The node of an id."""
        with self.lock:
            return self.graph.nodes.get(node_id)

    def link(self, link_id: str) -> Link | None:
        """The link of an id."""
        with self.lock:
            return self.graph.links.get(link_id)

    def wait_until(self, holds: Callable[[], bool], timeout_s: float | None) -> bool:
        """Wait until something holds of the replica or its session, or the time is over.

        The lock is held while ``holds`` is asked, not while waiting. ``timeout_s`` None: for
        ever. Returns what it said last.
        """
        with self._moved:
            return self._moved.wait_for(holds, timeout_s)

    def wait_beyond(self, rev: int, timeout_s: float) -> bool:
        """Wait until the replica has passed a rev, or the time is over; tell which."""
        return self.wait_until(lambda: self.rev > rev, timeout_s)

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Have a function called with every new rev and status; it may not wait for anything."""
        with self.lock:
            self._listeners[listener] = None
        try:
            yield
        finally:
            with self.lock:
                del self._listeners[listener]

    def moved(self) -> None:
        """Have those who wait ask again: something has changed."""
        with self._moved:
            self._moved.notify_all()
            for listener in self._listeners:
                listener()

    def layered(self) -> LayeredGraph:
        """Return a graph of its own that begins as this one stands; read it under this lock."""
        with self.lock:
            layer = LayeredGraph(self.graph)
            self._layers.add(layer)
        return layer

    def cast(self, events: Sequence[Event] | None) -> None:
        """Tell the shadows by which events the graph has moved; None: it is another one."""
        for shadow in self.shadows:
            shadow.follow(events)

    def restart(self) -> None:
        """Drop what is on its way: it will be sent again."""
        self._loading = None
        self._parts = []
        self._parts_rev = 0

    def forget(self) -> None:
        """Have everything sent again with the next join; readers keep the old graph till then."""
        self.restart()
        self.epoch = ""

    def load(self, page: Snapshot) -> tuple[int, int]:
        """Take one page of a snapshot.

        Returns
        -------
        (int, int)
            How many elements are there, and of how many.
        """
        if self._loading is None:
            self._loading = Graph()
            self._loaded = 0
            self._total = page.total
        if page.blueprint is not None:
            self._loading.blueprint = page.blueprint
        self._loading.load(page.nodes, page.links)
        self._loaded += len(page.nodes) + len(page.links)
        if not page.more:
            with self.lock:
                if page.rev < self.rev or self._last_epoch not in {"", page.epoch}:
                    self.history += 1
                self._last_epoch = page.epoch
                self.graph = self._loading
                # those on the old graph, which changes no more, have nothing to be told
                self._layers.clear()
                self.epoch = page.epoch
                self.rev = page.rev
                self.recent.clear()
                self.cast(None)
                self.moved()
            self._loading = None
        return self._loaded, self._total

    def take(self, commit: Commit) -> bool:
        """Take a commit, or a part of one; tell whether it has changed the graph.

        Raises
        ------
        Gap
            It does not follow the last one.
        """
        if commit.epoch != self.epoch or commit.rev > self.rev + 1:
            raise Gap
        if commit.rev <= self.rev:
            return False
        if self._parts_rev != commit.rev:
            self._parts = []
            self._parts_rev = commit.rev
        if commit.more:
            self._parts.extend(commit.events)
            return False
        events = [*self._parts, *commit.events] if self._parts else commit.events
        self._parts = []
        self._parts_rev = 0
        with self.lock:
            graph, layers = self.graph, tuple(self._layers)
            if len(events) > _MANY:
                graph.put_off()
            for event in events:
                for layer in layers:
                    layer.keep(event)
                graph.apply(event)
            self.rev = commit.rev
            self.recent.keep(commit, events)
            self.cast(events)
            self.moved()
        return True


_all: weakref.WeakSet[Replica] = weakref.WeakSet()
_held: list[Replica] = []


def _before_fork() -> None:
    """Let no commit be half applied in the copy of memory that a forked child gets."""
    _held.extend(_all)
    for replica in _held:
        replica.lock.acquire()


def _after_fork() -> None:
    while _held:
        _held.pop().lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )
