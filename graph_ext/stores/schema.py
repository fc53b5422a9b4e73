"""The tables of the SQLite store, and connections set up for them.

One file per session, readable with any SQLite tool: ``nodes`` and ``links`` are the graph as it
stands, ``commits`` is the log. Called by all of this folder but memory.py.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graph_ext.core.errors import GraphError, UnavailableError

__all__ = [
    "CATALOG",
    "SESSION",
    "checksum",
    "connect",
    "meta",
    "prepare",
    "speaking_of",
    "transaction",
]

SCHEMA_VERSION = 1
_BUSY_TIMEOUT_S = 10.0

CATALOG = """
CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL
) WITHOUT ROWID;
"""

SESSION = """
CREATE TABLE commits (
    rev INTEGER NOT NULL,
    part INTEGER NOT NULL,
    last INTEGER NOT NULL,
    body TEXT NOT NULL,
    checksum BLOB NOT NULL,
    -- of part 0 alone:
    actor_id TEXT,
    actor_name TEXT,
    command_id TEXT,
    at REAL,
    label TEXT,
    undoes INTEGER,
    redoes INTEGER,
    count INTEGER,
    PRIMARY KEY (rev, part)
);
CREATE INDEX commits_of_actor ON commits (actor_id, rev) WHERE part = 0;
CREATE TABLE commands (
    command_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    rev INTEGER NOT NULL,
    PRIMARY KEY (command_id, actor_id)
) WITHOUT ROWID;
-- place: the order of creation
CREATE TABLE nodes (place INTEGER PRIMARY KEY, node_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE links (place INTEGER PRIMARY KEY, link_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
"""

# value has no type: a declared one would turn an id of digits into a number
_META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Open a database for use by one thread at a time, durable at every commit.

    Raises
    ------
    sqlite3.Error
        The file is no database, or can't be opened.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        # NORMAL would lose acknowledged commits when the power fails
        connection.execute("PRAGMA synchronous=FULL")
        # the -wal file of one large commit does not stay large for ever
        connection.execute("PRAGMA journal_size_limit=67108864")
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, tables: str, **values: str | float | bytes) -> None:
    """Make the tables where there are none yet, and refuse those of a newer version.

    Raises
    ------
    UnavailableError
        A newer graph_ext has written the file.
    sqlite3.Error
        The file can't be read or written.
    """
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        with transaction(connection):
            # looked at again, now that nobody else can be at it
            made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
            if made is None:
                for statement in (_META + tables).split(";"):
                    connection.execute(statement)
                connection.executemany(
                    "INSERT INTO meta VALUES (?, ?)",
                    [("schema_version", SCHEMA_VERSION), *values.items()],
                )
    found = meta(connection)["schema_version"]
    if found > SCHEMA_VERSION:
        raise UnavailableError(
            f"The file is of version {found}, this graph_ext reads up to {SCHEMA_VERSION}",
            fix="update graph_ext on this server",
        )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # a failed COMMIT may have rolled back already
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def meta(connection: sqlite3.Connection) -> dict[str, Any]:
    """Read the single values of a file: schema_version, epoch, rev, checksum and the like."""
    return dict(connection.execute("SELECT key, value FROM meta"))


def checksum(before: bytes, rev: int, part: int, last: bool, body: bytes) -> bytes:
    """Chain a record's checksum to that of the record before it (BLAKE2b, 16 bytes)."""
    head = b"%d %d %d " % (rev, part, last)
    return hashlib.blake2b(head + body, digest_size=16, key=before).digest()


@contextmanager
def speaking_of(what: str) -> Iterator[None]:
    """Turn SQLite's and the disk's errors into one for people, which names ``what``.

    Raises
    ------
    UnavailableError
        In place of sqlite3.Error and OSError.
    """
    try:
        yield
    except GraphError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(
            f"{what}: {error}", fix="nothing was changed; try again when the disk is well"
        ) from error
