"""Sessions over HTTP: list, make, read, rename, delete (docs/protocol.md, 6).

JSON in and out; origin and XSRF are checked as everywhere in a Jupyter server. Wired by
extension.py.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from jupyter_server.base.handlers import APIHandler
from msgspec import Struct
from tornado import web

from graph_ext import __version__
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import BadMessageError, GraphError, TooLargeError
from graph_ext.protocol import SUBPROTOCOL
from graph_ext.transports.base import STATUS, GraphHandler, Refusal

__all__ = ["HealthHandler", "SessionHandler", "SessionsHandler"]

_T = TypeVar("_T")


class _NewSession(Struct, forbid_unknown_fields=True):
    name: str
    blueprint: dict[str, Any] | None = None


class _Rename(Struct, forbid_unknown_fields=True):
    name: str


class _GraphAPIHandler(GraphHandler, APIHandler):
    """JSON in, JSON out, refusals with their code."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Ask the authorizer: reading is ``read``, all else is ``write``."""
        await super().prepare()
        if self.request.method != "OPTIONS" and self.current_user is not None:
            action = "read" if self.request.method in {"GET", "HEAD"} else "write"
            if not await self.may(action):
                raise web.HTTPError(403, f"You may not {action} the graphs of this server")

    def reply(self, value: Any, status: int = 200) -> None:
        """Finish with a value's JSON."""
        self.set_status(status)
        self.write(msgspec.json.encode(value))

    def body(self, kind: type[_T]) -> _T:
        """Read the request's body (BadMessageError, TooLargeError)."""
        limit = self.hub.limits.message_bytes
        if len(self.request.body) > limit:
            raise TooLargeError(
                f"A body may have {limit} bytes, this one has {len(self.request.body)}"
            )
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise BadMessageError(f"The body can't be read: {error}") from error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say a refusal in its own words, and anything else in the server's."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, GraphError):
            refusal = Refusal(error.code, error.message, error.path, error.by, error.fix)
        else:
            message = getattr(error, "log_message", None) or self._reason
            code = {403: "FORBIDDEN", 404: "NOT_FOUND"}.get(
                status_code, "BAD_MESSAGE" if status_code < 500 else "UNAVAILABLE"
            )
            refusal = Refusal(code, message)
        self.set_header("Content-Type", "application/json")
        _ = self.finish(msgspec.json.encode(refusal))

    def _handle_request_exception(self, e: BaseException) -> None:
        # Tornado's hook: a refusal is an answer, not a failure for the log
        if isinstance(e, GraphError) and not self._finished:
            self.send_error(STATUS[e.code], exc_info=(type(e), e, e.__traceback__))
        else:
            super()._handle_request_exception(e)


class HealthHandler(_GraphAPIHandler):
    """``health``."""

    @web.authenticated
    async def get(self) -> None:
        """Say that the extension runs."""
        self.reply({"status": "ok", "version": __version__, "protocol": SUBPROTOCOL})


class SessionsHandler(_GraphAPIHandler):
    """``sessions``."""

    @web.authenticated
    async def get(self) -> None:
        """List the sessions, or the one of the name asked for."""
        name = self.get_query_argument("name", None)
        role = await self.role() or ""
        found = await self.hub.list(name=name)
        self.reply([msgspec.structs.replace(info, role=role) for info in found])

    @web.authenticated
    async def post(self) -> None:
        """Make a session."""
        new = self.body(_NewSession)
        blueprint = None if new.blueprint is None else Blueprint.from_mapping(new.blueprint)
        info = await self.hub.create(new.name, blueprint, self.actor())
        self.set_header("Location", f"{self.request.path.rstrip('/')}/{info.session_id}")
        self.reply(msgspec.structs.replace(info, role=await self.role() or ""), 201)


class SessionHandler(_GraphAPIHandler):
    """``sessions/<session_id>``."""

    @web.authenticated
    async def get(self, session_id: str) -> None:
        """Read about a session."""
        info = await self.hub.info(session_id)
        self.reply(msgspec.structs.replace(info, role=await self.role() or ""))

    @web.authenticated
    async def patch(self, session_id: str) -> None:
        """Give a session another name."""
        info = await self.hub.rename(session_id, self.body(_Rename).name)
        self.reply(msgspec.structs.replace(info, role=await self.role() or ""))

    @web.authenticated
    async def delete(self, session_id: str) -> None:
        """Delete a session with its history."""
        await self.hub.delete(session_id)
        self.set_status(204)
