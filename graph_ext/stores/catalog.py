"""catalog.sqlite: which sessions there are, what they are called, and whose they are.

What can be read from a session's own file is read there (docs/decisions/003-catalog.md), and kept
here for as long as that file stays as it is. Called by sqlite.py, in one thread.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from graph_ext.core.access import Member, Members
from graph_ext.core.errors import DuplicateIdError, NotFoundError
from graph_ext.hub.ports import CatalogEntry, Sharing
from graph_ext.stores import sharing
from graph_ext.stores.recognising import Reached
from graph_ext.stores.schema import CATALOG, connect, meta, prepare, transaction
from graph_ext.stores.slate import slate_of

__all__ = ["Catalog", "session_files"]

_SETTLED_NS = 1_000_000_000  # written within this, it may be written again with the same stamp


class Catalog:
    """The sessions of one data folder.

    Parameters
    ----------
    folder : Path
        Made where there is none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # session_id -> what its file said, and the file's stamp when it said so
        self._read: dict[str, tuple[tuple[int, int], CatalogEntry]] = {}
        # the number of the last change of members that was read, and the files' stamp before it
        self._members_read: tuple[int, tuple[int, ...] | None] = (0, None)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # opened for each use: changes are rare, and another server may have replaced the file
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(connect(self._folder / "catalog.sqlite", create=True)) as connection:
            prepare(connection, CATALOG)
            yield connection

    def entries(self) -> list[CatalogEntry]:
        """Every session, by name; one whose file can't be read has rev 0."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT session_id, name, created_at FROM sessions"
            ).fetchall()
        return sorted((self._entry(*row) for row in rows), key=lambda entry: entry.name)

    def add(self, session_id: str, name: str, at: float, owner: Member | None) -> CatalogEntry:
        """Add a session and its owner (DuplicateIdError)."""
        with self._open() as connection, _unique(name), transaction(connection):
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (session_id, name, at))
            # whose files these are from now on
            connection.execute("DELETE FROM deleted WHERE session_id = ?", (session_id,))
            if owner is not None:
                members = {owner.actor_id: owner}
                sharing.write(connection, session_id, Sharing({}, {}), Sharing(members, {}))
        return CatalogEntry(session_id, name, at, at, 0, 0, 0)

    def rename(self, session_id: str, name: str) -> None:
        """Change a session's name (DuplicateIdError, NotFoundError)."""
        with self._open() as connection, _unique(name):
            done = connection.execute(
                "UPDATE sessions SET name = ? WHERE session_id = ?", (name, session_id)
            )
        if done.rowcount == 0:
            raise _unknown(session_id)

    def remove(self, session_id: str) -> None:
        """Take a session out, with its members, and note that its files may go (NotFoundError)."""
        with self._open() as connection, transaction(connection):
            _check(connection, session_id)
            connection.execute("DELETE FROM sessions WHERE session_id = ?", (session_id,))
            sharing.remove(connection, session_id)
            connection.execute("DELETE FROM reached WHERE session_id = ?", (session_id,))
            connection.execute("INSERT OR IGNORE INTO deleted VALUES (?)", (session_id,))
        self._read.pop(session_id, None)

    def reached(self, session_id: str) -> Reached | None:
        """Up to where a session's file went; None where that is not known (NotFoundError)."""
        with self._open() as connection:
            _check(connection, session_id)
            found: Reached | None = connection.execute(
                "SELECT rev, checksum FROM reached WHERE session_id = ?", (session_id,)
            ).fetchone()
        return found

    def reach(self, session_id: str, reached: Reached) -> None:
        """Note up to where a session's file goes now, if it is still there. From any thread."""
        with self._open() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO reached "
                "SELECT session_id, ?1, ?2 FROM sessions WHERE session_id = ?3 AND NOT EXISTS "
                "(SELECT 1 FROM reached WHERE (session_id, rev, checksum) = (?3, ?1, ?2))",
                (*reached, session_id),
            )

    def deleted(self) -> list[str]:
        """The session_ids of those that were taken out, and have left files."""
        with self._open() as connection:
            rows = connection.execute("SELECT session_id FROM deleted").fetchall()
        return [session_id for (session_id,) in rows]

    def tidied(self, session_id: str) -> None:
        """Note that one of them has left none any more."""
        with self._open() as connection:
            connection.execute("DELETE FROM deleted WHERE session_id = ?", (session_id,))

    def check(self, session_id: str) -> None:
        """Raise NotFoundError where there is no such session."""
        with self._open() as connection:
            _check(connection, session_id)

    def members(self, since: int) -> tuple[int, dict[str, Members]]:
        """Read the members of the sessions where they have changed since that change."""
        stamp = self._stamp()
        if stamp is not None and self._members_read == (since, stamp):
            return since, {}
        with self._open() as connection:
            change, found = sharing.read_changed(connection, since)
        self._members_read = (change, stamp)
        return change, found

    def sharing(self, session_id: str) -> Sharing:
        """Read a session's members and invitations (NotFoundError)."""
        with self._open() as connection:
            _check(connection, session_id)
            return sharing.read(connection, session_id)

    def share(self, session_id: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        """Change them, all or nothing, alone with the file (NotFoundError, and what it raises)."""
        with self._open() as connection, transaction(connection):
            _check(connection, session_id)
            before = sharing.read(connection, session_id)
            after = change(before)
            sharing.write(connection, session_id, before, after)
        return after

    def invited(self, token_hash: bytes) -> tuple[str, str] | None:
        """Find the (session_id, invitation_id) of a link."""
        with self._open() as connection:
            return sharing.invited(connection, token_hash)

    def _stamp(self) -> tuple[int, ...] | None:
        """Return what changes with each write of whichever server; None where that is not sure."""
        path = self._folder / "catalog.sqlite"
        stamp: list[int] = []
        for file in (path, path.with_name(f"{path.name}-wal")):
            try:
                found = file.stat()
            except OSError:
                stamp += (0, 0, 0)
                continue
            if time.time_ns() - found.st_mtime_ns < _SETTLED_NS:
                return None
            stamp += (found.st_ino, found.st_size, found.st_mtime_ns)
        return tuple(stamp)

    def _entry(self, session_id: str, name: str, created_at: float) -> CatalogEntry:
        path, log, *_ = session_files(self._folder, session_id)
        stamp = (_stamp(path), _stamp(log))
        kept = self._read.get(session_id)
        if kept is not None and kept[0] == stamp:
            found = kept[1]
        else:
            found = CatalogEntry(session_id, name, created_at, created_at, 0, 0, 0)
            try:
                with closing(connect(path)) as connection:
                    values = meta(connection)
            except sqlite3.Error:
                pass  # said when somebody opens it; one bad file must not hide the others
            else:
                found = CatalogEntry(
                    session_id,
                    name,
                    created_at,
                    values["updated_at"],
                    values["rev"],
                    values["nodes"],
                    values["links"],
                )
            self._read[session_id] = (stamp, found)
        return CatalogEntry(
            session_id, name, created_at, found.updated_at, found.rev, found.nodes, found.links
        )


def session_files(folder: Path, session_id: str) -> tuple[Path, Path, Path, Path, Path]:
    """Return a session's database, its -wal and -shm, its server's lock file, and its slate."""
    path = folder / f"{session_id}.sqlite"
    return (
        path,
        path.with_name(f"{path.name}-wal"),
        path.with_name(f"{path.name}-shm"),
        folder / f"{session_id}.lock",
        slate_of(path),
    )


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@contextmanager
def _unique(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise DuplicateIdError(
            f"There is a session called {name!r} already", path="name", fix="choose another name"
        ) from None


def _check(connection: sqlite3.Connection, session_id: str) -> None:
    query = "SELECT 1 FROM sessions WHERE session_id = ?"
    if connection.execute(query, (session_id,)).fetchone() is None:
        raise _unknown(session_id)


def _unknown(session_id: str) -> NotFoundError:
    return NotFoundError(f"There is no session {session_id!r}", path="session_id")
