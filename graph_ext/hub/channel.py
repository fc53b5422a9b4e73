"""The published log of one session, and those who follow it.

A follower is a place in the log and has no queue: what it reads next comes from the tail in
memory, or from the store where it is further behind, or begins with a snapshot. One so far behind
that a snapshot is shorter skips to the end: it sees a gap, and joins again. Live delivery, catching
up and a slow client are this one loop at different speeds. Made by
:class:`graph_ext.hub.broadcaster.Broadcaster`; transports bring the sinks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Protocol

from msgspec import Struct

from graph_ext.core.errors import GoneError, GraphError, UnavailableError
from graph_ext.hub.draft import encode_page
from graph_ext.hub.ports import LAST, Place, Record, SessionStore
from graph_ext.hub.tail import FRAME_BYTES, Tail
from graph_ext.protocol import PAGE_BYTES, join_frame

__all__ = ["FAR_COMMITS", "Channel", "Follower", "Sink", "Terms"]

FAR_COMMITS = 1000
"""Nobody who is behind by fewer commits is far behind."""

_TURN_FRAMES = 4  # how many frames one follower writes before others have their turn

_SNAPSHOT_WAITS = 10  # times its patience, a follower has for a snapshot as a whole

_log = logging.getLogger(__name__)


class Sink(Protocol):
    """Where a follower writes: a WebSocket, or anything else that can say when it is full."""

    def writable(self) -> bool:
        """Whether everything written before has left."""

    def write(self, frame: bytes) -> None:
        """Take a frame, writable or not; a sink that has closed drops it."""

    def when_writable(self, callback: Callable[[], None]) -> None:
        """Call back once, when the sink is writable again."""


class Terms(Struct, frozen=True):
    """How a follower is served.

    ``is_far``: whether a rev is so far behind that the follower is to skip to the end; None: it
    gets every commit. ``credit``: how many pages of a snapshot it may have before it is granted
    more; None: all. ``patience_s``: how long it may let the snapshot wait for credit, and a tenth
    of how long it may take for all of it; the store keeps the old state for as long.
    """

    is_far: Callable[[int], bool] | None = None
    credit: int | None = None
    patience_s: float | None = None


class Channel:
    """A session's published log: the tail in memory, the rest in the store.

    Parameters
    ----------
    session_id : str
        Whose log it is.
    store : SessionStore
        Has all that was ever published.
    tail_bytes : int
        How much is kept in memory, about.

    Attributes
    ----------
    tail : Tail
        The part in memory.
    """

    def __init__(self, session_id: str, store: SessionStore, tail_bytes: int) -> None:
        self.session_id = session_id
        self.store = store
        self.followers: dict[Follower, None] = {}
        # (rev, LAST) of the last published commit
        self.end: Place = (store.rev, LAST)
        self.tail = Tail(self.end, tail_bytes)

    def publish(self, records: Sequence[Record]) -> None:
        """Let every follower have the records of durable commits."""
        self.tail.extend(records)
        self.end = records[-1].place
        for follower in tuple(self.followers):
            follower.wake()

    def follow(
        self,
        sink: Sink,
        place: Place | None,
        failed: Callable[[GraphError], None],
        terms: Terms = Terms(),  # noqa: B008 - frozen
    ) -> Follower:
        """Start a follower behind a place, or with a snapshot where there is none.

        ``failed`` is called, once, when the follower has stopped and why: the store failed, the log
        no longer has what comes next, or the snapshot had to wait too long.
        """
        follower = Follower(self, sink, place, failed, terms)
        self.followers[follower] = None
        follower.wake()
        return follower


class Follower:
    """A cursor into a session's log that writes to one sink. Made by :meth:`Channel.follow`.

    Attributes
    ----------
    place : Place or None
        What the sink has been given so far; None before a snapshot.
    """

    def __init__(
        self,
        channel: Channel,
        sink: Sink,
        place: Place | None,
        failed: Callable[[GraphError], None],
        terms: Terms,
    ) -> None:
        self.place = place
        self._channel = channel
        self._sink = sink
        self._failed = failed
        self._terms = terms
        # pages that may be sent; told when it grows
        self._credit = terms.credit
        self._granted: asyncio.Future[None] | None = None
        # where in the tail the place probably is
        self._hint = -1
        # reads from the store, while the tail has not what comes next
        self._task: asyncio.Task[None] | None = None
        # whether somebody is going to call _resume
        self._waiting = False
        self._stopped = False

    def wake(self) -> None:
        """Write what there is, for as long as the sink takes it."""
        if self._waiting or self._stopped or self._task is not None:
            return
        for _ in range(_TURN_FRAMES):
            # a snapshot may even be ahead of what is published
            if self.place is not None and self.place >= self._channel.end:
                return
            if not self._sink.writable():
                self._waiting = True
                self._sink.when_writable(self._resume)
                return
            if self._is_far() and self._skip():
                return
            tail = self._channel.tail
            position = None if self.place is None else tail.position_after(self.place, self._hint)
            if position is None:
                self._task = asyncio.get_running_loop().create_task(self._catch_up())
                return
            frame, self._hint, self.place = tail.frame_at(position)
            self._sink.write(frame)
        self._waiting = True
        asyncio.get_running_loop().call_soon(self._resume)

    def grant(self, pages: int) -> None:
        """Let more pages of the snapshot be sent."""
        if self._credit is not None:
            self._credit += pages
            if self._granted is not None and not self._granted.done():
                self._granted.set_result(None)

    def stop(self) -> None:
        """Write nothing more."""
        self._stopped = True
        self._channel.followers.pop(self, None)
        if self._task is not None:
            self._task.cancel()

    def _resume(self) -> None:
        self._waiting = False
        self.wake()

    def _is_far(self) -> bool:
        """Whether a snapshot is a shorter way to the end than what lies between."""
        place, is_far = self.place, self._terms.is_far
        if place is None or is_far is None:
            return False
        # asked for every frame, so the common answer is quick
        return self._channel.end[0] - place[0] > FAR_COMMITS and is_far(place[0])

    def _skip(self) -> bool:
        """Go on at the end, where the sink's owner sees a gap; False where nothing shows it."""
        newest, end = self._channel.tail.newest(), self._channel.end
        # the next commit would be no gap, and it may be there in part alone
        if newest is None or self.place is None or end[0] <= self.place[0] + 1:
            return False
        self.place = end
        self._sink.write(newest)
        return True

    async def _catch_up(self) -> None:
        """Read from the store until the tail has what comes next."""
        try:
            if self.place is None:
                await self._send_snapshot()
            await self._read_on(self.place or (0, LAST))
            self._task = None
            self.wake()
        except GraphError as error:
            self._task = None
            self.stop()
            self._failed(error)
        except Exception:  # noqa: BLE001 - a task's root
            _log.exception("A follower of session %s stopped", self._channel.session_id)
            self._task = None
            self.stop()
            self._failed(UnavailableError("The server failed while reading the session's log"))

    async def _read_on(self, place: Place) -> None:
        channel = self._channel
        while channel.tail.position_after(place) is None and not self._is_far():
            try:
                records = await channel.store.records(place, FRAME_BYTES)
            except GoneError:
                # the log was cut while this one was behind
                if self._terms.is_far is None:
                    raise
                await self._until_writable()
                if not self._skip():
                    raise UnavailableError("The log was cut", fix="join again") from None
                return
            records = [record for record in records if record.place <= channel.end]
            if not records:
                raise UnavailableError(f"The session's log ends at rev {place[0]}")
            await self._until_writable()
            self._sink.write(join_frame([record.body for record in records]))
            place = self.place = records[-1].place

    async def _send_snapshot(self) -> None:
        channel, patience_s = self._channel, self._terms.patience_s
        try:
            async with (
                asyncio.timeout(None if patience_s is None else _SNAPSHOT_WAITS * patience_s),
                aclosing(channel.store.snapshot(PAGE_BYTES)) as pages,
            ):
                async for page in pages:
                    if self._credit is not None:
                        async with asyncio.timeout(patience_s):
                            await self._until_credited()
                    await self._until_writable()
                    self._sink.write(encode_page(channel.session_id, channel.store.epoch, page))
                    if page.last:
                        # what the client sends from now on relies on this rev
                        self.place = (page.rev, LAST)
        except TimeoutError:
            raise UnavailableError(
                "The snapshot has waited for too long", fix="join again, and grant credit sooner"
            ) from None

    async def _until_credited(self) -> None:
        if self._credit is None:
            return
        while not self._credit:
            self._granted = asyncio.get_running_loop().create_future()
            await self._granted
        self._credit -= 1

    async def _until_writable(self) -> None:
        # again: of those who wait for one sink, another may have been the first to write
        while not self._sink.writable():
            ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._sink.when_writable(partial(_settle, ready))
            await ready


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
