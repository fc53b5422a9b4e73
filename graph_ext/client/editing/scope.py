"""Blocks in which a graph's changes are not simply made: batches and dry runs.

Which blocks a change stands in is a matter of its context (:mod:`contextvars`): of its thread, or
of its task and those that were begun in it. Blocks of several graphs may stand in one another.
"""

from __future__ import annotations

from contextvars import ContextVar
from types import TracebackType
from typing import Self, TypeVar

__all__ = ["Scope", "innermost"]

S = TypeVar("S", bound="Scope")


class Scope:
    """A block of a graph's changes.

    Parameters
    ----------
    graph : object
        Whose.
    """

    def __init__(self, graph: object) -> None:
        self._graph = graph
        # whether the block is at work; a task that outlives it holds it still
        self.is_open = False
        # the block around this one
        self._around: Scope | None = None

    def __enter__(self) -> Self:
        """Begin the block in this context."""
        self._around = _present.get()
        _present.set(self)
        self.is_open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.leave()
        self.end(error)

    def leave(self) -> None:
        """End the block, in whichever context: other ones see that it is not open."""
        self.is_open = False
        if _present.get() is self:
            _present.set(self._around)

    def end(self, error: BaseException | None) -> None:
        """Do what is to be done after the block, which ended with an error or well."""

    def around(self, kind: type[S]) -> S | None:
        """Return the next block of a kind around this one, of the same graph."""
        return _next(self._around, self._graph, kind)


_present: ContextVar[Scope | None] = ContextVar("graph_ext_scope", default=None)


def innermost(graph: object, kind: type[S]) -> S | None:
    """Return the block of a kind in which a graph's changes stand here; None: in none."""
    return _next(_present.get(), graph, kind)


def _next(scope: Scope | None, graph: object, kind: type[S]) -> S | None:
    while scope is not None:
        if scope.is_open and scope._graph is graph and isinstance(scope, kind):
            return scope
        scope = scope._around
    return None
