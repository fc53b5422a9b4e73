"""What this client lets others see of it: the newest state alone, no more often than allowed.

On the I/O thread. A state that was set while the server was away goes out with the next join.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from graph_ext.protocol import Presence

__all__ = ["Presenting"]


class Presenting:
    """A session's own presence, on its way to the server.

    Parameters
    ----------
    session_id : str
        Which session.
    send : callable
        Sends it; only called between :meth:`begin` and :meth:`pause`.
    """

    def __init__(self, session_id: str, send: Callable[[Presence], None]) -> None:
        self._send = send
        # the newest state, and whether the server lacks it
        self._presence = Presence(session_id=session_id)
        self._is_new = False
        # seconds from one to the next; None while the session is not joined
        self._gap_s: float | None = None
        # when the next may go out, by the loop's clock
        self._next_at = 0.0
        # sends the newest once that is so
        self._timer: asyncio.TimerHandle | None = None

    def show(self, changes: Mapping[str, Any]) -> None:
        """Let others see this from now on; fields that are left out stay."""
        self._presence = replace(self._presence, **changes)
        self._is_new = True
        self._send_soon()

    def begin(self, presence_per_s: float) -> None:
        """Send: the session is joined, and the server takes so many a second."""
        self._gap_s = 1 / presence_per_s if presence_per_s > 0 else None
        # after a reconnect the server may know nothing of it
        self._is_new = self._presence != Presence(session_id=self._presence.session_id)
        self._send_soon()

    def pause(self) -> None:
        """Send nothing: the session is not joined."""
        self._gap_s = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send_soon(self) -> None:
        if not self._is_new or self._gap_s is None or self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now < self._next_at:
            self._timer = loop.call_at(self._next_at, self._due)
            return
        self._next_at = now + self._gap_s
        self._is_new = False
        self._send(self._presence)

    def _due(self) -> None:
        self._timer = None
        self._send_soon()
