"""How a request is read and a refusal written: what every HTTP handler of the API has in common.

The body is taken in as it comes, up to a limit, and only from somebody who is known. Subclassed by
rest/handler.py, which serves the table of operations, and by sse.py.
"""

from __future__ import annotations

import asyncio
import tempfile
from typing import IO, Any

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.http1connection import HTTP1Connection

from graph_ext.core.errors import ForbiddenError, GraphError, TooLargeError
from graph_ext.core.json_text import UNREADABLE, unreadable
from graph_ext.transports.base import STATUS, WEBHOOKS, GraphHandler, Refusal
from graph_ext.transports.operations import Call, Operation
from graph_ext.transports.queries import Asked

__all__ = ["HttpHandler"]

_THREAD_BYTES = 64 * 1024  # read in about a millisecond; longer ones in a thread
_CODES = {403: "FORBIDDEN", 404: "NOT_FOUND", 413: "TOO_LARGE"}


@web.stream_request_body
class HttpHandler(GraphHandler, APIHandler):
    """JSON in, JSON out, refusals with their code."""

    operations: dict[str, Operation]
    """Those of the route, by method; none: there is no such route. Given by table.py."""

    def stop(self) -> None:
        """Answer at once: the server is stopping."""

    def initialize(
        self, operations: dict[str, Operation], serving: dict[HttpHandler, None]
    ) -> None:
        """Take what the route offers; called by Tornado for each request."""
        self.operations = operations
        self._serving = serving
        # what has come of the body: in memory, or in a file where the operation takes one
        self._body = bytearray()
        self._upload: IO[bytes] | None = None
        self._body_bytes = 0
        # how long it may be; 0 as long as it is not known who sends it
        self._limit = 0
        # whether a thread writes to the file, the whole body is there, the sender has gone
        self._writing = self._read = self._gone = False

    @property
    def operation(self) -> Operation | None:
        """What is asked for; HEAD is a GET whose body Tornado leaves out."""
        method = self.request.method or ""
        return self.operations.get("GET" if method == "HEAD" else method)

    def set_default_headers(self) -> None:
        """Have nothing kept by anybody on the way."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> None:
        """Give no ETag: nothing is kept that it could be compared with."""

    # --- the request --------------------------------------------------------------------------

    async def prepare(self) -> None:  # type: ignore[override]
        """Find out who asks, before their body is read."""
        await super().prepare()
        if self.request.method == "OPTIONS":
            return
        if self.current_user is None:
            raise web.HTTPError(403)
        operation = self.operation
        if operation is None:
            raise web.HTTPError(405 if self.operations else 404)
        self._serving[self] = None
        if operation.upload:
            self._limit = self.hub.limits.upload_bytes
            self._upload = await asyncio.to_thread(tempfile.TemporaryFile)
            if isinstance(self.request.connection, HTTP1Connection):
                self.request.connection.set_max_body_size(self._limit)
        else:
            self._limit = self.hub.limits.message_bytes
        length = self.request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self._limit:
            raise self._too_large(int(length))

    async def data_received(self, chunk: bytes) -> None:
        """Take a part of the body; what is over the limit is dropped, and refused at its end."""
        self._body_bytes += len(chunk)
        if self._body_bytes > self._limit:
            self._body.clear()
        elif self._upload is None:
            self._body.extend(chunk)
        else:
            self._writing = True
            await asyncio.to_thread(self._upload.write, chunk)
            self._writing = False
            if self._gone:
                self._upload.close()

    def on_connection_close(self) -> None:
        """Let go of a body that is never going to be whole."""
        super().on_connection_close()
        self._gone = True
        self._serving.pop(self, None)
        if self._upload is not None and not self._writing and not self._read:
            self._upload.close()

    def on_finish(self) -> None:
        """Let go of the body."""
        super().on_finish()
        self._serving.pop(self, None)
        if self._upload is not None:
            self._upload.close()

    async def read(
        self, operation: Operation, parts: dict[str, str]
    ) -> tuple[Call, dict[str, Any]]:
        """Read a request: who asks what, and with which arguments.

        Parameters
        ----------
        operation : Operation
            What is asked for.
        parts : dict
            The path's parameters.

        Raises
        ------
        NotFoundError, ForbiddenError
            The caller may not ask this.
        BadMessageError, TooLargeError
            The query or the body can't be read, or is too long.
        """
        self._read = True
        if self._body_bytes > self._limit:
            raise self._too_large(self._body_bytes)
        asked = Asked(self.request.query_arguments)
        common = asked.common()
        call = Call(
            self.hub,
            await self.caller(common.client_id, common.label),
            common.client_id,
            path=self.request.path.rstrip("/"),
            upload=self._upload,
            webhooks=self.settings.get(WEBHOOKS),
        )
        _check_allowed(operation, call, parts)
        arguments: dict[str, Any] = {
            name: part for name, part in parts.items() if name != "session_id"
        }
        query = asked.rest(operation.query)
        if query is not None:
            arguments["query"] = query
        if operation.body is not None:
            arguments["body"] = await self._decoded(operation.body)
        if self._upload is not None:
            await asyncio.to_thread(self._upload.seek, 0)
        return call, arguments

    async def _decoded(self, kind: Any) -> Any:
        body = bytes(self._body)
        try:
            if len(body) > _THREAD_BYTES:
                return await asyncio.to_thread(msgspec.json.decode, body, type=kind)
            return msgspec.json.decode(body, type=kind)
        except UNREADABLE as error:
            raise unreadable(error, body) from None

    def _too_large(self, length: int) -> TooLargeError:
        return TooLargeError(f"A body may have {self._limit} bytes, this one has {length}")

    # --- the answer ---------------------------------------------------------------------------

    @allow_unauthenticated
    def options(self, *args: Any, **kwargs: Any) -> None:
        """Say what the route offers."""
        super().options(*args, **kwargs)
        self.set_header("Allow", self._allow())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say a refusal in its own words, and anything else in the server's."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, GraphError):
            refusal = Refusal(error.code, error.message, error.path, error.by, error.fix)
        else:
            message = getattr(error, "log_message", None) or self._reason
            code = _CODES.get(status_code, "BAD_MESSAGE" if status_code < 500 else "UNAVAILABLE")
            refusal = Refusal(code, message)
        if status_code == 405:
            self.set_header("Allow", self._allow())
        _ = self.finish(msgspec.json.encode(refusal))

    def _handle_request_exception(self, e: BaseException) -> None:
        # Tornado's hook: a refusal is an answer, not a failure for the log
        if isinstance(e, GraphError) and not self._finished:
            self.send_error(STATUS[e.code], exc_info=(type(e), e, e.__traceback__))
        else:
            super()._handle_request_exception(e)

    def _allow(self) -> str:
        heads = ["HEAD"] if "GET" in self.operations else []
        return ", ".join([*self.operations, *heads, "OPTIONS"])


def _check_allowed(operation: Operation, call: Call, parts: dict[str, str]) -> None:
    """Ask the one who decides (NotFoundError, ForbiddenError)."""
    match operation.allow:
        case "anyone":
            if not call.caller.may_read:
                raise ForbiddenError("You may not read the graphs of this server")
        case "create":
            if not call.caller.may_write:
                raise ForbiddenError("You may not make graphs on this server")
        case action:
            call.session_id = parts["session_id"]
            call.role = call.check(action)
