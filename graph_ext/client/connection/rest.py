"""The HTTP side: sessions are listed, found and made by requests, before a socket follows them."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from graph_ext.client.connection.discovery import Server
from graph_ext.client.connection.tls import tls_context
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import (
    BadMessageError,
    DuplicateIdError,
    ForbiddenError,
    GraphError,
    NotFoundError,
    UnavailableError,
    error_from_code,
)
from graph_ext.protocol import SessionInfo

__all__ = ["fetch", "find_session", "list_sessions", "open_session", "stream", "unreachable"]

T = TypeVar("T")

_LONGEST_BYTES = 2**40  # of an answer that is read piece by piece: the reader decides

_TOKEN = "is the token right? `jupyter server list` shows it: gx.open(name, url=..., token=...)"  # noqa: S105


async def list_sessions(server: Server, timeout_s: float) -> list[SessionInfo]:
    """Read every session of a server that the caller may see."""
    return await fetch(server, "GET", "sessions", timeout_s, list[SessionInfo])


async def find_session(server: Server, name: str, timeout_s: float) -> SessionInfo | None:
    """Read the session of a name; None where there is none."""
    query = urlencode({"name": name})
    found = await fetch(server, "GET", f"sessions?{query}", timeout_s, list[SessionInfo])
    return next((session for session in found if session.name == name), None)


async def open_session(
    server: Server, name: str, timeout_s: float, *, create: bool, blueprint: Blueprint | None
) -> tuple[SessionInfo, bool]:
    """Find the session of a name, or make it; tell whether it was made.

    Raises
    ------
    NotFoundError
        There is none, and ``create`` is false.
    GraphError
        The server's refusal; :class:`UnavailableError` where it can't be reached.
    """
    found = await find_session(server, name, timeout_s)
    if found is not None:
        return found, False
    if not create:
        raise NotFoundError(
            f"no session is called {name!r} at {server.url}", fix="gx.sessions() lists them"
        )
    body: dict[str, Any] = {"name": name}
    if blueprint is not None:
        body["blueprint"] = msgspec.to_builtins(blueprint)
    try:
        return await fetch(server, "POST", "sessions", timeout_s, SessionInfo, body), True
    except DuplicateIdError:
        # another client made it in between
        found = await find_session(server, name, timeout_s)
        if found is None:
            raise
        return found, False


async def fetch(  # noqa: PLR0913, PLR0917 (a request's parts, in their order)
    server: Server,
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
    path: str,
    timeout_s: float,
    kind: type[T],
    body: Mapping[str, Any] | None = None,
) -> T:
    """Make a request.

    Parameters
    ----------
    server : Server
        Of whom.
    method, path : str
        Of an operation of the API (docs/openapi.json), below its root.
    timeout_s : float
        How long to wait for the answer.
    kind : type
        Of the answer; NoneType where there is none.
    body : mapping, optional
        What to send as JSON.

    Raises
    ------
    GraphError
        The server's refusal; :class:`UnavailableError` where it can't be reached.
    """
    request = HTTPRequest(
        server.api(path),
        method=method,
        headers={**server.headers, "Content-Type": "application/json"},
        body=None if body is None else msgspec.json.encode(body),
        # a POST may have no body, as far as we are concerned
        allow_nonstandard_methods=True,
        connect_timeout=timeout_s,
        request_timeout=timeout_s,
        follow_redirects=False,
        ssl_options=tls_context(server.url),
    )
    try:
        # a client of its own: the shared one is kept by loop, and would outlive ours
        client = AsyncHTTPClient(force_instance=True)
        try:
            response = await client.fetch(request)
        finally:
            client.close()
        return msgspec.json.decode(response.body or b"null", type=kind)
    except (HTTPClientError, OSError) as error:
        raise unreachable(server, error) from None
    except msgspec.DecodeError as error:
        raise BadMessageError(
            f"the server at {server.url} answered what is no answer of graph_ext: {error}",
            fix="are graph_ext's versions here and at the server the same?",
        ) from error


async def stream(
    server: Server, path: str, timeout_s: float, take: Callable[[bytes], object]
) -> None:
    """Read a long answer piece by piece, however long it takes as long as something comes.

    Parameters
    ----------
    server, path
        As for :func:`fetch`.
    timeout_s : float
        How long to wait for the next piece.
    take : callable
        Gets each piece, in this thread; what it raises ends the reading.

    Raises
    ------
    GraphError
        As :func:`fetch`.
    """
    loop = asyncio.get_running_loop()
    failure: list[Exception] = []
    status: list[str] = []
    refusal = io.BytesIO()

    def receive(piece: bytes) -> None:
        patience.reschedule(loop.time() + timeout_s)
        if not status or " 200 " not in status[0]:
            refusal.write(piece)
            return
        if failure:
            return
        try:
            take(piece)
        except Exception as error:  # noqa: BLE001 (raised below)
            failure.append(error)

    request = HTTPRequest(
        server.api(path),
        headers=server.headers,
        connect_timeout=timeout_s,
        request_timeout=0,
        follow_redirects=False,
        ssl_options=tls_context(server.url),
        header_callback=status.append,
        streaming_callback=receive,
    )
    client = AsyncHTTPClient(force_instance=True, max_body_size=_LONGEST_BYTES)
    try:
        async with asyncio.timeout(timeout_s) as patience:
            await client.fetch(request)
    except TimeoutError as error:
        raise UnavailableError(
            f"the Jupyter server at {server.url} has sent nothing for {timeout_s:g} s"
        ) from error
    except HTTPClientError as error:
        if error.response is not None:
            # the body went to the pieces
            error.response.buffer = refusal
        raise unreachable(server, error) from None
    except OSError as error:
        raise unreachable(server, error) from None
    finally:
        client.close()
    if failure:
        raise failure[0]


def unreachable(server: Server, error: Exception) -> GraphError:
    """Make of a failed request the error that says what to do about it.

    It says all that there is to say: raise it without the other one as its cause, which would be
    the first thing that people see.
    """
    if isinstance(error, HTTPClientError) and error.code != 599:
        return _refusal(server, error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return UnavailableError(
            f"the certificate of {server.url} is not trusted: {error.verify_message}",
            fix="let SSL_CERT_FILE name the certificate of its issuer",
        )
    if isinstance(error, ssl.SSLError):
        return UnavailableError(f"no TLS connection to {server.url}: {error}")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UnavailableError(
        f"the Jupyter server at {server.url} can't be reached: {reason}",
        fix="does it run? `jupyter server list` shows those of this machine",
    )


def _refusal(server: Server, error: HTTPClientError) -> GraphError:
    body = _body(error.response)
    if isinstance(body.get("code"), str):
        data = {key: body[key] for key in ("path", "by", "fix") if isinstance(body.get(key), str)}
        if error.code in {401, 403}:
            data.setdefault("fix", _TOKEN)
        return error_from_code(body["code"], str(body.get("message", "")), **data)
    match error.code:
        case 401 | 403:
            return ForbiddenError(
                f"the Jupyter server at {server.url} does not accept "
                + ("this token" if server.token else "requests without a token"),
                fix=_TOKEN,
            )
        case 301 | 302 | 303 | 307 | 308:
            return ForbiddenError(
                f"the Jupyter server at {server.url} asks to log in",
                fix="give its token: gx.open(name, url=..., token=...)",
            )
        case 404:
            return UnavailableError(
                f"the Jupyter server at {server.url} has no graph_ext",
                fix="install it where that server is installed, and start the server again; "
                "`jupyter server extension list` must show it enabled",
            )
        case code:
            return UnavailableError(f"the Jupyter server at {server.url} answered {code}")


def _body(response: HTTPResponse | None) -> dict[str, Any]:
    try:
        body = json.loads(response.body) if response is not None else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
