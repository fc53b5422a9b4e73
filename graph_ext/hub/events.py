"""Subscribers of this process: callbacks that get the events of the open sessions.

A target of the events view (hub/events_view.py) like any other, one for all sessions. Made by
hub/broadcaster.py.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from graph_ext.hub.event_slices import EncodedEvent, EventSlice
from graph_ext.protocol import EVENT_TYPES

__all__ = ["ALL", "Callback", "Subscribers"]

ALL = "all"
"""In place of an event type: every one of them."""

Callback = Callable[[dict[str, Any]], None]
"""Called with one event as JSON has it, ``type`` included; a dict of its own each time."""

_log = logging.getLogger(__name__)
_json = msgspec.json.Decoder(dict[str, Any])


class _Subscription(NamedTuple):
    callback: Callback
    session_id: str | None


class Subscribers:
    """Callbacks, by event type. Subscribing is safe from any thread.

    Attributes
    ----------
    failures : Counter of str
        How often callbacks have raised, by event type.
    """

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        # event type -> those to call, in the order in which they came; replaced, never changed
        self._subscriptions: dict[str, tuple[_Subscription, ...]] = {}
        self._changing = Lock()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return any(self._subscriptions.values())

    def add(self, event_type: str, callback: Callback, session_id: str | None) -> None:
        """Have a callback called from now on (ValueError: there is no such type)."""
        if event_type != ALL and event_type not in EVENT_TYPES:
            raise ValueError(
                f"no event type {event_type!r}; there are {ALL}, {', '.join(EVENT_TYPES)}"
            )
        with self._changing:
            before = self._subscriptions.get(event_type, ())
            new = (*before, _Subscription(callback, session_id))
            self._subscriptions = {**self._subscriptions, event_type: new}

    def remove(self, event_type: str, callback: Callback, session_id: str | None) -> None:
        """Have it called no more for what it was subscribed to in these words; else no error."""
        gone = _Subscription(callback, session_id)
        with self._changing:
            left = tuple(each for each in self._subscriptions.get(event_type, ()) if each != gone)
            self._subscriptions = {**self._subscriptions, event_type: left}

    def deliver(self, session_id: str, event: EncodedEvent) -> None:
        """Call whoever wants an event."""
        subscriptions = self._subscriptions
        for wanted in (event.type, ALL):
            for subscription in subscriptions.get(wanted, ()):
                if subscription.session_id in {None, session_id}:
                    try:
                        subscription.callback(_json.decode(event.body))
                    except Exception:  # noqa: BLE001 - somebody else's code
                        self.failures[event.type] += 1
                        _log.exception("A subscriber of %s failed", event.type)


class SubscribersOf:
    """All subscribers as the target of one session's events: they take whatever comes."""

    def __init__(self, subscribers: Subscribers, session_id: str) -> None:
        self._subscribers = subscribers
        self._session_id = session_id

    def writable(self) -> bool:
        """Always: callbacks are quick."""
        return True

    def write_events(self, events: EventSlice, /) -> None:
        """Deliver them."""
        for event in events.events:
            self._subscribers.deliver(self._session_id, event)

    def when_writable(self, callback: Callable[[], None], /) -> None:
        """Call back at once."""
        callback()
