"""The log over HTTP: who has changed what and when; the commits themselves, also as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from graph_ext.core.errors import GoneError, GraphError, SchemaError
from graph_ext.hub.event_slices import EventSlice
from graph_ext.hub.ports import LAST, LogEntry, Place, Record
from graph_ext.hub.session import Session
from graph_ext.protocol import PAGE_BYTES, Actor, Cursor, encode
from graph_ext.protocol.http import (
    Blame,
    BlameQuery,
    Commits,
    CommitsQuery,
    HistoryEntry,
    HistoryPage,
    HistoryQuery,
)
from graph_ext.transports.operations import Call, Stream, operation
from graph_ext.transports.rest.slices import in_slices

__all__ = ["OPERATIONS"]

_ANSWER_BYTES = 4 * PAGE_BYTES  # of commits; a record of its own may be longer
_COMMITTED = frozenset({"command-executed"})


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


@operation("GET", "sessions/{session_id}/blame", allow="read", answer=Blame, refuses=("SCHEMA",))
async def read_blame(call: Call, query: BlameQuery) -> Stream:
    """Tell who has last changed what of a node or a link: of one field, or of each.

    The log is read back to where that is known: for a whole element, to its creation.
    """
    session = await call.session()
    past = session.past
    match query.node_id, query.link_id:
        case str() as node_id, None:
            found = past.blame("node", node_id, query.field, before_rev=query.before_rev)
        case None, str() as link_id:
            found = past.blame("link", link_id, query.field, before_rev=query.before_rev)
        case _:
            raise SchemaError("Say of which node, or of which link", path="node_id")
    return Stream(in_slices(await found))


@operation("GET", "sessions/{session_id}/commits", allow="read", answer=Commits)
async def read_commits(call: Call, query: CommitsQuery) -> Stream:
    """Read commits after a rev, and wait for the next where there is none yet.

    Answered as soon as there is one, or with none at the end of the wait. ``next`` is what to ask
    for after that.
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
    records = await _records(session, place)
    if not records and query.wait_s and await _committed(session, place, query.wait_s):
        # by now it may be another's, or closed
        call.check("read")
        records = await _records(await call.session(), place)
    return Stream(_commits(session, place, records))


async def _records(session: Session, place: Place) -> list[Record]:
    return await session.past.commits(place[0], _ANSWER_BYTES, part=place[1])


async def _committed(session: Session, place: Place, wait_s: float) -> bool:
    """Wait until there is a commit after a place; tell whether there is.

    Raises
    ------
    GoneError, UnavailableError
        The session was deleted, or is closing.
    """
    alarm = _Alarm()
    since = Cursor(session.epoch, place[0])
    follower = session.follow_events(alarm, since, _COMMITTED, alarm.ended)
    try:
        await asyncio.wait_for(alarm.rung, wait_s)
    except TimeoutError:
        return False
    finally:
        follower.stop()
    return True


async def _commits(
    session: Session, place: Place, records: Sequence[Record]
) -> AsyncGenerator[bytes, None]:
    """Send commits as they are encoded in the log."""
    if records:
        place = records[-1].place
    rev, part = place
    after = str(rev) if part == LAST else f"{rev}.{part}"
    yield b'{"epoch":%b,"floor":%d,"next":"%b","commits":[' % (
        encode(session.epoch),
        session.floor,
        after.encode(),
    )
    for index, record in enumerate(records):
        yield (b"," if index else b"") + record.body
    yield b"]}"


class _Alarm:
    """A target of the events view that says no more than that something was committed.

    Attributes
    ----------
    rung : asyncio.Future of None
        Done at the first commit, or with why there will be none.
    """

    def __init__(self) -> None:
        self.rung: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def writable(self) -> bool:
        """Whether it has not rung."""
        return not self.rung.done()

    def write_events(self, events: EventSlice, /) -> None:
        """Ring, but not for what is in no log."""
        if not self.rung.done() and any(event.rev is not None for event in events.events):
            self.rung.set_result(None)

    def when_writable(self, callback: Callable[[], None], /) -> None:
        """Never call back: one is enough."""

    def ended(self, error: GraphError) -> None:
        """Hear that the session closes, or can't be read."""
        if not self.rung.done():
            self.rung.set_exception(error)


def _entry(entry: LogEntry) -> HistoryEntry:
    return HistoryEntry(
        rev=entry.rev,
        at=entry.at,
        actor=Actor(entry.actor_id, entry.actor_name),
        command_id=entry.command_id,
        count=entry.count,
        label=entry.label,
        undoes=entry.undoes,
        redoes=entry.redoes,
    )


OPERATIONS = (read_history, read_blame, read_commits)
