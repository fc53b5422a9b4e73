"""One WebSocket to one Jupyter server, shared by all sessions that this process follows there.

State: ``closed`` -> ``connecting`` -> ``open`` -> ``waiting`` -> ``connecting`` ... It is opened
for the first session, comes back by itself with growing, random delays, and closes with the last.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Literal

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketError,
    websocket_connect,
)

from graph_ext.client.discovery import Server, running_servers
from graph_ext.client.ids import new_id
from graph_ext.client.io_thread import IoThread
from graph_ext.client.rest import unreachable
from graph_ext.client.session import SessionClient
from graph_ext.client.tls import tls_context
from graph_ext.core.errors import BadMessageError, ForbiddenError, GraphError
from graph_ext.protocol import (
    SUBPROTOCOL,
    Commit,
    Joined,
    Left,
    MessageError,
    Planned,
    Pong,
    PresenceChanged,
    Rejected,
    ServerMessage,
    SessionsChanged,
    SessionUpdated,
    Snapshot,
    decode_server_frame,
)

__all__ = ["Connection", "State", "hanging_up", "open_socket"]

State = Literal["closed", "connecting", "open", "waiting"]

_CONNECT_TIMEOUT_S = 10.0
_PING_INTERVAL_S = 15.0
_PING_TIMEOUT_S = 15.0
_CLOSE_TIMEOUT_S = 0.5
_FIRST_DELAY_S = 0.1
_LONGEST_DELAY_S = 5.0
_FRAME_BYTES = 64 * 1024 * 1024  # a page of 64 KiB may hold one value that is far larger

log = logging.getLogger(__name__)


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
            ping_interval=_PING_INTERVAL_S,
            ping_timeout=_PING_TIMEOUT_S,
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
        raise unreachable(server, error) from error
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


class Connection:
    """The way to one Jupyter server.

    Parameters
    ----------
    server : Server
        Where it is.
    kind : {"kernel", "agent"}
        What this process is.
    label : str
        What others see of it: the notebook's name.
    """

    def __init__(self, server: Server, *, kind: Literal["kernel", "agent"], label: str) -> None:
        # changes its token when the server was started again with another one
        self.server = server
        self.kind: Literal["ui", "kernel", "agent"] = kind
        self.label = label
        # kept over reconnects: it is how the server knows this client's commands
        self.client_id = new_id()
        self.io = IoThread(f"graph_ext {server.url}")
        self.io.on_close(self._close)
        # where it stands; see the module's text
        self.state: State = "closed"
        # why the server can't be reached, while it can't
        self.error: GraphError | None = None
        self._sessions: dict[str, SessionClient] = {}
        # messages to go out over the present socket, each with whom to tell that it went
        self._outbox: deque[tuple[bytes, Callable[[], None] | None]] = deque()
        self._outgoing = asyncio.Event()
        # ends a delay early: somebody waits for the connection
        self._hurry = asyncio.Event()
        # keeps the socket; None while no session is followed
        self._task: asyncio.Task[None] | None = None
        # those before it that are still hanging up
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def where(self) -> str:
        """The server's URL."""
        return self.server.url

    @property
    def trouble(self) -> str:
        """Why the server can't be reached at the moment; "" when it can."""
        return "" if self.error is None else self.error.message

    # --- on the I/O thread --------------------------------------------------------------------

    def attach(self, session_id: str, name: str) -> SessionClient:
        """Follow a session, or go on following it, for one more user."""
        session = self._sessions.get(session_id)
        if session is None or session.status == "ended":
            session = self._sessions[session_id] = SessionClient(self, session_id, name)
            if self.state == "open":
                session.join()
            self._hurry.set()
        session.users += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        return session

    def detach(self, session: SessionClient) -> None:
        """Follow a session for one user less; with the last user it is left."""
        session.users -= 1
        if session.users > 0 or self._sessions.get(session.session_id) is not session:
            return
        session.leave()
        del self._sessions[session.session_id]
        if not self._sessions:
            self._hang_up()

    def send(self, message: bytes, sent: Callable[[], None] | None = None) -> None:
        """Send a message after those before it; lost when the socket closes."""
        self._outbox.append((message, sent))
        self._outgoing.set()

    async def _close(self) -> None:
        for session in list(self._sessions.values()):
            session.leave()
        self._sessions.clear()
        self._hang_up()
        if self._ending:
            await asyncio.wait(self._ending)

    def _hang_up(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._ending.add(self._task)
            self._task.add_done_callback(self._ending.discard)
            self._task = None

    async def _run(self) -> None:
        """Keep a socket open."""
        failures = 0
        if self._ending:
            await asyncio.wait(self._ending)
        try:
            while True:
                self.state = "connecting"
                try:
                    socket = await open_socket(self.server)
                except GraphError as error:
                    self._failed(error)
                else:
                    self.error = None
                    if await self._serve(socket):
                        failures = 0
                self.state = "waiting"
                longest = min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2**failures)
                failures = min(failures + 1, 16)
                # random, so that all kernels of a server do not come back in the same moment
                delay = random.uniform(longest / 2, longest)  # noqa: S311
                self._hurry.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), delay)
        finally:
            self.state = "closed"

    async def _serve(self, socket: WebSocketClientConnection) -> bool:
        """Serve a socket until it closes; tell whether anything useful came over it."""
        useful = False
        sender = asyncio.get_running_loop().create_task(self._send_all(socket))
        self.state = "open"
        try:
            for session in list(self._sessions.values()):
                session.join()
            async with hanging_up(socket) as frames:
                async for frame in frames:
                    for message in decode_server_frame(frame):
                        self._receive(message)
                        useful = True
        except BadMessageError as error:
            self._failed(error)
        except Exception:
            log.exception("graph_ext: the connection to %s is started anew", self.where)
        finally:
            sender.cancel()
            self._outbox.clear()
            for session in list(self._sessions.values()):
                session.offline()
        return useful

    async def _send_all(self, socket: WebSocketClientConnection) -> None:
        """Write what is to go out, no faster than the server takes it."""
        try:
            while True:
                while self._outbox:
                    message, sent = self._outbox.popleft()
                    await socket.write_message(message)
                    if sent is not None:
                        sent()
                self._outgoing.clear()
                await self._outgoing.wait()
        except WebSocketClosedError:
            pass  # the reader sees it too, and ends this

    def _receive(self, message: ServerMessage) -> None:
        match message:
            case Joined() | Snapshot() | Commit() | Rejected() | SessionUpdated() | Left():
                if session := self._sessions.get(message.session_id):
                    session.receive(message)
            case MessageError():
                session = self._sessions.get(message.session_id or "")
                if session is not None:
                    session.receive(message)
                else:
                    log.warning("graph_ext: %s: %s", message.code, message.message)
            case Pong() | SessionsChanged() | Planned() | PresenceChanged():
                pass

    def _failed(self, error: GraphError) -> None:
        self.error = error
        for session in list(self._sessions.values()):
            session.unreachable(error)
        if isinstance(error, ForbiddenError):
            self._renew_token()

    def _renew_token(self) -> None:
        """Take the token of a server that was started again at the same address."""
        for info in running_servers():
            if info["url"].rstrip("/") == self.server.url.rstrip("/") and info.get("token"):
                self.server = Server(self.server.url, info["token"], self.server.parent)
