"""How fast each client may go: a bucket of tokens that fills at a steady rate.

One :class:`Pace` for all commands of a hub, so that neither joining again nor another session makes
a client faster. Called by hub/session.py.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

__all__ = ["Pace"]

_SWEPT_AT = 1000  # clients from which on those who have been quiet are forgotten


class Pace:
    """At most so much a second for each key, with a burst of one second.

    Parameters
    ----------
    per_s : float
        How much.
    now : callable
        Seconds that only grow.

    Attributes
    ----------
    per_s : float
        How much.
    """

    def __init__(self, per_s: float, now: Callable[[], float]) -> None:
        self.per_s = per_s
        self._burst = max(1.0, per_s)
        self._now = now
        # key -> (how much it may still do, when that was so); a full bucket may be forgotten
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        self._sweep_at = _SWEPT_AT

    def take(self, key: Hashable, count: int) -> int:
        """Let a client do so many things at once; return how many it may, and count those."""
        now, left = self._now(), self._burst
        bucket = self._buckets.get(key)
        if bucket is not None:
            left = min(left, bucket[0] + (now - bucket[1]) * self.per_s)
        taken = min(count, int(left))
        self._buckets[key] = (left - taken, now)
        if len(self._buckets) > self._sweep_at:
            self._sweep(now)
        return taken

    def wait_s(self, key: Hashable) -> float:
        """Let a client do one thing; or say in how many seconds it may, and count nothing."""
        if self.take(key, 1):
            return 0.0
        left, _ = self._buckets[key]
        return (1.0 - left) / self.per_s

    def _sweep(self, now: float) -> None:
        self._buckets = {
            key: (left, at)
            for key, (left, at) in self._buckets.items()
            if left + (now - at) * self.per_s < self._burst
        }
        # so that sweeping costs little however many there are
        self._sweep_at = max(_SWEPT_AT, 2 * len(self._buckets))
