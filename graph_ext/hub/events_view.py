"""The events view of one session: a sink that spells its log out, once for all who read it.

A follower of it is an ordinary cursor into the log (hub/channel.py). What it reads is spelled out
(hub/event_slices.py) slice by slice, as far as anybody has come, and shared by all who read the
same records. What is in no log goes to those who are at the log's end. There is no queue:
a follower holds one frame of the log at most, and takes the next when its target has had that one.
Made by hub/broadcaster.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from graph_ext.core.errors import GoneError, GraphError, SchemaError
from graph_ext.hub.channel import Channel, Follower, Sink
from graph_ext.hub.event_slices import SLICE_EVENTS, EncodedEvent, EventSlice, Spelled
from graph_ext.hub.ports import LAST, Place
from graph_ext.protocol import EVENT_TYPES, Cursor

__all__ = ["EventTarget", "EventsFollower", "EventsView", "SinkTarget", "check_types"]

_KEPT = 8  # spelled-out frames kept for those who come after: followers mostly agree


def check_types(names: Iterable[str]) -> frozenset[str]:
    """Return event types as followers want them.

    Raises
    ------
    SchemaError
        One of them is none.
    """
    types = frozenset(names)
    unknown = sorted(types - set(EVENT_TYPES))
    if unknown:
        raise SchemaError(
            f"There is no event type {unknown[0][:40]!r}",
            path="events",
            fix=f"there are {', '.join(EVENT_TYPES)}",
        )
    return types


class EventTarget(Protocol):
    """Where events go: a WebSocket, an SSE stream, a webhook, the callbacks of this process."""

    def writable(self) -> bool:
        """Whether everything written before has left."""

    def write_events(self, events: EventSlice, /) -> None:
        """Take events; a target that has closed drops them."""

    def when_writable(self, callback: Callable[[], None], /) -> None:
        """Call back once, when the target is writable again."""


class SinkTarget:
    """A target that writes frames of the WebSocket protocol to a sink."""

    def __init__(self, sink: Sink) -> None:
        self.writable = sink.writable
        self.when_writable = sink.when_writable
        self._sink = sink

    def write_events(self, events: EventSlice, /) -> None:
        """Write them in one frame."""
        if events.events:
            self._sink.write(events.frame)


class EventsView:
    """One session's log, spelled out.

    Parameters
    ----------
    channel : Channel
        The log.

    Attributes
    ----------
    followers : dict
        Those who are told what is in no log, too.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.followers: dict[EventsFollower, None] = {}
        # (frame, whether it begins within a commit) -> the first slice of it; newest last
        self._spelled: dict[tuple[bytes, bool], Spelled] = {}

    def follow(
        self,
        target: EventTarget,
        place: Place | None,
        types: frozenset[str],
        ended: Callable[[GraphError], None],
        keeps_open: bool = True,
    ) -> EventsFollower:
        """Hand events on from a place at which a commit ends (None: from now), and what is told.

        See :class:`EventsFollower`.
        """
        follower = EventsFollower(self, target, place, types, ended, keeps_open)
        if not follower.stopped:
            self.followers[follower] = None
        return follower

    def place_after(self, since: Cursor) -> Place:
        """Say where to go on after a commit.

        Raises
        ------
        GoneError
            The log no longer, or not yet, has what comes after it.
        """
        store, rev = self.channel.store, self.channel.end[0]
        if since.epoch != store.epoch or not store.floor <= since.rev <= rev:
            raise GoneError(
                f"The events after rev {since.rev} of epoch {since.epoch[:40]!r} can't be had: this"
                f" is epoch {store.epoch!r}, revs {store.floor} to {rev}",
                fix="read the graph as it is now, and follow without `since`",
            )
        return (since.rev, LAST)

    def tell(self, event: EncodedEvent) -> None:
        """Hand on what is in no log, to those who have all that is in it."""
        told = EventSlice((event,))
        for follower in tuple(self.followers):
            follower.tell(told)

    def close(self, error: GraphError) -> None:
        """End every follower."""
        for follower in tuple(self.followers):
            follower.end(error)

    def spell(self, frame: bytes, within: bool) -> Spelled:
        """Spell out a frame of the log; ``within``: it begins within a commit."""
        key = (frame, within)
        found = self._spelled.get(key)
        if found is None:
            found = self._spelled[key] = Spelled(frame, within)
            if len(self._spelled) > _KEPT:
                del self._spelled[next(iter(self._spelled))]
        return found


class EventsFollower:
    """A cursor into the events view: the sink between the log's follower and a target.

    Parameters
    ----------
    view : EventsView
        What is followed.
    target : EventTarget
        Where the events go.
    place : Place or None
        At which a commit ends; None: the log's end as it is now.
    types : frozenset of str
        Of the events that are wanted; ``ALL_TYPES``: of every type.
    ended : callable
        Called, once, when it has stopped but not by :meth:`stop`: the session was closed, its
        store failed, or its log no longer has what comes next.
    keeps_open : bool
        Whether the session is in use while this follows.

    Attributes
    ----------
    place : Place
        What the target has had of the log: whole commits.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one more than usual
        self,
        view: EventsView,
        target: EventTarget,
        place: Place | None,
        types: frozenset[str],
        ended: Callable[[GraphError], None],
        keeps_open: bool = True,
    ) -> None:
        self.place: Place = view.channel.end if place is None else place
        self.keeps_open = keeps_open
        self.stopped = False
        self._view = view
        self._target = target
        self._types = types
        self._ended = ended
        # the rev that has been read, and whether only in part
        self._rev = self.place[0]
        self._within = False
        # what is handed on next
        self._slice: EventSlice | None = None
        # events handed on since others last had their turn
        self._handed = 0
        # whether the loop or the target is going to call _resume
        self._paused = False
        # the log's follower, when this one is to go on
        self._waiting: list[Callable[[], None]] = []
        self._follower: Follower | None = None
        # it may call :meth:`write` at once, and that :meth:`end`
        self._follower = view.channel.follow(self, self.place, self.end)
        if self.stopped:
            self._follower.stop()

    def stop(self) -> None:
        """Hand on nothing more."""
        if not self.stopped:
            self.stopped = True
            self._slice = None
            self._view.followers.pop(self, None)
            if self._follower is not None:
                self._follower.stop()

    def end(self, error: GraphError) -> None:
        """Stop, and say why."""
        if not self.stopped:
            self.stop()
            self._ended(error)

    def tell(self, told: EventSlice) -> None:
        """Hand on what is in no log; dropped where the target is behind."""
        if self._idle and self.place >= self._view.channel.end and self._target.writable():
            wanted = told.of(self._types)
            if wanted.events:
                self._target.write_events(wanted)

    # --- as the sink of the log's follower -----------------------------------------------------

    def writable(self) -> bool:
        """Whether all was handed on, and the target takes more."""
        return self._idle and self._target.writable()

    def write(self, frame: bytes) -> None:
        """Take a frame of the log."""
        if self.stopped:
            return
        spelled = self._view.spell(frame, self._within)
        if spelled.first_rev != (self._rev if self._within else self._rev + 1):
            last = self.place[0]
            self.end(
                GoneError(
                    f"The log no longer reaches back to rev {last + 1}",
                    fix="read the graph as it is now, and follow from its rev",
                )
            )
            return
        self._rev, self._within = spelled.last_rev, spelled.more
        self._slice = spelled.first
        self._hand_on()

    def when_writable(self, callback: Callable[[], None]) -> None:
        """Call back once, when the target takes more."""
        if self._idle:
            self._target.when_writable(callback)
        else:
            self._waiting.append(callback)

    # --- handing on ---------------------------------------------------------------------------

    @property
    def _idle(self) -> bool:
        return self._slice is None and not self._paused

    def _hand_on(self) -> None:
        """Hand on slices, as many as one turn of the loop allows."""
        while (ahead := self._slice) is not None:
            if not self._target.writable():
                self._paused = True
                self._target.when_writable(self._resume)
                return
            if self._handed >= SLICE_EVENTS:
                self._handed = 0
                self._paused = True
                asyncio.get_running_loop().call_soon(self._resume)
                return
            self._handed += len(ahead.events)
            self._slice = ahead.next()
            if ahead.place is not None:
                self.place = ahead.place
            self._target.write_events(ahead.of(self._types))

    def _resume(self) -> None:
        self._paused = False
        if self.stopped:
            return
        self._hand_on()
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            if self.writable():
                callback()
            else:
                self.when_writable(callback)
