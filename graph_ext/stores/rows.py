"""Many rows in one step of SQLite.

Python's sqlite3 lets go of the interpreter around every step, and beside a busy event loop may
wait milliseconds to have it again: row by row, a group of commits would take as long as the
loop has other work. Called by writer.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

__all__ = ["insert_rows"]

_MOST_ROWS = 128  # in a statement; in powers of two, so that there are few to prepare


def insert_rows(
    connection: sqlite3.Connection, into: str, rows: Iterable[Sequence[Any]], then: str = ""
) -> None:
    """Insert rows in their order.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction.
    into : str
        The table, with its columns where not all are given.
    rows : iterable of sequences
        All of one length.
    then : str
        What stands behind the values, such as an upsert.

    Raises
    ------
    sqlite3.Error
        A row can't be written.
    """
    left = list(rows)
    at, most = 0, _MOST_ROWS
    while at < len(left):
        while most > len(left) - at:
            most //= 2
        statement = _statement(into, len(left[0]), most, then)
        connection.execute(statement, list(chain.from_iterable(left[at : at + most])))
        at += most


@cache
def _statement(into: str, width: int, rows: int, then: str) -> str:
    row = f"({', '.join('?' * width)})"
    return f"INSERT INTO {into} VALUES {', '.join([row] * rows)} {then}"  # noqa: S608 - our words
