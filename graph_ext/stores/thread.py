"""A thread that writes one file: one thing after the other, each told of on the event loop.

An executor does the same with two futures, two locks and a turn of the loop more, which is as long
as SQLite itself takes for a short commit. Made by session_file.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

__all__ = ["WritingThread"]

_T = TypeVar("_T")

_Task = tuple[Callable[[], None], Callable[[BaseException | None], None], asyncio.AbstractEventLoop]


class WritingThread:
    """A thread that begins with the first thing it is given. Used from the event loop.

    Parameters
    ----------
    name : str
        For those who look at the process.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        # None before the first thing to do, and after the end
        self._thread: Thread | None = None

    def call(
        self, function: Callable[[], None], told: Callable[[BaseException | None], None]
    ) -> None:
        """Have a function called, after those given before.

        ``told`` is called on the event loop: with None, or with what the function has raised.
        """
        if self._thread is None:
            # a daemon: a process may end without closing the session, which is like a crash
            self._thread = Thread(target=_work, args=(self._tasks,), name=self._name, daemon=True)
            self._thread.start()
        self._tasks.put((function, told, asyncio.get_running_loop()))

    async def run(self, function: Callable[..., _T], *args: Any) -> _T:
        """Call a function there, and wait for what it returns or raises."""
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        found: list[_T] = []

        def told(error: BaseException | None) -> None:
            if done.done():
                return  # who has asked no longer waits
            if error is None:
                done.set_result(found[0])
            else:
                done.set_exception(error)

        self.call(lambda: found.append(function(*args)), told)
        return await done

    def end(self) -> None:
        """Let the thread end after what it was given; another call begins a new one."""
        if self._thread is not None:
            self._thread = None
            self._tasks.put(None)


def _work(tasks: SimpleQueue[_Task | None]) -> None:
    while (task := tasks.get()) is not None:
        function, told, loop = task
        error: BaseException | None = None
        try:
            function()
        except BaseException as raised:  # noqa: BLE001 - a thread's root: who waits is told
            error = raised
        try:
            loop.call_soon_threadsafe(partial(told, error))
        except RuntimeError:
            # the loop is closed: nobody waits
            return
        # not kept until the next comes
        del task, function, told, error
