"""The one handler of the table of operations: reads, runs, answers."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import msgspec
from tornado import web
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from graph_ext.core.errors import UnavailableError
from graph_ext.transports.http import HttpHandler
from graph_ext.transports.operations import Operation, Stream

__all__ = ["RestHandler"]


class RestHandler(HttpHandler):
    """Serves the operations of one route."""

    # runs the operation
    _work: asyncio.Future[Any] | None = None

    @web.authenticated
    async def get(self, **parts: str) -> None:
        """Serve the operation of this method."""
        operation = self.operation
        if operation is None:
            raise web.HTTPError(405)
        call, arguments = await self.read(operation, parts)
        self._work = asyncio.ensure_future(operation.run(call, **arguments))
        await asyncio.wait([self._work])
        if self._work.cancelled():
            raise UnavailableError("The server is stopping")
        answer = self._work.result()
        self.set_status(operation.status)
        for name, value in call.headers.items():
            self.set_header(name, value)
        if isinstance(answer, Stream):
            await self._stream(operation, answer)
        elif operation.answer is not None:
            self.write(msgspec.json.encode(answer))
        if not self._finished:
            _ = self.finish(set_content_type=operation.media_type)

    head = post = put = patch = delete = get

    def on_connection_close(self) -> None:
        """Stop reading for somebody who has gone; what changes something goes on to its end."""
        super().on_connection_close()
        if self._work is not None and self.request.method in {"GET", "HEAD"}:
            self._work.cancel()

    def stop(self) -> None:
        """Answer at once, or break off an answer that is being sent: the server is stopping."""
        if self._work is None or not self._work.cancel():
            self._cut()

    async def _stream(self, operation: Operation, stream: Stream) -> None:
        for name, value in stream.headers.items():
            self.set_header(name, value)
        self.set_header("Content-Type", operation.media_type)
        patience_s = self.hub.limits.slow_client_s
        async with aclosing(stream.chunks) as chunks:
            try:
                async for chunk in chunks:
                    if self.request.method == "HEAD":
                        break
                    self.write(chunk)
                    # the next is made when this one has left
                    await asyncio.wait_for(self.flush(), patience_s)
            except StreamClosedError:
                return
            except TimeoutError:
                # what it has not read holds the log's beginning, or a graph, in its place
                self.log.info("Somebody took nothing of an answer for %g s", patience_s)
                self._cut()
            except Exception:
                if not self._headers_written:
                    raise
                # too late for another answer
                self.log.exception("An answer broke off")
                self._cut()

    def _cut(self) -> None:
        """Close the connection: that says that an answer is not whole."""
        if isinstance(self.request.connection, HTTP1Connection):
            self.request.connection.stream.close()
