"""People whom a server knows by name: an identity provider and an authorizer for the tests.

Like JupyterHub's they give stable usernames, by a token of each person's own or by a login cookie,
and both can change their mind while connections are open.
"""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any, ClassVar

from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.auth.identity import IdentityProvider, User
from tornado.web import RequestHandler

from tests.transports.conftest import API, Peer, Server, cookie_header

SECRET = "marked-secret-of-"
"""A person's token is this and their username."""


class NamedPeople(IdentityProvider):
    """Everybody with a token of their own, or a cookie that they got for it."""

    # whom it knows no longer
    gone: ClassVar[set[str]] = set()
    # how often it has failed, while it is told to
    failures: ClassVar[list[str] | None] = None

    async def get_user(self, handler: RequestHandler) -> User | None:
        if self.failures is not None:
            self.failures.append("asked")
            raise ConnectionError("the Hub is away")
        return await self._get_user(handler)

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        token = self.get_token(handler) or ""
        return self._known(token.removeprefix(SECRET)) if token.startswith(SECRET) else None

    def get_user_cookie(self, handler: RequestHandler) -> User | None:
        user = super().get_user_cookie(handler)
        return self._known(user.username) if isinstance(user, User) else None

    def _known(self, name: str) -> User | None:
        return None if name in self.gone else User(name, name.title(), f"Display {name.title()}")


class Scopes(Authorizer):
    """Allows everything but what it was told not to."""

    # (username, action): what it refuses
    denied: ClassVar[set[tuple[str, str]]] = set()

    async def is_authorized(
        self, handler: RequestHandler, user: User, action: str, resource: str
    ) -> bool:
        assert resource == "graph_ext", "always named"
        assert action in {"read", "write"}
        return (user.username, action) not in self.denied


CONFIG: dict[str, Any] = {
    # the terminals' handlers warn that anybody may open them
    "ServerApp": {
        "jpserver_extensions": {"graph_ext": True, "jupyter_server_terminals": False},
        "identity_provider_class": NamedPeople,
        "authorizer_class": Scopes,
    },
    "GraphExtension": {
        "message_bytes": 100_000,
        "ask_authorizer_s": 0.05,
        "ask_identity_s": 0.1,
    },
}


class People:
    """A server and the people who use it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        # nobody's token, so that nothing goes through unasked
        server.token = {}
        NamedPeople.gone.clear()
        NamedPeople.failures = None
        Scopes.denied.clear()

    @property
    def hub(self) -> Any:
        return self.server.app.web_app.settings["graph_ext_hub"]

    def header(self, name: str) -> dict[str, str]:
        """What a script sends; nothing for anonymous."""
        return {} if name == "anonymous" else {"Authorization": f"token {SECRET}{name}"}

    async def cookies(self, name: str) -> dict[str, str]:
        """What a browser has after a login."""
        jar: dict[str, str] = {}
        # the page of a login sets the XSRF cookie, whoever asks; the token that of the person
        for path, by in (("login", {}), (f"{API}/health", self.header(name))):
            headers = {**by, "Cookie": cookie_header(jar)}
            answer = await self.server.fetch(path, headers=headers)
            for line in answer.headers.get_list("Set-Cookie"):
                jar.update({key: morsel.value for key, morsel in SimpleCookie(line).items()})
        assert "_xsrf" in jar, jar
        return jar

    async def connect(self, name: str) -> Peer:
        return await self.server.connect(self.header(name))

    def know_no_longer(self, name: str) -> None:
        NamedPeople.gone.add(name)

    def deny(self, name: str, *actions: str) -> None:
        Scopes.denied.update((name, action) for action in actions)

    def allow(self, name: str) -> None:
        Scopes.denied.difference_update({(name, "read"), (name, "write")})
