"""Webhooks: addresses that a session's events are sent to, and what is known about each.

A :class:`Webhook` is kept durably, its place in the log with it; :mod:`graph_ext.hub.delivery`
sends. Changed on the server that has the session open, which alone sends. Made by extension.py,
called by transports/webhooks.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.access import Role
from graph_ext.core.errors import GraphError, NotFoundError, RateLimitedError, UnavailableError
from graph_ext.hub.access import Caller, Watch
from graph_ext.hub.delivery import Delivery, Office
from graph_ext.hub.events_view import check_types
from graph_ext.hub.hub import Hub
from graph_ext.hub.webhook import (
    DeliveryLimits,
    Sender,
    Webhook,
    check_description,
    check_url,
    new_secret,
)
from graph_ext.protocol import Actor

__all__ = ["Change", "WebhookStore", "Webhooks"]

_SENDING = 20  # requests under way at once, over all webhooks
_DISOWNED = "Who made it owns the session no more; another owner can enable it"

_log = logging.getLogger(__name__)


class WebhookStore(Protocol):
    """Where webhooks are kept (stores/webhooks.py)."""

    async def list(self) -> list[Webhook]:
        """Every webhook, in the order in which they were made (UnavailableError)."""

    async def put(self, webhook: Webhook) -> None:
        """Keep a webhook, new or changed; durable when this returns (UnavailableError)."""

    async def remove(self, webhook_id: str) -> None:
        """Forget one; no error where there is none (UnavailableError)."""

    async def close(self) -> None:
        """Let go of the file."""


class Change(Struct, frozen=True):
    """What is to be another in a webhook; None: as it was."""

    url: str | None = None
    types: list[str] | None = None
    description: str | None = None
    enabled: bool | None = None


class Webhooks:
    """The webhooks of a server's sessions.

    Parameters
    ----------
    hub : Hub
        Has the sessions.
    store : WebhookStore
        Keeps them.
    sender : Sender
        Sends requests.
    clock, new_id, chance : callable
        Unix seconds, UTC; 32 fresh hex digits; a number from 0 to 1.
    limits : DeliveryLimits
        Of attempts and waiting.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts meet here
        self,
        hub: Hub,
        store: WebhookStore,
        sender: Sender,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        chance: Callable[[], float],
        limits: DeliveryLimits,
    ) -> None:
        self._hub = hub
        self._store = store
        self._office = Office(
            hub=hub,
            save=store.put,
            forget=self._forget,
            sender=sender,
            sending=asyncio.Semaphore(_SENDING),
            clock=clock,
            new_id=new_id,
            chance=chance,
            limits=limits,
        )
        # webhook_id -> what sends to it
        self._deliveries: dict[str, Delivery] = {}
        # webhook_id -> what tells when who answers for it owns the session no more
        self._watches: dict[str, Watch] = {}
        # they are changed one at a time
        self._changing = asyncio.Lock()
        self._disowning: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Read them, and go on where the server before this one stopped (UnavailableError)."""
        await self._hub.access.refresh()
        for webhook in await self._store.list():
            self._add(webhook)
        self._hub.broadcaster.watch(self._opened)

    async def close(self) -> None:
        """Stop sending; what has no answer yet is sent again by the next server."""
        self._hub.broadcaster.unwatch(self._opened)
        for watch in self._watches.values():
            watch.stop()
        self._watches.clear()
        if self._disowning:
            await asyncio.wait(self._disowning)
        deliveries, self._deliveries = self._deliveries, {}
        for delivery in deliveries.values():
            await delivery.close()
        await self._store.close()

    def list(self, session_id: str) -> list[Webhook]:
        """The webhooks of a session, in the order in which they were made."""
        return [
            delivery.webhook
            for delivery in self._deliveries.values()
            if delivery.webhook.session_id == session_id
        ]

    def find(self, session_id: str, webhook_id: str) -> Webhook:
        """Read about one (NotFoundError)."""
        return self._find(session_id, webhook_id).webhook

    async def create(
        self, session_id: str, url: str, types: Iterable[str], description: str, by: Actor
    ) -> Webhook:
        """Have the session's events sent somewhere, from now on.

        Raises
        ------
        SchemaError
            The address, a type or the description is none.
        RateLimitedError
            The session has as many as it may have.
        NotFoundError, UnavailableError
            No such session; another server has it open, or it can't be kept.
        """
        webhook = Webhook(
            webhook_id=self._office.new_id(),
            session_id=session_id,
            url=check_url(url),
            types=sorted(check_types(types)),
            description=check_description(description),
            secret=new_secret(),
            created_at=self._office.clock(),
            created_by=by,
            epoch="",
            rev=0,
        )
        async with self._changing:
            most = self._office.limits.webhooks_per_session
            if len(self.list(session_id)) >= most:
                raise RateLimitedError(
                    f"A session may have {most} webhooks",
                    fix="delete one, or let it take more types",
                )
            await self._hub.open(session_id)
            channel = self._hub.broadcaster.events(session_id).channel
            webhook = replace(webhook, epoch=channel.store.epoch, rev=channel.end[0])
            await self._store.put(webhook)
            self._add(webhook)
        return webhook

    async def change(self, session_id: str, webhook_id: str, change: Change, by: Actor) -> Webhook:
        """Change one; another address, or ``enabled``, brings a dead one back to life.

        Whoever does that answers for it from then on.

        Raises
        ------
        SchemaError, NotFoundError, UnavailableError
            As :meth:`create`.
        """
        async with self._changing:
            await self._hub.open(session_id)
            delivery = self._find(session_id, webhook_id)
            # what is under way is sent anew, in other words or to another address
            await delivery.close()
            webhook = delivery.webhook
            try:
                if change.url is not None:
                    webhook = replace(webhook, url=check_url(change.url))
                if change.types is not None:
                    webhook = replace(webhook, types=sorted(check_types(change.types)))
                if change.description is not None:
                    description = check_description(change.description)
                    webhook = replace(webhook, description=description)
                if change.enabled is not None:
                    webhook = replace(webhook, enabled=change.enabled)
                if change.url is not None or change.enabled:
                    webhook = replace(webhook, failures=0, dead=False, last_error="", next_at=None)
                    webhook = replace(webhook, created_by=by)
                await self._store.put(webhook)
            except GraphError:
                self._add(delivery.webhook)
                raise
            self._add(webhook)
        return webhook

    async def delete(self, session_id: str, webhook_id: str) -> None:
        """Send no more there (NotFoundError, UnavailableError)."""
        async with self._changing:
            await self._hub.open(session_id)
            delivery = self._find(session_id, webhook_id)
            await self._store.remove(webhook_id)
            self._drop(webhook_id)
            await delivery.close()

    async def test(self, session_id: str, webhook_id: str) -> str:
        """Send a ``ping`` event now; return why it did not arrive, empty where it did.

        Raises
        ------
        NotFoundError
            No such webhook.
        RateLimitedError
            One is under way.
        """
        return await self._find(session_id, webhook_id).ping()

    def _add(self, webhook: Webhook) -> None:
        webhook_id = webhook.webhook_id
        self._drop(webhook_id)
        self._deliveries[webhook_id] = delivery = Delivery(webhook, self._office)
        # whether the server lets them in is not known while they are not there
        caller = Caller(webhook.created_by, may_read=True, may_write=True)
        changed = partial(self._role_changed, webhook_id)
        watch = self._hub.access.watch(webhook.session_id, caller, changed)
        self._watches[webhook_id] = watch
        if watch.role == "owner":
            delivery.start()
        elif webhook.enabled:
            self._role_changed(webhook_id, watch.role)

    def _drop(self, webhook_id: str) -> None:
        self._deliveries.pop(webhook_id, None)
        watch = self._watches.pop(webhook_id, None)
        if watch is not None:
            watch.stop()

    def _role_changed(self, webhook_id: str, role: Role | None) -> None:
        """Send nothing more for somebody who owns the session no more."""
        if role != "owner":
            task = asyncio.get_running_loop().create_task(self._disown(webhook_id))
            self._disowning.add(task)
            task.add_done_callback(self._disowning.discard)

    async def _disown(self, webhook_id: str) -> None:
        delivery = self._deliveries.get(webhook_id)
        if delivery is None:
            return
        await delivery.close()
        async with self._changing:
            if self._deliveries.get(webhook_id) is not delivery:
                return  # another owner has taken it over meanwhile
            webhook = replace(delivery.webhook, enabled=False, last_error=_DISOWNED)
            try:
                await self._store.put(webhook)
            except UnavailableError as error:
                # it is closed, and found again by the next server
                _log.warning("Webhook %s: %s", webhook_id, error)
            self._add(webhook)

    async def _forget(self, delivery: Delivery) -> None:
        """Drop one whose session is no more."""
        webhook_id = delivery.webhook.webhook_id
        if self._deliveries.get(webhook_id) is delivery:
            await self._store.remove(webhook_id)
            self._drop(webhook_id)

    def _opened(self, session_id: str) -> None:
        for delivery in tuple(self._deliveries.values()):
            if delivery.webhook.session_id == session_id:
                delivery.attach()

    def _find(self, session_id: str, webhook_id: str) -> Delivery:
        delivery = self._deliveries.get(webhook_id)
        if delivery is None or delivery.webhook.session_id != session_id:
            raise NotFoundError(f"There is no webhook {webhook_id[:40]!r}", path="webhook_id")
        return delivery
