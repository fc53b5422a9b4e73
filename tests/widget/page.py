"""The page's end of a widget, as far as Python sees it: comm messages, sent and received."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import comm
from comm.base_comm import BaseComm

from graph_ext.widget import GraphWidget

__all__ = ["Page", "PageComm"]

TIMEOUT_S = 30


class PageComm(BaseComm):
    """A comm whose other end is a test: an implementation of ipywidgets' port to the page."""

    def __init__(self, *args: Any, **options: Any) -> None:
        # what the kernel has sent, in order
        self.sent: SimpleQueue[dict[str, Any]] = SimpleQueue()
        super().__init__(*args, **options)

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[bytes] | None = None,
        **keys: Any,
    ) -> None:
        self.sent.put({"msg_type": msg_type, **(data or {})})


class Page:
    """What a front end does with one widget."""

    def __init__(self, widget: GraphWidget) -> None:
        assert isinstance(widget.comm, PageComm)
        self._comm = widget.comm

    def custom(self, content: dict[str, Any]) -> None:
        """Send a custom message."""
        self._receive({"method": "custom", "content": content})

    def set(self, **state: Any) -> None:
        """Change traits, as a click does."""
        self._receive({"method": "update", "state": state, "buffer_paths": []})

    def next(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a message of the kernel."""
        while True:
            message = self._comm.sent.get(timeout=TIMEOUT_S)
            if wanted(message):
                return message

    def next_custom(self, kind: str) -> dict[str, Any]:
        """Wait for a custom message of a kind."""
        message = self.next(lambda m: m.get("method") == "custom" and m["content"]["kind"] == kind)
        content: dict[str, Any] = message["content"]
        return content

    def _receive(self, data: dict[str, Any]) -> None:
        self._comm.handle_msg(
            {"content": {"comm_id": self._comm.comm_id, "data": data}, "buffers": []}
        )


def install() -> Callable[[], None]:
    """Let widgets be made with such comms; returns how to take that back."""
    before = comm.create_comm
    comm.create_comm = PageComm

    def restore() -> None:
        comm.create_comm = before

    return restore
