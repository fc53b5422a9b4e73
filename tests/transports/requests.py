"""What the tests of the HTTP side share: asking, and reading the answer."""

from __future__ import annotations

import json
from typing import Any

from tornado.httpclient import HTTPResponse

from tests.transports.conftest import API, Server

SESSIONS = f"{API}/sessions"


def body(response: HTTPResponse) -> Any:
    return json.loads(response.body)


class Session:
    """One session, asked about over HTTP."""

    def __init__(self, server: Server, session_id: str) -> None:
        self.server = server
        self.session_id = session_id
        self.path = f"{SESSIONS}/{session_id}"

    async def ask(self, path: str, sent: Any = None, status: int = 200, **options: Any) -> Any:
        """Ask below the session's path; the answer has this status."""
        answer = await self.server.fetch(f"{self.path}/{path}", body=sent, **options)
        assert answer.code == status, answer.body
        return body(answer) if answer.body else None

    async def command(self, *, status: int = 200, client: str = "", **fields: Any) -> Any:
        """Do a command: its own fields are those of the body."""
        query = f"?client_id={client}" if client else ""
        return await self.ask(f"commands{query}", fields, status)

    async def node_ids(self) -> list[str]:
        graph = await self.ask("graph")
        return [node["node_id"] for node in graph["nodes"]]


async def new_session(server: Server, name: str = "plan") -> Session:
    return Session(server, await server.session(name))
