"""The hub: every session of this server, opened when somebody needs it, closed when nobody does.

Made by extension.py (other server extensions find it as ``settings["graph_ext_hub"]``); called by
the transports. All on the event loop. Longer than other modules: whatever is asked of a session
that may not be open comes by here, to be done elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from contextlib import aclosing
from weakref import WeakValueDictionary

from graph_ext.core.access import Members
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import UpdateBlueprint
from graph_ext.core.errors import (
    DuplicateIdError,
    GraphError,
    NotFoundError,
    RateLimitedError,
    UnavailableError,
)
from graph_ext.core.json_values import check_title
from graph_ext.hub.access import Access, Caller, Rules
from graph_ext.hub.broadcaster import Broadcaster
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.opening import open_session
from graph_ext.hub.pace import Pace
from graph_ext.hub.ports import CatalogEntry, Restoration, Store
from graph_ext.hub.session import Session
from graph_ext.hub.tally import Tally
from graph_ext.hub.transfer import read_archive
from graph_ext.protocol import Actor, SessionInfo

__all__ = ["Hub"]

_SESSION_ID = re.compile(r"[0-9a-f]{32}")
_PAST_AT_ONCE = 2

_log = logging.getLogger(__name__)


class Hub:
    """All sessions of one server.

    Parameters
    ----------
    store : Store
        Where they are kept.
    limits : HubLimits
        Of clients and memory.
    clock : callable
        Unix seconds, UTC.
    new_id : callable
        32 fresh hex digits that nobody can guess.
    rules : Rules
        How roles are given.

    Attributes
    ----------
    broadcaster : Broadcaster
        Where commits are published.
    access : Access
        Who may do what.
    tally : Tally
        What was counted since the start.
    """

    def __init__(
        self,
        store: Store,
        limits: HubLimits,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        rules: Rules | None = None,
    ) -> None:
        self.limits = limits
        self.broadcaster = Broadcaster(limits.tail_bytes)
        self.access = Access(store, clock, new_id, rules or Rules(), self._members_changed)
        self.tally = Tally()
        self._pace = Pace(limits.commands_per_s, lambda: asyncio.get_running_loop().time())
        self._store = store
        self._clock = clock
        self._new_id = new_id
        # session_id -> open sessions
        self._sessions: dict[str, Session] = {}
        # session_id -> when it was last needed
        self._needed_at: dict[str, float] = {}
        # one at a time for each session: opening, closing, deleting
        self._doors: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # told that the list of sessions is another -> who it is that sees it
        self._watchers: dict[Callable[[], None], Caller] = {}
        # old graphs are in memory while they are read: so many at once, over all sessions
        self._past_turns = asyncio.Semaphore(_PAST_AT_ONCE)
        self._closing = False
        # whether deleted sessions may have left something
        self._untidy = True

    @property
    def open_sessions(self) -> Sequence[Session]:
        """Those in memory."""
        return tuple(self._sessions.values())

    async def list(
        self, *, name: str | None = None, caller: Caller | None = None
    ) -> list[SessionInfo]:
        """Every session (or the one of that name), by name (UnavailableError).

        For a caller: those where they have a role, and which.
        """
        found: list[SessionInfo] = []
        for entry in await self._store.list():
            if name is None or entry.name == name:
                role = self.access.role(entry.session_id, caller) if caller else ""
                if role is not None:
                    found.append(self._info(entry, role))
        return found

    async def info(self, session_id: str, role: str = "") -> SessionInfo:
        """Read about one session, for somebody of a role (NotFoundError, UnavailableError)."""
        return self._info(await self._entry(session_id), role)

    async def create(
        self, name: str, blueprint: Blueprint | None = None, actor: Actor | None = None
    ) -> SessionInfo:
        """Make a session; it is the actor's own where they are known by name.

        Raises
        ------
        SchemaError
            The name or the blueprint is none.
        DuplicateIdError
            There is a session of that name.
        UnavailableError
            The disk is full or fails.
        """
        name = check_title(name, "A session's name")
        owner = self.access.owner_of_new(actor)
        entry = await self._store.create(self._new_id(), name, self._new_id(), self._clock(), owner)
        self.access.added(entry.session_id, owner)
        if blueprint is not None:
            try:
                session = await self.open(entry.session_id)
                command = UpdateBlueprint(blueprint)
                await session.execute(self._new_id(), command, actor or Actor("server"))
            except GraphError:
                await self._end(entry.session_id)
                raise
        self._changed(entry.session_id)
        return await self.info(entry.session_id)

    async def export(self, session_id: str, rev: int | None = None) -> AsyncGenerator[bytes, None]:
        """Give a session's archive, as it was at a rev (None: as it is now), piece by piece.

        Raises
        ------
        NotFoundError, GoneError
            There is no such session or rev, or its log no longer reaches back to the rev.
        RateLimitedError, UnavailableError
            See :meth:`open`. All of them before the first piece.
        """
        session = await self.open(session_id)
        async with aclosing(
            session.past.archive(session_id, session.name, rev, self._clock())
        ) as pieces:
            async for piece in pieces:
                yield piece

    async def import_(
        self, name: str, chunks: AsyncIterable[bytes], actor: Actor | None = None
    ) -> SessionInfo:
        """Make a session out of an archive, all or nothing: its own id and epoch, the same revs.

        Raises
        ------
        SchemaError, DuplicateIdError
            See :meth:`create`.
        BadMessageError
            This is no archive, a damaged one, or one whose log does not lead to its graph.
        TooLargeError
            It holds more than this server takes.
        UnavailableError
            The disk is full or fails.
        """

        async def fill(restoration: Restoration) -> None:
            await read_archive(chunks, restoration, self.limits, self._past_turns)

        return await self._restored(name, actor, fill)

    async def fork(
        self, session_id: str, name: str, rev: int | None = None, actor: Actor | None = None
    ) -> SessionInfo:
        """Make a session of another one as it was at a rev (None: as it is now), and its past.

        Raises
        ------
        NotFoundError, GoneError, RateLimitedError, UnavailableError
            See :meth:`export`; or the disk is full or fails.
        SchemaError, DuplicateIdError
            See :meth:`create`.
        """

        async def fill(restoration: Restoration) -> None:
            session = await self.open(session_id)
            await session.past.copy(rev, restoration)

        return await self._restored(name, actor, fill)

    async def _restored(
        self, name: str, actor: Actor | None, fill: Callable[[Restoration], Awaitable[None]]
    ) -> SessionInfo:
        """Make a session of what ``fill`` writes, all or nothing."""
        name = check_title(name, "A session's name")
        if await self.list(name=name):
            raise DuplicateIdError(
                f"There is a session called {name!r} already",
                path="name",
                fix="choose another name",
            )
        restoration = await self._store.restore(self._new_id(), self._new_id(), self._clock())
        try:
            await fill(restoration)
            owner = self.access.owner_of_new(actor)
            await self._store.adopt(restoration, name, owner)
        except BaseException:
            await asyncio.shield(self._store.discard(restoration))
            raise
        session_id = restoration.session_id
        self.access.added(session_id, owner)
        self._changed(session_id)
        return await self.info(session_id)

    async def rename(self, session_id: str, name: str) -> SessionInfo:
        """Give a session another name (SchemaError, DuplicateIdError, NotFoundError)."""
        name = check_title(name, "A session's name")
        await self._entry(session_id)
        # nobody opens it meanwhile, and keeps the name that was
        async with self._door(session_id):
            await self._store.rename(session_id, name)
            self.tally.happened(session_id, "renamed")
            session = self._sessions.get(session_id)
            if session is not None:
                session.rename(name)
        self._changed(session_id)
        return await self.info(session_id)

    async def delete(self, session_id: str) -> None:
        """Delete a session with its history (NotFoundError, UnavailableError)."""
        await self._entry(session_id)
        members = self.access.members_now(session_id)
        await self._end(session_id)
        self._changed(session_id, members)

    async def open(self, session_id: str) -> Session:
        """Return a session, opened where it was not.

        Raises
        ------
        NotFoundError
            No such session.
        RateLimitedError
            Too many are open, and each has somebody in it.
        UnavailableError
            Another server has it open, or its file can't be read.
        """
        self._check_running()
        self._needed_at[session_id] = self._clock()
        session = self._sessions.get(session_id)
        if session is not None:
            return session
        if not _SESSION_ID.fullmatch(session_id):
            raise _unknown(session_id)
        async with self._door(session_id):
            session = self._sessions.get(session_id)
            if session is None:
                session = await self._open(session_id)
            return session

    async def sweep(self) -> None:
        """Close the sessions that nobody has needed for a while; called now and then.

        The first time also what sessions have left that were deleted just before a crash.
        """
        if self._untidy:
            await self._tidy()
        now = self._clock()
        for session_id, session in tuple(self._sessions.items()):
            if not session.idle:
                self._needed_at[session_id] = now
            elif now - self._needed_at[session_id] >= self.limits.idle_s:
                await self._close(session_id)

    def watch(self, changed: Callable[[], None], caller: Caller) -> None:
        """Have ``changed`` called whenever the list that a caller sees has changed.

        Called again, it is another caller's from now on.
        """
        self._watchers[changed] = caller

    def unwatch(self, changed: Callable[[], None]) -> None:
        """Have it called no more."""
        self._watchers.pop(changed, None)

    async def close(self) -> None:
        """Finish what is in line, and close every session."""
        self._closing = True
        # and those that are being opened or deleted, once they are
        passing = (key for key, door in self._doors.items() if door.locked())
        closing = dict.fromkeys((*self._sessions, *passing))
        await asyncio.gather(*(self._close(session_id) for session_id in closing))
        await self._store.close()

    async def _open(self, session_id: str) -> Session:
        if len(self._sessions) >= self.limits.sessions_open:
            await self._make_room()
        entry = await self._entry(session_id)
        store = await self._store.open(session_id)
        try:
            session = await open_session(
                entry,
                store,
                self.broadcaster,
                self.limits,
                self._pace,
                self.tally,
                self._past_turns,
                self._clock,
                self._new_id,
            )
        except BaseException:
            self.broadcaster.close(session_id)
            await store.close()
            raise
        self._sessions[session_id] = session
        self.tally.happened(session_id, "opened")
        return session

    async def _make_room(self) -> None:
        """Close the session that nobody has needed for longest."""
        idle = [session_id for session_id, session in self._sessions.items() if session.idle]
        if not idle:
            raise RateLimitedError(
                f"{len(self._sessions)} sessions are open, which is as many as this server takes",
                fix="close one of them",
            )
        await self._close(min(idle, key=self._needed_at.__getitem__))

    async def _close(self, session_id: str) -> None:
        async with self._door(session_id):
            session = self._sessions.pop(session_id, None)
            self._needed_at.pop(session_id, None)
            if session is not None:
                await session.close()
                self.tally.happened(session_id, "closed")

    async def _end(self, session_id: str) -> None:
        async with self._door(session_id):
            self._check_running()
            # for good before anybody is told; where that fails it goes on as if nothing had been
            await self._store.delete(session_id)
            session = self._sessions.pop(session_id, None)
            self._needed_at.pop(session_id, None)
            if session is not None:
                await session.close(ended=True)
            self.access.removed(session_id)
            self.tally.happened(session_id, "deleted")
            self._untidy = True
            await self._tidy()

    async def _tidy(self) -> None:
        """Have nothing left of what was deleted; what can't go now is tried again at a sweep."""
        try:
            await self._store.tidy()
        except UnavailableError as error:
            _log.warning("Files of deleted sessions are left: %s", error)
        else:
            self._untidy = False

    def _check_running(self) -> None:
        if self._closing:
            raise UnavailableError("The server is stopping")

    def _door(self, session_id: str) -> asyncio.Lock:
        return self._doors.setdefault(session_id, asyncio.Lock())

    async def _entry(self, session_id: str) -> CatalogEntry:
        for entry in await self._store.list():
            if entry.session_id == session_id:
                return entry
        raise _unknown(session_id)

    def _info(self, entry: CatalogEntry, role: str) -> SessionInfo:
        session = self._sessions.get(entry.session_id)
        if session is not None:
            return session.info(role)
        return SessionInfo(
            session_id=entry.session_id,
            name=entry.name,
            rev=entry.rev,
            nodes=entry.nodes,
            links=entry.links,
            created_at=entry.created_at,
            updated_at=entry.updated_at,
            role=role,
        )

    def _members_changed(self, session_id: str, before: Members, now: Members) -> None:
        session = self._sessions.get(session_id)
        if session is not None:
            session.members_changed()
        self._changed(session_id, before, now)

    def _changed(self, session_id: str, *members: Members) -> None:
        """Tell those whose list is another, who are in it as it was or is."""
        among = members or (self.access.members_now(session_id),)
        for changed, caller in tuple(self._watchers.items()):
            if any(self.access.role_among(each, caller) for each in among):
                changed()


def _unknown(session_id: str) -> NotFoundError:
    return NotFoundError(f"There is no session {session_id[:40]!r}", path="session_id")
