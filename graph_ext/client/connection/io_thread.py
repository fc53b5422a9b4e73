"""A daemon thread with an event loop of its own: there the sockets live, whatever the kernel does.

Its callers are the other threads: they hand over work and, mostly, wait for it. Work of its own
never waits for itself: :meth:`IoThread.forbid` turns that deadlock into an error.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from graph_ext.core.errors import UnavailableError

__all__ = ["IoThread"]

T = TypeVar("T")

_CLOSE_TIMEOUT_S = 2.0


class IoThread:
    """An event loop in a daemon thread.

    Parameters
    ----------
    name : str
        Of the thread, for debuggers.
    """

    def __init__(self, name: str) -> None:
        # the process in which the thread runs: a forked child has the object, but not the thread
        self._pid = os.getpid()
        # what to await before the loop stops, last come first; set until `close`
        self._closers: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._thread.start()
        _open.add(self)

    @property
    def usable(self) -> bool:
        """Whether the thread runs, in this process."""
        return self._pid == os.getpid() and self._thread.is_alive() and not self._loop.is_closed()

    def on_close(self, closer: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have a coroutine function called and awaited before the loop stops."""
        self._closers.append(closer)

    def forbid(self, what: str) -> None:
        """Refuse what waits for this thread to code that runs in it.

        Raises
        ------
        RuntimeError
            The caller runs in this thread.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError(
                f"{what} was called in the thread that has to do it (in a callback of a graph or a "
                "widget): it would wait for itself; call it from a thread of your own"
            )

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Have a function called in the thread, soon, in the order of calls.

        Raises
        ------
        UnavailableError
            The thread has ended, or belongs to the process that this one was forked from.
        """
        if self._pid != os.getpid():
            raise UnavailableError(
                f"this graph was opened in process {self._pid}, of which this one is a fork",
                fix="open it again here: gx.open(name)",
            )
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            raise UnavailableError(
                "the connection to the Jupyter server was closed",
                fix="open it again: gx.open(name)",
            ) from None

    def run(self, coroutine: Callable[[], Coroutine[Any, Any, T]], what: str) -> T:
        """Run a coroutine function in the thread and wait for its result.

        Raises
        ------
        RuntimeError
            Called in this very thread.
        UnavailableError
            As :meth:`call`, or the thread is closed meanwhile.
        """
        self.forbid(what)
        try:
            return self.begin(coroutine).result()
        except CancelledError:
            raise UnavailableError("the connection to the Jupyter server was closed") from None

    def begin(self, coroutine: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Run a coroutine function in the thread; what is returned gets its result.

        It is cancelled where the thread is closed meanwhile.

        Raises
        ------
        UnavailableError
            As :meth:`call`.
        """
        result: Future[T] = Future()

        def start() -> None:
            task = self._loop.create_task(coroutine())
            task.add_done_callback(finish)

        def finish(task: asyncio.Task[T]) -> None:
            if result.cancelled():
                return
            if task.cancelled():
                result.cancel()
            elif error := task.exception():
                result.set_exception(error)
            else:
                result.set_result(task.result())

        self.call(start)
        return result

    def close(self) -> None:
        """Await the closers, stop the loop and, from another thread, wait for its end."""
        _open.discard(self)
        if not self.usable:
            return
        try:
            self._loop.call_soon_threadsafe(self._loop.create_task, self._close())
        except RuntimeError:
            return
        if threading.current_thread() is not self._thread:
            self._thread.join(_CLOSE_TIMEOUT_S)

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S / 2):
                while self._closers:
                    await self._closers.pop()()
        finally:
            self._loop.stop()

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            if tasks:
                self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            asyncio.set_event_loop(None)
            self._loop.close()


_open: weakref.WeakSet[IoThread] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for thread in list(_open):
        thread.close()
