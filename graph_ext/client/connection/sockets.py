"""Opening a WebSocket of the protocol, reading it, and closing it from whichever side.

Its callers are the connection and the widget's relay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from graph_ext.client.connection.discovery import Server
from graph_ext.client.connection.rest import unreachable
from graph_ext.client.connection.tls import tls_context
from graph_ext.core.errors import BadMessageError
from graph_ext.protocol import SUBPROTOCOL

__all__ = ["hanging_up", "open_socket"]

_CONNECT_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 0.5
_FRAME_BYTES = 64 * 1024 * 1024  # a page of 64 KiB may hold one value that is far larger


async def open_socket(server: Server) -> WebSocketClientConnection:
    """Open a WebSocket of the protocol.

    Raises
    ------
    GraphError
        The server can't be reached, does not accept the token, or has no graph_ext.
    """
    request = HTTPRequest(
        server.websocket,
        headers=server.headers,
        connect_timeout=_CONNECT_TIMEOUT_S,
        request_timeout=_CONNECT_TIMEOUT_S,
        ssl_options=tls_context(server.url),
    )
    connecting = asyncio.ensure_future(
        websocket_connect(
            request,
            max_message_size=_FRAME_BYTES,
            subprotocols=[SUBPROTOCOL],
        )
    )
    try:
        socket = await asyncio.shield(connecting)
    except asyncio.CancelledError:
        # Tornado goes on connecting: what comes of it is closed
        connecting.add_done_callback(_close_late)
        raise
    except (HTTPClientError, OSError, WebSocketError, StreamClosedError) as error:
        raise unreachable(server, error) from None
    if socket.selected_subprotocol != SUBPROTOCOL:
        socket.close()
        raise BadMessageError(f"the server at {server.url} does not speak {SUBPROTOCOL}")
    return socket


def _close_late(connecting: asyncio.Future[WebSocketClientConnection]) -> None:
    if connecting.exception() is None:
        connecting.result().close()


@asynccontextmanager
async def hanging_up(
    socket: WebSocketClientConnection,
) -> AsyncIterator[AsyncIterator[str | bytes]]:
    """Give a socket's frames, until it is closed; close it at the end, from whichever side."""
    closed = False

    async def frames() -> AsyncGenerator[str | bytes, None]:
        nonlocal closed
        while (frame := await socket.read_message()) is not None:
            yield frame
        closed = True

    async with aclosing(frames()) as reading:
        try:
            yield reading
        finally:
            socket.close()
            if not closed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                        while await socket.read_message() is not None:
                            pass
