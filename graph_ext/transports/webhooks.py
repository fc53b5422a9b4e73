"""Webhooks over HTTP: owners make, read, change, test and delete them (docs/protocol.md, 11)."""

from __future__ import annotations

from graph_ext.core.errors import UnavailableError
from graph_ext.hub.webhook import Webhook
from graph_ext.hub.webhooks import Change, Webhooks
from graph_ext.protocol.http import (
    NewWebhook,
    WebhookChange,
    WebhookInfo,
    WebhookSecret,
    WebhookTest,
)
from graph_ext.transports.operations import Call, operation

__all__ = ["OPERATIONS"]

_ALL = "sessions/{session_id}/webhooks"
_ONE = "sessions/{session_id}/webhooks/{webhook_id}"


@operation("GET", _ALL, allow="share")
async def list_webhooks(call: Call) -> list[WebhookInfo]:
    """List the session's webhooks, in the order in which they were made."""
    return [_info(webhook) for webhook in _webhooks(call).list(call.session_id)]


@operation(
    "POST",
    _ALL,
    allow="share",
    status=201,
    refuses=("SCHEMA", "RATE_LIMITED"),
    example={"url": "https://example.org/hook", "types": ["node-created"]},
)
async def create_webhook(call: Call, body: NewWebhook) -> WebhookSecret:
    """Have the session's events sent to an address, from now on.

    The answer has the secret of the signatures, which is shown this once.
    """
    made = await _webhooks(call).create(
        call.session_id, body.url, body.types, body.description, call.caller.actor
    )
    call.headers["Location"] = f"{call.path}/{made.webhook_id}"
    return WebhookSecret(webhook=_info(made), secret=made.secret)


@operation("GET", _ONE, allow="share")
async def read_webhook(call: Call, webhook_id: str) -> WebhookInfo:
    """Read about a webhook: its state, failures and next attempt."""
    return _info(_webhooks(call).find(call.session_id, webhook_id))


@operation("PATCH", _ONE, allow="share", refuses=("SCHEMA",), example={"enabled": True})
async def change_webhook(call: Call, webhook_id: str, body: WebhookChange) -> WebhookInfo:
    """Change a webhook; ``enabled`` or another ``url`` bring a dead one back to life.

    It goes on after what was acknowledged.
    """
    change = Change(body.url, body.types, body.description, body.enabled)
    webhooks = _webhooks(call)
    return _info(await webhooks.change(call.session_id, webhook_id, change, call.caller.actor))


@operation("DELETE", _ONE, allow="share")
async def delete_webhook(call: Call, webhook_id: str) -> None:
    """Delete a webhook: nothing more is sent there."""
    await _webhooks(call).delete(call.session_id, webhook_id)


@operation("POST", f"{_ONE}/test", allow="share", refuses=("RATE_LIMITED",))
async def test_webhook(call: Call, webhook_id: str) -> WebhookTest:
    """Send a ``ping`` event to a webhook now, and say whether it arrived.

    Its state, and what it has acknowledged, stay as they are.
    """
    error = await _webhooks(call).test(call.session_id, webhook_id)
    return WebhookTest(arrived=not error, error=error)


def _webhooks(call: Call) -> Webhooks:
    if call.webhooks is None:
        raise UnavailableError("This server sends no webhooks")
    return call.webhooks


def _info(webhook: Webhook) -> WebhookInfo:
    return WebhookInfo(
        webhook_id=webhook.webhook_id,
        session_id=webhook.session_id,
        url=webhook.url,
        types=webhook.types,
        description=webhook.description,
        state=webhook.state,
        created_at=webhook.created_at,
        created_by=webhook.created_by,
        epoch=webhook.epoch,
        rev=webhook.rev,
        failures=webhook.failures,
        last_error=webhook.last_error,
        next_at=webhook.next_at,
    )


OPERATIONS = (
    list_webhooks,
    create_webhook,
    read_webhook,
    change_webhook,
    delete_webhook,
    test_webhook,
)
