"""One message to a webhook: written and signed, sent once, and what came of it.

Headers and signature are those of the Standard Webhooks specification (1.0, symmetric). Called by
hub/delivery.py, which says when, and what comes next.
"""

from __future__ import annotations

from msgspec import Struct

from graph_ext.core.errors import GraphError
from graph_ext.hub.event_slices import EncodedEvent
from graph_ext.hub.webhook import Sender, Webhook, sign

__all__ = ["Message", "Request", "Tried", "send", "write"]

_GONE = 410


class Message(Struct, frozen=True):
    """Some events. ``message_id``: the same when it is sent again; ``rev``: of the newest one."""

    message_id: str
    epoch: str
    rev: int
    events: tuple[EncodedEvent, ...]


class Request(Struct, frozen=True):
    """A message as it travels to an address."""

    url: str
    headers: dict[str, str]
    body: bytes


class Tried(Struct, frozen=True):
    """What came of a request: why it did not arrive, and what the receiver asks for."""

    error: str = ""
    retry_after_s: float = 0.0
    # the receiver says that it is no more (Standard Webhooks)
    gone: bool = False


def write(webhook: Webhook, message: Message, timestamp: int) -> Request:
    """Write and sign a message (docs/protocol.md, 11.1); ``timestamp``: Unix seconds, UTC."""
    body = b'{"webhook_id":"%b","session_id":"%b","epoch":"%b","rev":%d,"events":[%b]}' % (
        webhook.webhook_id.encode(),
        webhook.session_id.encode(),
        message.epoch.encode(),
        message.rev,
        b",".join(event.body for event in message.events),
    )
    message_id = f"msg_{message.message_id}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "graph_ext",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(webhook.secret, message_id, timestamp, body),
    }
    return Request(webhook.url, headers, body)


async def send(sender: Sender, request: Request) -> Tried:
    """Send a request once; what goes wrong is told, not raised."""
    try:
        answer = await sender.post(request.url, request.headers, request.body)
    except GraphError as error:
        return Tried(str(error))
    if 200 <= answer.status < 300:
        return Tried()
    why = f"It answered {answer.status}"
    if 300 <= answer.status < 400:
        why += ", and redirects are not followed"
    return Tried(why, answer.retry_after_s or 0.0, answer.status == _GONE)
