"""One webhook: an address that a session's events are sent to, its place in the log, its secret.

Requests are signed after the Standard Webhooks specification (1.0, symmetric). Called by
hub/webhooks.py, hub/webhook_message.py and hub/delivery.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Literal, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from graph_ext.core.errors import SchemaError
from graph_ext.protocol import Actor

__all__ = [
    "Answer",
    "DeliveryLimits",
    "Sender",
    "State",
    "Webhook",
    "check_description",
    "check_url",
    "new_secret",
    "sign",
]

_URL_CHARACTERS = 2048
_DESCRIPTION_CHARACTERS = 1024
_SECRET_BYTES = 32
_SECRET = "whsec_"  # noqa: S105 - what the specification has a secret begin with

State = Literal["active", "failing", "dead", "disabled"]


class Webhook(Struct, frozen=True, kw_only=True):
    """An address that a session's events are sent to.

    ``types``: of the events wanted; none: all. ``created_by``: who made it, or enabled it last.
    ``epoch`` and ``rev``: what was acknowledged.
    ``failures``: in a row. ``next_at``: Unix seconds, UTC, of the next attempt after a failure.
    """

    webhook_id: str
    session_id: str
    url: str
    types: list[str]
    description: str
    secret: str
    enabled: bool = True
    created_at: float
    created_by: Actor
    epoch: str
    rev: int
    failures: int = 0
    dead: bool = False
    last_error: str = ""
    next_at: float | None = None

    @property
    def state(self) -> State:
        """As lists show it."""
        if not self.enabled:
            return "disabled"
        if self.dead:
            return "dead"
        return "failing" if self.failures else "active"


class DeliveryLimits(Struct, frozen=True, kw_only=True):
    """Bounds of sending. ``attempts``: failures in a row after which a webhook is dead.

    ``first_wait_s``: after the first failure; each further one doubles it, to ``longest_wait_s``.
    """

    attempts: int = 16
    first_wait_s: float = 2.0
    longest_wait_s: float = 3600.0
    webhooks_per_session: int = 20


class Answer(Struct, frozen=True):
    """What a receiver said. ``retry_after_s``: for how long it wants to be left alone."""

    status: int
    retry_after_s: float | None = None


class Sender(Protocol):
    """Sends one request (transports/sender.py)."""

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """POST a body, follow no redirect, read no more of the answer than is needed.

        Raises
        ------
        ForbiddenError
            The address leads where nothing may be sent to.
        UnavailableError
            No answer in time, or none that can be read.
        """


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return _SECRET + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the ``webhook-signature`` of a request (Standard Webhooks 1.0, symmetric)."""
    key = base64.b64decode(secret.removeprefix(_SECRET))
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def check_url(url: str) -> str:
    """Return an address that may be sent to, as far as it shows (SchemaError).

    Where it leads is looked at when it is connected to.
    """
    fix = "as in https://example.org/hook"
    if (
        not 0 < len(url) <= _URL_CHARACTERS
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    ):
        raise SchemaError(
            f"A webhook's url has 1 to {_URL_CHARACTERS} visible ASCII characters",
            path="url",
            fix=fix,
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SchemaError("The url can't be read", path="url", fix=fix) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise SchemaError(
            "A webhook's url begins with http:// or https:// and a host", path="url", fix=fix
        )
    if "@" in parts.netloc:
        raise SchemaError(
            "A webhook's url may hold no user or password",
            path="url",
            fix="check the signature that every request carries",
        )
    return url


def check_description(description: str) -> str:
    """Return what people call a webhook (SchemaError)."""
    if len(description) > _DESCRIPTION_CHARACTERS:
        raise SchemaError(
            f"A description may have {_DESCRIPTION_CHARACTERS} characters, this one has"
            f" {len(description)}",
            path="description",
        )
    return description
