"""The thread that calls a graph's callbacks, one after another, in the order of the log.

It is a reader like any other (cursor.py): a slow callback holds up nothing but the callbacks after
it, no commit queues up for it, and a callback may change the graph. What is in no log (who comes
and goes, a rename) can't be read again, so the last of that is kept until its turn.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from graph_ext.client.followed import FollowedGraph
from graph_ext.client.session.session import SessionFact
from graph_ext.client.watching.callback import Watch, say
from graph_ext.client.watching.cursor import Following
from graph_ext.client.watching.event import Reset, WatchedEvent, type_of
from graph_ext.core.errors import GoneError, GraphError, UnavailableError
from graph_ext.protocol import Commit, spell_out

__all__ = ["Watcher"]

_FACTS = 1000  # kept for slow callbacks; of more, the oldest go


class Watcher:
    """Calls a graph's callbacks until it is closed.

    Parameters
    ----------
    graph : FollowedGraph
        Whose.
    watches : callable
        Returns the callbacks of now.
    before : threading.Thread, optional
        The thread of the watcher before this one: its last callback comes first.
    """

    def __init__(
        self,
        graph: FollowedGraph,
        watches: Callable[[], tuple[Watch, ...]],
        before: threading.Thread | None,
    ) -> None:
        self._graph = graph
        self._watches = watches
        self._before = before
        # what stands in no log and was not told yet, each with the rev after which it came
        self._facts: deque[tuple[int, SessionFact]] = deque(maxlen=_FACTS)
        # how many went unheard
        self._lost = 0
        self._commits = _Interrupted(graph, self._is_due)
        graph.witness(self._note)

    def start(self) -> threading.Thread:
        """Begin, and return the thread."""
        thread = threading.Thread(
            target=self._run, name=f"graph_ext callbacks of {self._graph.name}", daemon=True
        )
        thread.start()
        return thread

    def close(self) -> None:
        """Call nothing any more, from any thread; a callback may be at work still."""
        self._graph.witness_no_longer(self._note)
        self._commits.close()

    # --- on the I/O thread ------------------------------------------------------------------------

    def _note(self, fact: SessionFact) -> None:
        replica = self._graph.live_replica
        with replica.lock:
            self._lost += len(self._facts) == _FACTS
            self._facts.append((replica.rev, fact))
            replica.moved()

    # --- in its own thread ------------------------------------------------------------------------

    def _run(self) -> None:
        if self._before is not None:
            self._before.join()
            self._before = None
        commits = self._commits
        while not commits.closed:
            while self._is_due():
                self._tell_fact()
            since_rev, history = commits.rev, commits.history
            try:
                commit = next(commits)
            except StopIteration:
                continue  # closed, or there is a fact
            except GoneError as error:
                # none of them is of the history that follows
                while self._facts:
                    self._tell_fact()
                if self._graph.failure is not None:
                    say(f"{self._graph.name!r} is watched no longer: {error}")
                    return
                commits.skip()
                self._reset(since_rev, history == commits.history, error.message)
            except UnavailableError:
                return  # the connection was closed
            except GraphError as error:
                say(f"{self._graph.name!r} is watched no longer: {error}")
                return
            else:
                self._tell(commit)

    def _is_due(self) -> bool:
        """Tell whether a fact comes before the next commit."""
        facts = self._facts
        return bool(facts) and facts[0][0] <= self._commits.rev

    def _tell_fact(self) -> None:
        with self._graph.live_replica.lock:
            lost, self._lost = self._lost, 0
            rev, fact = self._facts.popleft()
        if lost:
            say(f"the callbacks of {self._graph.name!r} are slow: {lost} session events are lost")
        self._call(WatchedEvent(self._graph, fact, None, False), rev + 1)

    def _tell(self, commit: Commit) -> None:
        wanted = frozenset().union(*(watch.types for watch in self._watches()))
        mine = commit.client_id == self._graph.connection.client_id
        for fact in spell_out(commit):
            if type_of(fact) in wanted:
                self._call(WatchedEvent(self._graph, fact, commit, mine), commit.rev)

    def _call(self, event: WatchedEvent, rev: int) -> None:
        """Call who wants an event that came with a rev, or before the one that it would be."""
        for watch in self._watches():
            if self._commits.closed:
                return
            if (
                event.type in watch.types
                and rev > watch.since_rev
                and watch in self._watches()
                and watch.wants(event)
            ):
                watch.call(event)

    def _reset(self, since_rev: int, one_history: bool, reason: str) -> None:
        """Say that what happened in between can't be told."""
        name, rev = self._graph.name, self._commits.rev
        fact = Reset(
            session_id=self._graph.session_id,
            since_rev=since_rev,
            rev=rev,
            count=rev - since_rev if one_history else None,
            reason=reason,
        )
        event = WatchedEvent(self._graph, fact, None, False)
        watches = self._watches()
        if one_history:
            watches = tuple(watch for watch in watches if watch.since_rev < rev)
        deaf = [watch.name for watch in watches if "reset" not in watch.types]
        if deaf:
            say(
                f"{', '.join(deaf)} missed what happened in {name!r} between rev {since_rev} and "
                f"{rev}: {reason}. Listen to 'reset' to hear of this in code."
            )
        for watch in watches:
            if not one_history:
                watch.since_rev = 0  # revs count anew
            if "reset" in watch.types and watch in self._watches():
                watch.call(event)


class _Interrupted(Following):
    """A reader of commits that ends a wait, for the time being, when something else is due."""

    def __init__(self, graph: FollowedGraph, is_due: Callable[[], bool]) -> None:
        self._is_due = is_due
        super().__init__(graph)

    def _stirred(self) -> bool:
        return self._is_due() or super()._stirred()

    def _is_over(self, deadline: float) -> bool:
        return self._is_due() or super()._is_over(deadline)
