"""The end of a session's published log, in memory: what live followers read, frame by frame.

Encoded once when it was committed, joined once for all who stand at one place. Owned by
hub/channel.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from graph_ext.hub.ports import Place, Record
from graph_ext.protocol import PAGE_BYTES, join_frame

__all__ = ["FRAME_BYTES", "Tail"]

FRAME_BYTES = 2 * PAGE_BYTES
"""About how much goes out in one frame; a record of its own may be longer."""

_FRAME_RECORDS = 1000  # in one frame: more than fit, but for such as say hardly anything

_KEPT_FRAMES = 8  # of what was published last: as many as a group of commits has, and more


class Tail:
    """The newest published records.

    Parameters
    ----------
    before : tuple
        The place behind which the first record will come.
    tail_bytes : int
        How much is kept, and an eighth of it beside: to let go of it record by record would move
        all the others with every commit. The last record is always kept.
    """

    def __init__(self, before: Place, tail_bytes: int) -> None:
        self._tail_bytes = tail_bytes
        self._records: list[Record] = []
        # how many bytes they are
        self._size = 0
        # positions count all published records; `_first` is that of _records[0]
        self._first = 0
        # where a follower stands that needs _records[0] next
        self._before = before
        # position -> the frame from there on, the position after it, and the place there. Several:
        # each follower takes all that there are before it is the next one's turn
        self._frames: dict[int, tuple[bytes, int, Place]] = {}

    def extend(self, records: Sequence[Record]) -> None:
        """Add what was published."""
        self._records.extend(records)
        self._size += sum([len(record.body) for record in records])
        # one that was not full has room for what comes now
        self._frames.clear()
        if self._size > self._tail_bytes + self._tail_bytes // 8:
            self._trim()

    def position_after(self, place: Place, hint: int = -1) -> int | None:
        """The position of the first record after a place; None where the tail has lost it.

        ``hint`` is a position that may be it.
        """
        if place < self._before:
            return None
        index = hint - self._first
        if 0 < index <= len(self._records) and self._records[index - 1].place == place:
            return hint
        return self._first + bisect_right(self._records, place, key=_place)

    def frame_at(self, position: int) -> tuple[bytes, int, Place]:
        """One frame of the records from a position on.

        Returns
        -------
        tuple
            The frame, the position after it, and the place there.
        """
        found = self._frames.get(position)
        if found is None:
            records, at = self._records, position - self._first
            bodies = [record.body for record in records[at : at + _FRAME_RECORDS]]
            fit = bisect_right(list(accumulate(map(len, bodies))), FRAME_BYTES)
            if fit < len(bodies):
                # one that is too long by itself goes whole
                del bodies[max(1, fit) :]
            end = position + len(bodies)
            place = records[end - self._first - 1].place
            if len(self._frames) == _KEPT_FRAMES:
                del self._frames[next(iter(self._frames))]
            found = self._frames[position] = join_frame(bodies), end, place
        return found

    def newest(self) -> bytes | None:
        """The last record that was published; None where none was."""
        return self._records[-1].body if self._records else None

    def _trim(self) -> None:
        drop = 0
        while self._size > self._tail_bytes and drop < len(self._records) - 1:
            self._size -= len(self._records[drop].body)
            drop += 1
        if drop:
            self._before = self._records[drop - 1].place
            self._first += drop
            del self._records[:drop]


def _place(record: Record) -> Place:
    return record.place
