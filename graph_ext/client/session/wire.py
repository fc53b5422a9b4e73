"""What a session needs of the connection that it goes over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from graph_ext.client.connection.io_thread import IoThread

__all__ = ["Wire"]


class Wire(Protocol):
    """What a session needs of its connection."""

    io: IoThread
    client_id: str
    kind: Literal["ui", "kernel", "agent"]
    label: str

    @property
    def where(self) -> str:
        """The server's URL, for messages."""

    @property
    def trouble(self) -> str:
        """Why the server can't be reached at the moment; "" when it can."""

    def send(self, message: bytes, sent: Callable[[], None] | None = None) -> None:
        """Send a message after those before it; lost when the socket closes."""
