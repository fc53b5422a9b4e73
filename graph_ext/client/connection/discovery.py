"""Where the Jupyter server is that this code should talk to, and with which token.

In this order: what the caller gives; JupyterHub's variables; the server that started this kernel;
the only server that runs on this machine. Reads files and variables, opens no connection.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jupyter_core.paths import jupyter_runtime_dir
from msgspec import Struct

from graph_ext.core.errors import ForbiddenError, UnavailableError

__all__ = ["Server", "find_parent", "find_server", "running_servers"]

_API = "graph-ext/api/v1/"
_ANYWHERE = {"0.0.0.0", "::", "*"}  # noqa: S104 (read, not bound)


class Server(Struct, frozen=True):
    """A Jupyter server's address.

    ``url`` ends with a slash and has the base_url in it; ``token`` may be empty (a server without
    authentication); ``parent`` tells that it is the one that serves the pages of this kernel.
    """

    url: str
    token: str = ""
    parent: bool = False

    @property
    def base_url(self) -> str:
        """The path part, as in ``/user/ann/``."""
        return urlsplit(self.url).path

    def api(self, path: str) -> str:
        """Return the URL of a route of the extension."""
        return f"{self.url}{_API}{path}"

    @property
    def websocket(self) -> str:
        """The URL of the extension's WebSocket."""
        return "ws" + self.api("ws").removeprefix("http")

    @property
    def headers(self) -> dict[str, str]:
        """What a request must carry to be let in."""
        return {"Authorization": f"token {self.token}"} if self.token else {}


def find_server(
    url: str | None = None,
    token: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Server:
    """Find the Jupyter server to talk to.

    Parameters
    ----------
    url : str, optional
        The server's URL, as ``jupyter server list`` prints it; a ``?token=`` in it counts.
    token : str, optional
        Its token. With neither in the URL nor here, that of a server of this machine with the
        same URL, and no other: a token must not reach a server that it is not for.
    environ : mapping, optional
        Instead of this process's environment.

    Raises
    ------
    UnavailableError
        None was found, several were, or it can't be reached over TCP.
    ForbiddenError
        It has a password and no token.
    """
    environ = os.environ if environ is None else environ
    if url is not None:
        return _given(url, token)
    found = find_parent(environ)
    if found is not None:
        return found if token is None else Server(found.url, token, found.parent)
    running = list(running_servers())
    if len(running) == 1:
        found = _of_file(running[0])
        return found if token is None else Server(found.url, token)
    if running:
        urls = ", ".join(sorted(info["url"] for info in running))
        raise UnavailableError(
            f"{len(running)} Jupyter servers run on this machine ({urls})",
            fix="say which: gx.open(name, url=..., token=...)",
        )
    raise UnavailableError(
        "no Jupyter server was found: this Python was not started by one, and none runs here",
        fix="start one with `jupyter lab`, or give its address: gx.open(name, url=..., token=...)",
    )


def find_parent(environ: Mapping[str, str] | None = None) -> Server | None:
    """Find the Jupyter server that started this kernel; None: this process is no kernel of one."""
    environ = os.environ if environ is None else environ
    return _of_hub(environ) or _of_parent(environ)


def running_servers() -> Iterator[dict[str, Any]]:
    """Yield what each Jupyter server that runs on this machine has written about itself."""
    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        info = _read(path)
        if info is not None and _alive(info.get("pid")):
            yield info


def _given(url: str, token: str | None) -> Server:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UnavailableError(
            f"a Jupyter server's url must begin with http:// or https://, got {url!r}",
            fix="copy it from `jupyter server list`",
        )
    # what `jupyter lab` prints leads to a page of the server: its base_url comes before that
    path = parts.path
    for page in ("/lab", "/tree", "/notebooks", "/doc"):
        path = path.partition(f"{page}/")[0].removesuffix(page)
    base = f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}/"
    if token is None:
        token = parse_qs(parts.query).get("token", [None])[0]
    if token is None:
        token = next(
            (info["token"] for info in running_servers() if info.get("url") == base),
            "",
        )
    return Server(base, token)


def _of_hub(environ: Mapping[str, str]) -> Server | None:
    """Return the single-user server of JupyterHub that this process belongs to."""
    token = environ.get("JUPYTERHUB_API_TOKEN")
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if not token or not prefix:
        return None
    # JUPYTERHUB_SERVICE_URL is where the server listens, as in http://0.0.0.0:8888/user/ann/
    service = environ.get("JUPYTERHUB_SERVICE_URL")
    if not service:
        return None
    parts = urlsplit(service)
    host = parts.hostname or "127.0.0.1"
    if host in _ANYWHERE:
        host = "127.0.0.1"
    port = f":{parts.port}" if parts.port else ""
    shown = f"[{host}]" if ":" in host else host
    return Server(f"{parts.scheme}://{shown}{port}{prefix.rstrip('/')}/", token, parent=True)


def _of_parent(environ: Mapping[str, str]) -> Server | None:
    """Return the server that started this kernel."""
    parent = environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal():
        return None
    info = _read(Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json")
    if info is None:
        return None
    if not _alive(info.get("pid")):
        # the server was killed: this may be the one that was started in its place
        info = next((other for other in running_servers() if other["url"] == info["url"]), info)
    return _of_file(info, parent=True)


def _of_file(info: dict[str, Any], *, parent: bool = False) -> Server:
    if info.get("sock"):
        raise UnavailableError(
            "the Jupyter server listens on a Unix socket, which graph_ext does not support",
            fix="start it with --ServerApp.ip and --ServerApp.port",
        )
    if info.get("password") and not info.get("token"):
        raise ForbiddenError(
            f"the Jupyter server at {info['url']} asks for a password, which code can't type",
            fix="start it with --IdentityProvider.token=..., and both will be accepted",
        )
    url = urlsplit(info["url"].rstrip("/") + "/")
    if info.get("hostname") in _ANYWHERE and url.scheme == "http":
        # the file then has this machine's host name, which not every container can resolve
        url = url._replace(netloc=f"127.0.0.1:{url.port or 80}")
    return Server(url.geturl(), info.get("token", ""), parent)


def _read(path: Path) -> dict[str, Any] | None:
    """Read a server's file; None where there is none, or where it is just being written."""
    try:
        info = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return info if isinstance(info, dict) and isinstance(info.get("url"), str) else None


def _alive(pid: object) -> bool:
    """Tell whether a process lives: servers that were killed leave their files behind."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    if os.name == "nt":  # pragma: no cover - there, os.kill would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
