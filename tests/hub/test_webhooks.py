"""Webhooks at work: at least once, in order, from a durable place (docs/protocol.md, 11).

Long: every failure is told of the same webhook, on a clock of its own.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from graph_ext.core.errors import (
    NotFoundError,
    RateLimitedError,
    SchemaError,
    UnavailableError,
)
from graph_ext.hub.access import Rules
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from graph_ext.hub.webhook import Answer, DeliveryLimits, Webhook
from graph_ext.hub.webhooks import Change, Webhooks
from graph_ext.protocol import Actor
from graph_ext.stores.webhooks import SqliteWebhooks
from tests.commits import counter, many, node
from tests.fakes import FakeClock, FakeSender
from tests.hub.conftest import Person

URL = "https://example.org/hook"
ADA = Actor("user:ada", "Ada")


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


class Desk:
    """Starts what sends webhooks, again and again over one file."""

    def __init__(self, hub: Hub, folder: Path, sender: FakeSender, clock: FakeClock) -> None:
        self.hub = hub
        self.folder = folder
        self.sender = sender
        self.clock = clock
        self.limits = DeliveryLimits(attempts=4, first_wait_s=0.01, webhooks_per_session=2)
        self._new_id = counter("hook")

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Webhooks, None]:
        webhooks = Webhooks(
            self.hub,
            SqliteWebhooks(self.folder),
            self.sender,
            self.clock,
            self._new_id,
            lambda: 1.0,
            self.limits,
        )
        await webhooks.start()
        try:
            yield webhooks
        finally:
            await webhooks.close()


@pytest.fixture
def desk(hub: Hub, tmp_path: Path, sender: FakeSender, clock: FakeClock) -> Desk:
    return Desk(hub, tmp_path, sender, clock)


async def make(webhooks: Webhooks, session: Session, *types: str, url: str = URL) -> Webhook:
    return await webhooks.create(session.session_id, url, types, "for the archive", ADA)


async def settled(
    webhooks: Webhooks, webhook: Webhook, condition: Callable[[Webhook], bool]
) -> Webhook:
    """Let the loop go on until the webhook is as it should be; the test's timeout ends it."""
    while not condition(found := webhooks.find(webhook.session_id, webhook.webhook_id)):
        await asyncio.sleep(0)
    return found


def failed(count: int) -> Callable[[Webhook], bool]:
    return lambda found: found.failures == count


async def test_11_1_events_arrive_signed_and_move_the_place(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        ada = await Person(session, "ada").join()
        await ada.send(node("a"), "k1")
        (message,) = await sender.until(1)
        assert message["webhook_id"] == webhook.webhook_id
        assert (message["session_id"], message["rev"]) == (session.session_id, 1)
        assert message["epoch"] == ada.epoch
        (event,) = message["events"]
        assert (event["type"], event["node_id"], event["rev"]) == ("node-created", "a", 1)
        url, headers, body = sender.requests[0]
        assert url == URL
        key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert headers["webhook-timestamp"] == "1000"
        found = await settled(webhooks, webhook, lambda found: found.rev == 1)
        assert (found.state, found.epoch) == ("active", ada.epoch)


async def test_11_2_what_was_not_acknowledged_is_sent_again_after_a_growing_while(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    sender.answers = [Answer(500), UnavailableError("It can't be reached"), Answer(302)]
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        ada = await Person(session, "ada").join()
        await ada.send(node("a"))
        errors, waits = [], []
        for count in (1, 2, 3):
            found = await settled(webhooks, webhook, failed(count))
            assert found.state == "failing"
            errors.append(found.last_error)
            waits.append((found.next_at or 0) - 1000)
        assert errors == [
            "It answered 500",
            "It can't be reached",
            "It answered 302, and redirects are not followed",
        ]
        assert waits == pytest.approx([0.01, 0.02, 0.04])
        messages = await sender.until(4)
        assert messages == [messages[0]] * 4
        assert len({headers["webhook-id"] for _, headers, _ in sender.requests}) == 1
        found = await settled(webhooks, webhook, lambda found: found.rev == 1)
        assert (found.failures, found.last_error, found.next_at) == (0, "", None)


async def test_11_2_nothing_overtakes_what_is_being_sent(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    sender.held = asyncio.Event()
    async with desk.open() as webhooks:
        await make(webhooks, session)
        ada = await Person(session, "ada").join()
        for i in range(50):
            await ada.send(node(f"n{i}"))
        await sender.until(1)
        assert len(sender.requests) == 1, "one request at a time"
        sender.held.set()
        while "n49" not in str(sender.messages):
            await sender.until(len(sender.requests) + 1)
        created = [
            event["node_id"]
            for message in sender.messages
            for event in message["events"]
            if event["type"] == "node-created"
        ]
        assert created == [f"n{i}" for i in range(50)]
        assert len(sender.requests) < 20, "what waited goes out together"


async def test_11_2_a_receiver_is_left_alone_for_as_long_as_it_asks_within_bounds(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    sender.answers = [Answer(503, retry_after_s=120.0), Answer(503, retry_after_s=1e9)]
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session)
        await Person(session, "ada").join()
        found = await settled(webhooks, webhook, failed(1))
        assert found.next_at == 1120.0
    # after the wait, in a server that was started again
    desk.clock.now = 1120.0
    ada = await Person(session, "eve").join()
    await ada.send(node("a"))
    async with desk.open() as webhooks:
        found = await settled(webhooks, webhook, failed(2))
        assert found.next_at == 1120.0 + 3600.0


async def test_11_3_a_webhook_that_never_answers_is_dead_until_it_is_revived(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    sender.answers = [Answer(500)] * 4
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        ada = await Person(session, "ada").join()
        await ada.send(node("a"))
        found = await settled(webhooks, webhook, lambda found: found.dead)
        assert (found.state, found.failures, found.next_at) == ("dead", 4, None)
        await ada.send(node("b"))
        assert len(sender.requests) == 4
        revived = await webhooks.change(
            session.session_id, webhook.webhook_id, Change(enabled=True), ADA
        )
        assert (revived.state, revived.rev) == ("active", 0)
        await sender.until(5)
        found = await settled(webhooks, webhook, lambda found: found.rev == 2)
        nodes = [e["node_id"] for message in sender.messages[4:] for e in message["events"]]
        assert nodes == ["a", "b"], "from what was acknowledged on"


async def test_11_3_a_receiver_that_says_gone_is_not_asked_again(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    sender.answers = [Answer(410)]
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session)
        await Person(session, "ada").join()
        assert (await settled(webhooks, webhook, lambda found: found.dead)).failures == 1


async def test_11_3_a_disabled_webhook_goes_on_where_it_was(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        ada = await Person(session, "ada").join()
        await webhooks.change(session.session_id, webhook.webhook_id, Change(enabled=False), ADA)
        await ada.send(node("a"))
        assert webhooks.find(session.session_id, webhook.webhook_id).state == "disabled"
        assert sender.requests == []
        await webhooks.change(session.session_id, webhook.webhook_id, Change(enabled=True), ADA)
        (message,) = await sender.until(1)
        assert message["events"][0]["node_id"] == "a"


async def test_11_4_a_server_that_is_started_again_goes_on_and_opens_the_session(
    desk: Desk, hub: Hub, session: Session, sender: FakeSender, clock: FakeClock
) -> None:
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        ada = await Person(session, "ada").join()
        await ada.send(node("a"))
        await settled(webhooks, webhook, lambda found: found.rev == 1)
    await ada.send(node("b"))
    session.leave(ada.client)
    clock.now += 1000
    await hub.sweep()
    assert not hub.broadcaster.is_open(session.session_id)
    async with desk.open() as webhooks:
        assert webhooks.find(session.session_id, webhook.webhook_id).rev == 1
        messages = await sender.until(2)
        assert [e["node_id"] for e in messages[1]["events"]] == ["b"]
        await settled(webhooks, webhook, lambda found: found.rev == 2)
    clock.now += 1000
    await hub.sweep()
    async with desk.open() as webhooks:
        await asyncio.to_thread(lambda: None)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not hub.broadcaster.is_open(session.session_id), "there is nothing to send"


async def test_11_4_what_was_cut_off_is_sent_again(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    sender.held = asyncio.Event()
    ada = await Person(session, "ada").join()
    async with desk.open() as webhooks:
        await make(webhooks, session, "node-created")
        await ada.send(node("a"))
        await sender.until(1)
    sender.held.set()
    async with desk.open():
        messages = await sender.until(2)
        assert messages[0]["events"] == messages[1]["events"]


async def test_11_4_a_long_commit_is_acknowledged_as_a_whole(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    ada = await Person(session, "ada").join()
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        await ada.send(many(250))
        await settled(webhooks, webhook, lambda found: found.rev == 1)
        sizes = [len(message["events"]) for message in sender.messages]
        assert sum(sizes) == 250
        assert max(sizes) <= 100
        assert [message["rev"] for message in sender.messages] == [1] * len(sizes)


async def test_11_5_below_the_floor_it_is_told_and_goes_on_from_there(
    desk: Desk, hub: Hub, session: Session, sender: FakeSender
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    store = hub.broadcaster.events(session.session_id).channel.store
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        await webhooks.change(session.session_id, webhook.webhook_id, Change(enabled=False), ADA)
        await ada.send(node("b"))
        await ada.send(node("c"))
        await store.compact(2)
        await webhooks.change(session.session_id, webhook.webhook_id, Change(enabled=True), ADA)
        reset, message = await sender.until(2)
        (event,) = reset["events"]
        assert (event["type"], event["code"]) == ("reset", "GONE")
        assert "after rev 2" in event["fix"]
        assert [e["node_id"] for e in message["events"]] == ["c"]
        await settled(webhooks, webhook, lambda found: found.rev == 3)


async def test_11_6_a_test_sends_a_ping_and_says_what_came_of_it(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session)
        assert await webhooks.test(session.session_id, webhook.webhook_id) == ""
        assert sender.types == ["ping"]
        sender.answers = [Answer(500)]
        assert "500" in await webhooks.test(session.session_id, webhook.webhook_id)
        found = webhooks.find(session.session_id, webhook.webhook_id)
        assert (found.state, found.failures) == ("active", 0)
        sender.held = asyncio.Event()
        first = asyncio.ensure_future(webhooks.test(session.session_id, webhook.webhook_id))
        await sender.until(3)
        with pytest.raises(RateLimitedError):
            await webhooks.test(session.session_id, webhook.webhook_id)
        sender.held.set()
        assert await first == ""


async def test_a_place_is_kept_though_nothing_wanted_happens(
    desk: Desk, session: Session, sender: FakeSender
) -> None:
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "undo")
        ada = await Person(session, "ada").join()
        await ada.send(node("a"))
        await settled(webhooks, webhook, lambda found: found.rev == 1)
    assert sender.requests == []
    async with desk.open() as webhooks:
        assert webhooks.find(session.session_id, webhook.webhook_id).rev == 1


async def test_what_is_deleted_is_sent_no_more(
    desk: Desk, hub: Hub, session: Session, sender: FakeSender
) -> None:
    ada = await Person(session, "ada").join()
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session)
        await webhooks.delete(session.session_id, webhook.webhook_id)
        await ada.send(node("a"))
        assert webhooks.list(session.session_id) == []
        with pytest.raises(NotFoundError):
            await webhooks.delete(session.session_id, webhook.webhook_id)
    async with desk.open() as webhooks:
        assert webhooks.list(session.session_id) == []
    assert sender.requests == []


async def test_the_webhooks_of_a_deleted_session_are_forgotten(
    desk: Desk, hub: Hub, session: Session, sender: FakeSender
) -> None:
    async with desk.open() as webhooks:
        await make(webhooks, session, "session-updated")
        await hub.delete(session.session_id)
        while webhooks.list(session.session_id):
            await asyncio.sleep(0)
    async with desk.open() as webhooks:
        assert webhooks.list(session.session_id) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://ada:secret@example.org/",
        "http://@example.org/",
        "http://example.org:port/",
        "http://example.org/ path",
        "http://example.org/\r\nHost: x",
        "http://exämple.org/",
        "http://[::1/",
        "https://example.org/" + "x" * 3000,
    ],
)
async def test_11_7_an_address_that_is_none_is_refused(
    desk: Desk, session: Session, url: str
) -> None:
    async with desk.open() as webhooks:
        with pytest.raises(SchemaError):
            await make(webhooks, session, url=url)
        webhook = await make(webhooks, session)
        with pytest.raises(SchemaError):
            await webhooks.change(session.session_id, webhook.webhook_id, Change(url=url), ADA)
        assert webhooks.list(session.session_id) == [webhook]


async def test_a_webhook_says_which_types_there_are_and_how_many_fit(
    desk: Desk, session: Session
) -> None:
    async with desk.open() as webhooks:
        with pytest.raises(SchemaError, match="node-created"):
            await make(webhooks, session, "node-made")
        await make(webhooks, session)
        await make(webhooks, session)
        with pytest.raises(RateLimitedError):
            await make(webhooks, session)
        with pytest.raises(NotFoundError):
            await webhooks.create("0" * 32, URL, [], "", ADA)


async def settled_as(webhooks: Webhooks, webhook: Webhook, state: str) -> Webhook:
    return await settled(webhooks, webhook, lambda found: found.state == state)


async def test_11_8_a_webhook_ends_with_the_ownership_of_who_made_it(
    desk: Desk, session: Session, sender: FakeSender, hub: Hub
) -> None:
    bob = Actor("user:bob", "Bob")
    hub.access.rules = Rules("members")
    await hub.access.set_member(session.session_id, ADA, "owner")
    await hub.access.set_member(session.session_id, bob, "owner")
    async with desk.open() as webhooks:
        webhook = await make(webhooks, session, "node-created")
        person = await Person(session, "bob").join()
        await person.send(node("a"))
        await sender.until(1)
        await hub.access.transfer(session.session_id, ADA, "user:bob")
        found = await settled_as(webhooks, webhook, "disabled")
        assert "owns the session no more" in found.last_error
        await person.send(node("b"))
        assert len(sender.requests) == 1
        # another owner may take it over
        change = Change(enabled=True)
        taken = await webhooks.change(session.session_id, webhook.webhook_id, change, bob)
        assert (taken.state, taken.created_by) == ("active", bob)
        await sender.until(2)
    await hub.access.set_member(session.session_id, ADA, "owner")
    await hub.access.set_member(session.session_id, bob, "viewer")
    async with desk.open() as webhooks:
        await settled_as(webhooks, webhook, "disabled")
