"""``g.webhooks``: the addresses to which the server sends a session's events. For owners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from graph_ext.protocol.http import WebhookInfo, WebhookSecret, WebhookTest

__all__ = ["Webhooks"]


class Webhooks:
    """A session's webhooks, as the server knows them at each look.

    Whatever is asked here raises GraphError: FORBIDDEN (you are no owner), NOT_FOUND, SCHEMA (no
    such address or type), or the server can't be reached.

    Parameters
    ----------
    ask : callable
        Makes a request about the session: method, path, the answer's type, body.
    """

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def __iter__(self) -> Iterator[WebhookInfo]:
        return iter(self._list())

    def __len__(self) -> int:
        return len(self._list())

    def __repr__(self) -> str:
        return f"Webhooks([{', '.join(f'{hook.url} ({hook.state})' for hook in self)}])"

    def add(
        self, url: str, *, types: Iterable[str] = (), description: str = ""
    ) -> tuple[WebhookInfo, str]:
        """Have events sent to an address, from now on.

        Parameters
        ----------
        url : str
            Where to.
        types : iterable of str
            Event types as in ``node-created``; none: all.
        description : str
            For people.

        Returns
        -------
        (WebhookInfo, str)
            The webhook, and the secret of its signatures: it is shown this once.
        """
        body = {"url": url, "types": list(types), "description": description}
        made: WebhookSecret = self._ask("POST", "webhooks", WebhookSecret, body)
        return made.webhook, made.secret

    def remove(self, webhook: WebhookInfo | str) -> None:
        """Send nothing more there; a webhook, or its webhook_id."""
        self._ask("DELETE", _path(webhook), type(None))

    def test(self, webhook: WebhookInfo | str) -> WebhookTest:
        """Send a ``ping`` event there now, and say whether it ``arrived``, or the ``error``."""
        answer: WebhookTest = self._ask("POST", f"{_path(webhook)}/test", WebhookTest)
        return answer

    def enable(self, webhook: WebhookInfo | str) -> WebhookInfo:
        """Bring one that is dead or disabled back to life."""
        answer: WebhookInfo = self._ask("PATCH", _path(webhook), WebhookInfo, {"enabled": True})
        return answer

    def _list(self) -> list[WebhookInfo]:
        found: list[WebhookInfo] = self._ask("GET", "webhooks", list[WebhookInfo])
        return found


def _path(webhook: WebhookInfo | str) -> str:
    webhook_id = webhook if isinstance(webhook, str) else webhook.webhook_id
    return f"webhooks/{quote(webhook_id, safe='')}"
