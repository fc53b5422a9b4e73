"""The end of a session's log in memory (graph_ext/hub/tail.py)."""

from __future__ import annotations

import json

from graph_ext.hub.ports import LAST, Record
from graph_ext.hub.tail import FRAME_BYTES, Tail

START = (0, LAST)


def records(first: int, count: int, size: int = 10) -> list[Record]:
    return [
        Record(rev, 0, True, json.dumps(f"{rev:>{size - 2}}").encode())
        for rev in range(first, first + count)
    ]


def revs(frame: bytes) -> list[int]:
    found = json.loads(frame)
    return [int(each) for each in (found if isinstance(found, list) else [found])]


def read(tail: Tail) -> list[bytes]:
    """All frames, as a follower takes them that has had nothing."""
    position, place, frames = tail.position_after(START), START, []
    assert position is not None
    newest = tail.newest()
    while newest is not None and place[0] < revs(newest)[0]:
        frame, position, place = tail.frame_at(position)
        frames.append(frame)
    return frames


def test_frames_are_joined_once_for_all_who_take_them_in_turn() -> None:
    tail = Tail(START, 10 * FRAME_BYTES)
    tail.extend(records(1, 10, FRAME_BYTES // 3))
    first, second = read(tail), read(tail)
    assert len(first) == 4, "three records fit into each"
    assert [rev for frame in first for rev in revs(frame)] == list(range(1, 11))
    assert [id(frame) for frame in first] == [id(frame) for frame in second]


def test_a_frame_that_was_not_full_has_room_for_what_comes() -> None:
    tail = Tail(START, 10 * FRAME_BYTES)
    tail.extend(records(1, 1))
    assert revs(tail.frame_at(0)[0]) == [1]
    tail.extend(records(2, 1))
    assert tail.frame_at(0)[1:] == (2, (2, LAST))
    assert revs(tail.frame_at(0)[0]) == [1, 2]


def test_what_is_over_its_bound_is_let_go_of_from_the_front() -> None:
    tail = Tail(START, 800)
    tail.extend(records(1, 90))
    assert tail.position_after(START) == 0, "an eighth more is kept"
    tail.extend(records(91, 1))
    assert tail.position_after(START) is None
    assert tail.position_after((10, LAST)) is None
    position = tail.position_after((11, LAST))
    assert position == 11
    assert revs(tail.frame_at(position)[0]) == list(range(12, 92))
    assert tail.position_after((50, LAST), hint=50) == 50


def test_the_last_record_is_kept_however_long() -> None:
    tail = Tail(START, 100)
    assert tail.newest() is None
    tail.extend(records(1, 2, 1000))
    assert tail.position_after(START) is None
    assert revs(tail.newest() or b"") == [2]
