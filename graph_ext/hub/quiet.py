"""Large work in a thread, without the garbage collector's pauses.

A full collection looks at every container of the process: 150 to 700 ms in a Jupyter server, with
the event loop standing still. Large work makes many objects, and so brings them on; it makes no
cycles. Called by hub/pipeline.py, hub/journal.py and hub/session.py.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

__all__ = ["discard", "discard_here", "in_thread", "quiet", "settle_heap", "while_quiet"]

_T = TypeVar("_T")

_SWITCH_S = 0.0005  # how long a thread at work lets the event loop wait; Python has 5 ms
_YOUNG_OBJECTS = 20_000  # looked at in a millisecond or two
_SLICE = 2000  # let go of in a fraction of a millisecond


class _Quiet:
    """How many are at work, and whether the collector was on before the first."""

    def __init__(self) -> None:
        self.working = 0
        self.was_enabled = False
        self.interval_s = 0.005


_quiet = _Quiet()


@contextmanager
def quiet() -> Iterator[None]:
    """Have the garbage collector off; for the event loop's thread."""
    if _quiet.working == 0:
        _quiet.was_enabled = gc.isenabled()
        gc.disable()
        _quiet.interval_s = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
    _quiet.working += 1
    try:
        yield
    finally:
        _quiet.working -= 1
        if _quiet.working == 0:
            if gc.get_count()[0] > _YOUNG_OBJECTS:
                # what the work has left would be looked at in one go, as soon as it is on again
                gc.freeze()
            sys.setswitchinterval(_quiet.interval_s)
            if _quiet.was_enabled:
                gc.enable()


async def while_quiet(work: Awaitable[_T]) -> _T:
    """Await something with the garbage collector off."""
    with quiet():
        return await work


async def in_thread(work: Callable[[], _T]) -> _T:
    """Do work in a thread with the garbage collector off."""
    return await while_quiet(asyncio.to_thread(work))


async def discard(*lists: list[Any]) -> None:
    """Empty lists that nobody needs any more, the long ones in a thread.

    Letting go of 300,000 objects at once takes 50 ms, in which no other thread runs.
    """
    long = [each for each in lists if len(each) > _SLICE]
    if long:
        await in_thread(partial(_empty, long))


def discard_here(objects: list[Any]) -> None:
    """Empty a list in slices, where we are in a thread already."""
    while objects:
        del objects[-_SLICE:]


def _empty(lists: list[list[Any]]) -> None:
    for each in lists:
        discard_here(each)


def settle_heap() -> None:
    """Take what the server has loaded out of all later collections; called once, at its start.

    The youngest objects are collected by the ten thousand: with Python's 700 those of a few
    hundred commands on their way count as old, and are looked at again and again.
    """
    gc.freeze()
    young, *older = gc.get_threshold()
    if young:
        gc.set_threshold(max(young, _YOUNG_OBJECTS // 2), *older)
