"""The WebSocket of the protocol ``graph-ext.v1``: parses, calls the session, replies.

One socket may be in several sessions. Nothing that a client sends closes it, but a frame over the
hard limit. Wired by extension.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any, assert_never

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from graph_ext.core.errors import (
    BadMessageError,
    GraphError,
    TooLargeError,
)
from graph_ext.core.json_values import MAX_ID_BYTES
from graph_ext.hub.access import Caller
from graph_ext.hub.request import Done
from graph_ext.protocol import (
    SUBPROTOCOL,
    ClientMessage,
    Credit,
    JoinSession,
    LeaveSession,
    Left,
    Ping,
    Pong,
    Presence,
    SessionsChanged,
    SubmitCommand,
    UnreadableMessage,
    decode_client_frame,
    encode,
)
from graph_ext.transports import answers
from graph_ext.transports.base import Close, GraphHandler
from graph_ext.transports.heartbeat import Heartbeat
from graph_ext.transports.incoming import READ_BYTES, IncomingFrames
from graph_ext.transports.live import LiveCaller
from graph_ext.transports.memberships import Memberships
from graph_ext.transports.sink import SocketSink

__all__ = ["GraphWebSocket"]

_HARD_LIMIT = 4  # times the soft one: over this a frame closes the socket
_OPEN_COMMANDS = 1000  # commands without an outcome from which on the socket is read no further
_TURN_MESSAGES = 64  # served before others on the event loop have their turn
_TURN_BYTES = 64 * 1024  # decoded in about a millisecond
_PILED_BYTES = 32 * 1024  # of answers that a client does not read: then it is not read from either


class GraphWebSocket(WebSocketMixin, WebSocketHandler, GraphHandler):
    """One client's socket."""

    sockets: dict[GraphWebSocket, None]
    """All open ones of the server; given by extension.py, which closes them when it stops."""

    def initialize(
        self, sockets: dict[GraphWebSocket, None], ping_interval_s: float, ping_timeout_s: float
    ) -> None:
        """Take the configuration; called by Tornado for each request."""
        self.sockets = sockets
        self._ping_interval_s = ping_interval_s
        self._ping_timeout_s = ping_timeout_s
        self._memberships: Memberships
        # how many commands have no outcome yet, and who waits until they are fewer
        self._open_commands = 0
        self._fewer: asyncio.Future[None] | None = None
        self._sink: SocketSink
        self._heartbeat: Heartbeat
        # whether Tornado reads from the socket, and does not wait for us
        self._reading = True
        # whose socket it is, and who asks again whether it still may be
        self._caller: Caller
        self._live: LiveCaller
        self._closed = False
        self._unyielded_bytes = 0
        # whether the client is to be told that the list of sessions is another
        self._list_changed = False

    @property
    def in_flight_bytes(self) -> int:
        """How much waits for the client to be taken."""
        return self._sink.in_flight_bytes

    @property
    def ping_interval(self) -> float:
        """No pings of Tornado's: see heartbeat.py."""
        return 0.0

    @property
    def max_message_size(self) -> int:
        """The hard limit, in bytes."""
        return _HARD_LIMIT * self.hub.limits.message_bytes

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Decide who may open it, before the upgrade."""
        self._caller = await self.caller()
        if not self._caller.may_read and not self._caller.may_write:
            raise HTTPError(403)
        await super().get(*args, **kwargs)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Take ours, where it is offered."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def get_compression_options(self) -> dict[str, Any]:
        """Take compressed messages, and send long ones so, where a client offers that."""
        return {}

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Read frames as incoming.py does."""
        tornado = super().get_websocket_protocol()
        if not isinstance(tornado, WebSocketProtocol13):
            return tornado
        return IncomingFrames(self, tornado.mask_outgoing, tornado.params)

    def open(self, *_: str, **__: str) -> None:
        """Begin. The mixin's ``open`` would start a second, wrongly timed ping loop."""
        connection = self.ws_connection
        if connection is None or connection.stream is None:
            return  # gone already
        connection.set_nodelay(True)
        connection.stream.read_chunk_size = READ_BYTES
        patience_s = self.hub.limits.slow_client_s
        self._sink = SocketSink(
            connection.stream,
            connection.is_closing,
            patience_s,
            self._too_slow,
            compresses=isinstance(connection, IncomingFrames) and connection.takes_compressed,
        )
        self._memberships = Memberships(self.hub, self._sink)
        self._heartbeat = Heartbeat(
            self._ping_interval_s,
            self._ping_timeout_s,
            self._send_ping,
            lambda: self._reading,
            self._dead,
        )
        self.sockets[self] = None
        self._live = LiveCaller(self, self._caller, self._caller_changed)
        self.hub.watch(self._sessions_changed, self._caller)

    def on_close(self) -> None:
        """Leave every session."""
        self._closed = True
        if self in self.sockets:  # else it was gone before it could begin
            del self.sockets[self]
            self._live.stop()
            self._sink.stop()
            self._heartbeat.stop()
            self._memberships.close()
        self.hub.unwatch(self._sessions_changed)

    def on_pong(self, data: bytes) -> None:  # noqa: ARG002
        """Take note that the peer lives."""
        self._heartbeat.heard()

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Serve a frame; the next is not read before the result is done."""
        self._heartbeat.heard()
        self._memberships.sign()
        size = len(message)
        try:
            if isinstance(message, bytes):
                raise BadMessageError("A frame must be text, this one is binary")
            if size > self.hub.limits.message_bytes:
                limit = self.hub.limits.message_bytes
                error = TooLargeError(
                    f"A message may have {limit} bytes, this one has {size}",
                    fix="send a long batch in parts, each with `more` but the last",
                )
                self._sink.write(answers.unreadable(answers.unread(message, error)))
                return None
            if size > _TURN_BYTES:
                # to find out what is wrong with a long one can take a while
                return self._while_unread(self._serve_long(message))
            messages = decode_client_frame(message)
        except GraphError as error:
            self._sink.write(answers.error_message(error))
            return None
        each_bytes = size // max(1, len(messages))
        served = self._serve_commands(messages, 0, each_bytes)
        if served < len(messages):
            return self._while_unread(self._serve(messages[served:], each_bytes))
        # Tornado reads on for as long as there is something: others have their turn first
        self._unyielded_bytes += size
        if self._unyielded_bytes < _TURN_BYTES:
            return None
        self._unyielded_bytes = 0
        return asyncio.sleep(0)

    # --- serving messages ---------------------------------------------------------------------

    async def _join(self, message: JoinSession) -> None:
        try:
            caller = await self.caller(message.client_id, message.label)
        except GraphError as error:
            # the members can't be read: this one is refused, and the socket goes on
            self._sink.write(answers.error_message(error, message.session_id))
        else:
            await self._memberships.join(message, caller)

    async def _serve_long(self, frame: str) -> None:
        """Serve a frame that is read in a thread."""
        try:
            messages = await asyncio.to_thread(decode_client_frame, frame)
        except GraphError as error:
            self._sink.write(answers.error_message(error))
        else:
            await self._serve(messages, len(frame) // max(1, len(messages)))

    async def _serve(self, messages: list[ClientMessage | UnreadableMessage], size: int) -> None:
        """Serve messages in order, some of which take a while."""
        at, turn = 0, 0
        while at < len(messages):
            if self._closed:
                return
            if at >= turn:
                await asyncio.sleep(0)
                turn = at + _TURN_MESSAGES
            if self._sink.piled_bytes > _PILED_BYTES:
                await self._sink.drained()
            if self._open_commands >= _OPEN_COMMANDS:
                await self._until_fewer(_OPEN_COMMANDS)
            served = self._serve_commands(messages, at, size)
            if served > at:
                at = served
                continue
            message = messages[at]
            at += 1
            match message:
                case SubmitCommand():
                    self._submit([message], size)
                    if message.dry_run:
                        # its answer may be long: no second one is made before it was read
                        await self._until_fewer(1)
                case UnreadableMessage():
                    self._sink.write(answers.unreadable(message))
                case JoinSession():
                    await self._join(message)
                case LeaveSession():
                    self._memberships.leave(message.session_id)
                    self._sink.write(encode(Left(session_id=message.session_id)))
                case Ping():
                    self._sink.write(encode(Pong()))
                case Presence() | Credit():
                    self._memberships.follow_up(message)
                case _:
                    assert_never(message)
        if self._sink.piled_bytes > _PILED_BYTES:
            await self._sink.drained()

    async def _until_fewer(self, commands: int) -> None:
        """Wait until fewer commands have no outcome yet."""
        while self._open_commands >= commands:
            self._fewer = asyncio.get_running_loop().create_future()
            await self._fewer

    async def _while_unread(self, work: Awaitable[None]) -> None:
        """Do work during which Tornado reads nothing from the socket."""
        self._reading = False
        try:
            await work
        finally:
            self._reading = True
            self._heartbeat.heard()

    def _serve_commands(
        self, messages: Sequence[ClientMessage | UnreadableMessage], at: int, size: int
    ) -> int:
        """Serve the commands from an index on that may go together; return the next index."""
        first = messages[at] if at < len(messages) else None
        room = min(_TURN_MESSAGES, _OPEN_COMMANDS - self._open_commands)
        if (
            type(first) is not SubmitCommand
            or room <= 0
            or self._sink.piled_bytes > _PILED_BYTES
            or not self._memberships.has(first.session_id)
        ):
            return at
        session_id = first.session_id
        commands: list[SubmitCommand] = []
        for each in messages[at : at + room]:
            if (
                type(each) is not SubmitCommand
                or each.dry_run
                or each.session_id != session_id
                # were they refused, all answers together would be too long
                or len(each.command_id) > MAX_ID_BYTES
            ):
                break
            commands.append(each)
        if commands:
            self._submit(commands, size)
        return at + len(commands)

    def _submit(self, commands: Sequence[SubmitCommand], size: int) -> None:
        """Hand commands of one session to it."""
        session_id = commands[0].session_id
        try:
            session, client, _ = self._memberships.find(session_id)
        except BadMessageError as error:
            for each in commands:
                self._sink.write(answers.rejected(session_id, each.command_id, error))
            return
        self._open_commands += len(commands)
        session.submit(client, commands, size, partial(self._outcome, session_id))

    def _outcome(self, session_id: str, command_id: str, outcome: Done | GraphError) -> None:
        self._open_commands -= 1
        if self._fewer is not None:
            if not self._fewer.done():
                self._fewer.set_result(None)
            self._fewer = None
        # success is told by the commit itself, which its sender follows like everybody
        if isinstance(outcome, GraphError):
            self._sink.write(answers.rejected(session_id, command_id, outcome))
        elif outcome.planned is not None:
            self._sink.write(encode(outcome.planned))

    def _send_ping(self) -> None:
        if self.ws_connection is not None and not self.ws_connection.is_closing():
            self.ping()

    def _too_slow(self, reason: str) -> None:
        """Leave, and close: Tornado aborts the connection when that is not read either."""
        self._sink.stop()
        self._memberships.close()
        self.close(Close.TOO_SLOW, reason)

    def _dead(self) -> None:
        """Leave, and abort: nobody is there who would answer."""
        self._too_slow("no pong has come")
        if self.ws_connection is not None and self.ws_connection.stream is not None:
            self.ws_connection.stream.close()

    def _caller_changed(self, caller: Caller | None) -> None:
        """Go by what the server now lets this person do; end where it knows them no longer."""
        if caller is None:
            # what still comes before the close is answered is not served
            self._closed = True
            self._memberships.close()
            self.close(Close.LOGIN_ENDED, "the login has ended")
            return
        self._caller = caller
        self.hub.watch(self._sessions_changed, caller)
        self._memberships.ask_again(caller)

    def _sessions_changed(self) -> None:
        """Say so once, however often it happens before the client reads."""
        if not self._list_changed:
            self._list_changed = True
            self._sink.when_writable(self._tell_list_changed)

    def _tell_list_changed(self) -> None:
        self._list_changed = False
        self._sink.write(encode(SessionsChanged()))
