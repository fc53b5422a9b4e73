"""Where commits are published and followed, and where events are told and heard.

One channel per open session (hub/channel.py) is the published log, and beside it stands its events
view (hub/events_view.py). Followers of that and subscribers of this process (hub/events.py) also
get what is in no log: refused commands, connections, renames. Called by hub/hub.py and
hub/session.py; other server extensions come through graph_ext/broadcaster.py. Longer than other
modules: the event types are one list, each with its typed function.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from msgspec import UNSET, UnsetType

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.core.events import NodeField
from graph_ext.core.history import Skipped
from graph_ext.hub.channel import Channel, Follower, Sink, Terms
from graph_ext.hub.event_slices import ALL_TYPES, encode_event
from graph_ext.hub.events import ALL, Callback, Subscribers, SubscribersOf
from graph_ext.hub.events_view import EventsFollower, EventsView
from graph_ext.hub.ports import Place, Record, SessionStore
from graph_ext.protocol import (
    BlueprintUpdatedEvent,
    CommandExecutedEvent,
    CommandExecutingEvent,
    FlatEvent,
    NodeCreatedEvent,
    NodeDeletedEvent,
    NodeLinkedEvent,
    NodeUnlinkedEvent,
    NodeUpdatedEvent,
    PropertyChangedEvent,
    PropertyDeletedEvent,
    RedoEvent,
    SessionConnectedEvent,
    SessionDisconnectedEvent,
    SessionUpdated,
    UndoEvent,
)

__all__ = ["ALL", "Broadcaster", "Callback"]

_log = logging.getLogger(__name__)


class Broadcaster:
    """The published logs of the open sessions, and who subscribes to their events.

    Channels are used on the event loop alone; subscribing and the ``emit_*`` functions may be
    called from any thread.

    Parameters
    ----------
    tail_bytes : int
        How much of each session's log is kept in memory for those who follow it.
    """

    def __init__(self, tail_bytes: int = 8 * 1024 * 1024) -> None:
        self._tail_bytes = tail_bytes
        # session_id -> its log spelled out, while the session is open; has its channel
        self._views: dict[str, EventsView] = {}
        # called with the session_id of each log that begins
        self._openings: dict[Callable[[str], None], None] = {}
        # the callbacks of this process
        self._subscribers = Subscribers()
        # session_id -> who reads its log for them, while there are any
        self._reading: dict[str, EventsFollower] = {}
        # the loop of the channels, known when the first is opened
        self._loop: asyncio.AbstractEventLoop | None = None

    # --- the log ------------------------------------------------------------------------------

    def open(self, session_id: str, store: SessionStore) -> None:
        """Begin a session's channel at the store's last rev."""
        self._loop = asyncio.get_running_loop()
        channel = Channel(session_id, store, self._tail_bytes)
        self._views[session_id] = EventsView(channel)
        self._read_for_subscribers()
        for opened in tuple(self._openings):
            opened(session_id)

    def close(self, session_id: str, error: GraphError | None = None) -> None:
        """End a session's channel; its followers stop, and those of its events are told why."""
        reading = self._reading.pop(session_id, None)
        if reading is not None:
            reading.stop()
        view = self._views.pop(session_id, None)
        if view is not None:
            view.close(error or UnavailableError("The session is closing"))
            for follower in tuple(view.channel.followers):
                follower.stop()

    def publish(self, session_id: str, records: Sequence[Record]) -> None:
        """Let everybody have the records of durable commits."""
        self._views[session_id].channel.publish(records)

    def follow(
        self,
        session_id: str,
        sink: Sink,
        place: Place | None,
        failed: Callable[[GraphError], None],
        terms: Terms,
    ) -> Follower:
        """Follow a session's log: see :meth:`graph_ext.hub.channel.Channel.follow`."""
        return self._views[session_id].channel.follow(sink, place, failed, terms)

    def events(self, session_id: str) -> EventsView:
        """The events view of an open session."""
        return self._views[session_id]

    def is_open(self, session_id: str) -> bool:
        """Whether a session's log can be followed."""
        return session_id in self._views

    def watch(self, opened: Callable[[str], None]) -> None:
        """Have ``opened`` called with the session_id of each log that begins from now on."""
        self._openings[opened] = None

    def unwatch(self, opened: Callable[[str], None]) -> None:
        """Have it called no more."""
        self._openings.pop(opened, None)

    def published_rev(self, session_id: str) -> int:
        """The last rev that followers may have."""
        return self._views[session_id].channel.end[0]

    def lag(self) -> int:
        """By how many revs the slowest follower is behind; one that needs a snapshot, by all."""
        return max(
            (
                view.channel.end[0] - (0 if follower.place is None else follower.place[0])
                for view in self._views.values()
                for follower in view.channel.followers
            ),
            default=0,
        )

    # --- subscribers of this process ----------------------------------------------------------

    @property
    def failures(self) -> Counter[str]:
        """How often callbacks have raised, by event type."""
        return self._subscribers.failures

    def subscribe(self, event_type: str, callback: Callback, session_id: str | None = None) -> None:
        """Have a callback called with events from now on.

        It is called on the event loop (or, while no session was opened yet, by whoever calls
        ``emit_*``), so it must be quick. One that raises is logged and counted, and hurts nobody
        else.

        Parameters
        ----------
        event_type : str
            One of ``EVENT_TYPES``, or ``"all"``.
        callback : callable
            Called with each event: a dict, ``type`` and ``session_id`` among its keys.
        session_id : str, optional
            Only of that session; by default of all open ones.

        Raises
        ------
        ValueError
            There is no such event type.
        """
        self._subscribers.add(event_type, callback, session_id)
        self._tell_loop()

    def unsubscribe(
        self, event_type: str, callback: Callback, session_id: str | None = None
    ) -> None:
        """Have it called no more for what it was subscribed to in these words; else no error."""
        self._subscribers.remove(event_type, callback, session_id)
        self._tell_loop()

    def _tell_loop(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._read_for_subscribers)

    def _read_for_subscribers(self) -> None:
        """Follow every open session where anybody subscribes, and none where nobody does."""
        if not self._subscribers:
            for follower in self._reading.values():
                follower.stop()
            self._reading.clear()
            return
        for session_id, view in self._views.items():
            if session_id not in self._reading:
                # not by view.follow: callbacks are told what is in no log of any session, at once
                self._reading[session_id] = EventsFollower(
                    view,
                    SubscribersOf(self._subscribers, session_id),
                    None,
                    ALL_TYPES,
                    partial(self._missed, session_id),
                )

    def _missed(self, session_id: str, error: GraphError) -> None:
        """Go on from where the log is now, after what can't be read of it."""
        _log.error("Subscribers of session %s miss events: %s", session_id, error)
        del self._reading[session_id]
        self._tell_loop()

    def _emit(self, event: FlatEvent) -> None:
        """Let those who follow the events have one that is in no log; from any thread."""
        loop = self._loop
        if loop is None or loop.is_closed() or _running() is loop:
            self._tell(event)
        else:
            loop.call_soon_threadsafe(self._tell, event)

    def _tell(self, event: FlatEvent) -> None:
        encoded = encode_event(event)
        self._subscribers.deliver(event.session_id, encoded)
        view = self._views.get(event.session_id)
        if view is not None:
            view.tell(encoded)

    # --- one function for each event type; its parameters are the event's keys -----------------

    def emit_node_created(
        self,
        session_id: str,
        node_id: str,
        parent_id: str | None,
        blueprint_type_id: str,
        name: str,
    ) -> None:
        """Tell that a node was created."""
        self._emit(
            NodeCreatedEvent(
                session_id=session_id,
                node_id=node_id,
                parent_id=parent_id,
                blueprint_type_id=blueprint_type_id,
                name=name,
            )
        )

    def emit_node_deleted(self, session_id: str, node_id: str) -> None:
        """Tell that a node was deleted."""
        self._emit(NodeDeletedEvent(session_id=session_id, node_id=node_id))

    def emit_node_updated(
        self, session_id: str, node_id: str, field: NodeField, old_value: Any, new_value: Any
    ) -> None:
        """Tell that a node has another name, parent, order or position."""
        self._emit(
            NodeUpdatedEvent(
                session_id=session_id,
                node_id=node_id,
                field=field,
                old_value=old_value,
                new_value=new_value,
            )
        )

    def emit_node_linked(
        self, session_id: str, link_id: str, source_id: str, target_id: str, link_type_id: str
    ) -> None:
        """Tell that two nodes were linked."""
        self._emit(
            NodeLinkedEvent(
                session_id=session_id,
                link_id=link_id,
                source_id=source_id,
                target_id=target_id,
                link_type_id=link_type_id,
            )
        )

    def emit_node_unlinked(
        self, session_id: str, link_id: str, source_id: str, target_id: str, link_type_id: str
    ) -> None:
        """Tell that a link was removed."""
        self._emit(
            NodeUnlinkedEvent(
                session_id=session_id,
                link_id=link_id,
                source_id=source_id,
                target_id=target_id,
                link_type_id=link_type_id,
            )
        )

    def emit_property_changed(  # noqa: PLR0913, PLR0917 - the event's keys
        self,
        session_id: str,
        property_name: str,
        new_value: Any,
        old_value: Any | UnsetType = UNSET,
        node_id: str | None = None,
        link_id: str | None = None,
    ) -> None:
        """Tell that a property of a node or a link has a value."""
        self._emit(
            PropertyChangedEvent(
                session_id=session_id,
                property_name=property_name,
                new_value=new_value,
                old_value=old_value,
                node_id=node_id,
                link_id=link_id,
            )
        )

    def emit_property_deleted(
        self,
        session_id: str,
        property_name: str,
        old_value: Any = None,
        node_id: str | None = None,
        link_id: str | None = None,
    ) -> None:
        """Tell that a property of a node or a link is gone."""
        self._emit(
            PropertyDeletedEvent(
                session_id=session_id,
                property_name=property_name,
                old_value=old_value,
                node_id=node_id,
                link_id=link_id,
            )
        )

    def emit_command_executing(self, session_id: str, command_id: str, command_type: str) -> None:
        """Tell that a command is about to be executed."""
        self._emit(
            CommandExecutingEvent(
                session_id=session_id, command_id=command_id, command_type=command_type
            )
        )

    def emit_command_executed(
        self, session_id: str, command_id: str, success: bool = True, error: str | None = None
    ) -> None:
        """Tell that a command was executed, or refused and why."""
        self._emit(
            CommandExecutedEvent(
                session_id=session_id, command_id=command_id, success=success, error=error
            )
        )

    def emit_undo(
        self, session_id: str, command_id: str, undoes: int, skipped: Sequence[Skipped] = ()
    ) -> None:
        """Tell that a rev was undone."""
        self._emit(
            UndoEvent(
                session_id=session_id, command_id=command_id, undoes=undoes, skipped=list(skipped)
            )
        )

    def emit_redo(
        self, session_id: str, command_id: str, redoes: int, skipped: Sequence[Skipped] = ()
    ) -> None:
        """Tell that an undo was taken back."""
        self._emit(
            RedoEvent(
                session_id=session_id, command_id=command_id, redoes=redoes, skipped=list(skipped)
            )
        )

    def emit_session_connected(self, session_id: str, client_id: str) -> None:
        """Tell that a client has joined."""
        self._emit(SessionConnectedEvent(session_id=session_id, client_id=client_id))

    def emit_session_disconnected(self, session_id: str, client_id: str) -> None:
        """Tell that a client has left."""
        self._emit(SessionDisconnectedEvent(session_id=session_id, client_id=client_id))

    def emit_blueprint_updated(
        self, session_id: str, new_value: Blueprint, old_value: Blueprint
    ) -> None:
        """Tell that a session has another blueprint."""
        self._emit(
            BlueprintUpdatedEvent(session_id=session_id, new_value=new_value, old_value=old_value)
        )

    def emit_session_updated(
        self, session_id: str, name: str = "", ended: bool = False, members: bool = False
    ) -> None:
        """Tell that a session has another name or other members, or has ended."""
        self._emit(SessionUpdated(session_id=session_id, name=name, ended=ended, members=members))


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
