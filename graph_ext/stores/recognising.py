"""Whether a session's file is the one that was here before: another one is another history.

Somebody may put a backup in its place. Revs that clients have had then mean other commits, so the
file gets another epoch, and everybody loads the graph anew. Called by sqlite.py.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from graph_ext.hub.ports import LAST
from graph_ext.stores.log import checksum_at, floor_of
from graph_ext.stores.schema import SESSION, connect, meta, prepare, transaction

__all__ = ["Note", "Reached", "recognise"]

Reached = tuple[int, bytes]
"""A commit of a session's log: its rev, and the checksum of its last record."""

Note = Callable[[Reached], None]
"""Called with the last commit in a file that is opened or closed."""


def recognise(path: Path, reached: Reached) -> None:
    """Give a closed session's file another epoch, unless its log goes through a commit.

    Parameters
    ----------
    path : Path
        The file.
    reached : (int, bytes)
        Up to where it went when it was here last.

    Raises
    ------
    UnavailableError, sqlite3.Error
        It can't be read or written, or a newer graph_ext has made it.
    """
    with closing(connect(path)) as connection:
        prepare(connection, SESSION)
        if not _goes_through(connection, reached):
            with transaction(connection):
                connection.execute(
                    "UPDATE meta SET value = ? WHERE key = 'epoch'", (uuid.uuid4().hex,)
                )


def _goes_through(connection: sqlite3.Connection, reached: Reached) -> bool:
    rev, checksum = reached
    floor, at_floor = floor_of(connection)
    if rev < floor:
        return True  # as far as can be told: the log has let go of it
    found = at_floor if rev == floor else checksum_at(connection, (rev, LAST))
    return rev <= meta(connection)["rev"] and found == checksum
