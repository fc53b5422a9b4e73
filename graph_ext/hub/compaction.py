"""How much of its log a session keeps: so many commits and so many bytes, and all named revs.

Over a limit, a tenth more than needed goes, so that not every commit brings on another one
(docs/decisions/010-floor.md). Owned by hub/session.py; on the event loop, the work is the store's.
"""

from __future__ import annotations

import asyncio
import logging

from graph_ext.core.errors import GraphError
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.ports import SessionStore

__all__ = ["Compaction"]

_RETRY_S = 60.0  # after a disk that failed

_log = logging.getLogger(__name__)


class Compaction:
    """Shortens one session's log while it is used.

    Parameters
    ----------
    session_id : str
        For the server's log.
    store : SessionStore
        Has the session's.
    limits : HubLimits
        ``log_commits`` and ``log_bytes``.
    """

    def __init__(self, session_id: str, store: SessionStore, limits: HubLimits) -> None:
        self._session_id = session_id
        self._store = store
        self._limits = limits
        # works for as long as the log is over its limits
        self._task: asyncio.Task[None] | None = None
        # of the loop's clock: not before then
        self._not_before = 0.0
        # the log's length at which a named rev kept it from getting shorter
        self._held_at = (0, 0)

    def check(self) -> None:
        """Begin, where the log has grown over a limit; takes no time. Called after appends."""
        if self._task is None and self._is_over():
            loop = asyncio.get_running_loop()
            if loop.time() >= self._not_before:
                self._task = loop.create_task(self._work())

    async def stop(self) -> None:
        """Leave the rest to the next time; the store is let go of."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _is_over(self) -> bool:
        store, limits = self._store, self._limits
        if store.damaged:
            return False
        commits, size = self._held_at
        return store.log_commits > max(limits.log_commits, commits) or (
            store.log_bytes > max(limits.log_bytes, size) and store.log_commits > 1
        )

    async def _work(self) -> None:
        try:
            while self._is_over():
                await self._store.compact(await self._floor())
                self._note_held()
        except GraphError as error:
            self._not_before = asyncio.get_running_loop().time() + _RETRY_S
            _log.warning("Session %s: its log stays long for now: %s", self._session_id, error.code)
        except Exception:  # noqa: BLE001 - a task's root
            self._not_before = asyncio.get_running_loop().time() + _RETRY_S
            _log.exception("Session %s: its log could not be shortened", self._session_id)
        finally:
            self._task = None

    async def _floor(self) -> int:
        """Return the floor that the limits ask for; the last commit stays."""
        store, limits = self._store, self._limits
        floor = store.floor
        if store.log_commits > limits.log_commits:
            floor = max(floor, store.rev - (limits.log_commits - limits.log_commits // 10))
        if store.log_bytes > limits.log_bytes:
            wanted = limits.log_bytes - limits.log_bytes // 10
            floor = max(floor, await store.floor_within(wanted))
        return min(floor, store.rev - 1)

    def _note_held(self) -> None:
        """Ask again only when the log is a tenth longer, where a named rev holds it."""
        store = self._store
        self._held_at = (0, 0)
        if self._is_over():
            self._held_at = (
                store.log_commits + self._limits.log_commits // 10,
                store.log_bytes + self._limits.log_bytes // 10,
            )
