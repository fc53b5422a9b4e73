"""Socket.IO clients: the events view to the room of each session (docs/protocol.md, 12).

Needs the extra ``socketio``; extension.py leaves this module alone where python-socketio is not
installed. The same on the namespaces ``/graph`` and ``/``: existing clients use either. A session
is followed once for all clients in its room (rooms.py).
"""

from __future__ import annotations

import asyncio
import copy
from functools import partial
from typing import Any

import engineio
import socketio
from jupyter_core.utils import ensure_async

from graph_ext.core.errors import (
    BadMessageError,
    ForbiddenError,
    GraphError,
    UnavailableError,
)
from graph_ext.hub.hub import Hub
from graph_ext.transports.base import GraphHandler
from graph_ext.transports.engineio import MESSAGE_BYTES, EngineHandler, PacketQueue
from graph_ext.transports.live import Nowhere
from graph_ext.transports.rooms import Guest, Room, keep, told_of

__all__ = ["Gate"]

NAMESPACES = ("/graph", "/")
_PENDING_BYTES = 256 * 1024  # that may wait for a client before its rooms wait for it
_LOGIN_S = 15.0  # within which a connection has to say who it is


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    """An Engine.IO server that can be stopped: it knows its tasks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tasks: set[asyncio.Task[Any]] = set()

    def create_queue(self) -> PacketQueue:
        """Make what holds the packets of one client."""
        return PacketQueue()

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
            raise socketio.exceptions.ConnectionRefusedError(str(error), told_of(error)) from None
        eio_sid = self.server.manager.eio_sid_from_sid(sid, namespace)
        self.guests[sid] = Guest(self, sid, namespace, eio_sid, opened, handler, client_id, caller)

    async def _disconnect(self, sid: str, *_: Any) -> None:
        guest = self.guests.pop(sid, None)
        if guest is not None:
            guest.stop()

    async def _join(self, namespace: str, sid: str, message: Any = None, *_: Any) -> Any:
        try:
            return await (await self._guest(sid)).join(_session_id(message))
        except GraphError as error:
            return await self._refuse(namespace, sid, error)

    async def _leave(self, namespace: str, sid: str, message: Any = None, *_: Any) -> Any:
        try:
            session_id = _session_id(message)
            await (await self._guest(sid)).leave(session_id)
        except GraphError as error:
            return await self._refuse(namespace, sid, error)
        return {"session_id": session_id}

    async def _ping(self, namespace: str, sid: str, *_: Any) -> None:
        try:
            await self._guest(sid)
        except ForbiddenError:
            return  # nobody is there to answer
        await self.server.emit("pong", to=sid, namespace=namespace)

    async def _guest(self, sid: str) -> Guest:
        """Find who asks; one that asks on and on and takes no answer has to go (ForbiddenError)."""
        guest = self.guests.get(sid)
        most = _PENDING_BYTES + self.hub.limits.message_bytes
        if guest is not None and self.waiting_bytes(guest) > most:
            await self.drop(guest.eio_sid, guest)
            guest = None
        if guest is None:
            raise ForbiddenError("This connection has ended", fix="connect again")
        return guest

    async def _refuse(self, namespace: str, sid: str, error: GraphError) -> dict[str, Any]:
        said = told_of(error)
        await self.server.emit("error", said, to=sid, namespace=namespace)
        return {"error": said}

    # --- connections ----------------------------------------------------------------------------

    def is_behind(self, guest: Guest) -> bool:
        """Whether more waits for a client than may."""
        return self.waiting_bytes(guest) > _PENDING_BYTES

    def waiting_bytes(self, guest: Guest) -> int:
        """Return how much waits for a client: for its poll, or to leave on its WebSocket."""
        socket = self.server.eio.sockets.get(guest.eio_sid)
        if socket is None:
            return 0
        handler = self._handler(guest.eio_sid, guest)
        queue: PacketQueue = socket.queue
        return queue.waiting_bytes + (0 if handler is None else handler.pending_bytes)

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
            keep(loop.create_task(self.drop(eio_sid)))
        self._silent = silent


def _session_id(message: Any) -> str:
    """Read which session is meant (BadMessageError)."""
    session_id = message.get("session_id") if isinstance(message, dict) else None
    if not isinstance(session_id, str):
        raise BadMessageError("An object with session_id was expected", path="session_id")
    return session_id


async def _known_by_token(handler: GraphHandler, token: str) -> GraphHandler:
    """Ask who a token is, as though it had come in the request's header."""
    request = copy.copy(handler.request)
    request.headers = request.headers.copy()
    request.headers["Authorization"] = f"token {token}"
    request.connection = Nowhere()  # type: ignore[assignment]
    again = GraphHandler(handler.application, request)
    # None too: whom a handler has never asked for, Jupyter's raises
    again.current_user = await ensure_async(handler.identity_provider.get_user(again))
    return again
