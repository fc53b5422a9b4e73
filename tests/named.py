"""A server that knows people by name, as JupyterHub's does: each by a token of their own."""

from __future__ import annotations

from jupyter_server.auth.identity import IdentityProvider, User
from tornado.web import RequestHandler

__all__ = ["PEOPLE", "NamedPeople", "token_of"]

_SECRET = "marked-secret-of-"

PEOPLE = ["--ServerApp.identity_provider_class=tests.named.NamedPeople"]
"""What a Jupyter server is started with."""


def token_of(name: str) -> str:
    """Return somebody's token."""
    return f"{_SECRET}{name}"


class NamedPeople(IdentityProvider):
    """Everybody with a token of their own, or a cookie that they got for it."""

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        """Know somebody by their token."""
        token = self.get_token(handler) or ""
        if not token.startswith(_SECRET):
            return None
        name = token.removeprefix(_SECRET)
        return User(name, name.title(), name.title())
