"""Who has last changed what of an element: the log, read back to where that is known.

For worker threads; called by hub/past.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from graph_ext.core.blame import LastChanges
from graph_ext.hub.ports import LAST, Place, Record, SessionView
from graph_ext.protocol import PAGE_BYTES, Commit
from graph_ext.protocol.http import Blame, BlamedChange

__all__ = ["MAX_BYTES", "blame"]

MAX_BYTES = 32 * 1024 * 1024
"""How much of the log is read for one answer."""

_READ_BYTES = 4 * PAGE_BYTES

_commit = msgspec.json.Decoder(Commit)


def blame(view: SessionView, rev: int, changes: LastChanges, mark: bytes) -> Blame:
    """Read the log back from a rev until the last change of every field is found.

    Parameters
    ----------
    view : SessionView
        Of the session.
    rev : int
        The last commit that counts.
    changes : LastChanges
        New, of the element and field.
    mark : bytes
        What stands in the record of every commit that is about the element.

    Raises
    ------
    UnavailableError
        The store can't be read.
    """
    found: list[BlamedChange] = []
    size, reached = 0, rev + 1
    for record in _back(view, rev):
        if record.rev < reached:
            # between two commits, never within one
            if size > MAX_BYTES:
                return Blame(changes=found, floor=view.floor, before_rev=reached)
            reached = record.rev
        size += len(record.body)
        # an archive may have brought records in which characters are escaped
        if mark not in record.body and b"\\" not in record.body:
            continue
        commit = _commit.decode(record.body)
        for event in reversed(commit.events):
            found += [
                BlamedChange(
                    field=change.field,
                    old=change.old,
                    new=change.new,
                    rev=commit.rev,
                    at=commit.at,
                    actor=commit.actor,
                    label=commit.label,
                )
                for change in changes.note(event)
            ]
            if changes.complete:
                return Blame(changes=found, floor=view.floor)
    return Blame(changes=found, floor=view.floor)


def _back(view: SessionView, rev: int) -> Iterator[Record]:
    """Read records from the last one of a rev back to the log's beginning."""
    place: Place = (rev, LAST)
    while records := view.read_back(place, _READ_BYTES):
        yield from records
        place = (records[-1].rev, records[-1].part)
