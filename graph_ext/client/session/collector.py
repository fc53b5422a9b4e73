"""Python's garbage collector, paused while very many objects are made that are no garbage.

It looks through all of them again and again as they come, and finds nothing: a third of the time
that an import of 400,000 elements takes.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]

_lock = threading.Lock()
_paused = 0  # how many blocks are at work
_was_on = False  # before the first of them


@contextmanager
def collector_paused(count: int, *, least: int = 10_000) -> Iterator[None]:
    """Pause it for a block in which so many elements are made, if they are many."""
    global _paused, _was_on  # noqa: PLW0603 (there is one collector in a process)
    if count < least:
        yield
        return
    with _lock:
        if _paused == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _paused += 1
    try:
        yield
    finally:
        with _lock:
            _paused -= 1
            if _paused == 0 and _was_on:
                gc.enable()
