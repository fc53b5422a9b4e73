"""The tables of the SQLite store, and connections set up for them.

One file per session, readable with any SQLite tool: ``nodes`` and ``links`` are the graph as it
stands, ``commits`` is the log. Called by all of this folder but memory.py.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.hub.ports import Append

__all__ = [
    "CATALOG",
    "SESSION",
    "WEBHOOKS",
    "Schema",
    "chained_after",
    "checksum",
    "connect",
    "meta",
    "prepare",
    "speaking_of",
    "transaction",
]

_BUSY_TIMEOUT_S = 10.0


class Schema(Struct, frozen=True):
    """The tables of a kind of file: each step makes the next version of the one before.

    A new file takes all steps, an old one those that it lacks. ``schema_version`` in the file's
    meta counts them.
    """

    steps: tuple[str, ...]

    @property
    def version(self) -> int:
        """The version that all steps make."""
        return len(self.steps)


_SESSIONS = """
CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL
) WITHOUT ROWID;
"""

_SHARING = """
-- counts the changes of members, of whichever server
INSERT INTO meta VALUES ('members_change', 0);
-- the last change of each session's members
CREATE TABLE shared (session_id TEXT PRIMARY KEY, change INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX shared_of_change ON shared (change);
CREATE TABLE members (
    session_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    added_by TEXT NOT NULL,
    at REAL NOT NULL,
    -- their order
    place INTEGER NOT NULL,
    PRIMARY KEY (session_id, actor_id)
) WITHOUT ROWID;
CREATE TABLE invitations (
    session_id TEXT NOT NULL,
    invitation_id TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    expires_at REAL,
    uses INTEGER,
    "by" TEXT NOT NULL,
    at REAL NOT NULL,
    revoked INTEGER NOT NULL,
    -- JSON: the actor_ids of those who have accepted it
    accepted TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX invitations_of_session ON invitations (session_id, at);
"""

# sessions of which files may be left
_DELETED = """
CREATE TABLE deleted (session_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""

# up to where each file went when a server opened or closed it last, and that record's checksum
_REACHED = """
CREATE TABLE reached (
    session_id TEXT PRIMARY KEY, rev INTEGER NOT NULL, checksum BLOB NOT NULL
) WITHOUT ROWID;
"""

CATALOG = Schema((_SESSIONS, _SHARING, _DELETED, _REACHED))

_LOG_AND_STATE = """
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

# what the log needs to let go of its beginning: all up to and including the rev `floor` may be
# gone, and `floor_checksum` is that of the floor's last record. log_bytes: of what is above it.
_FLOOR_AND_VERSIONS = """
CREATE TABLE versions (
    name TEXT PRIMARY KEY,
    rev INTEGER NOT NULL,
    at REAL NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES ('floor_checksum', x'');
INSERT INTO meta SELECT 'log_bytes', coalesce(sum(length(CAST(body AS BLOB))), 0) FROM commits;
"""

SESSION = Schema((_LOG_AND_STATE, _FLOOR_AND_VERSIONS))

_WEBHOOKS = """
-- place: the order of creation
CREATE TABLE webhooks (
    place INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL
);
"""

WEBHOOKS = Schema((_WEBHOOKS,))

# value has no type: a declared one would turn an id of digits into a number
_META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Open a database for use by one thread at a time, durable at every commit.

    Raises
    ------
    sqlite3.Error
        The file is no database, or can't be opened.
    """
    is_new = not path.exists() or path.stat().st_size == 0
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if is_new:
            # so that it can become shorter; of an older file it changes nothing, and yet it writes,
            # so that on a full disk nobody could read
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL")
        # NORMAL would lose acknowledged commits when the power fails
        connection.execute("PRAGMA synchronous=FULL")
        # the -wal file of one large commit does not stay large for ever
        connection.execute("PRAGMA journal_size_limit=67108864")
        # what a query keeps meanwhile is a page or two: that needs no disk
        connection.execute("PRAGMA temp_store=MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, schema: Schema, **values: str | float | bytes) -> None:
    """Make the tables where there are none yet, or those that an older version lacks.

    ``values``: what a new file's meta holds. A file of a newer version is refused.

    Raises
    ------
    UnavailableError
        A newer graph_ext has written the file.
    sqlite3.Error
        The file can't be read or written.
    """
    if _version(connection) != schema.version:
        with transaction(connection):
            # looked at again, now that nobody else can be at it
            found = _version(connection)
            if found > schema.version:
                raise UnavailableError(
                    f"The file is of version {found}, this graph_ext reads up to {schema.version}",
                    fix="update graph_ext on this server",
                )
            steps = schema.steps[found:] if found else (_META, *schema.steps)
            for step in steps:
                for statement in step.split(";"):
                    connection.execute(statement)
            connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [("schema_version", schema.version), *(() if found else values.items())],
            )


def _version(connection: sqlite3.Connection) -> int:
    """Return a file's schema_version; 0 where it has no tables yet."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        return 0
    query = "SELECT value FROM meta WHERE key = 'schema_version'"
    version: int = connection.execute(query).fetchone()[0]
    return version


@contextmanager
def transaction(
    connection: sqlite3.Connection, kind: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE"
) -> Iterator[None]:
    """Write all or nothing; or, deferred, read what stood there at one moment."""
    connection.execute(f"BEGIN {kind}")
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


def chained_after(before: bytes, commits: Iterable[Append]) -> bytes:
    """Return the checksum of the last record of commits that follow a checksum."""
    for commit in commits:
        for record in commit.records:
            before = checksum(before, record.rev, record.part, record.last, record.body)
    return before


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
