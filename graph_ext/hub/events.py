"""Handing on the events view in this process: a sink that spells out the commits it gets.

An :class:`EventSink` follows a session like any other client and hands on what it spells out
(protocol/flat.py), a little in each turn of the event loop. Called by hub/broadcaster.py.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from graph_ext.protocol import Commit, FlatEvent, decode_server_frame, spell_out

__all__ = ["EventSink"]

_TURN_EVENTS = 100  # handed on before others on the event loop have their turn


class EventSink:
    """A sink (hub/channel.py) that spells out the commits it gets.

    Parameters
    ----------
    deliver : callable
        Called with each event, in the order of the log, on the event loop.
    """

    def __init__(self, deliver: Callable[[FlatEvent], None]) -> None:
        self._deliver = deliver
        # what is to be handed on; more is taken when this is empty
        self._ahead: deque[Iterator[FlatEvent]] = deque()
        self._waiting: deque[Callable[[], None]] = deque()
        # whether the last commit has more parts to come
        self._more = False

    def writable(self) -> bool:
        """Whether everything written before was handed on."""
        return not self._ahead

    def write(self, frame: bytes) -> None:
        """Take a frame of commits."""
        idle = not self._ahead
        for message in decode_server_frame(frame):
            if isinstance(message, Commit):
                self._ahead.append(spell_out(message, first=not self._more))
                self._more = message.more
        if idle and self._ahead:
            asyncio.get_running_loop().call_soon(self._hand_on)

    def when_writable(self, callback: Callable[[], None]) -> None:
        """Call back once, when everything was handed on."""
        self._waiting.append(callback)

    def _hand_on(self) -> None:
        for _ in range(_TURN_EVENTS):
            event = next(self._ahead[0], None)
            if event is not None:
                self._deliver(event)
                continue
            self._ahead.popleft()
            if not self._ahead:
                break
        if self._ahead:
            asyncio.get_running_loop().call_soon(self._hand_on)
            return
        while self._waiting and self.writable():
            self._waiting.popleft()()
