"""One channel per open session: where commits are published and followed.

Called by hub/hub.py and hub/session.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graph_ext.core.errors import GraphError
from graph_ext.hub.channel import Channel, Follower, Sink
from graph_ext.hub.ports import Place, Record, SessionStore

__all__ = ["Broadcaster"]


class Broadcaster:
    """The published logs of the open sessions.

    Parameters
    ----------
    tail_bytes : int
        How much of each session's log is kept in memory for those who follow it.
    """

    def __init__(self, tail_bytes: int) -> None:
        self._tail_bytes = tail_bytes
        # session_id -> its channel, while the session is open
        self._channels: dict[str, Channel] = {}

    def open(self, session_id: str, store: SessionStore) -> None:
        """Begin a session's channel at the store's last rev."""
        self._channels[session_id] = Channel(session_id, store, self._tail_bytes)

    def close(self, session_id: str) -> None:
        """End a session's channel; its followers stop."""
        channel = self._channels.pop(session_id, None)
        if channel is not None:
            for follower in tuple(channel.followers):
                follower.stop()

    def publish(self, session_id: str, records: Sequence[Record]) -> None:
        """Let everybody have the records of durable commits."""
        self._channels[session_id].publish(records)

    def follow(
        self,
        session_id: str,
        sink: Sink,
        place: Place | None,
        failed: Callable[[GraphError], None],
    ) -> Follower:
        """Follow a session's log from a place on, or from a snapshot where there is none.

        ``failed`` is called, once, when the follower has stopped because the store failed.
        """
        return self._channels[session_id].follow(sink, place, failed)

    def published_rev(self, session_id: str) -> int:
        """The last rev that followers may have."""
        return self._channels[session_id].end[0]
