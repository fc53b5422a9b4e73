"""Frames straight to a WebSocket's stream: no task, no future of ours per message.

However a client reads, no more waits for it here than ``IN_FLIGHT_BYTES``, and not for ever. Used
by websocket.py. Tornado's ``write_message`` costs a future and a task each, and a stream's
``write`` a future; a frame that is built once, and goes straight to the socket while the stream is
idle, costs little more than the system call.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from asyncio import Future
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from tornado.iostream import IOStream, StreamClosedError

from graph_ext.hub.tail import FRAME_BYTES

__all__ = ["IN_FLIGHT_BYTES", "SocketSink"]

IN_FLIGHT_BYTES = 256 * 1024
"""How much may wait for one client: a frame, and answers behind it.

A message longer than a frame goes whole in the frame's place. An event is applied whole, so it is
not cut; who waits for the same waits with a view of the same bytes (``_Newest``).
"""

_BEHIND_BYTES = IN_FLIGHT_BYTES - FRAME_BYTES

_NEWEST = 4  # frames that are kept with their headers: as many as a follower takes in one turn

_TEXT = 0x81  # a whole text message in one frame (RFC 6455, 5.2), unmasked as servers send it
_COMPRESSED = 0x40  # RSV1 (RFC 7692, 7.2.3.1)
_LONG_BYTES = 8 * 1024  # a page of a snapshot is; a person's commit hardly ever
_LEVEL = 1  # a page in 0.3 ms, to a fifth; the best level takes twelve times as long, to a sixth


class SocketSink:
    """Where the followers of one socket write.

    Parameters
    ----------
    stream : IOStream
        The socket's, after the handshake.
    closing : callable
        Whether a close frame was sent or came: nothing may follow it.
    patience_s : float
        How long something may wait while nothing is taken.
    too_slow : callable
        Called, with why, when more would wait than may, or for longer: the socket is to be closed.
    compresses : bool
        Whether long frames go out compressed, as was agreed with the client.

    Attributes
    ----------
    in_flight_bytes : int
        Of the frames that have not left.
    piled_bytes : int
        Of the frames that have not left, and were written behind others that had not.
    """

    def __init__(
        self,
        stream: IOStream,
        closing: Callable[[], bool],
        patience_s: float,
        too_slow: Callable[[str], None],
        *,
        compresses: bool = False,
    ) -> None:
        self.piled_bytes = 0
        self.in_flight_bytes = 0
        self._stream = stream
        self._closing = closing
        self._patience_s = patience_s
        self._too_slow = too_slow
        self._compresses = compresses
        # written to past the stream while that is idle; None where the stream has to encrypt
        self._socket = stream.socket if type(stream) is IOStream else None
        # by the loop's clock: when the client has last taken a frame, or had none to take
        self._taken_at = 0.0
        self._given_up = False
        # looks after the client while something waits
        self._timer: asyncio.TimerHandle | None = None
        # those to be called when the stream is idle again, in turn
        self._waiting: deque[Callable[[], None]] = deque()

    def writable(self) -> bool:
        """Whether everything written before has left."""
        return not self._stream.writing()

    def write(self, frame: bytes) -> None:
        """Take a frame, writable or not; dropped where the socket is closing."""
        if self._given_up or self._closing():
            return
        size = len(frame)
        behind = size if self._stream.writing() else 0
        if self.piled_bytes + behind > _BEHIND_BYTES:
            self._give_up("too much waits for you")
            return
        wire: bytes | memoryview = _wire(frame, self._compresses and size >= _LONG_BYTES)
        if not behind and self._socket is not None:
            try:
                sent = self._socket.send(wire)
            except OSError:
                sent = 0  # full; or broken, which the stream finds out, too
            if sent == len(wire):
                return
            wire = memoryview(wire)[sent:]
        try:
            left = self._stream.write(wire)
        except StreamClosedError:
            return  # on_close comes, and ends those who write here
        if self._stream.writing():
            self._keep(size, behind, left)

    def stop(self) -> None:
        """Look after the client no more: the socket is closing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _keep(self, size: int, behind: int, left: Future[None]) -> None:
        """Count a frame until it has left."""
        loop = asyncio.get_running_loop()
        if not self.in_flight_bytes:
            self._taken_at = loop.time()
        self.in_flight_bytes += size
        self.piled_bytes += behind
        left.add_done_callback(partial(self._has_left, size, behind))
        if self._timer is None:
            self._timer = loop.call_later(self._patience_s, self._look)

    def _has_left(self, size: int, behind: int, _: Future[None]) -> None:
        self.in_flight_bytes -= size
        self.piled_bytes -= behind
        self._taken_at = asyncio.get_running_loop().time()

    def _give_up(self, reason: str) -> None:
        """Write no more; whoever writes here just now hears of it later."""
        self._given_up = True
        asyncio.get_running_loop().call_soon(self._too_slow, reason)

    def _look(self) -> None:
        """See whether the client has taken anything; once in a while, not at each frame."""
        self._timer = None
        if not self.in_flight_bytes or self._closing():
            return
        loop = asyncio.get_running_loop()
        until = self._taken_at + self._patience_s
        if loop.time() >= until:
            self._give_up(f"you have taken nothing for {self._patience_s:g} s")
        else:
            self._timer = loop.call_at(until, self._look)

    def when_writable(self, callback: Callable[[], None]) -> None:
        """Call back once, when the stream is idle or closed."""
        self._waiting.append(callback)
        if len(self._waiting) == 1:
            self._watch()

    async def drained(self) -> None:
        """Wait until the stream is idle or closed."""
        if not self.writable():
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.when_writable(lambda: None if idle.done() else idle.set_result(None))
            await idle

    def _watch(self) -> None:
        try:
            # nothing is written: its future is done when all before it has left
            future = self._stream.write(b"")
        except StreamClosedError:
            asyncio.get_running_loop().call_soon(self._drained)
        else:
            future.add_done_callback(self._drained)

    def _drained(self, _: Any = None) -> None:
        for _ in range(len(self._waiting)):
            if not self.writable() and not self._stream.closed():
                break
            self._waiting.popleft()()
        if self._waiting:
            self._watch()


_newest: dict[tuple[int, bool], tuple[bytes, bytes]] = {}
"""id of a frame, whether compressed -> it, and as it is sent: followers mostly get the same."""


def _wire(frame: bytes, compressed: bool) -> bytes:
    """Return a frame with its header."""
    key = (id(frame), compressed)
    found = _newest.get(key)
    if found is not None:
        return found[1]
    body, first = (_deflated(frame), _TEXT | _COMPRESSED) if compressed else (frame, _TEXT)
    size = len(body)
    if size < 126:
        header = struct.pack("!BB", first, size)
    elif size < 65536:
        header = struct.pack("!BBH", first, 126, size)
    else:
        header = struct.pack("!BBQ", first, 127, size)
    wire = header + body
    if len(_newest) == _NEWEST:
        del _newest[next(iter(_newest))]
    if len(frame) <= IN_FLIGHT_BYTES:
        # kept with its frame, so that no other has the same id
        _newest[key] = frame, wire
    return wire


def _deflated(frame: bytes) -> bytes:
    """Return a frame compressed by itself (RFC 7692, 7.2.1)."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    # what ends it is left out: the reader puts it there
    return (compressor.compress(frame) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
