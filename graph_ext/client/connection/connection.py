"""One WebSocket to one Jupyter server, shared by all sessions that this process follows there.

State: ``closed`` -> ``connecting`` -> ``open`` -> ``waiting`` -> ``connecting`` ... It is opened
for the first session, comes back by itself with growing, random delays, and closes with the last.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from tornado.websocket import WebSocketClientConnection, WebSocketClosedError

from graph_ext.client.connection.discovery import Server, running_servers
from graph_ext.client.connection.io_thread import IoThread
from graph_ext.client.connection.liveness import PING_S, PONG_S, Liveness
from graph_ext.client.connection.sockets import hanging_up, open_socket
from graph_ext.client.ids import new_id
from graph_ext.client.session.session import SessionClient
from graph_ext.core.errors import BadMessageError, ForbiddenError, GraphError, UnavailableError
from graph_ext.protocol import (
    Commit,
    Joined,
    LeaveSession,
    Left,
    MessageError,
    Ping,
    Planned,
    Pong,
    PresenceChanged,
    Rejected,
    ServerMessage,
    SessionsChanged,
    SessionUpdated,
    Snapshot,
    decode_server_frame,
    encode,
)

__all__ = ["Connection", "State"]

State = Literal["closed", "connecting", "open", "waiting"]

_FIRST_DELAY_S = 0.1
_LONGEST_DELAY_S = 5.0
_LOGIN_ENDED = 4401
_FIRST_OWN_CODE = 4000  # close codes from here on are the protocol's own, as 4408: too slow

log = logging.getLogger(__name__)


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
    ping_s, pong_s : float
        How often the server is asked for a sign of life, and how long it may be silent.
    """

    def __init__(
        self,
        server: Server,
        *,
        kind: Literal["kernel", "agent"],
        label: str,
        ping_s: float = PING_S,
        pong_s: float = PONG_S,
    ) -> None:
        # changes its token when the server was started again with another one
        self.server = server
        self.kind: Literal["ui", "kernel", "agent"] = kind
        self.label = label
        # kept over reconnects: it is how the server knows this client's commands
        self.client_id = new_id()
        self.io = IoThread(f"graph_ext {server.url}")
        self.io.on_close(self._close)
        self._ping_s = ping_s
        self._pong_s = pong_s
        # where it stands; see the module's text
        self.state: State = "closed"
        # why the server can't be reached or the last socket closed, until one is open again
        self.error: GraphError | None = None
        self._sessions: dict[str, SessionClient] = {}
        # session_id -> how many `leave_session` have not been answered over the present socket
        self._leaving: Counter[str] = Counter()
        # messages to go out over the present socket, each with whom to tell that it went
        self._outbox: deque[tuple[bytes, Callable[[], None] | None]] = deque()
        self._outgoing = asyncio.Event()
        # ends a delay early: somebody waits for the connection
        self._hurry = asyncio.Event()
        # attempts in a row over which nothing came
        self._failures = 0
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
        if self.state == "open":
            # even where the join is still unanswered: nobody would follow what comes of it; and
            # where the session has ended, for the answers to what it had sent before
            self.send(encode(LeaveSession(session_id=session.session_id)))
            self._leaving[session.session_id] += 1
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
                    await self._serve(socket)
                self.state = "waiting"
                longest = min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2**self._failures)
                self._failures = min(self._failures + 1, 16)
                # random, so that all kernels of a server do not come back in the same moment
                delay = random.uniform(longest / 2, longest)  # noqa: S311
                self._hurry.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), delay)
        finally:
            self.state = "closed"

    async def _serve(self, socket: WebSocketClientConnection) -> None:
        """Serve a socket until it is closed, or has been silent for too long."""
        liveness = Liveness(self._ping, self._ping_s, self._pong_s)
        reading = asyncio.ensure_future(self._read_all(socket, liveness))
        watching = asyncio.ensure_future(liveness.watch())
        sending = asyncio.ensure_future(self._send_all(socket, liveness))
        tasks = (reading, watching, sending)
        self.state = "open"
        try:
            for session in list(self._sessions.values()):
                session.join()
            await asyncio.wait((reading, watching), return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                self._lost(f"it has been silent for over {self._pong_s:g} s")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._outbox.clear()
            self._leaving.clear()
            for session in list(self._sessions.values()):
                session.offline()

    def _ping(self, sent: Callable[[], None]) -> None:
        self.send(encode(Ping()), sent)

    async def _read_all(self, socket: WebSocketClientConnection, liveness: Liveness) -> None:
        """Act on everything that comes."""
        try:
            async with hanging_up(socket) as frames:
                async for frame in frames:
                    liveness.heard()
                    for message in decode_server_frame(frame):
                        self._receive(message)
                    self._failures = 0
        except BadMessageError as error:
            self._failed(error)
        except Exception:
            log.exception("graph_ext: the connection to %s is started anew", self.where)
        else:
            self._closed(socket.close_code, socket.close_reason or "")

    def _closed(self, code: int | None, reason: str) -> None:
        """Note with which code the server closed the socket."""
        if code is not None and code >= _FIRST_OWN_CODE:
            self._lost(f"it closed the connection: {reason or f'code {code}'}")
        if code == _LOGIN_ENDED:
            self._renew_token()

    def _lost(self, why: str) -> None:
        self.error = UnavailableError(f"the Jupyter server at {self.where} was lost: {why}")
        log.warning("graph_ext: %s; it is tried again", self.error)

    async def _send_all(self, socket: WebSocketClientConnection, liveness: Liveness) -> None:
        """Write what is to go out, no faster than the server takes it."""
        try:
            while True:
                while self._outbox:
                    message, sent = self._outbox.popleft()
                    await socket.write_message(message)
                    liveness.sent()
                    if sent is not None:
                        sent()
                self._outgoing.clear()
                await self._outgoing.wait()
        except WebSocketClosedError:
            pass  # the reader sees it too, and ends this

    def _receive(self, message: ServerMessage) -> None:
        if self._leaving and self._is_for_who_left(message):
            return
        match message:
            case (
                Joined()
                | Snapshot()
                | Commit()
                | Planned()
                | Rejected()
                | PresenceChanged()
                | SessionUpdated()
                | Left()
            ):
                if session := self._sessions.get(message.session_id):
                    session.receive(message)
            case MessageError():
                session = self._sessions.get(message.session_id or "")
                if session is not None:
                    session.receive(message)
                else:
                    log.warning("graph_ext: %s: %s", message.code, message.message)
            case Pong() | SessionsChanged():
                pass

    def _is_for_who_left(self, message: ServerMessage) -> bool:
        """Whether a message is for one that has left its session since, or answers that."""
        session_id: str = getattr(message, "session_id", None) or ""
        if not self._leaving[session_id]:
            return False
        if isinstance(message, Left) and not message.code:
            self._leaving[session_id] -= 1
        return True

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
