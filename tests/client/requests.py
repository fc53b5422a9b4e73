"""Plain HTTP requests to the extension, as another program would make them."""

from __future__ import annotations

import json
import urllib.request

from tests.servers import JupyterServer

__all__ = ["delete_session", "rename_session"]


def delete_session(server: JupyterServer, session_id: str) -> None:
    """Delete a session."""
    _request(server, "DELETE", session_id)


def rename_session(server: JupyterServer, session_id: str, name: str) -> None:
    """Give a session another name."""
    _request(server, "PATCH", session_id, {"name": name})


def _request(
    server: JupyterServer, method: str, session_id: str, body: object | None = None
) -> None:
    request = urllib.request.Request(
        f"{server.url}graph-ext/api/v1/sessions/{session_id}",
        method=method,
        headers={"Authorization": f"token {server.token}", "Content-Type": "application/json"},
        data=None if body is None else json.dumps(body).encode(),
    )
    urllib.request.urlopen(request).close()
