"""Sockets between clients and the server, as they are on a bad day.

A :class:`Line` is one connection. Frames take a while and keep their order; a cut loses the rest
of what is on its way, in each direction, and each end notices in its own time. At the server's end
stands the product's own WebSocket handler, with a stream of ours (stream.py) in place of Tornado's;
at the client's end a :class:`ClientSocket` in place of Tornado's client. Used by world.py.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import User
from tornado.websocket import WebSocketClosedError

from graph_ext.hub.access import Caller
from graph_ext.hub.hub import Hub
from graph_ext.protocol import SUBPROTOCOL, Actor
from graph_ext.transports.websocket import GraphWebSocket
from tests.simulation.loop import Process
from tests.simulation.stream import Sent, Stamp, Stream, Weather

__all__ = ["ClientSocket", "Line", "ServerSocket"]


class _Pipe:
    """One direction of a line."""

    def __init__(self, weather: Weather, receive: Callable[[Any], None]) -> None:
        self.cut = False
        self._weather = weather
        self._receive = receive
        self._ahead: deque[Any] = deque()
        self._last_at = 0.0

    def send(self, item: Any) -> None:
        if self.cut:
            return
        loop = asyncio.get_running_loop()
        at = max(self._last_at, loop.time() + self._weather.some(self._weather.delay_s))
        self._last_at = at
        self._ahead.append(item)
        loop.call_at(at, self._deliver)

    def break_off(self) -> None:
        """Lose all but a beginning of what is on its way."""
        self.cut = True
        for _ in range(self._weather.random.randint(0, len(self._ahead))):
            self._ahead.pop()

    def _deliver(self) -> None:
        if self._ahead:
            self._receive(self._ahead.popleft())


class _ServerConnection:
    """In place of Tornado's WebSocketProtocol."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing or self.stream.closed()

    def set_nodelay(self, value: bool) -> None:
        """It never waits for more."""


class ServerSocket(GraphWebSocket):
    """The product's handler on one of our lines; what Tornado and Jupyter would do is done here."""

    def __init__(self, hub: Hub, actor: Actor, authorizer: Authorizer) -> None:
        self._hub = hub
        self._its_actor = actor
        self._its_authorizer = authorizer
        self.current_user = User(actor.actor_id)
        self.line: Line
        self.initialize({}, 0.0, 0.0)

    def begin(self, line: Line) -> None:
        """Open it."""
        self.line = line
        self.ws_connection = _ServerConnection(line.stream)  # type: ignore[assignment]
        self._caller = Caller(self._its_actor, may_read=True, may_write=True)
        self.open()

    @property
    def hub(self) -> Hub:
        return self._hub

    @property
    def authorizer(self) -> Any:
        return self._its_authorizer

    def actor(self, client_id: str = "", label: str = "") -> Actor:
        return self._its_actor

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.line.hang_up(code)


class ClientSocket:
    """The client's end, as far as client/connection/connection.py needs one."""

    selected_subprotocol = SUBPROTOCOL

    def __init__(self) -> None:
        self.line: Line
        self.close_code: int | None = None
        self.close_reason: str | None = None
        # frames, then None
        self.inbox: asyncio.Queue[Sent | None] = asyncio.Queue()
        self.closed = False
        # that of the frame read last
        self.stamp = Stamp(0.0, {}, {}, {}, frozenset())

    async def read_message(self) -> bytes | None:
        sent = await self.inbox.get()
        if sent is None:
            return None
        frame, self.stamp = sent
        return frame

    async def write_message(self, message: bytes) -> None:
        if self.closed:
            raise WebSocketClosedError
        self.line.up.send(message)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        if not self.closed:
            self.line.up.send(None)
            self.end()

    def end(self) -> None:
        if not self.closed:
            self.closed = True
            self.inbox.put_nowait(None)


class Line:
    """One connection.

    Parameters
    ----------
    weather : Weather
        What happens to its frames.
    stamp : callable
        Tells what is so at the moment.
    server : Process
        Where the handler runs.
    handler : ServerSocket
        The server's end.
    room_bytes : int
        See :class:`Stream`.
    """

    def __init__(
        self,
        weather: Weather,
        stamp: Callable[[], Stamp],
        server: Process,
        handler: ServerSocket,
        room_bytes: int,
    ) -> None:
        self.client = ClientSocket()
        self.client.line = self
        self.handler = handler
        self.up = _Pipe(weather, self._arrived)
        self.down = _Pipe(weather, self._returned)
        self.stream = Stream(weather, stamp, self.down.send, room_bytes)
        self._weather = weather
        self._server = server
        # whether the handler is at a frame that takes it a while
        self._serving = False
        self._ended = False
        # frames for the handler, then None
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        server.context.run(handler.begin, self)
        self._serving_task = server.start(self._serve())

    @property
    def is_cut(self) -> bool:
        return self.up.cut

    def cut(self) -> None:
        """Cut it in the middle of whatever is on its way."""
        if self.is_cut:
            return
        self.up.break_off()
        self.down.break_off()
        loop, some = asyncio.get_running_loop(), self._weather.some
        # what had arrived before is delivered before the end is noticed
        late = self._weather.delay_s
        loop.call_later(late + some(self._weather.notice_s), self.client.end)
        loop.call_later(late + some(self._weather.notice_s), self._close)

    def server_died(self) -> None:
        """Cut it, with nobody left at the server's end."""
        self.up.cut = True
        self.down.break_off()
        self.stream.close()
        late = self._weather.delay_s + self._weather.some(self._weather.notice_s)
        asyncio.get_running_loop().call_later(late, self.client.end)

    def hang_up(self, code: int | None = None) -> None:
        """Close it from the server's side."""
        self.client.close_code = code
        self.down.send(None)
        self.down.cut = True
        self.stream.close()
        self._close()

    def _close(self) -> None:
        """Close the server's end when what has arrived is served, or now if that takes longer."""
        if self._serving:
            asyncio.get_running_loop().call_soon(self._end, context=self._server.context)
        else:
            self._inbox.put_nowait(None)

    def _arrived(self, frame: bytes | None) -> None:
        if frame is None:
            self._close()
        else:
            self._inbox.put_nowait(frame)

    def _returned(self, frame: Sent | None) -> None:
        if frame is None:
            self.client.end()
        elif not self.client.closed:
            self.client.inbox.put_nowait(frame)

    async def _serve(self) -> None:
        """Serve frames one after the other, as Tornado does."""
        try:
            while not self._ended and (frame := await self._inbox.get()) is not None:
                serving = self.handler.on_message(frame.decode())
                if serving is not None:
                    self._serving = True
                    await serving
                    self._serving = False
        except Exception as error:  # noqa: BLE001 - a task's root
            what = {"message": "a WebSocket's handler failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(what)
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self.stream.close()
            self.handler.on_close()
