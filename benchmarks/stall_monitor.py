"""A Jupyter server extension for measuring: how long the event loop was held.

A task sleeps 5 ms again and again; what it oversleeps, somebody held the loop. Loaded by
loading.py with ``jpserver_extensions``; ``GET /stalls`` tells and forgets.
"""

from __future__ import annotations

import asyncio
import json
import resource
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

_TICK_S = 0.005


class _Stalls:
    def __init__(self) -> None:
        self.held_ms: list[float] = []

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        while True:
            await asyncio.sleep(_TICK_S)
            now = loop.time()
            self.held_ms.append((now - before - _TICK_S) * 1000)
            before = now


class StallsHandler(JupyterHandler):
    @web.authenticated
    def get(self) -> None:
        held = sorted(self.settings["stalls"].held_ms)
        self.settings["stalls"].held_ms = []
        self.write(
            json.dumps(
                {
                    "longest_ms": [round(ms, 1) for ms in held[-5:][::-1]],
                    "over_10_ms": sum(ms > 10 for ms in held),
                    "over_50_ms": sum(ms > 50 for ms in held),
                    "ticks": len(held),
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                }
            )
        )


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "benchmarks.stall_monitor"}]


def _load_jupyter_server_extension(app: Any) -> None:
    stalls = app.web_app.settings["stalls"] = _Stalls()
    app.web_app.add_handlers(".*$", [(app.base_url + "stalls", StallsHandler)])
    app.io_loop.add_callback(stalls.watch)
