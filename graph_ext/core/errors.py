"""Every refusal the product can give: one tree, one stable code each.

Raised by core and hub, carried over the wire as ``rejected`` or an HTTP error body, raised
again by the Python client: :func:`error_from_code` makes the same class from the code.
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "BadMessageError",
    "ConflictError",
    "CycleError",
    "DuplicateIdError",
    "ForbiddenError",
    "GoneError",
    "GraphError",
    "NotFoundError",
    "RateLimitedError",
    "ReadOnlyError",
    "SchemaError",
    "TooLargeError",
    "UnavailableError",
    "UndoConflictError",
    "UndoEmptyError",
    "UndoNothingLeftError",
    "error_from_code",
]


class GraphError(Exception):
    """A refusal: nothing was changed.

    Parameters
    ----------
    message : str
        For people: what was expected and what came.
    path : str, optional
        Which part of the command is meant, as in ``commands[3].properties.effort``.
    by : str, optional
        Who stands in the way (an actor's name), where somebody does.
    fix : str, optional
        What the sender can do about it.
    """

    code: ClassVar[str] = "UNAVAILABLE"

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        by: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.by = by
        self.fix = fix

    def __str__(self) -> str:
        """Return the message, with the fix where there is one."""
        return f"{self.message} ({self.fix})" if self.fix else self.message


class SchemaError(GraphError, ValueError):
    """A value, type or link does not fit the model or the blueprint."""

    code = "SCHEMA"


class NotFoundError(GraphError, KeyError):
    """No session, node, link, property or type of that name."""

    code = "NOT_FOUND"
    __str__ = GraphError.__str__


class GoneError(GraphError):
    """The session was deleted, or its history no longer reaches back that far."""

    code = "GONE"


class ConflictError(GraphError):
    """What the command relied on is no longer so."""

    code = "CONFLICT"


class CycleError(GraphError, ValueError):
    """The change would make a cycle among parents, or among acyclic links."""

    code = "CYCLE"


class ForbiddenError(GraphError, PermissionError):
    """The actor's role does not allow this."""

    code = "FORBIDDEN"


class ReadOnlyError(GraphError, PermissionError):
    """The session can't be written: its log is damaged, or this is a view of the past."""

    code = "READ_ONLY"


class TooLargeError(GraphError, ValueError):
    """A message, value or batch is over its limit."""

    code = "TOO_LARGE"


class RateLimitedError(GraphError):
    """Too many commands in too short a time."""

    code = "RATE_LIMITED"


class DuplicateIdError(GraphError, ValueError):
    """An element or a session of that name exists already."""

    code = "DUPLICATE_ID"


class UndoEmptyError(GraphError):
    """There is nothing to undo or redo."""

    code = "UNDO_EMPTY"


class UndoNothingLeftError(GraphError):
    """Of the command to undo nothing is left standing; the entry was dropped."""

    code = "UNDO_NOTHING_LEFT"


class UndoConflictError(GraphError):
    """Others have built on what would be undone."""

    code = "UNDO_CONFLICT"


class UnavailableError(GraphError, ConnectionError):
    """The server or its disk can't take this now; nothing was changed."""

    code = "UNAVAILABLE"


class BadMessageError(GraphError, ValueError):
    """A message that can't be read."""

    code = "BAD_MESSAGE"


_BY_CODE: dict[str, type[GraphError]] = {
    cls.code: cls
    for cls in (
        SchemaError,
        NotFoundError,
        GoneError,
        ConflictError,
        CycleError,
        ForbiddenError,
        ReadOnlyError,
        TooLargeError,
        RateLimitedError,
        DuplicateIdError,
        UndoEmptyError,
        UndoNothingLeftError,
        UndoConflictError,
        UnavailableError,
        BadMessageError,
    )
}

CODES: tuple[str, ...] = tuple(_BY_CODE)
"""Every code, in the order of the protocol reference."""


def error_from_code(code: str, message: str, **data: Any) -> GraphError:
    """Make the error of a code, as received over the wire.

    Parameters
    ----------
    code : str
        A stable code; an unknown one (a newer server's) gives :class:`GraphError`.
    message : str
        For people.
    **data
        ``path``, ``by``, ``fix``, as far as they came.
    """
    return _BY_CODE.get(code, GraphError)(message, **data)
