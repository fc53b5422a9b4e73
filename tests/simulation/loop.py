"""An event loop on virtual time, and processes on it that can be killed.

When nothing is ready, the clock jumps to the next timer. Nothing here looks at a real clock, a
socket or a thread: what would be done in a thread is done by the loop, after a random while, so a
seed says all that happens. Used by seed.py and world.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from random import Random
from typing import Any, TypeVar

__all__ = ["Process", "VirtualLoop"]

_T = TypeVar("_T")

_TURNS = 20_000  # of the loop in which no time passes: nobody will ever come to rest


class Process:
    """What belongs together and dies together: all tasks that are started in its context."""

    def __init__(self) -> None:
        self.alive = True
        self._tasks: list[asyncio.Task[Any]] = []

    @property
    def context(self) -> Context:
        """A context for callbacks and tasks of this process."""
        context = Context()
        context.run(_process.set, self)
        return context

    def start(self, coroutine: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Start a task in it."""
        return asyncio.get_running_loop().create_task(coroutine, context=self.context)

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Take note of one of its tasks."""
        self._tasks.append(task)

    def kill(self) -> None:
        """Let none of its tasks go on, nor any new one begin."""
        self.alive = False
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()


_process: ContextVar[Process | None] = ContextVar("_process", default=None)


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop.

    Parameters
    ----------
    random : Random
        Says how long work in threads takes.
    thread_s : float
        How long at the most.
    """

    def __init__(self, random: Random, thread_s: float = 0.01) -> None:
        super().__init__()
        self._random = random
        self._thread_s = thread_s
        self._now = 0.0
        self._scheduled: list[asyncio.TimerHandle]
        # turns since the time has passed last, and who is told when there is no end to them
        self._turns = 0
        self.spinning: Callable[[], None] = lambda: None
        # BaseEventLoop asks for what is ready in so many seconds
        self._selector = self
        self._clock_resolution = 1e-9
        self.set_task_factory(_new_task)  # type: ignore[arg-type] # a future where none may begin

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def select(self, timeout: float | None) -> list[Any]:
        """Let the time pass."""
        if timeout is None:
            raise RuntimeError("everybody waits, and no timer is set")
        self._turns = 0 if timeout else self._turns + 1
        if self._turns > _TURNS:
            self._now += 0.001
            self.spinning()
        if timeout:
            # to the very moment: the sum of floats may fall short of it
            self._now = max(self._now + timeout, self._scheduled[0].when())
        return []

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., _T], *args: Any
    ) -> asyncio.Future[_T]:
        """Do work as a thread would: begun now or later, known to be done later still."""
        done: asyncio.Future[_T] = self.create_future()

        def work() -> None:
            try:
                found = func(*args)
            except Exception as error:  # noqa: BLE001 - handed to who waits, as a thread does
                self.call_later(self._random.random() * self._thread_s, _fail, done, error)
            else:
                self.call_later(self._random.random() * self._thread_s, _succeed, done, found)

        if self._random.random() < 0.5:
            self.call_soon(work)
        else:
            self.call_later(self._random.random() * self._thread_s, work)
        return done

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def _new_task(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Future[Any]:
    context: Context | None = options.get("context")
    process = _process.get() if context is None else context.get(_process)
    if process is not None and not process.alive:
        coroutine.close()
        return loop.create_future()  # for whoever waits: it never ends
    task = asyncio.Task(coroutine, loop=loop, **options)
    if process is not None:
        process.keep(task)
    return task


def _succeed(done: asyncio.Future[_T], found: _T) -> None:
    if not done.done():
        done.set_result(found)


def _fail(done: asyncio.Future[Any], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
