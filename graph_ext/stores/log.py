"""Checking a session's log: every record's checksum is chained to the one before it.

Called by session_file.py: the tail before a session opens, all of it in slices while it is used.
"""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from graph_ext.hub.ports import LAST, Place
from graph_ext.stores.schema import checksum

__all__ = ["Checked", "checksum_at", "damage_after", "floor_of", "tail_start"]


class Checked(Struct, frozen=True):
    """What a check found: a message for people, empty when all is well, and how far it came."""

    message: str
    place: Place


def tail_start(connection: sqlite3.Connection, floor: int, tail_bytes: int) -> Place:
    """Return the place after which about the last ``tail_bytes`` of the log above a floor lie."""
    size = 0
    try:
        for rev, part, last, length in connection.execute(
            "SELECT rev, part, last, length(body) FROM commits WHERE rev > ? "
            "ORDER BY rev DESC, part DESC",
            (floor,),
        ):
            size += length
            if size > tail_bytes:
                return (rev, LAST if last else part)
    except sqlite3.DatabaseError:
        pass  # the check itself says where
    return (floor, LAST)


def damage_after(
    connection: sqlite3.Connection,
    place: Place,
    newest: int | None = None,
    chained: bytes | None = None,
    *,
    limit: int = -1,
) -> Checked:
    """Check the records after a place, or above the floor where that has passed it.

    Parameters
    ----------
    connection : sqlite3.Connection
        One that gives text as bytes.
    place : Place
        (rev, part) of a record that is trusted; (0, LAST) for the whole log.
    newest, chained : int and bytes, optional
        The rev and the checksum at which the log must end.
    limit : int
        How many records at most; -1: all.
    """
    rev, part = place
    try:
        # one transaction: the floor may be moving
        connection.execute("BEGIN")
        floor, at_floor = floor_of(connection)
        if place <= (floor, LAST):
            place, before = (floor, LAST), at_floor
        else:
            before = checksum_at(connection, place)
        rev, part = place
        for found_rev, found_part, last, body, stored in connection.execute(
            "SELECT rev, part, last, body, checksum FROM commits WHERE (rev, part) > (?, ?) "
            "ORDER BY rev, part LIMIT ?",
            (*place, limit),
        ):
            follows = (found_rev, found_part) == ((rev + 1, 0) if part == LAST else (rev, part + 1))
            expected = checksum(before, found_rev, found_part, bool(last), body)
            if not follows or expected != stored:
                return Checked(_message(min(found_rev, rev + 1)), (rev, part))
            before = stored
            rev, part = found_rev, LAST if last else found_part
    except sqlite3.DatabaseError as error:
        return Checked(f"{_message(rev + 1)} ({error})", (rev, part))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    if newest is not None and (rev, part) != (newest, LAST):
        return Checked(_message(rev + 1), (rev, part))
    if chained is not None and before != chained:
        return Checked(_message(rev), (rev, part))
    return Checked("", (rev, part))


def floor_of(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Return the rev below which the log may be gone, and the checksum of its last record."""
    query = "SELECT value FROM meta WHERE key IN ('floor', 'floor_checksum') ORDER BY key"
    (floor,), (at_floor,) = connection.execute(query)
    return floor, at_floor


def checksum_at(connection: sqlite3.Connection, place: Place) -> bytes:
    """Return the checksum of the record at a place; empty where there is none."""
    rev, part = place
    row = connection.execute(
        "SELECT checksum FROM commits WHERE rev = ? AND part <= ? ORDER BY part DESC LIMIT 1",
        (rev, part),
    ).fetchone()
    return row[0] if row is not None else b""


def _message(rev: int) -> str:
    return (
        f"The session's log is damaged from rev {rev} on: it can be read, but not changed. "
        "Restore the file from a backup, or make a new session from this one"
    )
