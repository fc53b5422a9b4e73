"""How long an event loop was held: a task sleeps 5 ms again and again; what it oversleeps counts.

Served as ``GET /stalls`` by every server in this folder and, as a Jupyter extension
(stall_monitor.py), beside graph_ext.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any

__all__ = ["Stalls"]

_TICK_S = 0.005


class Stalls:
    """Watches the loop it is started on."""

    def __init__(self) -> None:
        # what each tick came late, since it was last told
        self._held_ms: list[float] = []

    async def watch(self) -> None:
        """Tick for ever."""
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            await asyncio.sleep(_TICK_S)
            now = loop.time()
            self._held_ms.append((now - before - _TICK_S) * 1000)
            before = now

    def tell(self) -> dict[str, Any]:
        """Say how it was, and forget it."""
        held, self._held_ms = sorted(self._held_ms), []
        return {
            "longest_ms": [round(ms, 1) for ms in held[-5:][::-1]],
            "over_10_ms": sum(ms > 10 for ms in held),
            "over_50_ms": sum(ms > 50 for ms in held),
            "ticks": len(held),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
