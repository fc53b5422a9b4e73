"""Who is connected to Socket.IO, and the rooms they are in (docs/protocol.md, 12).

A :class:`Guest` is one connection to a namespace, a :class:`Room` the one follower of a session
for all who are in it. They belong together: a room waits for its slowest guest, and is there for
as long as it has one. Made by socketio.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from graph_ext.core.access import Role
from graph_ext.core.errors import ForbiddenError, GraphError, RateLimitedError
from graph_ext.hub.access import Caller, Watch
from graph_ext.hub.event_slices import ALL_TYPES, EventSlice
from graph_ext.hub.events_view import EventsFollower
from graph_ext.hub.session import Session
from graph_ext.transports.base import GraphHandler
from graph_ext.transports.engineio import EngineHandler
from graph_ext.transports.live import LiveCaller

if TYPE_CHECKING:
    from graph_ext.transports.socketio import Gate

__all__ = ["Guest", "Room", "keep", "told_of"]

_PATIENCE_S = 2.0  # for which a room waits for its slowest client, which then has to go
_LOOK_S = 0.02  # between looks at how much waits for each

_log = logging.getLogger(__name__)
_json = msgspec.json.Decoder()


class Guest:
    """Somebody connected to a namespace.

    Parameters
    ----------
    gate : Gate
        To which they came.
    sid, namespace, eio_sid : str
        Socket.IO's name of the connection there, and Engine.IO's of the whole.
    opened : EngineHandler
        Of the request that opened it.
    handler : GraphHandler
        That knows who it is.
    client_id : str
        As the client names itself.
    caller : Caller
        Who it is, and what they may do.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what there is to know about one
        self,
        gate: Gate,
        sid: str,
        namespace: str,
        eio_sid: str,
        opened: EngineHandler,
        handler: GraphHandler,
        client_id: str,
        caller: Caller,
    ) -> None:
        self.sid = sid
        self.namespace = namespace
        self.eio_sid = eio_sid
        self.opened = opened
        self._handler = handler
        self._client_id = client_id
        self._gate = gate
        self._caller = caller
        # session_id -> what tells of another role in it
        self._watches: dict[str, Watch] = {}
        self._live = LiveCaller(handler, caller, self._caller_changed)

    def stop(self) -> None:
        """Leave every room: the connection has ended."""
        self._live.stop()
        for session_id in tuple(self._watches):
            self._unwatch(session_id)

    async def join(self, session_id: str) -> dict[str, Any]:
        """Enter a session's room; return where its events begin."""
        hub, gate = self._gate.hub, self._gate
        self._caller = await self._handler.caller(self._client_id)
        role = hub.access.check(session_id, self._caller, "read")
        if session_id not in self._watches and len(self._watches) >= hub.limits.sessions_joined:
            raise RateLimitedError(
                f"A client may be in {hub.limits.sessions_joined} sessions at once", fix="leave one"
            )
        session = await hub.open(session_id)
        if (
            gate.guests.get(self.sid) is not self
            or hub.access.role(session_id, self._caller) is None
        ):
            raise ForbiddenError("You may not follow this session any more")
        room = gate.rooms.get(session_id)
        if room is None:
            room = gate.rooms[session_id] = Room(gate, session)
        if session_id not in self._watches:
            changed = partial(self._role_changed, session_id)
            self._watches[session_id] = hub.access.watch(session_id, self._caller, changed)
        room.guests[self] = None
        await gate.server.enter_room(self.sid, session_id, namespace=self.namespace)
        return {
            "session_id": session_id,
            "role": role,
            "epoch": session.epoch,
            "rev": room.follower.place[0],
        }

    async def leave(self, session_id: str) -> None:
        """Leave a session's room; a room that was not joined is not its to leave."""
        if session_id not in self._watches:
            return
        self._unwatch(session_id)
        await self._gate.server.leave_room(self.sid, session_id, namespace=self.namespace)

    def _unwatch(self, session_id: str) -> None:
        watch = self._watches.pop(session_id, None)
        if watch is not None:
            watch.stop()
        room = self._gate.rooms.get(session_id)
        if room is not None:
            room.guests.pop(self, None)
            if not room.guests:
                room.stop()

    def _role_changed(self, session_id: str, role: Role | None) -> None:
        if role is None:
            error = ForbiddenError("You have no role in this session any more")
            keep(asyncio.get_running_loop().create_task(self._sent_away(session_id, error)))

    async def _sent_away(self, session_id: str, error: GraphError) -> None:
        await self.leave(session_id)
        said = {"session_id": session_id, **told_of(error)}
        await self._gate.server.emit("left", said, to=self.sid, namespace=self.namespace)

    def _caller_changed(self, caller: Caller | None) -> None:
        if caller is None:
            keep(asyncio.get_running_loop().create_task(self._gate.drop(self.eio_sid, self)))
            return
        self._caller = caller
        for watch in tuple(self._watches.values()):
            watch.ask_again(caller)

    def forget(self, session_id: str) -> None:
        """Be in a room no longer that has ended."""
        watch = self._watches.pop(session_id, None)
        if watch is not None:
            watch.stop()


class Room:
    """One session's events, emitted to all who are in its room; a target of the events view."""

    def __init__(self, gate: Gate, session: Session) -> None:
        self.guests: dict[Guest, None] = {}
        self._gate = gate
        self._session_id = session.session_id
        # emits a slice, and then waits for the slowest
        self._emitting: asyncio.Task[None] | None = None
        self._waiting: list[Callable[[], None]] = []
        self.follower: EventsFollower = session.follow_events(self, None, ALL_TYPES, self.end)

    def writable(self) -> bool:
        """Whether the last slice was emitted, and waits for nobody."""
        return self._emitting is None

    def when_writable(self, callback: Callable[[], None], /) -> None:
        """Call back once, when it was."""
        self._waiting.append(callback)

    def write_events(self, events: EventSlice, /) -> None:
        """Emit a slice."""
        if events.events:
            self._emitting = asyncio.get_running_loop().create_task(self._emit(events))

    def stop(self) -> None:
        """Follow no longer: nobody is here."""
        self.follower.stop()
        self._gate.rooms.pop(self._session_id, None)

    def end(self, error: GraphError) -> None:
        """Tell everybody that no more comes."""
        self.stop()
        saying = self._say_left(error, self._emitting)
        self._emitting = asyncio.get_running_loop().create_task(saying)

    async def settled(self) -> None:
        """Wait until all that was to be said is on its way."""
        if self._emitting is not None:
            await asyncio.wait([self._emitting])

    async def _emit(self, events: EventSlice) -> None:
        try:
            for event in events.events:
                data = _json.decode(event.body)
                for namespace in self._namespaces():
                    await self._gate.server.emit(
                        event.type, data, room=self._session_id, namespace=namespace
                    )
            await self._until_taken()
        except Exception:  # noqa: BLE001 - a task's root
            _log.exception("Events of session %s could not be emitted", self._session_id)
        self._emitting = None
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()

    async def _until_taken(self) -> None:
        """Wait a little for those who are behind; who still is then is dropped."""
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_S
        while behind := [guest for guest in self.guests if self._gate.is_behind(guest)]:
            if loop.time() >= until:
                for guest in behind:
                    _log.info("A Socket.IO client is too slow and has to go")
                    await self._gate.drop(guest.eio_sid, guest)
                return
            await asyncio.sleep(_LOOK_S)

    async def _say_left(self, error: GraphError, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        said = {"session_id": self._session_id, **told_of(error)}
        for namespace in self._namespaces():
            await self._gate.server.emit("left", said, room=self._session_id, namespace=namespace)
            await self._gate.server.close_room(self._session_id, namespace=namespace)
        for guest in tuple(self.guests):
            guest.forget(self._session_id)
        self.guests.clear()

    def _namespaces(self) -> set[str]:
        return {guest.namespace for guest in self.guests}


_tasks: set[asyncio.Task[None]] = set()


def keep(task: asyncio.Task[None]) -> None:
    """Hold a task until it is done: the loop itself does not."""
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def told_of(error: GraphError) -> dict[str, Any]:
    """Return a refusal as clients hear of it."""
    said = {"code": error.code, "message": error.message, "path": error.path, "fix": error.fix}
    return {name: value for name, value in said.items() if value is not None}
