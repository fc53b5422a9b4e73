"""The log spelled out: its frames as encoded events, in slices that are handed on together.

A frame is translated (protocol/flat.py) slice by slice, as far as anybody has asked, and what was
made is there for all who read the same frame. Used by hub/events_view.py; its targets get slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec
from msgspec import Struct

from graph_ext.hub.ports import LAST, Place
from graph_ext.protocol import (
    PAGE_BYTES,
    Commit,
    FlatEvent,
    encode,
    join_frame,
    spell_out,
)

__all__ = [
    "ALL_TYPES",
    "SLICE_EVENTS",
    "EncodedEvent",
    "EventSlice",
    "Spelled",
    "encode_event",
]

ALL_TYPES: frozenset[str] = frozenset()
"""In place of the event types that somebody wants: every one."""

SLICE_EVENTS = 100
"""How many events are handed on before others on the event loop have their turn."""

_raws = msgspec.json.Decoder(list[msgspec.Raw])
_commit = msgspec.json.Decoder(Commit)


class EncodedEvent(Struct, frozen=True, gc=False):
    """One event of the events view, encoded. ``rev``: of its commit; None: it is in no log."""

    type: str
    body: bytes
    rev: int | None = None

    @property
    def ends_commit(self) -> bool:
        """Whether all of its commit has been told with it."""
        return self.rev is not None and self.type == "command-executed"


def encode_event(event: FlatEvent) -> EncodedEvent:
    """Encode an event."""
    return EncodedEvent(str(event.__struct_config__.tag), encode(event), event_rev(event))


def event_rev(event: FlatEvent) -> int | None:
    """Return the rev of an event's commit; None: it is in no log."""
    return getattr(event, "rev", None)


class EventSlice:
    """Events that are handed on together.

    Parameters
    ----------
    events : tuple of EncodedEvent
        In the order of the log; none where nobody wants any of it.
    place : Place or None
        From where to go on after the last commit that ends in this slice, if one does.
    rest : iterator of EncodedEvent
        What comes after it in the same frame.
    """

    def __init__(
        self,
        events: tuple[EncodedEvent, ...],
        place: Place | None = None,
        rest: Iterator[EncodedEvent] | None = None,
    ) -> None:
        self.events = events
        self.place = place
        self._rest = rest
        # made when first asked for
        self._next: EventSlice | None = None
        # types -> this slice for those who want only these
        self._filtered: dict[frozenset[str], EventSlice] = {}

    @cached_property
    def frame(self) -> bytes:
        """The events as one frame of the WebSocket protocol."""
        return join_frame([event.body for event in self.events])

    def next(self) -> EventSlice | None:
        """The slice after this one; None at the end of the frame."""
        if self._rest is not None:
            self._next = _slice(self._rest)
            self._rest = None
        return self._next

    def of(self, types: frozenset[str]) -> EventSlice:
        """The same with the events of some types alone."""
        if types == ALL_TYPES:
            return self
        found = self._filtered.get(types)
        if found is None:
            wanted = tuple(event for event in self.events if event.type in types)
            found = self._filtered[types] = EventSlice(wanted, self.place)
        return found


class Spelled:
    """A frame of the log, spelled out as far as anybody has come.

    Attributes
    ----------
    first_rev, last_rev : int
        Of its first and its last commit; 0 where it holds something else.
    more : bool
        Whether its last commit goes on in the next frame.
    first : EventSlice or None
        The first slice.
    """

    def __init__(self, frame: bytes, within: bool) -> None:
        raws = _raws.decode(frame) if frame.startswith(b"[") else [msgspec.Raw(frame)]
        heads = [msgspec.json.decode(raw, type=_Head) for raw in (raws[0], raws[-1])]
        self.first_rev, self.last_rev = heads[0].rev, heads[1].rev
        self.more = heads[1].more
        if not all(head.type == "commit" for head in heads):
            # a snapshot: the log no longer has what comes next
            self.first_rev = 0
        self.first = _slice(_events(raws, within)) if self.first_rev else None


class _Head(Struct):
    """As much of a commit as tells whether it is the next."""

    type: str
    rev: int = 0
    more: bool = False


def _events(raws: Iterable[msgspec.Raw], within: bool) -> Iterator[EncodedEvent]:
    """Spell out commits, one after the other: no more of them is decoded than is asked for."""
    for raw in raws:
        commit = _commit.decode(raw)
        for event in spell_out(commit, first=not within):
            yield encode_event(event)
        within = commit.more


def _slice(events: Iterator[EncodedEvent]) -> EventSlice | None:
    """Take the next slice of events; None at their end."""
    found: list[EncodedEvent] = []
    place: Place | None = None
    size = 0
    for event in events:
        found.append(event)
        size += len(event.body)
        if event.ends_commit:
            place = (event.rev or 0, LAST)
        if len(found) == SLICE_EVENTS or size >= PAGE_BYTES:
            break
    return EventSlice(tuple(found), place, events) if found else None
