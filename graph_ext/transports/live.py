"""Whether whoever has a stream open may still have it: asked again for as long as it is open.

What a session's members change is pushed by ``hub.access``; what only the server's authorizer and
identity provider know has to be asked for. Held by each open WebSocket, event stream and the like.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable

from jupyter_core.utils import ensure_async
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import JupyterHandler

from graph_ext.hub.access import Caller
from graph_ext.transports.base import GraphHandler, has_stable_names

__all__ = ["LiveCaller"]


class LiveCaller:
    """Somebody with an open stream.

    Parameters
    ----------
    handler : GraphHandler
        Of the request that opened it.
    caller : Caller
        What it was when it was asked last.
    changed : callable
        Called with what it is now, where that is another; with None, once, when the server knows
        them no longer: the login has expired, or was taken back.
    """

    def __init__(
        self, handler: GraphHandler, caller: Caller, changed: Callable[[Caller | None], None]
    ) -> None:
        self.caller = caller
        self._handler = handler
        self._changed = changed
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
        failing = False
        while True:
            wait_s = identity_at - now()
            await asyncio.sleep(wait_s if settled else min(wait_s, limits.ask_authorizer_s))
            try:
                if now() >= identity_at:
                    identity_at = now() + limits.ask_identity_s
                    if not await self._still_known():
                        self._changed(None)
                        return
                caller = Caller(
                    self.caller.actor,
                    await self._handler.may("read"),
                    await self._handler.may("write"),
                )
            except Exception:
                # what was known holds until there is an answer again
                if not failing:
                    self._handler.log.exception("Can't ask again who may see graphs")
                failing = True
                continue
            failing = False
            if caller != self.caller:
                self.caller = caller
                self._changed(caller)

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


class _Nowhere:
    """In the place of a connection: a handler that only asks must not take the real one over."""

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        pass


async def _user_again(handler: GraphHandler) -> User | None:
    """Ask the identity provider about a request as though it had come just now."""
    request = copy.copy(handler.request)
    request.connection = _Nowhere()  # type: ignore[assignment]
    # a handler of its own: providers keep what they have found on the one that they are given
    again = JupyterHandler(handler.application, request)
    user: User | None = await ensure_async(handler.identity_provider.get_user(again))
    return user
