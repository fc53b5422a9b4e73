"""Whether the server at the other end of a socket still lives.

A ping goes out every few seconds: for the server it is the sign of life that keeps this client's
presence, for the client its answer is the server's. Anything else that comes will do as well. While
a long upload is still on its way ahead of the ping, what leaves is a sign of life, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["PING_S", "PONG_S", "Liveness"]

PING_S = 10.0
"""From one ping to the next."""

PONG_S = 20.0
"""After so long a silence the server is given up."""


class Liveness:
    """Watches one socket; on the I/O thread.

    Parameters
    ----------
    ping : callable
        Sends a ping after what is to go out before it; tells its argument when it went.
    ping_s, pong_s : float
        See the module's constants.
    """

    def __init__(
        self, ping: Callable[[Callable[[], None]], None], ping_s: float, pong_s: float
    ) -> None:
        self._ping = ping
        self._ping_s = ping_s
        self._pong_s = pong_s
        # when the server last gave a sign, or what was ahead of the ping went out
        self._sign_at = 0.0
        # whether a ping waits for its answer, and whether it has left
        self._waiting = False
        self._left = False

    def heard(self) -> None:
        """Note that a frame has come."""
        self._sign_at = asyncio.get_running_loop().time()
        self._waiting = False

    def sent(self) -> None:
        """Note that a message has gone out."""
        if not self._left:
            self._sign_at = asyncio.get_running_loop().time()

    async def watch(self) -> None:
        """Return when the server has been silent for too long."""
        loop = asyncio.get_running_loop()
        self._sign_at = loop.time()
        while True:
            if not self._waiting:
                self._waiting, self._left = True, False
                self._ping(self._ping_left)
            # both are looked at as often as pings go out: nobody needs it more exactly
            await asyncio.sleep(min(self._ping_s, self._pong_s))
            if self._waiting and loop.time() - self._sign_at >= self._pong_s:
                return

    def _ping_left(self) -> None:
        self._left = True
        self._sign_at = asyncio.get_running_loop().time()
