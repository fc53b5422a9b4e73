"""The graph as it was: the present one with the log undone down to a rev. For worker threads.

Called by hub/past.py and hub/archive.py.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from graph_ext.core.events import Event
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import LAST, Place, Record, SessionView, gone
from graph_ext.protocol import PAGE_BYTES

__all__ = ["events_of", "graph_before"]

_READ_BYTES = 4 * PAGE_BYTES


class _Events(Struct, gc=False):
    """A commit, of which nothing but the events is read."""

    events: list[Event]


_events = msgspec.json.Decoder(_Events)


def events_of(record: Record) -> list[Event]:
    """Return the events of a record."""
    return _events.decode(record.body).events


def graph_before(view: SessionView, rev: int) -> Graph:
    """Build the graph at a rev, in a worker thread.

    Raises
    ------
    GoneError
        The log no longer reaches back to it.
    UnavailableError
        The store can't be read.
    """
    if rev < view.floor:
        raise gone(rev, view.floor)
    graph = view.graph()
    place: Place = (view.rev, LAST)
    # the records of a rev are below (rev, LAST), those above the wanted one beyond it
    while place > (rev, LAST):
        records = view.read_back(place, _READ_BYTES)
        for record in records:
            if record.rev <= rev:
                return graph
            for event in reversed(events_of(record)):
                graph.apply(event.inverse())
        if not records:
            break
        place = (records[-1].rev, records[-1].part)
    return graph
