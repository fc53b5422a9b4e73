"""A connection (graph_ext/client/session/wire.py) with the test at its other end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from graph_ext.client.connection.io_thread import IoThread
from graph_ext.client.session.session import SessionClient, SessionMessage
from graph_ext.protocol import Actor, ClientMessage, Joined, Limits, Snapshot, decode_client_frame

__all__ = ["SESSION", "FakeWire", "joined"]

SESSION = "f" * 32
PATIENCE_S = 30

M = TypeVar("M", bound=msgspec.Struct)


class FakeWire:
    """Keeps what a session sends; gives it what the test says."""

    def __init__(self) -> None:
        self.io = IoThread("a test's wire")
        self.client_id = "me"
        self.kind: Literal["ui", "kernel", "agent"] = "kernel"
        self.label = "test"
        self.where = "http://test/"
        self.trouble = ""
        self.sent: list[ClientMessage] = []
        self._arrived = threading.Condition()
        self.session = SessionClient(self, SESSION, "plan")
        self.io.call(self.session.join)

    def send(self, message: bytes, sent: Callable[[], None] | None = None) -> None:
        """Take a message of the session."""
        with self._arrived:
            for each in decode_client_frame(message):
                assert not hasattr(each, "error"), each
                self.sent.append(each)
            self._arrived.notify_all()
        if sent is not None:
            sent()

    def give(self, *messages: SessionMessage) -> None:
        """Have messages received, and wait until they are."""
        for message in messages:
            self.io.call(self.session.receive, message)
        self.settle()

    def settle(self) -> None:
        """Wait until the session has done what it was told."""

        async def nothing() -> None:
            pass

        self.io.run(nothing, "a test")

    def go_live(self, *, presence_per_s: float = 10.0) -> None:
        """Join an empty session."""
        self.give(
            joined(presence_per_s=presence_per_s), Snapshot(session_id=SESSION, epoch="e1", rev=0)
        )

    def of(self, kind: type[M]) -> list[M]:
        """What was sent of one type."""
        return [message for message in self.sent if isinstance(message, kind)]

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for messages until something holds."""
        with self._arrived:
            assert self._arrived.wait_for(holds, PATIENCE_S), self.sent


def joined(*, presence_per_s: float = 10.0, **more: object) -> Joined:
    """Make a server's answer to a join."""
    fields = {
        "session_id": SESSION,
        "client_id": "me",
        "name": "plan",
        "actor": Actor("client:me"),
        "role": "editor",
        "epoch": "e1",
        "rev": 0,
        "floor": 0,
        "mode": "snapshot",
        "limits": Limits(1 << 20, 1000, 1000.0, presence_per_s),
        **more,
    }
    return Joined(**fields)  # type: ignore[arg-type]
