"""The one writing connection of a session file: commits go in all or none, checksums chained.

Also named revs, and the floor. Called by session_file.py, in its writing thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from graph_ext.core.errors import DuplicateIdError, NotFoundError, UnavailableError
from graph_ext.core.json_values import shown
from graph_ext.hub.ports import LAST, Append, LogEntry, Version, gone
from graph_ext.stores.log import checksum_at, floor_of
from graph_ext.stores.rows import insert_rows
from graph_ext.stores.schema import checksum, connect, meta, speaking_of, transaction

__all__ = ["Writer", "header_of"]

_UPDATE_META = """
UPDATE meta SET value = CASE key
    WHEN 'rev' THEN :rev
    WHEN 'checksum' THEN :checksum
    WHEN 'updated_at' THEN :updated_at
    WHEN 'nodes' THEN :nodes
    WHEN 'links' THEN :links
    ELSE value + :added
END
WHERE key IN ('rev', 'checksum', 'updated_at', 'nodes', 'links', 'log_bytes')
"""
_NO_HEADER = (None,) * 8
# as many as the table has columns; 0 for undoes and redoes where there is none: see rows.py
_COMMIT = f"({'?, ' * 10}nullif(?, 0), nullif(?, 0), ?)"
# what is deleted in one transaction: others wait for some milliseconds
_SLICE_RECORDS = 300
_SLICE_BYTES = 1024 * 1024
_SLICE_PAGES = 128  # of 4 KiB, likewise
_CACHE_KIB = 8000
_SPARE = 4  # one page in so many may stay free


class Writer:
    """Writes a session file; one transaction at a time, whichever thread asks for it.

    Parameters
    ----------
    path : Path
        The session's file, made and checked already.
    rev : int
        The last commit in it.
    chained : bytes
        The checksum of its last record.
    """

    def __init__(self, path: Path, rev: int, chained: bytes) -> None:
        self._path = path
        # the last durable commit and the checksum of its last record; change with each append
        self._rev = rev
        self._chained = chained
        # None after an error, until the file could be opened again
        self._connection: sqlite3.Connection | None = None
        self._free = Lock()

    def append(self, commits: Sequence[Append]) -> None:
        """Write commits in one durable transaction.

        Raises
        ------
        UnavailableError
            The disk is full or fails; nothing was written.
        """
        with self._free, speaking_of("The change could not be saved"):
            connection = self._open()
            rows, chained = self._rows(commits)
            try:
                with transaction(connection):
                    self._write(connection, commits, rows, chained)
            except sqlite3.Error:
                self._let_go()
                # an error while committing leaves open whether it was done: the file knows
                if self._read_back() != commits[-1].entry.rev:
                    raise
            self._rev = commits[-1].entry.rev
            self._chained = chained

    def set_version(self, version: Version) -> None:
        """Name a rev (DuplicateIdError, NotFoundError, GoneError, UnavailableError)."""
        with self._free, speaking_of("The version could not be saved"):
            connection = self._open()
            with transaction(connection):
                floor, _ = floor_of(connection)
                if version.rev > self._rev:
                    raise NotFoundError(
                        f"There is no rev {version.rev}, the last is {self._rev}", path="rev"
                    )
                if version.rev < floor:
                    raise gone(version.rev, floor)
                try:
                    connection.execute(
                        "INSERT INTO versions VALUES (?, ?, ?, ?, ?)",
                        (
                            version.name,
                            version.rev,
                            version.at,
                            version.actor.actor_id,
                            version.actor.name,
                        ),
                    )
                except sqlite3.IntegrityError:
                    raise DuplicateIdError(
                        f"There is a version called {shown(version.name)} already",
                        path="name",
                        fix="choose another name",
                    ) from None

    def remove_version(self, name: str) -> None:
        """Take a name away (NotFoundError, UnavailableError)."""
        with self._free, speaking_of("The version could not be removed"):
            connection = self._open()
            done = connection.execute("DELETE FROM versions WHERE name = ?", (name,))
            if done.rowcount == 0:
                raise NotFoundError(f"There is no version {shown(name)}", path="name")

    def move_floor(self, floor: int, log_bytes: int) -> bool:
        """Raise the floor to a rev; False where a rev below has been named (UnavailableError).

        ``log_bytes``: how much of the log will be below it.
        """
        with self._free, speaking_of("The session's log could not be shortened"):
            connection = self._open()
            with transaction(connection):
                before, _ = floor_of(connection)
                query = "SELECT min(rev) FROM versions WHERE rev >= ?"
                named = connection.execute(query, (before,)).fetchone()[0]
                if named is not None and named < floor:
                    return False
                connection.executemany(
                    "UPDATE meta SET value = ? WHERE key = ?",
                    [
                        (floor, "floor"),
                        (checksum_at(connection, (floor, LAST)), "floor_checksum"),
                    ],
                )
                connection.execute(
                    "UPDATE meta SET value = value - ? WHERE key = 'log_bytes'", (log_bytes,)
                )
        return True

    def drop_some(self) -> bool:
        """Delete some of what is below the floor, then make the file shorter by some.

        False where there was nothing to do (UnavailableError).
        """
        with self._free, speaking_of("The session's log could not be shortened"):
            connection = self._open()
            return _drop(connection) or _give_back(connection)

    def close(self) -> None:
        """Close the connection; the next append opens another."""
        with self._free:
            self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = connect(self._path)
            # the indexes of a large graph: with SQLite's 2 MB their pages are read and written
            # again and again while it is built
            connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
            found = meta(connection)["rev"]
            if found != self._rev:
                connection.close()
                raise UnavailableError(
                    f"The session's file is at rev {found}, not {self._rev}: "
                    "somebody else has written it",
                    fix="restart the server",
                )
            self._connection = connection
        return self._connection

    def _read_back(self) -> int:
        connection = connect(self._path)
        try:
            return int(meta(connection)["rev"])
        finally:
            connection.close()

    def _rows(self, commits: Sequence[Append]) -> tuple[list[tuple[Any, ...]], bytes]:
        """Return the rows of all records, and the checksum of the last."""
        rows: list[tuple[Any, ...]] = []
        chained = self._chained
        for commit in commits:
            header = header_of(commit.entry)
            for record in commit.records:
                chained = checksum(chained, record.rev, record.part, record.last, record.body)
                last, text = int(record.last), record.body.decode()
                rows.append((record.rev, record.part, last, text, bytearray(chained), *header))
                header = _NO_HEADER
        return rows, chained

    def _write(
        self,
        connection: sqlite3.Connection,
        commits: Sequence[Append],
        rows: list[tuple[Any, ...]],
        chained: bytes,
    ) -> None:
        insert_rows(connection, "commits", rows, row=_COMMIT)
        insert_rows(
            connection,
            "commands",
            [(c.entry.command_id, c.entry.actor_id, c.entry.rev) for c in commits],
        )
        _write_state(connection, "node", [change for c in commits for change in c.nodes])
        _write_state(connection, "link", [change for c in commits for change in c.links])
        newest = commits[-1]
        added = sum(len(record.body) for commit in commits for record in commit.records)
        connection.execute(
            _UPDATE_META,
            {
                "rev": newest.entry.rev,
                "checksum": chained,
                "updated_at": newest.entry.at,
                "nodes": newest.node_count,
                "links": newest.link_count,
                "added": added,
            },
        )
        blueprints = [c.blueprint for c in commits if c.blueprint is not None]
        if blueprints:
            connection.execute(
                "UPDATE meta SET value = ? WHERE key = 'blueprint'", (blueprints[-1].decode(),)
            )


def _drop(connection: sqlite3.Connection) -> bool:
    """Delete a slice of what is below the floor; False where nothing is."""
    with transaction(connection):
        floor, _ = floor_of(connection)
        size = 0
        last: tuple[int, int] | None = None
        rows = connection.execute(
            "SELECT rev, part, length(body) FROM commits WHERE rev <= ? ORDER BY rev, part LIMIT ?",
            (floor, _SLICE_RECORDS),
        )
        for rev, part, length in rows:
            last = (rev, part)
            size += length
            if size > _SLICE_BYTES:
                break
        rows.close()
        if last is None:
            return False
        connection.execute("DELETE FROM commits WHERE (rev, part) <= (?, ?)", last)
    return True


def _give_back(connection: sqlite3.Connection) -> bool:
    """Give some free pages back to the disk; False where few are free, or none can be given.

    A log that is kept at its length needs the room again that its beginning had.
    """
    free = _number(connection, "freelist_count")
    surplus = free - _number(connection, "page_count") // _SPARE
    if surplus <= 0:
        return False
    # a row for each page; files made before there was this keep all of theirs
    slice_ = f"PRAGMA incremental_vacuum({min(surplus, _SLICE_PAGES)})"
    connection.execute(slice_).fetchall()
    return _number(connection, "freelist_count") < free


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    number: int = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    return number


def header_of(entry: LogEntry) -> tuple[Any, ...]:
    """Return what stands of a commit in the row of its part 0, as the columns come in the table.

    0 for ``undoes`` and ``redoes`` where there is none: the statement makes NULL of it.
    """
    return (
        entry.actor_id,
        entry.actor_name,
        entry.command_id,
        entry.at,
        entry.label,
        entry.undoes or 0,
        entry.redoes or 0,
        entry.count,
    )


def _write_state(
    connection: sqlite3.Connection, kind: str, changes: Iterable[tuple[str, bytes | None]]
) -> None:
    """Bring the table of nodes or links to the state after the changes, in order of creation."""
    deleted: dict[str, None] = {}
    standing: dict[str, str] = {}
    for element_id, body in changes:
        if body is None:
            deleted[element_id] = None
            standing.pop(element_id, None)
        else:
            standing[element_id] = body.decode()
    if deleted:
        connection.executemany(
            f"DELETE FROM {kind}s WHERE {kind}_id = ?",  # noqa: S608 - one of two words of ours
            [(element_id,) for element_id in deleted],
        )
    insert_rows(
        connection,
        f"{kind}s ({kind}_id, body)",
        standing.items(),
        f"ON CONFLICT ({kind}_id) DO UPDATE SET body = excluded.body",
    )
