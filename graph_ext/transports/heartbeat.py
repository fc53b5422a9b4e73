"""Finding out that the other end of a socket is dead, though TCP has not noticed.

Tornado's own pings count a peer as dead whose pongs were not read, because its commands were still
being served. Used by websocket.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Heartbeat"]


class Heartbeat:
    """Pings a peer, and says when nothing has come from it in time.

    Parameters
    ----------
    interval_s : float
        From one ping to the next; 0: none is sent.
    timeout_s : float
        Within which something must come after a ping; at most the interval.
    ping : callable
        Sends one.
    is_reading : callable
        Whether what the peer sends is being read; while it is not, silence means nothing.
    dead : callable
        Called, once, when the peer was silent for too long.
    """

    def __init__(
        self,
        interval_s: float,
        timeout_s: float,
        ping: Callable[[], None],
        is_reading: Callable[[], bool],
        dead: Callable[[], None],
    ) -> None:
        self._interval_s = interval_s
        self._timeout_s = min(timeout_s, interval_s)
        self._ping = ping
        self._is_reading = is_reading
        self._dead = dead
        # since the last ping
        self._heard = True
        self._timer: asyncio.TimerHandle | None = None
        if interval_s > 0:
            self._call_later(interval_s, self._beat)

    def heard(self) -> None:
        """Take note of a sign of life."""
        self._heard = True

    def stop(self) -> None:
        """Ping no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self) -> None:
        self._heard = False
        self._call_later(self._timeout_s, self._judge)
        self._ping()

    def _judge(self) -> None:
        if not self._heard and self._is_reading():
            self._dead()
        else:
            self._call_later(self._interval_s - self._timeout_s, self._beat)

    def _call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay_s, callback)
