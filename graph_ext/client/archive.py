"""Whole sessions as files: taken from a server, and ``gx.import_``, which makes new ones of them.

Archives may be large, so both ways they stream, in the thread of the caller: the connection's own
has others to serve. docs/decisions/011-archive.md says what an archive is.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

import msgspec
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httpclient import HTTPResponse as Answer
from tornado.httputil import HTTPHeaders

from graph_ext.client.archive_reader import begins_archive
from graph_ext.client.connection import Connection
from graph_ext.client.discovery import Server, find_server
from graph_ext.client.file_graph import read
from graph_ext.client.files import FileFormat
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import connect, open_over
from graph_ext.client.rest import fetch, unreachable
from graph_ext.client.tls import tls_context
from graph_ext.core.errors import BadMessageError, GraphError, UnavailableError
from graph_ext.protocol import SessionInfo

__all__ = ["download", "import_graph", "import_over"]

_PIECE_BYTES = 256 * 1024
_GZIP = "application/gzip"


def download(
    connection: Connection, session_id: str, rev: int | None, file: IO[bytes], timeout_s: float
) -> None:
    """Write the archive of a session to a file.

    Parameters
    ----------
    connection : Connection
        The way to its server.
    session_id : str
        Which session.
    rev : int or None
        As it was then; None: as it is.
    file : binary file
        Where to.
    timeout_s : float
        How long to wait for the server whenever nothing comes, in seconds.

    Raises
    ------
    GraphError
        The server's refusal; UNAVAILABLE where it can't be reached, or is lost meanwhile.
    """
    query = "" if rev is None else f"?rev={rev}"
    path = f"sessions/{session_id}/export{query}"
    server = connection.server
    with closing(_connection(server, timeout_s)) as http:
        response = _answer(server, http, "GET", path, server.headers)
        while piece := _next_piece(server, response):
            file.write(piece)


def import_graph(  # noqa: PLR0913 (people give the first two)
    file: str | os.PathLike[str] | bytes | IO[Any],
    name: str,
    url: str | None = None,
    token: str | None = None,
    *,
    format: FileFormat | None = None,  # noqa: A002 (the word that users expect)
    timeout_s: float = 600.0,
) -> SharedGraph:
    """Make a new session of a file, and open it.

    Of an archive (``g.write("plan.graph.gz")``) the session gets everything, history and named
    revs included; of any other format that :func:`graph_ext.read` reads, the graph.

    Parameters
    ----------
    file : path, bytes or file object
        The file, or what stands in it.
    name : str
        What the session is to be called; nobody's yet.
    url, token : str, optional
        The Jupyter server; by default the one that started this kernel.
    format : str, optional
        As for :func:`graph_ext.read`.
    timeout_s : float
        How long to wait for the server, in seconds.

    Returns
    -------
    SharedGraph
        Loaded and live.

    Raises
    ------
    GraphError
        DUPLICATE_ID (there is a session of that name), BAD_MESSAGE (the file can't be read),
        TOO_LARGE, or another refusal; no session was made.
    OSError
        There is no such file, or it can't be opened.
    """
    connection = connect(find_server(url, token))
    return import_over(connection, file, name, format=format, timeout_s=timeout_s)


def import_over(
    connection: Connection,
    file: str | os.PathLike[str] | bytes | IO[Any],
    name: str,
    *,
    format: FileFormat | None = None,  # noqa: A002
    timeout_s: float = 600.0,
) -> SharedGraph:
    """Make a session of a file over a connection; otherwise as :func:`import_graph`."""
    if isinstance(file, str | os.PathLike):
        with Path(file).open("rb") as opened:
            is_archive = format == "archive" or (format is None and begins_archive(opened))
            if is_archive:
                opened.seek(0)
                _upload(connection.server, opened, name, timeout_s)
    else:
        body = file if isinstance(file, bytes) else file.read()
        file = body.encode() if isinstance(body, str) else body
        is_archive = format == "archive" or (format is None and begins_archive(BytesIO(file)))
        if is_archive:
            _upload(connection.server, BytesIO(file), name, timeout_s)
    if is_archive:
        return open_over(connection, name, create=False, timeout_s=timeout_s)
    return _made_of(connection, file, name, format, timeout_s)


def _made_of(
    connection: Connection,
    file: str | os.PathLike[str] | bytes,
    name: str,
    format: FileFormat | None,  # noqa: A002
    timeout_s: float,
) -> SharedGraph:
    """Make a session of a file that is no archive; none is left where that is refused."""
    found = read(file, format)
    body = {"name": name, "blueprint": msgspec.to_builtins(found.blueprint)}
    info: SessionInfo = connection.io.run(
        partial(fetch, connection.server, "POST", "sessions", timeout_s, SessionInfo, body),
        "graph_ext.import_",
    )
    graph = None
    try:
        graph = open_over(connection, name, create=False, timeout_s=timeout_s)
        graph.update(found, label=f"Import of {found.name}")
    except BaseException:
        if graph is not None:
            graph.close()
        with suppress(GraphError):
            path = f"sessions/{info.session_id}"
            connection.io.run(
                partial(fetch, connection.server, "DELETE", path, timeout_s, type(None)),
                "graph_ext.import_",
            )
        raise
    return graph


def _upload(server: Server, file: IO[bytes], name: str, timeout_s: float) -> None:
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    headers = {**server.headers, "Content-Type": _GZIP, "Content-Length": str(length)}
    path = f"sessions/import?{urlencode({'name': name})}"
    with closing(_connection(server, timeout_s)) as http:
        _next_piece(server, _answer(server, http, "POST", path, headers, file))


def _connection(server: Server, timeout_s: float) -> HTTPConnection:
    parts = urlsplit(server.url)
    if parts.hostname is None:
        raise BadMessageError(f"{server.url} is no address of a server")
    context = tls_context(server.url)
    if context is None:
        return HTTPConnection(parts.hostname, parts.port, timeout_s, blocksize=_PIECE_BYTES)
    return HTTPSConnection(
        parts.hostname, parts.port, timeout=timeout_s, context=context, blocksize=_PIECE_BYTES
    )


def _answer(  # noqa: PLR0913, PLR0917 (a request's parts, in their order)
    server: Server,
    http: HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    body: IO[bytes] | None = None,
) -> HTTPResponse:
    """Ask a server, and return its answer unless it is a refusal (GraphError)."""
    parts = urlsplit(server.api(path))
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        http.connect()
        # a server that refuses answers before it has all
        with suppress(BrokenPipeError, ConnectionResetError):
            http.request(method, target, body, headers)
        response = http.getresponse()
    except (OSError, HTTPException) as error:
        raise unreachable(server, error) from error
    if response.status in {200, 201}:
        return response
    answer = Answer(
        HTTPRequest(server.url),
        response.status,
        HTTPHeaders(dict(response.headers)),
        BytesIO(_next_piece(server, response)),
    )
    raise unreachable(server, HTTPClientError(response.status, response=answer))


def _next_piece(server: Server, response: HTTPResponse) -> bytes:
    """Read on; nothing at the end."""
    try:
        return response.read(_PIECE_BYTES)
    except (OSError, HTTPException) as error:
        raise UnavailableError(
            f"the answer of {server.url} broke off: {str(error) or type(error).__name__}",
            fix="try again; gx.sessions() lists what was made",
        ) from error
