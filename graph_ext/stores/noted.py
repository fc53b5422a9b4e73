"""Reads that add what is on the slate to what the file has.

The slate's commits are asked for first: what leaves them meanwhile is in the file by then. They
are short, of one record each. Called by session_file.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from graph_ext.hub.ports import LAST, Append, LogEntry, Place, Record

__all__ = ["add_records", "entries_in", "outcomes_in"]


def add_records(found: list[Record], after: Place, noted: Sequence[Append], max_bytes: int) -> None:
    """Go on behind the records that the file has after a place: at least one if there is any."""
    place = found[-1].place if found else after
    size = sum([len(record.body) for record in found])
    for commit in noted:
        (record,) = commit.records
        if place != (record.rev - 1, LAST):
            continue
        size += len(record.body)
        if found and size > max_bytes:
            return
        found.append(record)
        place = record.place


def entries_in(noted: Sequence[Append], before_rev: int, actor_id: str | None) -> list[LogEntry]:
    """Return the entries below a rev (of one actor), newest first."""
    return [
        commit.entry
        for commit in reversed(noted)
        if commit.entry.rev < before_rev and actor_id in {None, commit.entry.actor_id}
    ]


def outcomes_in(noted: Sequence[Append]) -> dict[tuple[str, str], int]:
    """Return the revs of all, by (command_id, actor_id)."""
    return {(c.entry.command_id, c.entry.actor_id): c.entry.rev for c in noted}
