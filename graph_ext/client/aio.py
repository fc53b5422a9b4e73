"""``gx.aio`` and ``g.aio``: the twins for asyncio, which let the event loop go on while they wait.

There is one mechanism: a call is made in a thread of its own, in a copy of the caller's context, so
that it belongs to the batches and dry runs that it stands in. Reads ask nobody, and have no twins:
``g.nodes["Design"]`` is for coroutines as it is.

**A call that is cancelled may be made all the same**: what has been sent is not taken back. Look at
the graph, or undo.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from graph_ext.client import opening
from graph_ext.client.editing.scope import Scope
from graph_ext.client.graph import SharedGraph

__all__ = ["Call", "Twins", "accept", "open", "run", "sessions", "twin"]

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

_MOST_THREADS = 64  # calls of one event loop at a time; the others wait for their turn
_turns: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
_turns = weakref.WeakKeyDictionary()


async def run(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a thread and wait for it, letting the event loop go on.

    For what has no twin: ``await gx.aio.run(g.nodes["Design"].update, effort=5)``. Any number of
    calls may be under way, 64 at a time. A call that is cancelled before its turn is not made.

    Parameters
    ----------
    function : callable
        What to call.
    *args, **kwargs
        With what.

    Returns
    -------
    Any
        What it returns; what it raises is raised here.

    Examples
    --------
    >>> import asyncio
    >>> asyncio.run(gx.aio.run(g.nodes["Design"].update, effort=5))
    >>> g.nodes["Design"]["effort"]
    5
    """
    loop = asyncio.get_running_loop()
    turns = _turns.setdefault(loop, asyncio.Semaphore(_MOST_THREADS))
    await turns.acquire()
    result: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def finish(value: T | None, error: BaseException | None) -> None:
        turns.release()
        if result.done():  # cancelled meanwhile
            return
        if isinstance(error, StopIteration):  # no future takes it
            error = RuntimeError(f"{function!r} raised StopIteration")
        if error is None:
            result.set_result(value)  # type: ignore[arg-type]
        else:
            result.set_exception(error)

    def work() -> None:
        value: T | None = None
        error: BaseException | None = None
        try:
            value = context.run(function, *args, **kwargs)
        except BaseException as raised:  # noqa: BLE001 (it is raised where the call was made)
            error = raised
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(finish, value, error)

    # a daemon: a server that is away must not keep the process from ending
    threading.Thread(target=work, name="graph_ext aio", daemon=True).start()
    return await result


class Call(Generic[T_co]):
    """A call to be awaited; of what makes a context manager, also ``async with``.

    Parameters
    ----------
    function : callable
        Called without arguments, once, when this is awaited or entered.
    """

    def __init__(self, function: Callable[[], T_co]) -> None:
        self._function = function
        self._manager: AbstractContextManager[Any] | None = None

    def __await__(self) -> Generator[Any, None, T_co]:
        return run(self._function).__await__()

    async def __aenter__(self: Call[AbstractContextManager[U]]) -> U:
        manager = await self
        self._manager = manager
        # here, and not in a thread: the block is this task's
        return manager.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        manager = self._manager
        if manager is None:
            raise RuntimeError("this was not entered")
        try:
            await run(manager.__exit__, kind, error, at)
        finally:
            if isinstance(manager, Scope):  # it was left in the thread's context
                manager.leave()


def twin(function: Callable[P, T]) -> Callable[P, Call[T]]:
    """Return the twin of a function or method: the same, to be awaited.

    Examples
    --------
    >>> import asyncio
    >>> async def work() -> int:
    ...     add = gx.aio.twin(g.add_node)
    ...     await asyncio.gather(*(add(("part", n), effort=n) for n in range(3)))
    ...     return len(g)
    >>> asyncio.run(work())
    7
    """

    def call(*args: P.args, **kwargs: P.kwargs) -> Call[T]:
        return Call(lambda: function(*args, **kwargs))

    return call


class _Method(Generic[P, T]):
    """A method's twin, which has its parameters and its result."""

    def __init__(self, method: Callable[Concatenate[Any, P], T]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, twins: Twins, _owner: object = None) -> Callable[P, Call[T]]:
        method: Callable[P, T] = self._method.__get__(twins.graph)
        return twin(method)


class Twins:
    """The methods of a graph, to be awaited: ``await g.aio.add_node("Design")``.

    Every method has its twin; those that are listed here are known to type checkers, too.

    Parameters
    ----------
    graph : SharedGraph
        Whose.

    Examples
    --------
    >>> import asyncio
    >>> async def plan() -> None:
    ...     async with g.aio.batch("Plan the painting") as batch:
    ...         await g.aio.add_node("Paint", effort=1)
    ...         await g.aio.add_edge("Roof", "Paint")
    ...     print(batch.rev == g.rev, "Paint" in g)
    ...     await g.aio.undo()
    >>> asyncio.run(plan())
    True True
    >>> "Paint" in g
    False
    """

    def __init__(self, graph: SharedGraph) -> None:
        self.graph = graph

    add_node = _Method(SharedGraph.add_node)
    add_edge = _Method(SharedGraph.add_edge)
    add_nodes_from = _Method(SharedGraph.add_nodes_from)
    add_edges_from = _Method(SharedGraph.add_edges_from)
    remove_node = _Method(SharedGraph.remove_node)
    remove_edge = _Method(SharedGraph.remove_edge)
    remove_nodes_from = _Method(SharedGraph.remove_nodes_from)
    remove_edges_from = _Method(SharedGraph.remove_edges_from)
    update = _Method(SharedGraph.update)
    move = _Method(SharedGraph.move)
    find = _Method(SharedGraph.find)
    find_edges = _Method(SharedGraph.find_edges)
    neighborhood = _Method(SharedGraph.neighborhood)
    node_type = _Method(SharedGraph.node_type)
    link_type = _Method(SharedGraph.link_type)
    check = _Method(SharedGraph.check)
    batch = _Method(SharedGraph.batch)
    dry_run = _Method(SharedGraph.dry_run)
    submit = _Method(SharedGraph.submit)
    undo = _Method(SharedGraph.undo)
    redo = _Method(SharedGraph.redo)
    close = _Method(SharedGraph.close)

    def __getattr__(self, name: str) -> Callable[..., Call[Any]]:
        kind = getattr(SharedGraph, name, None)
        if name.startswith("_") or kind is None:
            raise AttributeError(f"a graph has no method {name!r}")
        if not callable(kind):
            raise AttributeError(
                f"{name} is no method: g.{name} can be read as it is, or in a thread by "
                f"await gx.aio.run(lambda: g.{name})"
            )
        return twin(getattr(self.graph, name))

    def __dir__(self) -> list[str]:
        methods = [name for name in dir(SharedGraph) if callable(getattr(SharedGraph, name))]
        return [name for name in methods if not name.startswith("_")]


accept = twin(opening.accept)
open = twin(opening.open_graph)  # noqa: A001 (gx.aio.open)
sessions = twin(opening.sessions)
