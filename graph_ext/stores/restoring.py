"""A session file in the making, out of an archive: nobody sees it before it is whole.

It is called ``.part`` until the store gives it its name, so that a crash leaves nothing that
anybody would open. Made by sqlite.py; written in worker threads, one at a time.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from graph_ext.core.errors import DuplicateIdError
from graph_ext.hub.ports import LogEntry, Record, Restored
from graph_ext.stores.inserting import header_of
from graph_ext.stores.reading import FileView
from graph_ext.stores.schema import (
    SESSION,
    checksum,
    connect,
    prepare,
    speaking_of,
    transaction,
)

__all__ = ["SqliteRestoration", "new_file"]

_FAILING = "The session could not be saved"


def new_file(path: Path, session_id: str, epoch: str, at: float) -> sqlite3.Connection:
    """Make the file of an empty session, and open it."""
    connection = connect(path, create=True)
    try:
        prepare(
            connection,
            SESSION,
            session_id=session_id,
            epoch=epoch,
            rev=0,
            floor=0,
            checksum=b"",
            updated_at=at,
            nodes=0,
            links=0,
            blueprint="{}",
        )
    except BaseException:
        connection.close()
        raise
    return connection


class SqliteRestoration:
    """See :class:`graph_ext.hub.ports.Restoration`.

    Parameters
    ----------
    path : Path
        Of the file in the making.
    session_id, epoch : str
        Of the session that it becomes.
    at : float
        Unix seconds, UTC: now.
    """

    def __init__(self, path: Path, session_id: str, epoch: str, at: float) -> None:
        self.session_id = session_id
        self.epoch = epoch
        self.at = at
        self.path = path
        # the checksum of the last record so far, and the bytes of all
        self._chained = b""
        self._log_bytes = 0
        self._connection = new_file(path, session_id, epoch, at)
        # it may be let go of while a thread is still writing
        self._free = Lock()
        # nothing counts before the end, and then all is synced
        self._connection.execute("PRAGMA synchronous=OFF")

    def write_state(
        self, nodes: Sequence[tuple[str, bytes]], links: Sequence[tuple[str, bytes]]
    ) -> None:
        """Write elements (DuplicateIdError, UnavailableError)."""
        with self._free, speaking_of(_FAILING), transaction(self._connection):
            for kind, elements in (("node", nodes), ("link", links)):
                try:
                    self._connection.executemany(
                        f"INSERT INTO {kind}s ({kind}_id, body) VALUES (?, ?)",  # noqa: S608
                        [(element_id, body.decode()) for element_id, body in elements],
                    )
                except sqlite3.IntegrityError:
                    raise DuplicateIdError(f"a {kind} comes twice") from None

    def write_log(self, records: Sequence[Record], entries: Sequence[LogEntry]) -> None:
        """Write records, and the entries of those that are whole (see the port)."""
        with self._free, speaking_of(_FAILING), transaction(self._connection):
            for record in records:
                self._chained = checksum(
                    self._chained, record.rev, record.part, record.last, record.body
                )
                self._log_bytes += len(record.body)
                self._connection.execute(
                    "INSERT INTO commits (rev, part, last, body, checksum) VALUES (?, ?, ?, ?, ?)",
                    (record.rev, record.part, record.last, record.body.decode(), self._chained),
                )
            for entry in entries:
                self._write_entry(entry)

    def finish(self, restored: Restored) -> None:
        """Make it durable and whole (UnavailableError)."""
        values = {
            "rev": restored.rev,
            "floor": restored.floor,
            "checksum": self._chained,
            "log_bytes": self._log_bytes,
            "updated_at": restored.updated_at,
            "nodes": restored.node_count,
            "links": restored.link_count,
            "blueprint": restored.blueprint.decode(),
        }
        with self._free, speaking_of(_FAILING):
            with transaction(self._connection):
                self._connection.executemany(
                    "UPDATE meta SET value = ? WHERE key = ?",
                    [(value, key) for key, value in values.items()],
                )
                self._connection.executemany(
                    "INSERT INTO versions VALUES (?, ?, ?, ?, ?)",
                    [
                        (each.name, each.rev, each.at, each.actor.actor_id, each.actor.name)
                        for each in restored.versions
                    ],
                )
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.close()
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())

    @contextmanager
    def view(self) -> Iterator[FileView]:
        """Look at what is finished (UnavailableError)."""
        with closing(FileView(self.path, None)) as view:
            yield view

    def close(self) -> None:
        """Let go of the file."""
        with self._free:
            self._connection.close()

    def _write_entry(self, entry: LogEntry) -> None:
        try:
            self._connection.execute(
                "INSERT INTO commands VALUES (?, ?, ?)",
                (entry.command_id, entry.actor_id, entry.rev),
            )
        except sqlite3.IntegrityError:
            raise DuplicateIdError("two commits are of the same command") from None
        self._connection.execute(
            "UPDATE commits SET actor_id = ?, actor_name = ?, command_id = ?, at = ?, label = ?, "
            "undoes = nullif(?, 0), redoes = nullif(?, 0), count = ? WHERE rev = ? AND part = 0",
            (*header_of(entry), entry.rev),
        )
