"""Whether whoever has a stream open may still have it: asked again for as long as it is open.

What a session's members change is pushed by ``hub.access``; what only the server's authorizer and
identity provider know has to be asked for. Held by each open WebSocket, event stream and the like.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jupyter_core.utils import ensure_async
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import JupyterHandler

from graph_ext.hub.access import Caller
from graph_ext.transports.base import GraphHandler, has_stable_names

__all__ = ["LiveCaller", "Nowhere"]

_T = TypeVar("_T")


class LiveCaller:
    """Somebody with an open stream.

    Parameters
    ----------
    handler : GraphHandler
        Of the request that opened it.
    caller : Caller
        What it was when it was asked last.
    changed : callable
        Called with what it is now, each time that was asked; with None, once, when the server
        knows them no longer: the login has expired, or was taken back.
    """

    def __init__(
        self, handler: GraphHandler, caller: Caller, changed: Callable[[Caller | None], None]
    ) -> None:
        self.caller = caller
        self._handler = handler
        self._changed = changed
        # who could not answer last time, so that it is logged once
        self._silent: set[str] = set()
        self._asking = asyncio.get_running_loop().create_task(self._ask())

    def stop(self) -> None:
        """Ask no more: the stream has ended."""
        self._asking.cancel()

    async def _ask(self) -> None:
        limits = self._handler.hub.limits
        # its answer never changes
        settled = type(self._handler.authorizer) is AllowAllAuthorizer
        now = asyncio.get_running_loop().time
        identity_at = now() + limits.ask_identity_s
        while True:
            wait_s = identity_at - now()
            await asyncio.sleep(wait_s if settled else min(wait_s, limits.ask_authorizer_s))
            if now() >= identity_at:
                identity_at = now() + limits.ask_identity_s
                if await self._answer("identity provider", self._still_known()) is False:
                    self._changed(None)
                    return
            caller = await self._answer("authorizer", self._caller_now())
            if caller is not None:
                self.caller = caller
                # also where it is the same: what has just begun may have an older answer
                self._changed(caller)

    async def _answer(self, whom: str, question: Coroutine[Any, Any, _T]) -> _T | None:
        """Return what they say; None where they can't, and what was known holds."""
        try:
            answer = await question
        except Exception:
            if whom not in self._silent:
                self._handler.log.exception("The %s can't be asked about open streams", whom)
            self._silent.add(whom)
            return None
        self._silent.discard(whom)
        return answer

    async def _caller_now(self) -> Caller:
        may = self._handler.may
        return Caller(self.caller.actor, await may("read"), await may("write"))

    async def _still_known(self) -> bool:
        handler = self._handler
        user = await _user_again(handler)
        if user is None:
            return False
        if has_stable_names(handler.identity_provider):
            if user.username != handler.current_user.username:
                return False
            # with the rights they have now
            handler.current_user = user
        return True


class Nowhere:
    """In the place of a connection: a handler that only asks must not take the real one over."""

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """Call nobody back."""


async def _user_again(handler: GraphHandler) -> User | None:
    """Ask the identity provider about a request as though it had come just now."""
    request = copy.copy(handler.request)
    request.connection = Nowhere()  # type: ignore[assignment]
    # a handler of its own: providers keep what they have found on the one that they are given
    again = JupyterHandler(handler.application, request)
    user: User | None = await ensure_async(handler.identity_provider.get_user(again))
    return user
