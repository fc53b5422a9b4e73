"""Reading a session file: its log, what is known of its commits, its named revs, or all at once.

The connections that are passed in give text as bytes: bodies travel as they are stored. Called by
session_file.py, in its reading threads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from graph_ext.core.graph import Graph
from graph_ext.hub.ports import LAST, LogEntry, Place, Record, SnapshotPage, Version, gone
from graph_ext.protocol import Actor
from graph_ext.stores.schema import connect, meta, speaking_of
from graph_ext.stores.state import read_graph, read_pages

__all__ = [
    "FileView",
    "bytes_between",
    "floor_within",
    "read_command_keys",
    "read_entries",
    "read_outcomes",
    "read_records",
    "read_versions",
]

_LOG_FAILS = "The session's log can't be read"
_GRAPH_FAILS = "The session's graph can't be read"
_SIZE = "length(CAST(body AS BLOB))"  # length() of a text counts characters
_ENTRY_COLUMNS = "rev, actor_id, actor_name, command_id, at, label, undoes, redoes, count"


def read_records(connection: sqlite3.Connection, after: Place, max_bytes: int) -> list[Record]:
    """Read records after a place, in order."""
    rows = connection.execute(
        "SELECT rev, part, last, body FROM commits WHERE (rev, part) > (?, ?) ORDER BY rev, part",
        after,
    )
    return _up_to(rows, max_bytes)


def _up_to(rows: sqlite3.Cursor, max_bytes: int) -> list[Record]:
    found: list[Record] = []
    size = 0
    for rev, part, last, body in rows:
        size += len(body)
        if found and size > max_bytes:
            break
        found.append(Record(rev, part, bool(last), body))
    rows.close()
    return found


def read_outcomes(
    connection: sqlite3.Connection, commands: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Read the revs of those of the (command_id, actor_id) that became commits."""
    found: dict[tuple[str, str], int] = {}
    query = "SELECT rev FROM commands WHERE command_id = ? AND actor_id = ?"
    for key in commands:
        row = connection.execute(query, key).fetchone()
        if row is not None:
            found[key] = row[0]
    return found


def read_command_keys(
    connection: sqlite3.Connection, after: tuple[str, str], limit: int
) -> list[tuple[str, str]]:
    """Read the (command_id, actor_id) of all commits, in that order, after one."""
    rows = connection.execute(
        "SELECT command_id, actor_id FROM commands "
        "WHERE (command_id, actor_id) > (?, ?) ORDER BY command_id, actor_id LIMIT ?",
        (*after, limit),
    ).fetchall()
    return [(command_id.decode(), actor_id.decode()) for command_id, actor_id in rows]


def read_entries(
    connection: sqlite3.Connection, floor: int, before: int, limit: int, actor_id: str | None
) -> list[LogEntry]:
    """Read the newest log entries above a floor and below a rev (of one actor), newest first."""
    whose, values = ("", ()) if actor_id is None else (" AND actor_id = ?", (actor_id,))
    rows = connection.execute(
        f"SELECT {_ENTRY_COLUMNS} FROM commits "  # noqa: S608 - columns of ours, not input
        f"WHERE part = 0 AND rev > ? AND rev < ?{whose} ORDER BY rev DESC LIMIT ?",
        (floor, before, *values, limit),
    ).fetchall()
    return [_entry(*row) for row in rows]


def read_versions(connection: sqlite3.Connection) -> list[Version]:
    """Read the named revs, by rev."""
    return [
        Version(name.decode(), rev, at, Actor(actor_id.decode(), actor_name.decode()))
        for name, rev, at, actor_id, actor_name in connection.execute(
            "SELECT name, rev, at, actor_id, actor_name FROM versions ORDER BY rev, name"
        )
    ]


def floor_within(path: Path, max_bytes: int) -> int:
    """Find the lowest floor above which the log has at most so many bytes, or one commit."""
    with speaking_of(_LOG_FAILS), closing(connect(path)) as connection:
        connection.execute("BEGIN")
        values = meta(connection)
        floor: int = values["floor"]
        left: int = values["log_bytes"]
        rows = connection.execute(
            f"SELECT rev, sum({_SIZE}) FROM commits WHERE rev > ? AND rev < ? "  # noqa: S608
            "GROUP BY rev ORDER BY rev",
            (floor, values["rev"]),
        )
        for rev, size in rows:
            if left <= max_bytes:
                break
            floor, left = rev, left - size
    return floor


def bytes_between(path: Path, floor: int, rev: int) -> int:
    """Return how many bytes of log there are above a floor, up to and including a rev."""
    with speaking_of(_LOG_FAILS), closing(connect(path)) as connection:
        size: int = connection.execute(
            f"SELECT coalesce(sum({_SIZE}), 0) FROM commits "  # noqa: S608 - an expression of ours
            "WHERE rev > ? AND rev <= ?",
            (floor, rev),
        ).fetchone()[0]
    return size


class FileView:
    """See :class:`graph_ext.hub.ports.SessionView`: a connection in one read transaction.

    Parameters
    ----------
    path : Path
        The session's file.
    floor : int or None
        What counts in place of the file's own.
    """

    def __init__(self, path: Path, floor: int | None) -> None:
        with speaking_of(_GRAPH_FAILS):
            self._connection = connect(path)
            try:
                self._connection.execute("BEGIN")
                values = meta(self._connection)
            except BaseException:
                self._connection.close()
                raise
        self._connection.text_factory = bytes
        self.epoch: str = values["epoch"]
        self.rev: int = values["rev"]
        self.floor: int = values["floor"] if floor is None else floor

    def close(self) -> None:
        """See it no more: an open transaction keeps the -wal file growing."""
        self._connection.close()

    def graph(self) -> Graph:
        """Build the graph at ``rev``."""
        with speaking_of(_GRAPH_FAILS):
            return read_graph(self._connection)

    def pages(self, page_bytes: int) -> Iterator[SnapshotPage]:
        """Read the state at ``rev``, page by page."""
        with speaking_of(_GRAPH_FAILS):
            yield from read_pages(self._connection, page_bytes)

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place (GoneError)."""
        if after < (self.floor, LAST):
            raise gone(after[0], self.floor)
        with speaking_of(_LOG_FAILS):
            return read_records(self._connection, after, max_bytes)

    def read_back(self, before: Place, max_bytes: int) -> list[Record]:
        """Read records before a place and above the floor, newest first."""
        with speaking_of(_LOG_FAILS):
            rows = self._connection.execute(
                "SELECT rev, part, last, body FROM commits WHERE (rev, part) < (?, ?) AND rev > ? "
                "ORDER BY rev DESC, part DESC",
                (*before, self.floor),
            )
            return _up_to(rows, max_bytes)

    def versions(self) -> list[Version]:
        """Read the named revs, by rev."""
        with speaking_of(_LOG_FAILS):
            return [each for each in read_versions(self._connection) if each.rev >= self.floor]


def _entry(rev: int, actor_id: bytes, actor_name: bytes, command_id: bytes, *rest: Any) -> LogEntry:
    at, label, undoes, redoes, count = rest
    return LogEntry(
        rev,
        actor_id.decode(),
        actor_name.decode(),
        command_id.decode(),
        at,
        label.decode(),
        undoes,
        redoes,
        count,
    )
