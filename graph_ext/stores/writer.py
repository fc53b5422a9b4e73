"""The one writing connection of a session file: commits go in all or none, checksums chained.

Called by session_file.py, in one thread at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from graph_ext.core.errors import UnavailableError
from graph_ext.hub.ports import Append
from graph_ext.stores.schema import checksum, connect, meta, speaking_of, transaction

__all__ = ["Writer"]

_INSERT_COMMIT = "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NO_HEADER = (None,) * 8


class Writer:
    """Appends commits to a session file.

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

    def append(self, commits: Sequence[Append]) -> None:
        """Write commits in one durable transaction.

        Raises
        ------
        UnavailableError
            The disk is full or fails; nothing was written.
        """
        with speaking_of("The change could not be saved"):
            connection = self._open()
            rows, chained = self._rows(commits)
            try:
                with transaction(connection):
                    self._write(connection, commits, rows, chained)
            except sqlite3.Error:
                self.close()
                # an error while committing leaves open whether it was done: the file knows
                if self._read_back() != commits[-1].entry.rev:
                    raise
            self._rev = commits[-1].entry.rev
            self._chained = chained

    def close(self) -> None:
        """Close the connection; the next append opens another."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = connect(self._path)
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
            entry = commit.entry
            header: tuple[Any, ...] = (
                entry.actor_id,
                entry.actor_name,
                entry.command_id,
                entry.at,
                entry.label,
                entry.undoes,
                entry.redoes,
                entry.count,
            )
            for record in commit.records:
                chained = checksum(chained, record.rev, record.part, record.last, record.body)
                text = record.body.decode()
                rows.append((record.rev, record.part, record.last, text, chained, *header))
                header = _NO_HEADER
        return rows, chained

    def _write(
        self,
        connection: sqlite3.Connection,
        commits: Sequence[Append],
        rows: list[tuple[Any, ...]],
        chained: bytes,
    ) -> None:
        connection.executemany(_INSERT_COMMIT, rows)
        connection.executemany(
            "INSERT INTO commands VALUES (?, ?, ?)",
            [(c.entry.command_id, c.entry.actor_id, c.entry.rev) for c in commits],
        )
        _write_state(connection, "node", [change for c in commits for change in c.nodes])
        _write_state(connection, "link", [change for c in commits for change in c.links])
        newest = commits[-1]
        values: dict[str, Any] = {
            "rev": newest.entry.rev,
            "checksum": chained,
            "updated_at": newest.entry.at,
            "nodes": newest.node_count,
            "links": newest.link_count,
        }
        for commit in commits:
            if commit.blueprint is not None:
                values["blueprint"] = commit.blueprint.decode()
        connection.executemany(
            "UPDATE meta SET value = ? WHERE key = ?", [(v, k) for k, v in values.items()]
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
    # `kind` is one of two words of ours, not input
    connection.executemany(
        f"DELETE FROM {kind}s WHERE {kind}_id = ?",  # noqa: S608
        [(element_id,) for element_id in deleted],
    )
    connection.executemany(
        f"INSERT INTO {kind}s ({kind}_id, body) VALUES (?, ?) "  # noqa: S608
        f"ON CONFLICT ({kind}_id) DO UPDATE SET body = excluded.body",
        standing.items(),
    )
