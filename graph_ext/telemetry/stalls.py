"""Whether anything holds the server's event loop: a timer that looks how late it is.

Started and stopped by extension.py; read by metrics.py.
"""

from __future__ import annotations

import asyncio

__all__ = ["BOUNDS_S", "Stalls"]

BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_TICK_S = 0.1


class Stalls:
    """How late a timer of the event loop was.

    Attributes
    ----------
    count : int
        How often it was looked at.
    within : list of int
        How often it was at most so late, for each of ``BOUNDS_S``.
    held_s : float
        How late it was in all.
    """

    def __init__(self) -> None:
        self.count = 0
        self.within = [0] * len(BOUNDS_S)
        self.held_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, on the running loop."""
        self._next(asyncio.get_running_loop())

    def stop(self) -> None:
        """End; what was counted stays."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + _TICK_S
        self._timer = loop.call_at(due, self._look, loop, due)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        late_s = max(0.0, loop.time() - due)
        self.count += 1
        self.held_s += late_s
        for index, bound in enumerate(BOUNDS_S):
            if late_s <= bound:
                self.within[index] += 1
        self._next(loop)
