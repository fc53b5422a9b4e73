"""The Tornado handler of Engine.IO, on which Socket.IO stands, as a handler of the Jupyter server.

What python-engineio's own handler does, with this server's authentication, Origin and XSRF checks
in place of its own, and with bounds on what waits for a client and what a client sends. Used by
socketio.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import engineio
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from graph_ext.transports.base import GraphHandler

__all__ = ["MESSAGE_BYTES", "EngineHandler", "PacketQueue"]

MESSAGE_BYTES = 100_000
"""How long a client's packet, or the packets of one polling request, may be."""

_RECEIVED = 32  # packets taken from the socket before the first of them is served
_PACKET_BYTES = 200  # what Python needs for one that waits, besides what it says


class PacketQueue(asyncio.Queue[engineio.packet.Packet | None]):
    """What waits for a client that polls, or for its WebSocket's turn.

    Attributes
    ----------
    waiting_bytes : int
        What all of it takes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waiting_bytes = 0

    # asyncio's hooks for a queue that keeps things its own way
    def _put(self, item: engineio.packet.Packet | None) -> None:
        super()._put(item)
        self.waiting_bytes += _size(item)

    def _get(self) -> engineio.packet.Packet | None:
        item: engineio.packet.Packet | None = super()._get()
        self.waiting_bytes -= _size(item)
        return item


def _size(packet: engineio.packet.Packet | None) -> int:
    text = packet.data if packet is not None and isinstance(packet.data, str | bytes) else ""
    return _PACKET_BYTES + len(text)


class EngineHandler(WebSocketMixin, WebSocketHandler, GraphHandler):
    """One request of an Engine.IO client: a poll, a post, or a WebSocket.

    Attributes
    ----------
    pending_bytes : int
        What was written to the WebSocket and has not left.
    """

    def initialize(self, engine: Any, upgraded: dict[str, EngineHandler]) -> None:
        """Take the Engine.IO server, and where sockets are kept by the sid they upgrade."""
        self._engine = engine
        self._upgraded = upgraded
        self._sid = ""
        self.pending_bytes = 0
        # what came and was not served yet; None: the end
        self._received: asyncio.Queue[str | bytes | None] = asyncio.Queue(_RECEIVED)
        self._serving: asyncio.Task[None] | None = None

    @property
    def ping_interval(self) -> float:
        """None of Tornado's: Engine.IO has its own."""
        return 0.0

    @property
    def max_message_size(self) -> int:
        """In bytes."""
        return MESSAGE_BYTES

    def get_compression_options(self) -> None:
        """Compress nothing: each client's copy would be compressed by itself."""

    def set_default_headers(self) -> None:
        """Have nothing kept by anybody on the way."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> None:
        """Give no ETag: no poll is like another."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Find out who asks; a page of another origin gets nothing."""
        await super().prepare()
        if not self.check_origin():
            raise HTTPError(403)

    def check_xsrf_cookie(self) -> None:
        """Ask for the XSRF token, but not of those who bring no cookie that could be misused."""
        if "Cookie" in self.request.headers:
            super().check_xsrf_cookie()

    # who it is is decided when a namespace is connected to: a token may come with that
    @allow_unauthenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Poll, or open a WebSocket."""
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            await super().get(*args, **kwargs)
        else:
            await self._engine.handle_request(self)

    @allow_unauthenticated
    async def post(self) -> None:
        """Take the packets of a client that polls."""
        socket = self._engine.sockets.get(self.get_query_argument("sid", ""))
        await self._engine.handle_request(self)
        if socket is not None and socket.closed:
            # the client has said good-bye: its poll would be held until it times out
            socket.queue.put_nowait(engineio.packet.Packet(engineio.packet.NOOP))

    # --- as a WebSocket of Engine.IO ------------------------------------------------------------

    def open(self, *_: str, **__: str) -> None:
        """Serve the socket until it is closed."""
        self._sid = self.get_query_argument("sid", "")
        if self._sid:
            self._upgraded[self._sid] = self
        self._serving = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        try:
            await self._engine.handle_request(self)
        finally:
            self.close()

    def on_message(self, message: str | bytes) -> Awaitable[None]:
        """Take a packet; the next is not read while too many wait."""
        return self._received.put(message)

    async def get_next_message(self) -> str | bytes | None:
        """Wait for the next packet; None at the end (called by Engine.IO)."""
        return await self._received.get()

    def write_message(
        self, message: str | bytes | dict[str, Any], binary: bool = False
    ) -> asyncio.Future[None]:
        """Write a packet, and count it until it has left (called by Engine.IO)."""
        size = len(message)
        writing = asyncio.ensure_future(super().write_message(message, binary))
        self.pending_bytes += size

        def written(done: asyncio.Future[None]) -> None:
            self.pending_bytes -= size
            if not done.cancelled() and isinstance(done.exception(), WebSocketClosedError):
                pass  # told by on_close

        writing.add_done_callback(written)
        return writing

    def abort(self) -> None:
        """Cut the connection, and drop what waits for the client."""
        if self.ws_connection is not None and self.ws_connection.stream is not None:
            self.ws_connection.stream.close()

    def on_close(self) -> None:
        """Tell Engine.IO."""
        self._upgraded.pop(self._sid, None)
        if self._received.full():
            self._received.get_nowait()
        self._received.put_nowait(None)
