"""The stream under the server's end of a line, and the weather that it is in.

A :class:`Stream` stands in place of Tornado's IOStream: it fills up when its client does not read,
and keeps count of what waits in the server. Used by network.py and world.py.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random

from msgspec import Struct
from tornado.iostream import StreamClosedError

__all__ = ["Sent", "Stamp", "Stream", "Weather"]


class Stamp(Struct):
    """What was so when the server wrote a frame.

    The time, each session's epoch, durable rev and floor, and which sessions were deleted.
    """

    at: float
    epochs: dict[str, str]
    revs: dict[str, int]
    floors: dict[str, int]
    deleted: frozenset[str]


Sent = tuple[bytes, Stamp]
"""A frame without its header, and what was so when it was written."""


class Weather:
    """How bad the network is; changes as the world goes on.

    Attributes
    ----------
    delay_s : float
        How long a frame takes at the most.
    stall : float
        How probable it is that a reader pauses after a frame.
    stall_s : float
        For how long at the most.
    notice_s : float
        How long an end may take to notice that a line is cut.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.delay_s = 0.05
        self.stall = 0.0
        self.stall_s = 1.0
        self.notice_s = 0.5

    def some(self, most_s: float) -> float:
        return self.random.random() * most_s


class Stream:
    """The server's end of a line as Tornado's IOStream shows it, for frames to one client.

    Parameters
    ----------
    weather : Weather
        How well the client reads.
    stamp : callable
        Tells what is so at the moment.
    send : callable
        Takes frames that have left.
    room_bytes : int
        What the operating system takes of a client that does not read.

    Attributes
    ----------
    most_behind_bytes : int
        What has ever waited in the server behind the first frame that waited.
    log_behind : bytes
        A frame of the log that was written while another waited: the log waits in the log.
    """

    def __init__(
        self,
        weather: Weather,
        stamp: Callable[[], Stamp],
        send: Callable[[Sent], None],
        room_bytes: int,
    ) -> None:
        self.most_behind_bytes = 0
        self.log_behind = b""
        self._weather = weather
        self._stamp = stamp
        self._send = send
        self._room_bytes = room_bytes
        self._closed = False
        self._stalled = False
        # taken by the operating system, and not read yet
        self._taken: list[Sent] = []
        self._taken_bytes = 0
        # waiting in the server, each with the future of its writer; a mark has no frame
        self._waiting: deque[tuple[Sent | None, asyncio.Future[None]]] = deque()
        self._waiting_bytes = 0

    def closed(self) -> bool:
        return self._closed

    def writing(self) -> bool:
        return bool(self._waiting)

    def write(self, data: bytes | memoryview) -> asyncio.Future[None]:
        if self._closed:
            raise StreamClosedError
        left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        frame = _payload(bytes(data))
        sent = (frame, self._stamp()) if frame else None
        if self._stalled and (self._waiting or self._taken_bytes + len(frame) > self._room_bytes):
            if self._waiting and (b'"events":[{' in frame or b'"type":"snapshot"' in frame):
                self.log_behind = frame
            self._waiting.append((sent, left))
            self._waiting_bytes += len(frame)
            first = self._waiting[0][0]
            behind = self._waiting_bytes - (0 if first is None else len(first[0]))
            self.most_behind_bytes = max(self.most_behind_bytes, behind)
            return left
        left.set_result(None)
        if sent is None:
            return left
        if self._stalled:
            self._taken.append(sent)
            self._taken_bytes += len(frame)
        else:
            self._send(sent)
            if self._weather.random.random() < self._weather.stall:
                self.stall(self._weather.some(self._weather.stall_s))
        return left

    def stall(self, seconds: float | None) -> None:
        """Have the client read nothing for a while (None: from now on)."""
        if not self._stalled:
            self._stalled = True
            if seconds is not None:
                asyncio.get_running_loop().call_later(seconds, self._read_on)

    def close(self) -> None:
        """Let nothing more out, and go whoever waits."""
        if self._closed:
            return
        self._closed = True
        for _, left in self._waiting:
            if not left.done():
                left.set_exception(StreamClosedError())
                left.exception()
        self._waiting.clear()

    def _read_on(self) -> None:
        self._stalled = False
        for sent in self._taken:
            self._send(sent)
        self._taken.clear()
        self._taken_bytes = self._waiting_bytes = 0
        waiting, self._waiting = self._waiting, deque()
        for waited, left in waiting:
            if waited is not None:
                self._send(waited)
            if not left.done():
                left.set_result(None)


def _payload(wire: bytes) -> bytes:
    """Return a frame without its header (RFC 6455, 5.2)."""
    if not wire:
        return b""
    return wire[{126: 4, 127: 10}.get(wire[1], 2) :]
