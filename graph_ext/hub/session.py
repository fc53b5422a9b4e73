"""A live session: its clients, their commands, and what each of them follows.

Made by hub/opening.py, called by the transports. All on the event loop. Longer than other modules:
everything that can happen to a session passes here, to be done elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial

from graph_ext.core.access import Role
from graph_ext.core.commands import Command
from graph_ext.core.errors import (
    ForbiddenError,
    GoneError,
    GraphError,
    NotFoundError,
    SchemaError,
    UnavailableError,
)
from graph_ext.core.expectations import Expectation
from graph_ext.core.json_values import check_id
from graph_ext.hub.broadcaster import Broadcaster
from graph_ext.hub.channel import FAR_COMMITS, Follower, Sink, Terms
from graph_ext.hub.client import Client
from graph_ext.hub.compaction import Compaction
from graph_ext.hub.events_view import EventsFollower, EventTarget, SinkTarget, check_types
from graph_ext.hub.intake import Intake
from graph_ext.hub.journal import Journal
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.pace import Pace
from graph_ext.hub.past import Past
from graph_ext.hub.pipeline import Pipeline
from graph_ext.hub.ports import LAST, CatalogEntry, Place, SessionStore, SnapshotPage
from graph_ext.hub.presence import PresenceLog
from graph_ext.hub.request import Answered, Done, Request, telling
from graph_ext.hub.tally import Tally
from graph_ext.hub.versions import Versions
from graph_ext.protocol import (
    PAGE_BYTES,
    Actor,
    Cursor,
    Joined,
    JoinSession,
    SessionInfo,
    SessionUpdated,
    SubmitCommand,
    encode,
)

__all__ = ["Session"]

_MAX_PAGES = 100_000  # of a snapshot, granted at once: 6 GiB

_log = logging.getLogger(__name__)


class Session:
    """One open session.

    Parameters
    ----------
    entry : CatalogEntry
        What the catalog says about it.
    store : SessionStore
        Its log and state.
    journal : Journal
        Its graph.
    pipeline : Pipeline
        Of its commands.
    broadcaster : Broadcaster
        Has its channel open.
    limits : HubLimits
        For each client.
    pace : Pace
        Of all clients' commands.
    tally : Tally
        Counts what happens.
    presence : PresenceLog
        Who is there.
    past : Past
        What it was.
    versions : Versions
        Its named revs.
    compaction : Compaction
        Keeps its log from growing for ever.
    background : sequence of callable
        What is to be done while the session is used already.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - see opening.py
        self,
        entry: CatalogEntry,
        store: SessionStore,
        journal: Journal,
        pipeline: Pipeline,
        broadcaster: Broadcaster,
        limits: HubLimits,
        pace: Pace,
        tally: Tally,
        presence: PresenceLog,
        past: Past,
        versions: Versions,
        compaction: Compaction,
        background: Sequence[Callable[[], Awaitable[object]]],
    ) -> None:
        self.session_id = entry.session_id
        # changes with a rename
        self.name = entry.name
        self.presence = presence
        self.past = past
        self.versions = versions
        # those who have joined, in that order
        self.clients: dict[Client, None] = {}
        self._created_at = entry.created_at
        self._store = store
        self._journal = journal
        self._pipeline = pipeline
        self._intake = Intake(entry.session_id, store, pipeline, pace)
        self._broadcaster = broadcaster
        self._limits = limits
        self._tally = tally
        self._compaction = compaction
        compaction.check()
        loop = asyncio.get_running_loop()
        self._background = [loop.create_task(self._do(work)) for work in background]

    @property
    def idle(self) -> bool:
        """Whether nobody would miss it."""
        events = self._broadcaster.events(self.session_id)
        followed = any(follower.keeps_open for follower in events.followers)
        return not self.clients and not followed and self._pipeline.idle

    @property
    def epoch(self) -> str:
        """Names the unbroken history."""
        return self._store.epoch

    @property
    def rev(self) -> int:
        """The last rev that anybody may see."""
        return self._broadcaster.published_rev(self.session_id)

    @property
    def floor(self) -> int:
        """The log reaches back to the commit after this one."""
        return self._store.floor

    def snapshot(self) -> AsyncGenerator[SnapshotPage, None]:
        """Read the graph at one rev, page by page; closed by the caller."""
        return self._store.snapshot(PAGE_BYTES)

    def info(self, role: str = "") -> SessionInfo:
        """As lists show it."""
        return SessionInfo(
            session_id=self.session_id,
            name=self.name,
            rev=self._store.rev,
            nodes=self._journal.nodes,
            links=self._journal.links,
            clients=len(self.clients),
            created_at=self._created_at,
            updated_at=self._store.updated_at,
            role=role or "",
            read_only=self._store.damaged,
        )

    async def join(
        self,
        message: JoinSession,
        actor: Actor,
        role_now: Callable[[], Role | None],
        sink: Sink,
        failed: Callable[[Client, GraphError], None],
    ) -> Client:
        """Let somebody in: answer ``joined``, then what they have missed, then all that comes.

        ``role_now`` tells the role that they have at the moment when they are let in.
        ``failed`` is called when the client is in the session no longer, and why: the store failed,
        or it has no role any more.

        Raises
        ------
        SchemaError
            The client_id is none, or an event type, or the credit is out of bounds.
        NotFoundError
            They have no role any more.
        GoneError, UnavailableError
            The session was deleted, or it is closing, or its store can't be read; or the events
            after ``since`` can't be had.
        """
        check_id(message.client_id, "a client_id", "client_id")
        types = check_types(message.events)
        if message.credit is not None:
            _check_pages(message.credit, "credit")
        keys = [(command_id, actor.actor_id) for command_id in message.pending]
        outcomes = await self._pipeline.outcomes(keys)
        self._intake.check_open()
        role = role_now()
        if role is None:
            raise NotFoundError(f"There is no session {self.session_id!r}", path="session_id")
        client = Client(message, actor, role, sink, failed, self._limits)
        rev = self._broadcaster.published_rev(self.session_id)
        events = self._broadcaster.events(self.session_id)
        if message.view == "commits" or message.since is None:
            place = self._place(message.since, rev)
            if place is not None and self._is_far(place[0]):
                place = None
        else:
            place = events.place_after(message.since)
        self.presence.come(client)
        roster, number = ([], 0) if message.view == "events" else self.presence.roster()
        joined = Joined(
            session_id=self.session_id,
            client_id=client.client_id,
            name=self.name,
            actor=actor,
            role=role,
            epoch=self._store.epoch,
            rev=rev,
            floor=self._store.floor,
            mode="snapshot" if place is None and message.view == "commits" else "resume",
            outcomes=outcomes,
            clients=roster,
            read_only=self._store.damaged,
            limits=self._limits.on_the_wire(),
        )
        sink.write(encode(joined))
        self.clients[client] = None
        self._tally.happened(self.session_id, "connected", client.client_id, actor.actor_id)
        self._broadcaster.emit_session_connected(self.session_id, client.client_id)
        gone = partial(self._dismiss, client)
        if message.view == "events":
            client.follower = events.follow(SinkTarget(sink), place, types, gone)
        else:
            terms = Terms(self._is_far, message.credit, self._limits.slow_client_s)
            client.follower = self._broadcaster.follow(self.session_id, sink, place, gone, terms)
            client.company = self.presence.follow(client, sink, number)
        return client

    def grant(self, client: Client, pages: int) -> None:
        """Let a client have more pages of its snapshot (SchemaError)."""
        _check_pages(pages, "pages")
        if isinstance(client.follower, Follower):
            client.follower.grant(pages)

    def follow_events(
        self,
        target: EventTarget,
        since: Cursor | None,
        types: frozenset[str],
        ended: Callable[[GraphError], None],
        *,
        keeps_open: bool = True,
    ) -> EventsFollower:
        """Hand the session's events to a target, without joining.

        Parameters
        ----------
        target : EventTarget
            Where they go.
        since : Cursor or None
            After which commit to begin; None: with what comes now.
        types : frozenset of str
            Of the events that are wanted (``events_view.ALL_TYPES``: of every type).
        ended : callable
            Called, once, when it has stopped but not by ``stop()``, and why.
        keeps_open : bool
            Whether the session is in use while this follows.

        Raises
        ------
        GoneError, UnavailableError
            The events after ``since`` can't be had; the session was deleted or is closing.
        """
        self._intake.check_open()
        view = self._broadcaster.events(self.session_id)
        place = None if since is None else view.place_after(since)
        return view.follow(target, place, types, ended, keeps_open)

    def leave(self, client: Client) -> None:
        """Let somebody go: what they had staged is dropped, and of the rest they hear no more."""
        if client not in self.clients:
            return
        del self.clients[client]
        client.gone = True
        for following in (client.follower, client.company):
            if following is not None:
                following.stop()
        self.presence.go(client)
        actor_id = client.actor.actor_id
        self._tally.happened(self.session_id, "disconnected", client.client_id, actor_id)
        self._broadcaster.emit_session_disconnected(self.session_id, client.client_id)

    def set_role(self, client: Client, role: Role | None) -> None:
        """Give a client another role, from its next command on; None: it has to go."""
        if role == client.role or client not in self.clients:
            return
        client.role = role
        if role is None:
            self._dismiss(client, ForbiddenError("You have no role in this session any more"))
            return
        message = SessionUpdated(session_id=self.session_id, name=self.name, role=role)
        client.sink.write(encode(message))
        self.presence.role_changed(client)

    def _dismiss(self, client: Client, error: GraphError) -> None:
        self.leave(client)
        client.failed(client, error)

    def submit(
        self, client: Client, messages: Sequence[SubmitCommand], size: int, answered: Answered
    ) -> None:
        """Take ``command`` messages of about ``size`` bytes; ``answered`` gets the outcomes."""
        self._intake.submit(client, messages, size, answered)

    def execute(  # noqa: PLR0913 - what a command message has
        self,
        command_id: str,
        command: Command,
        actor: Actor,
        *,
        client_id: str = "",
        base_rev: int | None = None,
        expect: Sequence[Expectation] = (),
        dry_run: bool = False,
    ) -> asyncio.Future[Done]:
        """Take a command of somebody who has not joined, and may do it.

        Returns
        -------
        asyncio.Future of Done
            Its outcome, or the GraphError of its refusal.
        """
        done: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._intake.take(
            Request(
                key=(command_id, actor.actor_id),
                command=command,
                actor=actor,
                client_id=client_id,
                told=telling(done),
                base_rev=base_rev,
                expect=expect,
                dry_run=dry_run,
            )
        )
        return done

    def rename(self, name: str) -> None:
        """Tell everybody in it of another name."""
        self.name = name
        self._tell(SessionUpdated(session_id=self.session_id, name=name))

    def members_changed(self) -> None:
        """Tell everybody in it that its members are others."""
        self._tell(SessionUpdated(session_id=self.session_id, name=self.name, members=True))

    async def close(self, *, ended: bool = False) -> None:
        """Take no more commands, finish those in line, and let go of the file."""
        self._intake.closing = closing = (
            GoneError(f"The session {self.name!r} was deleted")
            if ended
            else UnavailableError("The session is closing", fix="try again in a moment")
        )
        await self._pipeline.settled()
        if ended:
            self._tell(SessionUpdated(session_id=self.session_id, name=self.name, ended=True))
        self._broadcaster.close(self.session_id, closing)
        for client in tuple(self.clients):
            self.leave(client)
        self.presence.close()
        await self._compaction.stop()
        for task in self._background:
            task.cancel()
        await asyncio.wait(self._background)
        await self._store.close()

    async def _do(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except UnavailableError as error:
            # what needs it goes the slow way, or is told by the next who reads
            _log.warning("Session %s: %s", self.session_id, error)
        except Exception:  # noqa: BLE001 - a task's root
            _log.exception("Session %s", self.session_id)

    def _tell(self, message: SessionUpdated) -> None:
        self._broadcaster.emit_session_updated(
            message.session_id, message.name, message.ended, message.members
        )
        frame = encode(message)
        for client in self.clients:
            # the others have it as an event
            if not isinstance(client.follower, EventsFollower):
                client.sink.write(frame)

    def _is_far(self, rev: int) -> bool:
        """Whether a snapshot is shorter than the commits after a rev, by rule of thumb.

        An element is about as long as a commit that changes one.
        """
        behind = self._broadcaster.published_rev(self.session_id) - rev
        return behind > max(FAR_COMMITS, self._journal.nodes + self._journal.links)

    def _place(self, since: Cursor | None, rev: int) -> Place | None:
        """Where a client goes on; None where it needs a snapshot."""
        if since is None or since.epoch != self._store.epoch:
            return None
        return (since.rev, LAST) if self._store.floor <= since.rev <= rev else None


def _check_pages(pages: int, path: str) -> None:
    if not 0 < pages <= _MAX_PAGES:
        raise SchemaError(f"{path} must be from 1 to {_MAX_PAGES} pages, got {pages}", path=path)
