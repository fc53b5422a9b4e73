"""The one writing connection of a session file: commits go in all or none, checksums chained.

Short commits may be durable on the slate before they are in the file. Also named revs, and the
floor. Called by session_file.py, in its writing thread for the most part.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from graph_ext.core.errors import DuplicateIdError, NotFoundError, UnavailableError
from graph_ext.core.json_values import shown
from graph_ext.hub.ports import LAST, Append, Version, gone
from graph_ext.stores.inserting import insert_commits
from graph_ext.stores.log import checksum_at, floor_of
from graph_ext.stores.recognising import Reached
from graph_ext.stores.schema import chained_after, connect, meta, speaking_of, transaction
from graph_ext.stores.slate import Slate

__all__ = ["Writer"]

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

    Attributes
    ----------
    slate : Slate
        Commits that are durable, and not in the file yet.
    """

    def __init__(self, path: Path, rev: int, chained: bytes) -> None:
        self.slate = Slate(path)
        self._path = path
        # the file's last commit and the checksum of its last record; change with each transaction
        self._rev = rev
        self._chained = chained
        # the checksum of the last durable record, on the slate or in the file
        self._end = chained
        # whether the file takes what is on the slate: else nothing more is noted
        self._follows = True
        # None after an error, until the file could be opened again
        self._connection: sqlite3.Connection | None = None
        self._free = Lock()

    @property
    def can_note(self) -> bool:
        """Whether short commits may be noted."""
        return self._follows and self.slate.is_ready

    def note(self, commits: Sequence[Append]) -> bool:
        """Make short commits durable on the slate; False where :meth:`append` has to do it.

        Not called while ``append`` is at work.
        """
        if not self.can_note:
            return False
        try:
            noted = self.slate.note(commits, self._end)
        except OSError:
            # what stands there now is not known: the file has to have it, and all before
            self.slate.close()
            return False
        if noted:
            self._end = chained_after(self._end, commits)
        return noted

    @property
    def reached(self) -> Reached:
        """The last commit in the file."""
        return self._rev, self._chained

    def append(self, commits: Sequence[Append]) -> None:
        """Write commits in one durable transaction, behind those on the slate.

        Raises
        ------
        UnavailableError
            The disk is full or fails; nothing was written.
        """
        with self._free, speaking_of("The change could not be saved"):
            self._put(self._open(), commits)
            self._end = self._chained

    def follow(self) -> None:
        """Bring the file up to the slate (UnavailableError)."""
        if self.slate.size:
            with self._free, speaking_of("The session's last changes can't be read"):
                self._put(self._open())

    def _put(self, connection: sqlite3.Connection, commits: Sequence[Append] = ()) -> None:
        """Write what is on the slate, and commits behind it, in one durable transaction."""
        noted = self.slate.commits()
        commits = [*noted, *commits]
        if not commits:
            return
        try:
            with transaction(connection):
                chained = insert_commits(connection, commits, self._chained)
        except sqlite3.Error:
            self._let_go()
            # an error while committing leaves open whether it was done: the file knows
            if self._read_back() != commits[-1].entry.rev:
                self._follows = False
                raise
            chained = chained_after(self._chained, commits)
        self._rev, self._chained = commits[-1].entry.rev, chained
        self._follows = True
        self.slate.erase(len(noted))

    def set_version(self, version: Version) -> None:
        """Name a rev (DuplicateIdError, NotFoundError, GoneError, UnavailableError)."""
        with self._free, speaking_of("The version could not be saved"):
            connection = self._open()
            self._put(connection)
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
            self._put(connection)
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
        """Bring the file up to the slate where that can be done, and let go of both."""
        with self._free:
            # what the disk does not take now stays on the slate, for the next who opens the session
            with suppress(sqlite3.Error, OSError, UnavailableError):
                if self.slate.size:
                    self._put(self._open())
            self.slate.close()
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
            # not within a COMMIT, which somebody waits for: see appending.py
            connection.execute("PRAGMA wal_autocheckpoint=0")
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
