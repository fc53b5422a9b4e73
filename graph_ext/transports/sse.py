"""The events view as server-sent events: ``sessions/{session_id}/events`` (docs/protocol.md, 10).

For EventSource (with the login cookie), fetch streaming and ``curl``. A stream is a target of the
events view: one slice is in flight, the rest waits in the log. Served by table.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tornado import web
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from graph_ext.core.access import Role
from graph_ext.core.errors import (
    BadMessageError,
    ForbiddenError,
    GoneError,
    GraphError,
    UnavailableError,
)
from graph_ext.hub.access import Caller
from graph_ext.hub.event_slices import EncodedEvent, EventSlice
from graph_ext.hub.events_view import EventsFollower, check_types
from graph_ext.hub.session import Session
from graph_ext.protocol import Cursor, encode
from graph_ext.protocol.http import EventsQuery
from graph_ext.transports.http import HttpHandler
from graph_ext.transports.live import LiveCaller
from graph_ext.transports.operations import Call, Stream, operation

__all__ = ["OPERATIONS", "EventsHandler"]

_RETRY_MS = 2000  # after which a browser connects again
_HEARTBEAT_S = 15.0  # proxies cut what is silent for half a minute or more
_EPOCH_CHARACTERS = 64


class EventsHandler(HttpHandler):
    """One stream of one session's events; itself the target."""

    # while the stream is open
    _follower: EventsFollower | None = None
    _ended: asyncio.Future[None] | None = None
    _epoch = ""
    # what is being written, and since when (loop time)
    _flushing: asyncio.Future[None] | None = None
    _flushing_since = 0.0
    _beat: asyncio.TimerHandle | None = None
    # what is said last, once everything written before has left
    _farewell = b""

    @web.authenticated
    async def get(self, **parts: str) -> None:
        """Stream events until the reader goes, or may follow no longer."""
        operation = self.operation
        if operation is None:
            raise web.HTTPError(405)
        call, arguments = await self.read(operation, parts)
        query: EventsQuery = arguments["query"]
        types = check_types(name for text in query.types for name in text.split(",") if name)
        since = _cursor(self.request.headers.get("Last-Event-ID") or query.last_event_id)
        session = await call.session()
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")
        # Tornado would compress the same events once for every reader
        self.set_header("Content-Encoding", "identity")
        if self.request.method == "HEAD":
            _ = self.finish(set_content_type="text/event-stream")
            return
        await self._stream(call, session, since, types)
        if not self._finished:
            _ = self.finish(set_content_type="text/event-stream")

    head = get

    async def _stream(
        self, call: Call, session: Session, since: Cursor | None, types: frozenset[str]
    ) -> None:
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        watch = self.hub.access.watch(call.session_id, call.caller, self._role_changed)

        def caller_changed(caller: Caller | None) -> None:
            if caller is None:
                self._end(ForbiddenError("The login has ended", fix="log in again"))
            else:
                watch.ask_again(caller)

        live = LiveCaller(self, call.caller, caller_changed)
        self._beat = loop.call_later(_HEARTBEAT_S, self._beat_once)
        try:
            self.write(f"retry: {_RETRY_MS}\n\n")
            self._follow(session, since, types)
            if self._flushing is None:
                self._send(b"")
            self._role_changed(watch.role)  # where it became another meanwhile
            await self._ended
        except StreamClosedError:
            pass
        finally:
            live.stop()
            watch.stop()
            self._beat.cancel()
            if self._follower is not None:
                self._follower.stop()

    def _follow(self, session: Session, since: Cursor | None, types: frozenset[str]) -> None:
        """Begin after ``since``; where that can't be had, say so and begin with what comes now."""
        self._epoch = session.epoch
        reset: GoneError | None = None
        try:
            self._follower = session.follow_events(self, since, types, self._end)
        except GoneError as error:
            reset, since = error, None
            self._follower = session.follow_events(self, None, types, self._end)
        place = f"id: {self._epoch}:{self._follower.place[0]}\n".encode()
        if reset is not None:
            said = {
                "type": "reset",
                "session_id": session.session_id,
                "epoch": self._epoch,
                "rev": self._follower.place[0],
                "code": reset.code,
                "message": reset.message,
                "fix": "read the graph as it is now; what comes next is after this rev",
            }
            self.write(place + b"event: reset\ndata: " + encode(said) + b"\n\n")
        elif since is None:
            self.write(place + b"\n")

    # --- as a target of the events view ---------------------------------------------------------

    def writable(self) -> bool:
        """Whether everything written before has left."""
        return self._flushing is None

    def write_events(self, events: EventSlice, /) -> None:
        """Write events, each with the place after which to go on."""
        place = b""
        lines: list[bytes] = []
        for event in events.events:
            place = self._place_line(event)
            lines.append(b"%bevent: %b\ndata: %b\n\n" % (place, event.type.encode(), event.body))
        if events.place is not None:
            last = f"id: {self._epoch}:{events.place[0]}\n".encode()
            if last != place:
                lines.append(last + b"\n")
        if lines:
            self._send(b"".join(lines))

    def when_writable(self, callback: Callable[[], None], /) -> None:
        """Call back once, when what is being written has left."""
        if self._flushing is None:
            asyncio.get_running_loop().call_soon(callback)
        else:
            self._flushing.add_done_callback(lambda _: callback())

    def _place_line(self, event: EncodedEvent) -> bytes:
        """Return the ``id`` of an event: the last commit that has been told as a whole."""
        if event.rev is None:
            return b""
        rev = event.rev if event.ends_commit else event.rev - 1
        return f"id: {self._epoch}:{rev}\n".encode()

    def _send(self, text: bytes) -> None:
        if self._ended is None or self._ended.done() or self._farewell:
            return
        loop = asyncio.get_running_loop()
        self.write(text)
        self._flushing = asyncio.ensure_future(self.flush())
        self._flushing_since = loop.time()
        self._flushing.add_done_callback(self._flushed)

    def _flushed(self, flushing: asyncio.Future[None]) -> None:
        self._flushing = None
        # a closed connection is told by on_connection_close
        if not flushing.cancelled():
            flushing.exception()
        if self._farewell:
            self._leave()

    # --- while it lasts -------------------------------------------------------------------------

    def _beat_once(self) -> None:
        """Show proxies that somebody is there, and give up on a reader who is not."""
        loop = asyncio.get_running_loop()
        self._beat = loop.call_later(_HEARTBEAT_S, self._beat_once)
        if self._flushing is None:
            self._send(b":\n\n")
        elif loop.time() - self._flushing_since > self.hub.limits.slow_client_s:
            self._cut()

    def _role_changed(self, role: Role | None) -> None:
        if role is None:
            self._end(ForbiddenError("You have no role in this session any more"))

    def stop(self) -> None:
        """Answer at once: the server is stopping."""
        self._end(UnavailableError("The server is stopping", fix="connect again in a moment"))

    def _end(self, error: GraphError) -> None:
        """Send nothing more but why, once what is being written has left."""
        if self._ended is None or self._ended.done() or self._farewell:
            return
        if self._follower is not None:
            self._follower.stop()
        said = {"type": "left", "code": error.code, "message": str(error)}
        self._farewell = b"event: left\ndata: " + encode(said) + b"\n\n"
        if self._flushing is None:
            self._leave()

    def _leave(self) -> None:
        if self._ended is not None and not self._ended.done():
            self.write(self._farewell)
            self._ended.set_result(None)

    def _cut(self) -> None:
        """Close the connection; the reader goes on later, from the last id it has."""
        # not detach: on_connection_close follows, as when the reader itself goes
        if isinstance(self.request.connection, HTTP1Connection):
            self.request.connection.stream.close()

    def on_connection_close(self) -> None:
        """Stop: the reader has gone."""
        super().on_connection_close()
        if self._ended is not None and not self._ended.done():
            self._ended.set_exception(StreamClosedError())


def _cursor(text: str) -> Cursor | None:
    """Read the id of the last event that somebody had (BadMessageError)."""
    if not text:
        return None
    epoch, colon, rev = text.rpartition(":")
    if not colon or len(epoch) > _EPOCH_CHARACTERS or not (rev.isascii() and rev.isdecimal()):
        raise BadMessageError(
            f"Last-Event-ID must be the id of an event, as in e1:44, got {text[:80]!r}",
            path="last_event_id",
            fix="leave it out to begin with what comes now",
        )
    return Cursor(epoch, int(rev[:16]))


@operation(
    "GET",
    "sessions/{session_id}/events",
    allow="read",
    answer=str,
    media_type="text/event-stream",
    refuses=("SCHEMA",),
    handler=EventsHandler,
)
async def follow_events(call: Call, query: EventsQuery) -> Stream:
    """Follow the session's events as server-sent events.

    Each has an ``id``, ``epoch:rev``, after which a reader goes on (``Last-Event-ID``), its type as
    ``event``, and its JSON as ``data``. ``reset`` tells that events are missing, ``left`` that no
    more comes.
    """
    raise NotImplementedError("EventsHandler serves it")


OPERATIONS: tuple[Any, ...] = (follow_events,)
