"""The log over HTTP: who has changed what and when, and the commits themselves, also as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from graph_ext.core.errors import GoneError, GraphError
from graph_ext.hub.ports import LAST, LogEntry, Place
from graph_ext.hub.session import Session
from graph_ext.protocol import PAGE_BYTES, Actor, encode
from graph_ext.protocol.http import (
    Commits,
    CommitsQuery,
    HistoryEntry,
    HistoryPage,
    HistoryQuery,
)
from graph_ext.transports.operations import Call, Stream, operation

__all__ = ["OPERATIONS"]

_ANSWER_BYTES = 4 * PAGE_BYTES  # of commits; a record of its own may be longer


@operation("GET", "sessions/{session_id}/history", allow="read")
async def read_history(call: Call, query: HistoryQuery) -> HistoryPage:
    """List the commits, newest first, page by page: who, when, what for, how much."""
    session = await call.session()
    found = await session.past.history(
        before_rev=query.before_rev, limit=query.limit, actor_id=query.actor_id
    )
    full = len(found) == query.limit and found[-1].rev > 1
    return HistoryPage(
        entries=[_entry(each) for each in found], before_rev=found[-1].rev if full else None
    )


@operation(
    "GET", "sessions/{session_id}/commits", allow="read", answer=Commits, refuses=("GONE",)
)
async def read_commits(call: Call, query: CommitsQuery) -> Stream:
    """Read commits after a rev, and wait for the next where there is none yet.

    Answered as soon as there is one; with none at the end of the wait, or when the session closes.
    """
    session = await call.session()
    if query.epoch not in {None, session.epoch}:
        raise GoneError(
            f"The session's epoch is {session.epoch}, not {str(query.epoch)[:40]}",
            path="epoch",
            fix="read the graph as it is now, and its commits from there",
        )
    rev, _, part = query.since.partition(".")
    place: Place = (int(rev), int(part) if part else LAST)
    records = await session.past.commits(*place, max_bytes=_ANSWER_BYTES)
