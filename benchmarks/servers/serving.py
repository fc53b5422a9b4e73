"""How the peers are run: one Tornado application on the loopback until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tornado.web import Application, RequestHandler

from benchmarks.servers.stalls import Stalls

__all__ = ["serve"]

_Routes = list[tuple[Any, ...]]


class _StallsHandler(RequestHandler):
    def get(self) -> None:
        self.write(self.settings["stalls"].tell())


def serve(routes: Callable[[argparse.Namespace], Awaitable[_Routes]], *options: str) -> None:
    """Serve what ``routes`` makes of the command line, and ``/stalls``.

    ``options`` are names of flags beside ``--port`` and ``--folder``.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    for option in options:
        parser.add_argument(option, action="store_true")
    arguments = parser.parse_args()

    async def main() -> None:
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        stalls = Stalls()
        watching = asyncio.create_task(stalls.watch())
        application = Application(
            [*await routes(arguments), ("/stalls", _StallsHandler)], stalls=stalls
        )
        server = application.listen(arguments.port, "127.0.0.1")
        await stopped.wait()
        server.stop()
        watching.cancel()

    asyncio.run(main())
