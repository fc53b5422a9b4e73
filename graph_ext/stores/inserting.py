"""What a transaction writes of commits: their records, their outcomes, and the state they leave.

Called by writer.py, within its transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from graph_ext.hub.ports import Append, LogEntry
from graph_ext.stores.rows import insert_rows
from graph_ext.stores.schema import checksum

__all__ = ["header_of", "insert_commits"]

_UPDATE_META = """
UPDATE meta SET value = CASE key
    WHEN 'rev' THEN :rev
    WHEN 'checksum' THEN :checksum
    WHEN 'updated_at' THEN :updated_at
    WHEN 'nodes' THEN :nodes
    WHEN 'links' THEN :links
    ELSE value + :added
END
WHERE key IN ('rev', 'checksum', 'updated_at', 'nodes', 'links', 'log_bytes')
"""
_NO_HEADER = (None,) * 8
# as many as the table has columns; 0 for undoes and redoes where there is none: see rows.py
_COMMIT = f"({'?, ' * 10}nullif(?, 0), nullif(?, 0), ?)"


def insert_commits(
    connection: sqlite3.Connection, commits: Sequence[Append], before: bytes
) -> bytes:
    """Write commits that follow a checksum; return that of their last record (sqlite3.Error)."""
    rows, chained = _rows(commits, before)
    insert_rows(connection, "commits", rows, row=_COMMIT)
    insert_rows(
        connection,
        "commands",
        [(c.entry.command_id, c.entry.actor_id, c.entry.rev) for c in commits],
        # the first outcome stands; and what is durable on the slate must not be refused here
        "ON CONFLICT DO NOTHING",
    )
    _write_state(connection, "node", [change for c in commits for change in c.nodes])
    _write_state(connection, "link", [change for c in commits for change in c.links])
    newest = commits[-1]
    added = sum(len(record.body) for commit in commits for record in commit.records)
    connection.execute(
        _UPDATE_META,
        {
            "rev": newest.entry.rev,
            "checksum": chained,
            "updated_at": newest.entry.at,
            "nodes": newest.node_count,
            "links": newest.link_count,
            "added": added,
        },
    )
    blueprints = [c.blueprint for c in commits if c.blueprint is not None]
    if blueprints:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'blueprint'", (blueprints[-1].decode(),)
        )
    return chained


def _rows(commits: Sequence[Append], before: bytes) -> tuple[list[tuple[Any, ...]], bytes]:
    """Return the rows of all records, behind a checksum, and the checksum of the last."""
    rows: list[tuple[Any, ...]] = []
    chained = before
    for commit in commits:
        header = header_of(commit.entry)
        for record in commit.records:
            chained = checksum(chained, record.rev, record.part, record.last, record.body)
            last, text = int(record.last), record.body.decode()
            rows.append((record.rev, record.part, last, text, bytearray(chained), *header))
            header = _NO_HEADER
    return rows, chained


def header_of(entry: LogEntry) -> tuple[Any, ...]:
    """Return what stands of a commit in the row of its part 0, as the columns come in the table.

    0 for ``undoes`` and ``redoes`` where there is none: the statement makes NULL of it.
    """
    return (
        entry.actor_id,
        entry.actor_name,
        entry.command_id,
        entry.at,
        entry.label,
        entry.undoes or 0,
        entry.redoes or 0,
        entry.count,
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
    if deleted:
        connection.executemany(
            f"DELETE FROM {kind}s WHERE {kind}_id = ?",  # noqa: S608 - one of two words of ours
            [(element_id,) for element_id in deleted],
        )
    insert_rows(
        connection,
        f"{kind}s ({kind}_id, body)",
        standing.items(),
        f"ON CONFLICT ({kind}_id) DO UPDATE SET body = excluded.body",
    )
