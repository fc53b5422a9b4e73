"""``g.on`` and ``g.follow``: hear of each change of a graph, as it comes.

A callback is one of callback.py, called by the thread of watcher.py with an event of event.py.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from graph_ext.client.elements.keys import Key, node_id_of
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.watching.callback import Watch, types_of
from graph_ext.client.watching.cursor import Following
from graph_ext.client.watching.watcher import Watcher
from graph_ext.core.errors import NotFoundError, UnavailableError

__all__ = ["WatchedGraph"]

F = TypeVar("F", bound=Callable[[Any], object])


class WatchedGraph(FollowedGraph):
    """A followed graph whose changes can be watched."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # guards the two below
        self._watching = threading.Lock()
        # replaced, never changed in place
        self._watches: tuple[Watch, ...] = ()
        # calls them in a thread; None while there is none to call
        self._watcher: Watcher | None = None
        self._watch_thread: threading.Thread | None = None

    def follow(self, since: int | None = None, timeout_s: float | None = None) -> Following:
        """Follow the commits, one after another: ``for commit in g.follow(): ...``.

        First those of the log after ``since``, then each as it comes: no gap, none twice, over
        reconnects, too. ``async for`` does the same. A reader who is slow reads them from the
        server's log. When a commit is given, this replica has it.

        Parameters
        ----------
        since : int, optional
            The rev that you know already; 0: from the beginning; None: only what comes from now on.
        timeout_s : float, optional
            End when nothing has come for so long; None: never.

        Returns
        -------
        Following
            An iterator of ``Commit`` (``rev``, ``at``, ``actor``, ``label``, ``events``), which are
            not to be changed. ``close()`` ends it at once, from any thread, and so does ``with``.

        Raises
        ------
        GraphError
            NOT_FOUND (there is no such rev yet), UNAVAILABLE (this graph was closed). While it
            goes on: GONE (the log does not reach back that far; the session was deleted or
            restored).

        Examples
        --------
        >>> for commit in g.follow(since=4, timeout_s=0):
        ...     print(commit.rev, len(commit.events))
        5 1
        6 1
        """
        self._check_open()
        return Following(self, since, timeout_s)

    def on(  # noqa: PLR0913 (people give one or two of them)
        self,
        events: str | Iterable[str] = "all",
        *,
        type: str | Iterable[str] | None = None,  # noqa: A002 (as the blueprint calls it)
        node: Key | None = None,
        property: str | None = None,  # noqa: A002 (as people call it)
        actor: str | None = None,
        mine: bool | None = None,
    ) -> Callable[[F], F]:
        """Have a function called with each event that is wanted: ``@g.on("node-created")``.

        Callbacks run on one thread of their own, in the order of the log; they may change the
        graph. An error of theirs is shown with its traceback and counted, and the next event
        comes. A slow one holds up only the callbacks; what it is late for is read from the
        server's log, and where that has let go of it, a ``reset`` event says so: whoever does
        not listen to that is told on stderr. A graph that has callbacks stays open until it is
        closed, even if nobody else holds it.

        Parameters
        ----------
        events : str or iterable of str
            Event types: node-created, node-deleted, node-updated, node-linked, node-unlinked,
            property-changed, property-deleted, blueprint-updated, undo, redo, command-executing,
            command-executed (of what was done: a refusal is told only to who tried);
            session-connected and session-disconnected (somebody else came or went),
            session-updated (a rename, other members, an end); reset; or "all".
        type : str or iterable of str, optional
            Only of nodes or links of these types.
        node : key, optional
            Only of this node, and of links at it.
        property : str, optional
            Only of this property.
        actor : str, optional
            Only what they do: a name or an actor_id.
        mine : bool, optional
            False: not what this process does; True: nothing else.

        Returns
        -------
        callable
            Takes the function, and returns it.

        Raises
        ------
        GraphError
            SCHEMA (there is no such event type), UNAVAILABLE (this graph was closed).
        TypeError
            The function is asynchronous.

        Examples
        --------
        >>> @g.on("property-changed", type="Task", property="state", mine=False)
        ... def tell(event):
        ...     print(event.node, event.old_value, "->", event.new_value, event.actor.name)
        """
        types = types_of(events)
        type_ids = None if type is None else frozenset([type] if isinstance(type, str) else type)
        node_id = None if node is None else node_id_of(node)

        def register(callback: F) -> F:
            if inspect.iscoroutinefunction(callback):
                raise TypeError(
                    "a callback must be a plain function; `async for commit in g.follow()` "
                    "is the way to watch from coroutines"
                )
            self._add(
                Watch(
                    callback=callback,
                    types=types,
                    type_ids=type_ids,
                    node_id=node_id,
                    property_name=property,
                    actor=actor,
                    mine=mine,
                )
            )
            return callback

        return register

    def off(self, callback: Callable[[Any], object]) -> None:
        """Call a function no longer, whatever it was registered for.

        It may be at work still, if another thread calls this.

        Raises
        ------
        NotFoundError
            It is not registered.
        """
        with self._watching:
            left = tuple(watch for watch in self._watches if watch.callback != callback)
            if len(left) == len(self._watches):
                raise NotFoundError(f"{callback!r} is not registered", fix="g.watches lists all")
            self._watches = left
            if not left:
                self._stop_watching()

    @property
    def watches(self) -> list[Watch]:
        """The callbacks: what they listen to, ``calls``, ``errors`` and ``last_error``."""
        return list(self._watches)

    def close(self) -> None:
        """Follow the session no longer; it lives on at the server. Callbacks are called no more."""
        super().close()
        with self._watching:
            self._watches = ()
            self._stop_watching()
        self.live_replica.moved()

    def _add(self, watch: Watch) -> None:
        with self._watching:
            self._check_open()
            if self._watcher is None:
                self._watcher = Watcher(self, lambda: self._watches, self._watch_thread)
                self._watch_thread = self._watcher.start()
            watch.since_rev = self.live_replica.rev
            self._watches = (*self._watches, watch)

    def _stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None

    def _check_open(self) -> None:
        if not self._release.alive:
            raise UnavailableError("this graph was closed", fix="open it again: gx.open(name)")
