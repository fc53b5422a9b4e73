"""The time of the event loop, moved on by tests in place of waiting."""

from __future__ import annotations

import asyncio

import pytest

__all__ = ["LoopTime", "loop_time"]


class LoopTime:
    """Timers of the loop are due when a test says so."""

    def __init__(self, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead_s = 0.0
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + self._ahead_s)

    async def pass_by(self, seconds: float) -> None:
        """Let time pass, and everything be done that is due by then."""
        self._ahead_s += seconds
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def loop_time(
    jp_asyncio_loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> LoopTime:
    return LoopTime(jp_asyncio_loop, monkeypatch)
