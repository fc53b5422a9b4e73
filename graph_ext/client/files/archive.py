"""Whole sessions as files: taken from a server, and ``gx.import_``, which makes new ones of them.

Archives may be large, so both ways they stream. docs/decisions/011-archive.md says what they are.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlencode

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server, find_server
from graph_ext.client.connection.rest import fetch, stream, unreachable
from graph_ext.client.connection.tls import tls_context
from graph_ext.client.files.archive_reader import begins_archive
from graph_ext.client.files.read import read
from graph_ext.client.files.write import FileFormat
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import connect, open_over
from graph_ext.core.errors import GraphError, UnavailableError
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
    connection.io.run(
        partial(stream, connection.server, path, timeout_s, file.write), "graph_ext.write"
    )


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
                _send(connection, opened, name, timeout_s)
    else:
        body = file if isinstance(file, bytes) else file.read()
        file = body.encode() if isinstance(body, str) else body
        is_archive = format == "archive" or (format is None and begins_archive(BytesIO(file)))
        if is_archive:
            _send(connection, BytesIO(file), name, timeout_s)
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


def _send(connection: Connection, file: IO[bytes], name: str, timeout_s: float) -> None:
    connection.io.run(
        partial(_upload, connection.server, file, name, timeout_s), "graph_ext.import_"
    )


async def _upload(server: Server, file: IO[bytes], name: str, timeout_s: float) -> None:
    """Send an archive, however long that takes as long as it gets on."""
    loop = asyncio.get_running_loop()
    length = file.seek(0, os.SEEK_END)
    file.seek(0)

    async def produce(write: Callable[[bytes], Awaitable[None]]) -> None:
        while piece := file.read(_PIECE_BYTES):
            await write(piece)
            patience.reschedule(loop.time() + timeout_s)

    request = HTTPRequest(
        server.api(f"sessions/import?{urlencode({'name': name})}"),
        method="POST",
        headers={**server.headers, "Content-Type": _GZIP, "Content-Length": str(length)},
        body_producer=cast(Any, produce),  # which may be a coroutine function
        connect_timeout=timeout_s,
        request_timeout=0,
        follow_redirects=False,
        ssl_options=tls_context(server.url),
    )
    client = AsyncHTTPClient(force_instance=True)
    try:
        async with asyncio.timeout(timeout_s) as patience:
            await client.fetch(request)
    except TimeoutError as error:
        raise UnavailableError(
            f"the Jupyter server at {server.url} has not answered for {timeout_s:g} s",
            fix="gx.sessions() tells whether the session was made",
        ) from error
    except (HTTPClientError, OSError) as error:
        raise unreachable(server, error) from None
    finally:
        client.close()
