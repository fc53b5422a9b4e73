"""Socket.IO clients: the events view to the room of each session (docs/protocol.md, 12).

Needs the extra ``socketio``; extension.py leaves this module alone where python-socketio is not
installed. The same on the namespaces ``/graph`` and ``/``: existing clients use either. A session
is followed once for all clients in its room.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import engineio
import msgspec
import socketio
from jupyter_core.utils import ensure_async

from graph_ext.core.access import Role
from graph_ext.core.errors import (
    BadMessageError,
    ForbiddenError,
    GraphError,
    RateLimitedError,
    UnavailableError,
)
from graph_ext.hub.access import Caller, Watch
from graph_ext.hub.event_slices import ALL_TYPES, EventSlice
from graph_ext.hub.events_view import EventsFollower
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from graph_ext.transports.base import GraphHandler
from graph_ext.transports.engineio import MESSAGE_BYTES, EngineHandler
from graph_ext.transports.live import LiveCaller, Nowhere

__all__ = ["Gate"]

NAMESPACES = ("/graph", "/")
_PATIENCE_S = 2.0  # for which a room waits for its slowest client, which then has to go
_LOOK_S = 0.02  # between looks at how much waits for each
_PENDING_BYTES = 256 * 1024  # that may wait for a client on a WebSocket
_PENDING_PACKETS = 500  # that may wait for a client that polls
_LOGIN_S = 15.0  # within which a connection has to say who it is

_log = logging.getLogger(__name__)
_json = msgspec.json.Decoder()


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    """An Engine.IO server that can be stopped: it knows its tasks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tasks: set[asyncio.Task[Any]] = set()

    def start_background_task(self, target: Any, *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        """Start a task, and hold it until it is done."""
        task: asyncio.Task[Any] = super().start_background_task(target, *args, **kwargs)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def settle(self) -> None:
        """End what still runs: pings wait for half a minute."""
        for task in tuple(self.tasks):
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)


class _Server(socketio.AsyncServer):  # type: ignore[misc]
    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine


class Gate:
    """The Socket.IO server in this Jupyter server.

    Parameters
    ----------
    hub : Hub
        Has the sessions.
    """

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.server = _Server(
            async_mode="tornado",
            # the handler checks origins; with an empty list Engine.IO itself opens nothing
            cors_allowed_origins=[],
            async_handlers=False,
            max_http_buffer_size=MESSAGE_BYTES,
            http_compression=False,
        )
        # those who have connected to a namespace, by their sid there
        self.guests: dict[str, Guest] = {}
        # session_id -> who follows it for all in its room
        self.rooms: dict[str, Room] = {}
        # Engine.IO's sid -> the WebSocket to which it was upgraded
        self._upgraded: dict[str, EngineHandler] = {}
        # Engine.IO's sids of whoever had said nothing at the last look
        self._silent: set[str] = set()
        self._looking: asyncio.TimerHandle | None = None
        for namespace in NAMESPACES:
            on = partial(self.server.on, namespace=namespace)
            on("connect", partial(self._connect, namespace))
            on("disconnect", self._disconnect)
            on("join_session", partial(self._join, namespace))
            on("leave_session", partial(self._leave, namespace))
            on("ping", partial(self._ping, namespace))

    def routes(self) -> list[tuple[str, Any, dict[str, Any]]]:
        """Say which handler answers where."""
        parts = {"engine": self.server.eio, "upgraded": self._upgraded}
        return [(r"/socket\.io/?", EngineHandler, parts)]

    def start(self) -> None:
        """Begin to look after those who never say who they are."""
        self._looking = asyncio.get_running_loop().call_later(_LOGIN_S, self._look)

    async def stop(self) -> None:
        """Say good-bye to everybody."""
        if self._looking is not None:
            self._looking.cancel()
        for room in tuple(self.rooms.values()):
            room.end(UnavailableError("The server is stopping", fix="connect again in a moment"))
            await room.settled()
        for guest in tuple(self.guests.values()):
            guest.stop()
        for eio_sid in tuple(self.server.eio.sockets):
            await self.drop(eio_sid)
        await self.server.shutdown()
        await self.server.eio.settle()

    # --- what clients say -----------------------------------------------------------------------

    async def _connect(
        self, namespace: str, sid: str, environ: dict[str, Any], auth: Any = None
    ) -> None:
        opened: EngineHandler = environ["tornado.handler"]
        handler: GraphHandler = opened
        named = auth if isinstance(auth, dict) else {}
        client_id = str(named.get("client_id") or sid)[:256]
        token = named.get("token")
        try:
            if not handler.current_user and isinstance(token, str):
                handler = await _known_by_token(handler, token)
            if not handler.current_user:
                raise ForbiddenError(
                    "This server does not know you", fix="log in, or send its token"
                )
            caller = await handler.caller(client_id)
            if not caller.may_read:
                raise ForbiddenError("You may not read the graphs of this server")
        except GraphError as error:
            raise socketio.exceptions.ConnectionRefusedError(str(error), _said(error)) from None
        eio_sid = self.server.manager.eio_sid_from_sid(sid, namespace)
        self.guests[sid] = Guest(self, sid, namespace, eio_sid, opened, handler, client_id, caller)

    async def _disconnect(self, sid: str, *_: Any) -> None:
        guest = self.guests.pop(sid, None)
        if guest is not None:
            guest.stop()

    async def _join(self, namespace: str, sid: str, message: Any = None, *_: Any) -> Any:
        try:
            return await self._guest(sid).join(_session_id(message))
        except GraphError as error:
            return await self._refuse(namespace, sid, error)

    async def _leave(self, namespace: str, sid: str, message: Any = None, *_: Any) -> Any:
        try:
            session_id = _session_id(message)
            await self._guest(sid).leave(session_id)
        except GraphError as error:
            return await self._refuse(namespace, sid, error)
        return {"session_id": session_id}

    async def _ping(self, namespace: str, sid: str, *_: Any) -> None:
        await self.server.emit("pong", to=sid, namespace=namespace)

    def _guest(self, sid: str) -> Guest:
        guest = self.guests.get(sid)
        if guest is None:
            raise ForbiddenError("This connection has ended", fix="connect again")
        return guest

    async def _refuse(self, namespace: str, sid: str, error: GraphError) -> dict[str, Any]:
        said = _said(error)
        await self.server.emit("error", said, to=sid, namespace=namespace)
        return {"error": said}

    # --- connections ----------------------------------------------------------------------------

    def is_behind(self, guest: Guest) -> bool:
        """Whether more waits for a client than may."""
        socket = self.server.eio.sockets.get(guest.eio_sid)
        if socket is None:
            return False
        handler = self._handler(guest.eio_sid, guest)
        pending = 0 if handler is None else handler.pending_bytes
        return pending > _PENDING_BYTES or socket.queue.qsize() > _PENDING_PACKETS

    async def drop(self, eio_sid: str, guest: Guest | None = None) -> None:
        """End a connection at once, whatever waits for it."""
        handler = self._handler(eio_sid, guest)
        socket = self.server.eio.sockets.pop(eio_sid, None)
        if socket is not None:
            await socket.close(wait=False, abort=True)
            socket.queue.put_nowait(None)  # ends what writes to it
        if handler is not None:
            handler.abort()

    def _handler(self, eio_sid: str, guest: Guest | None) -> EngineHandler | None:
        handler = self._upgraded.get(eio_sid)
        return guest.opened if handler is None and guest is not None else handler

    def _look(self) -> None:
        """Drop the connections that have said nothing since the last look."""
        loop = asyncio.get_running_loop()
        self._looking = loop.call_later(_LOGIN_S, self._look)
        known = {guest.eio_sid for guest in self.guests.values()}
        silent = set(self.server.eio.sockets) - known
        for eio_sid in silent & self._silent:
            _keep(loop.create_task(self.drop(eio_sid)))
        self._silent = silent


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
        """Leave a session's room."""
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
            _keep(asyncio.get_running_loop().create_task(self._sent_away(session_id, error)))

    async def _sent_away(self, session_id: str, error: GraphError) -> None:
        await self.leave(session_id)
        said = {"session_id": session_id, **_said(error)}
        await self._gate.server.emit("left", said, to=self.sid, namespace=self.namespace)

    def _caller_changed(self, caller: Caller | None) -> None:
        if caller is None:
            _keep(asyncio.get_running_loop().create_task(self._gate.drop(self.eio_sid, self)))
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
        said = {"session_id": self._session_id, **_said(error)}
        for namespace in self._namespaces():
            await self._gate.server.emit("left", said, room=self._session_id, namespace=namespace)
            await self._gate.server.close_room(self._session_id, namespace=namespace)
        for guest in tuple(self.guests):
            guest.forget(self._session_id)
        self.guests.clear()

    def _namespaces(self) -> set[str]:
        return {guest.namespace for guest in self.guests}


_tasks: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> None:
    """Hold a task until it is done: the loop itself does not."""
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _session_id(message: Any) -> str:
    """Read which session is meant (BadMessageError)."""
    session_id = message.get("session_id") if isinstance(message, dict) else None
    if not isinstance(session_id, str):
        raise BadMessageError("An object with session_id was expected", path="session_id")
    return session_id


def _said(error: GraphError) -> dict[str, Any]:
    said = {"code": error.code, "message": error.message, "path": error.path, "fix": error.fix}
    return {name: value for name, value in said.items() if value is not None}


async def _known_by_token(handler: GraphHandler, token: str) -> GraphHandler:
    """Ask who a token is, as though it had come in the request's header."""
    request = copy.copy(handler.request)
    request.headers = request.headers.copy()
    request.headers["Authorization"] = f"token {token}"
    request.connection = Nowhere()  # type: ignore[assignment]
    again = GraphHandler(handler.application, request)
    user = await ensure_async(handler.identity_provider.get_user(again))
    if user is not None:
        again.current_user = user
    return again
