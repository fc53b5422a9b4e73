"""A WebSocket on behalf of a page that can't open its own: frames go both ways, unread.

See docs/decisions/004-widget-relay.md. The page's own client speaks the protocol; this side only
carries. Its caller is the widget.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Literal

from tornado.websocket import WebSocketClosedError

from graph_ext.client.connection.discovery import Server
from graph_ext.client.connection.io_thread import IoThread
from graph_ext.client.connection.sockets import hanging_up, open_socket
from graph_ext.core.errors import GraphError, UnavailableError

__all__ = ["Deliver", "Relay"]

Deliver = Callable[[Literal["open", "frame", "close"], str], None]
"""Told that the socket is open, of a frame, or that it is closed and why."""

log = logging.getLogger(__name__)


class Relay:
    """One socket for one view.

    Parameters
    ----------
    io : IoThread
        Where it lives.
    server : Server
        Where it leads.
    deliver : callable
        Called on the I/O thread.
    """

    def __init__(self, io: IoThread, server: Server, deliver: Deliver) -> None:
        self._io = io
        self._server = server
        self._deliver = deliver
        # frames on their way to the server
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        # keeps the socket; None before `_start`
        self._task: asyncio.Task[None] | None = None
        io.call(self._start)

    def write(self, frame: str) -> None:
        """Send a frame to the server; lost when the socket is closed."""
        self._call(self._outgoing.put_nowait, frame)

    def close(self) -> None:
        """Close the socket; nothing is delivered any more."""
        self._call(self._stop)

    def _call(self, function: Callable[..., object], *args: object) -> None:
        try:
            self._io.call(function, *args)
        except UnavailableError:
            return  # the thread has ended, and the socket with it

    def _start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        reason = "the Jupyter server closed the connection"
        try:
            socket = await open_socket(self._server)
            async with hanging_up(socket) as frames, asyncio.TaskGroup() as tasks:
                self._deliver("open", "")
                writer = tasks.create_task(self._write(socket.write_message))
                async for frame in frames:
                    self._deliver("frame", frame if isinstance(frame, str) else frame.decode())
                writer.cancel()
        except GraphError as error:
            reason = str(error)
        except Exception:
            log.exception("graph_ext: a widget's connection ended")
            reason = "the connection ended with an error; the kernel's log has it"
        self._deliver("close", reason)

    async def _write(self, write: Callable[[str], asyncio.Future[None]]) -> None:
        try:
            while True:
                await write(await self._outgoing.get())
        except WebSocketClosedError:
            return  # the reader sees it too
