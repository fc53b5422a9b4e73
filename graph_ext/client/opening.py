"""``gx.open`` and ``gx.sessions``: which connection to use, and what to follow over it."""

from __future__ import annotations

import os
import threading
import warnings
from concurrent.futures import TimeoutError as WaitTimeoutError
from functools import partial
from queue import SimpleQueue
from urllib.parse import urlsplit

from msgspec.structs import replace

from graph_ext.client.blueprint.sources import BlueprintSource, blueprint_of
from graph_ext.client.connection.caller import caller_kind, caller_label
from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server, find_parent, find_server
from graph_ext.client.connection.rest import fetch, list_sessions, open_session
from graph_ext.client.display import SessionList
from graph_ext.client.graph import SharedGraph
from graph_ext.client.people.invitations import Invitation, base_of, token_of
from graph_ext.client.session.pending import Progress
from graph_ext.client.session.progress import show_progress
from graph_ext.client.session.session import SessionClient
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import UnavailableError
from graph_ext.protocol import SessionInfo

__all__ = ["accept", "connect", "open_graph", "open_over", "sessions"]

_lock = threading.RLock()  # reentrant: a graph may be collected while it is held
_connections: dict[tuple[str, str], Connection] = {}


def connect(server: Server) -> Connection:
    """Return this process's connection to a server, the same for all its sessions."""
    key = (server.url, server.token)
    with _lock:
        connection = _connections.get(key)
        if connection is None or not connection.io.usable:
            connection = Connection(server, kind=caller_kind(), label=caller_label())
            _connections[key] = connection
        return connection


def sessions(
    url: str | None = None, token: str | None = None, timeout_s: float = 30.0
) -> list[SessionInfo]:
    """List the sessions of the Jupyter server.

    Parameters
    ----------
    url, token : str, optional
        Where; by default the server that started this kernel.
    timeout_s : float
        How long to wait for it.

    Returns
    -------
    list of SessionInfo
        Shown, it is a table.

    Raises
    ------
    GraphError
        No server was found, it can't be reached, or refuses.
    """
    connection = connect(find_server(url, token))
    found = connection.io.run(
        partial(list_sessions, connection.server, timeout_s), "graph_ext.sessions"
    )
    return SessionList(found)


def open_graph(  # noqa: PLR0913, PLR0917 (people give the name, and sometimes one more)
    name: str,
    url: str | None = None,
    token: str | None = None,
    create: bool = True,
    blueprint: BlueprintSource | None = None,
    timeout_s: float = 30.0,
    *,
    directed: bool | None = None,
    multigraph: bool | None = None,
) -> SharedGraph:
    """Open the shared graph of a name.

    Parameters
    ----------
    name : str
        The session's name at its server.
    url, token : str, optional
        The Jupyter server; by default the one that started this kernel.
    create : bool
        Whether to make a session if there is none of that name.
    blueprint : Blueprint or anything that one is made of, optional
        The schema of a session that is made: a dict, a YAML or JSON file, classes (see
        ``gx.blueprint``). One that stands keeps its own: a warning tells if
        that is another; assign ``g.blueprint`` to change it.
    timeout_s : float
        How long to wait for the server, now and with every change while it is away.
    directed, multigraph : bool, optional
        What kind of graph a session is that is made: whether its links have a direction, and
        whether there may be several between two nodes. By default as the blueprint says, and both
        without one. A session that stands stays as it is, with a warning if it is of another kind.

    Returns
    -------
    SharedGraph
        Loaded and live.

    Raises
    ------
    GraphError
        No server was found, it can't be reached or refuses; NOT_FOUND without `create`.
    """
    connection = connect(find_server(url, token))
    return open_over(
        connection,
        name,
        create=create,
        blueprint=blueprint,
        timeout_s=timeout_s,
        directed=directed,
        multigraph=multigraph,
    )


def accept(
    link: str | Invitation,
    url: str | None = None,
    token: str | None = None,
    timeout_s: float = 30.0,
) -> SharedGraph:
    """Follow an invitation: become a member of its session, and open that.

    Parameters
    ----------
    link : str or Invitation
        As an owner has sent it.
    url, token : str, optional
        The Jupyter server; by default the one that started this kernel if the link leads there,
        else the one that it leads to.
    timeout_s : float
        How long to wait for the server, now and with every change while it is away.

    Returns
    -------
    SharedGraph
        Loaded and live; ``g.role`` is what you have become.

    Raises
    ------
    GraphError
        NOT_FOUND (no such invitation), GONE (it was revoked, has expired, or is used up),
        FORBIDDEN (the server gives you no name of your own), or the server can't be reached.
    """
    text = str(link)
    secret = token_of(text)
    connection = connect(_server_of(base_of(text), url, token))
    info = connection.io.run(
        partial(
            fetch,
            connection.server,
            "POST",
            "invitations/accept",
            timeout_s,
            SessionInfo,
            {"token": secret},
        ),
        "graph_ext.accept",
    )
    return open_over(connection, info.name, create=False, timeout_s=timeout_s)


def _server_of(base: str | None, url: str | None, token: str | None) -> Server:
    """Find the server of a link."""
    if url is None and base is not None:
        own = find_parent()
        # people may know the kernel's own server by another host name than the kernel does
        if own is None or own.base_url != urlsplit(base).path:
            return find_server(base, token)
    return find_server(url, token)


def open_over(  # noqa: PLR0913 (all that people may say)
    connection: Connection,
    name: str,
    *,
    create: bool = True,
    blueprint: BlueprintSource | None = None,
    timeout_s: float = 30.0,
    directed: bool | None = None,
    multigraph: bool | None = None,
) -> SharedGraph:
    """Open the shared graph of a name over a connection; otherwise as :func:`open_graph`."""
    wanted = None if blueprint is None else blueprint_of(blueprint)
    kind = {"directed": directed, "multigraph": multigraph}
    if said := {field: value for field, value in kind.items() if value is not None}:
        wanted = replace(wanted or Blueprint(), **said)
    info, made = connection.io.run(
        partial(open_session, connection.server, name, timeout_s, create=create, blueprint=wanted),
        "graph_ext.open",
    )

    async def attach() -> SessionClient:
        return connection.attach(info.session_id, info.name)

    session = connection.io.run(attach, "graph_ext.open")
    graph = SharedGraph(connection, session, timeout_s)
    try:
        _await_ready(session, timeout_s)
    except BaseException:
        graph.close()
        raise
    standing = graph.blueprint
    if blueprint is None:  # only of what kind it is was said
        wanted = replace(standing, **said)
    if wanted is not None and not made and wanted != standing:
        warnings.warn(
            f"the session {name!r} stands already and keeps its own blueprint; assign "
            "g.blueprint to change it",
            stacklevel=3,
        )
    return graph


def _await_ready(session: SessionClient, timeout_s: float) -> None:
    """Wait until a session is loaded, however long that takes as long as something comes."""
    reports: SimpleQueue[Progress | None] = SimpleQueue()
    session.ready.add_done_callback(lambda _done: reports.put(None))
    session.loading = reports.put
    show_progress(reports, f"Opening {session.name}", timeout_s=timeout_s)
    try:
        session.ready.result(0)
    except WaitTimeoutError:
        raise UnavailableError(
            f"waited {timeout_s:g} s for the session {session.name!r} at {session.wire.where}, "
            f"which is {session.status}"
        ) from None


def _forget() -> None:
    """Use no connection of the parent in a forked child: its thread is not there."""
    global _lock  # noqa: PLW0603
    _lock = threading.RLock()
    _connections.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
