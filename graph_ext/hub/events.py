"""The events view: each commit of the log spelled out as flat events, for local subscribers.

:func:`spell_out` is the one function that makes the second view from the first. An
:class:`EventSink` follows a session like any other client and hands on what it spells out, a
little in each turn of the event loop. Called by hub/broadcaster.py.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict

from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.protocol import Commit, decode_server_frame

__all__ = ["EVENT_TYPES", "EventSink", "FlatEvent", "spell_out"]

FlatEvent = dict[str, Any]
"""An event by itself: ``type``, ``session_id``, its own fields, and, where it comes from the log,
``rev``, ``command_id``, ``actor`` and ``at``."""

EVENT_TYPES = (
    "node-created",
    "node-deleted",
    "node-updated",
    "node-linked",
    "node-unlinked",
    "property-changed",
    "property-deleted",
    "command-executing",
    "command-executed",
    "undo",
    "redo",
    "session-connected",
    "session-disconnected",
    "blueprint-updated",
    "session-updated",
)

_COMMANDS: dict[type[Event], str] = {
    NodeCreated: "create-node",
    NodeDeleted: "delete-node",
    NodeUpdated: "update-node",
    NodeLinked: "link-nodes",
    NodeUnlinked: "unlink-nodes",
    PropertyChanged: "set-property",
    PropertyDeleted: "delete-property",
    BlueprintUpdated: "update-blueprint",
}
_TURN_EVENTS = 100  # handed on before others on the event loop have their turn


def spell_out(commit: Commit, *, first: bool = True) -> Iterator[FlatEvent]:
    """Spell out a commit, or one part of it (``first``: it is the first).

    The command's type is told from what it did: a batch of one looks like its one command.
    """
    stamp: FlatEvent = {
        "session_id": commit.session_id,
        "rev": commit.rev,
        "command_id": commit.command_id,
        "actor": msgspec.to_builtins(commit.actor),
        "at": commit.at,
    }
    if first:
        yield {"type": "command-executing", **stamp, "command_type": _command_type(commit)}
    for event in commit.events:
        fields = asdict(event)
        if fields.get("old_value") is UNSET:
            del fields["old_value"]
        yield {"type": event.__struct_config__.tag, **stamp, **msgspec.to_builtins(fields)}
    if commit.more:
        return
    for kind, rev in (("undo", commit.undoes), ("redo", commit.redoes)):
        if rev is not None:
            skipped = msgspec.to_builtins(commit.skipped)
            yield {"type": kind, **stamp, f"{kind}es": rev, "skipped": skipped}
    yield {"type": "command-executed", **stamp, "success": True, "error": None}


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


def _command_type(commit: Commit) -> str:
    if commit.undoes is not None:
        return "undo"
    if commit.redoes is not None:
        return "redo"
    kinds = {type(event) for event in commit.events}
    # with its links, or its subtree: still one command
    if kinds == {NodeDeleted, NodeUnlinked}:
        return "delete-node"
    if len(kinds) != 1 or commit.more or commit.label:
        return "batch"
    return _COMMANDS[kinds.pop()]
