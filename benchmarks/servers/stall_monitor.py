"""A Jupyter server extension for measuring: ``GET /stalls`` says how long the event loop was held.

Loaded by processes.py with ``jpserver_extensions``.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from benchmarks.servers.stalls import Stalls


class StallsHandler(JupyterHandler):
    @web.authenticated
    def get(self) -> None:
        self.write(self.settings["stalls"].tell())


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "benchmarks.servers.stall_monitor"}]


def _load_jupyter_server_extension(app: Any) -> None:
    stalls = app.web_app.settings["stalls"] = Stalls()
    app.web_app.add_handlers(".*$", [(app.base_url + "stalls", StallsHandler)])
    app.io_loop.add_callback(stalls.watch)
