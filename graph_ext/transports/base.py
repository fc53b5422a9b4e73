"""What the transports share: who asks, what they may do, and how a refusal is said in HTTP.

Mixed into the handlers of websocket.py and http.py. The Jupyter server's identity provider says who
it is, its authorizer whether (resource ``graph_ext``, actions read and write); both always named.
"""

from __future__ import annotations

import re
from enum import IntEnum
from http import HTTPStatus

from jupyter_core.utils import ensure_async
from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
)
from jupyter_server.base.handlers import JupyterHandler
from msgspec import Struct

from graph_ext.hub.access import Caller
from graph_ext.hub.hub import Hub
from graph_ext.protocol import Actor

__all__ = [
    "HUB",
    "RESOURCE",
    "SOCKETIO",
    "STATUS",
    "WEBHOOKS",
    "Close",
    "GraphHandler",
    "Refusal",
    "has_stable_names",
]

HUB = "graph_ext_hub"
"""The hub's name in the web application's settings; other server extensions may rely on it."""

WEBHOOKS = "graph_ext_webhooks"
"""The name of what sends webhooks, in the same settings."""

SOCKETIO = "graph_ext_socketio"
"""The name of what serves Socket.IO clients, likewise; None where it is not installed."""

RESOURCE = "graph_ext"
"""What the server's authorizer is asked about."""

STATUS: dict[str, HTTPStatus] = {
    "SCHEMA": HTTPStatus.UNPROCESSABLE_ENTITY,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "GONE": HTTPStatus.GONE,
    "CONFLICT": HTTPStatus.CONFLICT,
    "CYCLE": HTTPStatus.UNPROCESSABLE_ENTITY,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "READ_ONLY": HTTPStatus.FORBIDDEN,
    "TOO_LARGE": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "DUPLICATE_ID": HTTPStatus.CONFLICT,
    "UNDO_EMPTY": HTTPStatus.CONFLICT,
    "UNDO_NOTHING_LEFT": HTTPStatus.CONFLICT,
    "UNDO_CONFLICT": HTTPStatus.CONFLICT,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "BAD_MESSAGE": HTTPStatus.BAD_REQUEST,
}
"""The HTTP status of each code. No code closes a WebSocket: a refusal is a message there."""


class Close(IntEnum):
    """Why the server closes a WebSocket: the close codes."""

    STOPPING = 1001
    """The server stops."""
    LOGIN_ENDED = 4401
    """The server knows the person no longer."""
    TOO_SLOW = 4408
    """The client answers no ping, or takes nothing of what waits for it."""


# they give a token or a password no stable username: a new one for every request or browser
_ANONYMOUS = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)


_LABEL_CHARACTERS = 256
_NAMED = re.compile(r"/(versions|members)/[^/]+")


def has_stable_names(identity_provider: IdentityProvider) -> bool:
    """Say whether a user has the same username at each request, and nobody else has it."""
    return type(identity_provider) not in _ANONYMOUS


class Refusal(Struct, frozen=True, omit_defaults=True):
    """The body of an HTTP error."""

    code: str
    message: str
    path: str | None = None
    by: str | None = None
    fix: str | None = None


class GraphHandler(JupyterHandler):
    """A handler that knows the hub and its caller."""

    @property
    def hub(self) -> Hub:
        """The server's sessions."""
        hub: Hub = self.settings[HUB]
        return hub

    def actor(self, client_id: str = "", label: str = "") -> Actor:
        """Who the caller is in commits: the user where that is stable, else the client."""
        user = self.current_user
        shown = user.display_name or user.name or user.username
        if not has_stable_names(self.identity_provider):
            return Actor(f"client:{client_id}", label[:_LABEL_CHARACTERS] or shown)
        # JupyterHub's services have names of their own, which may be those of users
        hub_user = getattr(user, "hub_user", None)
        is_service = isinstance(hub_user, dict) and hub_user.get("kind") == "service"
        return Actor(f"{'service' if is_service else 'user'}:{user.username}", shown)

    async def caller(self, client_id: str = "", label: str = "") -> Caller:
        """Who asks, for ``hub.access``, which knows all that any server has changed by now.

        Raises
        ------
        UnavailableError
            The members can't be read.
        """
        may_read, may_write = await self.may("read"), await self.may("write")
        await self.hub.access.refresh()
        return Caller(self.actor(client_id, label), may_read, may_write)

    def _log(self) -> None:
        # Tornado's hook: what people have written into an address is in no log
        self.request.uri = _NAMED.sub(r"/\1/*", self.request.path)
        super()._log()

    async def may(self, action: str) -> bool:
        """Whether the server's authorizer lets the caller ``read`` or ``write`` graphs."""
        answer = self.authorizer.is_authorized(self, self.current_user, action, RESOURCE)
        return bool(await ensure_async(answer))
