"""Sending one webhook's events: from a durable place in the log, at least once, in order.

A :class:`Delivery` is a target of the events view that takes one slice, sends it until it is
acknowledged (hub/webhook_message.py), makes the place after it durable, and takes the next. While
its session is closed it holds nothing. Made by hub/webhooks.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.errors import (
    GoneError,
    GraphError,
    NotFoundError,
    RateLimitedError,
    UnavailableError,
)
from graph_ext.hub.event_slices import EncodedEvent, EventSlice
from graph_ext.hub.events_view import EventsFollower, check_types
from graph_ext.hub.hub import Hub
from graph_ext.hub.ports import LAST
from graph_ext.hub.webhook import DeliveryLimits, Sender, Webhook
from graph_ext.hub.webhook_message import Message, Tried, send, write
from graph_ext.protocol import Cursor, encode

__all__ = ["Delivery", "Office"]

_SAVE_S = 5.0  # after which a place is made durable that was reached without sending anything
_OPEN_AGAIN_S = 30.0  # after which a session that could not be opened is tried again
_DOUBLINGS = 30  # of the wait between attempts; the limit is reached long before
_ERROR_CHARACTERS = 300

_log = logging.getLogger(__name__)


class Office(Struct, frozen=True, kw_only=True, eq=False):
    """What all deliveries of a server share.

    ``save`` makes a webhook durable; ``forget`` is called when a webhook's session is no more.
    ``sending`` bounds the requests under way. ``clock``: Unix seconds, UTC; ``new_id``: 32 fresh
    hex digits; ``chance``: a number from 0 to 1.
    """

    hub: Hub
    save: Callable[[Webhook], Awaitable[None]]
    forget: Callable[[Delivery], Awaitable[None]]
    sender: Sender
    sending: asyncio.Semaphore
    clock: Callable[[], float]
    new_id: Callable[[], str]
    chance: Callable[[], float]
    limits: DeliveryLimits


class Delivery:
    """One webhook at work.

    Parameters
    ----------
    webhook : Webhook
        As it is kept.
    office : Office
        What it needs to send.

    Attributes
    ----------
    webhook : Webhook
        Replaced with each change of its place or state.
    """

    def __init__(self, webhook: Webhook, office: Office) -> None:
        self.webhook = webhook
        self._office = office
        # as it is kept
        self._kept = webhook
        self._types = check_types(webhook.types)
        self._closed = False
        # while the session is open and this is at work
        self._follower: EventsFollower | None = None
        # what is being sent, kept until it is acknowledged, and the id of that message
        self._unsent: EventSlice | None = None
        self._message_id = ""
        # the epoch of the log that is followed: the webhook's own, once something is acknowledged
        self._epoch = webhook.epoch
        # those that send, open the session, or keep a place
        self._tasks: set[asyncio.Task[None]] = set()
        # begins the next attempt
        self._timer: asyncio.TimerHandle | None = None
        # makes a place durable
        self._saving: asyncio.TimerHandle | None = None
        # those to be called when what was taken is acknowledged
        self._waiting: list[Callable[[], None]] = []
        self._pinging = False

    def start(self) -> None:
        """Go on, now or when the next attempt is due."""
        if self.webhook.state in {"active", "failing"}:
            due_s = (self.webhook.next_at or 0.0) - self._office.clock()
            if due_s <= 0.0:
                self.attach()
            if self._follower is None:
                self._later(min(max(0.0, due_s), self._office.limits.longest_wait_s))

    async def close(self) -> None:
        """Stop; whatever is under way is cut off."""
        self._closed = True
        self._detach()
        for timer in (self._timer, self._saving):
            if timer is not None:
                timer.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self.webhook is not self._kept:
            try:
                await self._keep()
            except UnavailableError as error:
                # what comes after the place that is kept is looked at again
                _log.info("Webhook %s: %s", self.webhook.webhook_id, error)

    def attach(self) -> None:
        """Follow the session, which has just been opened."""
        if (
            self._closed
            or self._follower is not None
            or self.webhook.state in {"dead", "disabled"}
            or not self._office.hub.broadcaster.is_open(self.webhook.session_id)
        ):
            return
        view = self._office.hub.broadcaster.events(self.webhook.session_id)
        since = Cursor(self._epoch, self.webhook.rev)
        if self._unsent is not None and self._unsent.place is not None:
            # goes on behind what is still to be acknowledged
            since = Cursor(since.epoch, self._unsent.place[0])
        try:
            place = view.place_after(since)
        except GoneError as error:
            if self._unsent is not None:
                return  # comes back here when that is acknowledged
            place = (view.channel.store.floor, LAST)
            self._epoch = view.channel.store.epoch
            self.write_events(EventSlice((self._reset(error, place[0]),), place))
        self._follower = view.follow(self, place, self._types, self._ended, keeps_open=False)
        if self._follower.stopped:
            self._follower = None

    async def ping(self) -> str:
        """Send a ``ping`` event; return why it did not arrive.

        Raises
        ------
        RateLimitedError
            One is under way.
        """
        if self._pinging:
            raise RateLimitedError("A test of this webhook is under way", fix="wait for its answer")
        self._pinging = True
        try:
            event = encode({"type": "ping", "session_id": self.webhook.session_id})
            tried = await self._post(
                self._office.new_id(), self.webhook.rev, (EncodedEvent("ping", event),)
            )
        finally:
            self._pinging = False
        return tried.error

    # --- as a target of the events view ---------------------------------------------------------

    def writable(self) -> bool:
        """Whether all that was taken is acknowledged."""
        return self._unsent is None

    def when_writable(self, callback: Callable[[], None], /) -> None:
        """Call back once, when it is."""
        self._waiting.append(callback)

    def write_events(self, events: EventSlice, /) -> None:
        """Take a slice, and send it."""
        if self._closed:
            return
        if events.events:
            self._unsent = events
            self._message_id = self._office.new_id()
            self._begin(self._send())
        elif events.place is not None:
            self.webhook = replace(self.webhook, rev=events.place[0])
            self._keep_later()

    # --- sending ------------------------------------------------------------------------------

    async def _send(self) -> None:
        """Send what was taken, once; what then comes depends on the answer."""
        events = self._unsent
        if events is None:
            return
        revs = [event.rev for event in events.events if event.rev is not None]
        rev = self.webhook.rev if events.place is None else events.place[0]
        tried = await self._post(self._message_id, max([rev, *revs]), events.events)
        if tried.error:
            await self._failed(tried)
            return
        self.webhook = replace(
            self.webhook, epoch=self._epoch, rev=rev, failures=0, last_error="", next_at=None
        )
        await self._keep()
        self._unsent = None
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()
        if self._follower is None:
            self._later(0.0)

    async def _failed(self, tried: Tried) -> None:
        failures = self.webhook.failures + 1
        limits = self._office.limits
        dead = tried.gone or failures >= limits.attempts
        wait_s = min(
            limits.first_wait_s * 2.0 ** min(failures - 1, _DOUBLINGS), limits.longest_wait_s
        )
        wait_s *= 0.5 + 0.5 * self._office.chance()
        wait_s = max(wait_s, min(tried.retry_after_s, limits.longest_wait_s))
        self.webhook = replace(
            self.webhook,
            failures=failures,
            dead=dead,
            last_error=tried.error[:_ERROR_CHARACTERS],
            next_at=None if dead else self._office.clock() + wait_s,
        )
        if dead:
            _log.warning("Webhook %s is dead after %d failures", self.webhook.webhook_id, failures)
            self._detach()
        else:
            self._later(wait_s)
        await self._keep()

    async def _post(self, message_id: str, rev: int, events: tuple[EncodedEvent, ...]) -> Tried:
        """Send events."""
        office = self._office
        message = Message(message_id, self._epoch, rev, events)
        request = write(self.webhook, message, int(office.clock()))
        async with office.sending:
            return await send(office.sender, request)

    # --- its session ----------------------------------------------------------------------------

    def _detach(self) -> None:
        if self._follower is not None:
            self._follower.stop()
            self._follower = None
        self._waiting.clear()
        if self.webhook.state == "dead" or self._closed:
            self._unsent = None

    def _ended(self, error: GraphError) -> None:  # noqa: ARG002 - looked for anew, whatever it was
        """Hear that the session was closed, or that its log can't be read on."""
        self._follower = None
        self._waiting.clear()
        if self._unsent is None:
            self._later(0.0)

    def _later(self, wait_s: float) -> None:
        """Go on after a while."""
        if self._closed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._go_on)

    def _go_on(self) -> None:
        self._timer = None
        if self._unsent is not None:
            self._begin(self._send())
        elif self._follower is None:
            self._begin(self._look())

    async def _look(self) -> None:
        """Open the session, where there is something to send."""
        webhook, hub = self.webhook, self._office.hub
        try:
            info = await hub.info(webhook.session_id)
            behind = (
                self._office.hub.broadcaster.is_open(webhook.session_id) or info.rev != webhook.rev
            )
            if behind:
                await self._office.hub.open(webhook.session_id)
                self.attach()
        except NotFoundError:
            self._closed = True
            await self._office.forget(self)
        except GraphError as error:
            _log.info("Webhook %s waits: %s", webhook.webhook_id, error)
            self._later(_OPEN_AGAIN_S)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except GraphError as error:
            # its place could not be made durable: the next attempt sends the same again
            _log.warning("Webhook %s: %s", self.webhook.webhook_id, error)
            self._later(_OPEN_AGAIN_S)
        except Exception:  # noqa: BLE001 - a task's root
            _log.exception("Webhook %s", self.webhook.webhook_id)
            self._later(_OPEN_AGAIN_S)

    # --- keeping --------------------------------------------------------------------------------

    def _keep_later(self) -> None:
        if self._saving is None:
            self._saving = asyncio.get_running_loop().call_later(
                _SAVE_S, lambda: self._begin(self._keep())
            )

    async def _keep(self) -> None:
        if self._saving is not None:
            self._saving.cancel()
            self._saving = None
        webhook = self.webhook
        await self._office.save(webhook)
        self._kept = webhook

    def _reset(self, error: GoneError, floor: int) -> EncodedEvent:
        """Say that events are missing, and what to do."""
        return EncodedEvent(
            "reset",
            encode(
                {
                    "type": "reset",
                    "session_id": self.webhook.session_id,
                    "code": error.code,
                    "message": error.message,
                    "fix": f"read the graph as it is now; what comes next is after rev {floor}",
                }
            ),
        )
