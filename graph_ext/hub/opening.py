"""Opening a session: its graph is read, and its parts are put together. Called by hub/hub.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from graph_ext.core.errors import GraphError
from graph_ext.core.graph import Graph
from graph_ext.hub.broadcaster import Broadcaster
from graph_ext.hub.compaction import Compaction
from graph_ext.hub.journal import Journal
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.outcomes import Outcomes
from graph_ext.hub.pace import Pace
from graph_ext.hub.past import Past
from graph_ext.hub.pipeline import Pipeline
from graph_ext.hub.ports import Append, CatalogEntry, SessionStore
from graph_ext.hub.presence import PresenceLog
from graph_ext.hub.quiet import while_quiet
from graph_ext.hub.request import Request
from graph_ext.hub.session import Session
from graph_ext.hub.tally import Tally
from graph_ext.hub.undo import UndoHistory
from graph_ext.hub.versions import Versions

__all__ = ["open_session"]

_KNOWN_COMMANDS = 5000  # outcomes kept in memory: about a megabyte


async def open_session(  # noqa: PLR0913, PLR0917 - time and ids come from outside
    entry: CatalogEntry,
    store: SessionStore,
    broadcaster: Broadcaster,
    limits: HubLimits,
    pace: Pace,
    tally: Tally,
    past_turns: asyncio.Semaphore,
    clock: Callable[[], float],
    new_id: Callable[[], str],
) -> Session:
    """Read a session's graph and begin its channel (UnavailableError)."""
    graph = await while_quiet(store.load())
    newest = await store.entries(limit=_KNOWN_COMMANDS)
    outcomes = Outcomes(
        newest, complete=len(newest) == store.rev, size=max(len(newest), _KNOWN_COMMANDS)
    )
    session_id = entry.session_id
    history = UndoHistory(store)
    compaction = Compaction(session_id, store, limits)

    def publish(commits: Sequence[Append]) -> None:
        entries = [commit.entry for commit in commits]
        history.add(entries)
        tally.published(session_id, entries)
        records = [record for commit in commits for record in commit.records]
        broadcaster.publish(session_id, records)
        compaction.check()

    def published() -> int:
        return broadcaster.published_rev(session_id)

    def refused(request: Request, error: GraphError) -> None:
        tally.refused(error.code)
        kind = request.command.__struct_config__.tag
        broadcaster.emit_command_executing(session_id, request.command_id, str(kind))
        broadcaster.emit_command_executed(session_id, request.command_id, False, str(error))

    def live() -> Graph | None:
        return journal.graph if pipeline.idle and not journal.suspect else None

    journal = Journal(store, graph, publish, tally)
    pipeline = Pipeline(session_id, store, journal, outcomes, history, refused, clock, new_id)
    broadcaster.open(session_id, store)
    return Session(
        entry,
        store,
        journal,
        pipeline,
        broadcaster,
        limits,
        pace,
        tally,
        PresenceLog(session_id, limits, clock),
        Past(store, published, live, pipeline.index, past_turns),
        Versions(store, published, clock),
        compaction,
        (store.verify, partial(outcomes.read_old, store)),
    )
