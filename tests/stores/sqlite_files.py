"""Session files as the tests look into them, and do to them what nobody should."""

import sqlite3
from contextlib import closing
from pathlib import Path

from graph_ext.hub.ports import Append
from graph_ext.stores.session_file import SqliteSession
from tests.commits import Maker, append, node


def change(file: Path, *statements: str) -> None:
    """Do to a session's file what nobody should do."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


async def on_slate(session: SqliteSession, make: Maker, count: int = 3) -> list[Append]:
    """Have commits noted; the first commit of a session goes into the file."""
    if not session._writer.can_note:
        await append(session, [make(node(f"filed{make.rev}"))])
        await session._writing.run(int)  # the slate is made after the answer
    commits = [make(node(f"noted{make.rev}")) for _ in range(count)]
    for commit in commits:
        await append(session, [commit])
    return commits


def rev_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        rev: int = connection.execute("SELECT value FROM meta WHERE key = 'rev'").fetchone()[0]
        return rev
