"""Many rows in one step of SQLite.

Python's sqlite3 lets go of the interpreter around every step, and beside a busy event loop may
wait milliseconds to have it again: row by row, a group of commits would take as long as the
loop has other work. And it looks whether a type of the program's own stands behind every value that
is no plain int, float, str or bytearray, which takes longer than binding it. Called by writer.py.
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
    connection: sqlite3.Connection,
    into: str,
    rows: Iterable[Sequence[Any]],
    then: str = "",
    row: str = "",
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
    row : str
        How the values of a row stand in the statement; by default one by one.

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
        statement = _statement(into, row or _row(len(left[0])), most, then)
        connection.execute(statement, list(chain.from_iterable(left[at : at + most])))
        at += most


def _row(width: int) -> str:
    return f"({', '.join('?' * width)})"


@cache
def _statement(into: str, row: str, rows: int, then: str) -> str:
    return f"INSERT INTO {into} VALUES {', '.join([row] * rows)} {then}"  # noqa: S608 - our words
