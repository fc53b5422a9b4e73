"""What can be asked over HTTP: an :class:`Operation` is one method of one route, and what it runs.

Written as a function with :func:`operation` above it: its annotations say what it reads and
answers, its docstring what it is. One handler serves the table of them (rest/handler.py), and the
OpenAPI document is made from the same table (openapi.py). Each module of operations has its own
``OPERATIONS``; table.py puts them together.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import IO, Any, Literal, get_type_hints

from msgspec import Struct, field
from msgspec.structs import replace

from graph_ext.core.access import Action, Role
from graph_ext.hub.access import Caller
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from graph_ext.hub.webhooks import Webhooks
from graph_ext.protocol import SessionInfo

__all__ = ["Allowed", "Call", "Method", "Operation", "Stream", "operation"]

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

Allowed = Action | Literal["anyone", "create"]
"""What is asked of the caller: a role in the path's session that allows an action, or to be
anyone who may read graphs here, or to be one who may make them."""

_PARAMETER = re.compile(r"{(\w+)}")


class Stream(Struct, eq=False):
    """An answer in pieces, none of them large; ``chunks`` is closed by whoever got the stream."""

    chunks: AsyncGenerator[bytes, None]
    # sent with the answer
    headers: dict[str, str] = field(default_factory=dict)


class Call(Struct, eq=False):
    """One request, its caller known and allowed.

    ``client_id``: as the caller names their client, empty where they do not. ``session_id``: of
    the path, empty where it has none; ``role``: the caller's there. ``headers``: sent with the
    answer. ``upload``: the body of an operation that takes a file, at its beginning.
    ``webhooks``: of the server, where it sends any.
    """

    hub: Hub
    caller: Caller
    client_id: str = ""
    session_id: str = ""
    role: Role | None = None
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    upload: IO[bytes] | None = None
    webhooks: Webhooks | None = None

    def check(self, action: Action) -> Role:
        """Return the caller's role in the session, which allows an action.

        Raises
        ------
        NotFoundError, ForbiddenError
            See :meth:`graph_ext.hub.access.Access.check`.
        """
        return self.hub.access.check(self.session_id, self.caller, action)

    def seen(self, info: SessionInfo) -> SessionInfo:
        """Return what a session is to the caller: with their role."""
        return replace(info, role=self.hub.access.role(info.session_id, self.caller) or "")

    async def session(self) -> Session:
        """Return the path's session, open (see :meth:`graph_ext.hub.hub.Hub.open`)."""
        return await self.hub.open(self.session_id)


class Operation(Struct, frozen=True, kw_only=True, eq=False):
    """One method of one route.

    Attributes
    ----------
    method, path
        As in ``GET``, ``sessions/{session_id}``; below the API's root.
    operation_id : str
        The function's name; clients are generated with it.
    summary, description : str
        The first line of its docstring, and the rest.
    allow : Allowed
        What the caller must be allowed.
    run : callable
        Gets the :class:`Call`, ``query`` and ``body`` where it has such parameters, and the
        path's parameters but ``session_id``.
    parameters : dict of str to type
        Those of the path.
    query, body, answer : type or None
        What is read and answered: anything msgspec can.
    status : int
        Of the answer.
    refuses : tuple of str
        Codes that are peculiar to it; those that any operation may give are added.
    upload : str
        The media type of the file that it takes as its body; empty: it takes JSON or nothing.
    media_type : str
        Of the answer.
    handler : type or None
        A Tornado handler of its own; None: the one that serves the table.
    example : object
        A body, for the documentation.
    """

    method: Method
    path: str
    operation_id: str
    summary: str
    description: str
    allow: Allowed
    run: Callable[..., Awaitable[Any]]
    parameters: dict[str, Any]
    query: Any
    body: Any
    answer: Any
    status: int
    refuses: tuple[str, ...]
    upload: str
    media_type: str
    handler: Any
    example: Any

    @property
    def in_session(self) -> bool:
        """Whether it is about the session in its path."""
        return "session_id" in self.parameters


def operation(  # noqa: PLR0913 - an operation's parts, each by its name
    method: Method,
    path: str,
    *,
    allow: Allowed,
    status: int | None = None,
    answer: Any = None,
    refuses: tuple[str, ...] = (),
    upload: str = "",
    media_type: str = "application/json",
    handler: Any = None,
    example: Any = None,
) -> Callable[[Callable[..., Awaitable[Any]]], Operation]:
    """Make an operation of a coroutine function.

    ``answer``: for one that returns a :class:`Stream`, what that is as a whole. The other
    parameters are those of :class:`Operation`.
    """

    def made(run: Callable[..., Awaitable[Any]]) -> Operation:
        hints = get_type_hints(run, include_extras=True)
        summary, _, description = (inspect.getdoc(run) or "").partition("\n")
        answered = answer if hints["return"] is Stream else hints["return"]
        if answered is type(None):
            answered = None
        return Operation(
            method=method,
            path=path,
            operation_id=run.__name__,
            summary=summary.rstrip("."),
            description=description.strip(),
            allow=allow,
            run=run,
            parameters={name: hints.get(name, str) for name in _PARAMETER.findall(path)},
            query=hints.get("query"),
            body=hints.get("body"),
            answer=answered,
            status=status or (204 if answered is None else 200),
            refuses=refuses,
            upload=upload,
            media_type=media_type,
            handler=handler,
            example=example,
        )

    return made
