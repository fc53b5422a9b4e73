"""Every operation of the API, where each is served, and the document that describes them.

Wired by extension.py.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import cycle
from typing import Any

from graph_ext.transports import rest, sse, webhooks
from graph_ext.transports.http import HttpHandler
from graph_ext.transports.openapi import document
from graph_ext.transports.operations import Call, Operation, operation

__all__ = ["OPERATIONS", "ROOT", "openapi", "routes"]

ROOT = "/graph-ext/api/v1"
"""Below the server's base URL."""

_SESSION = "[0-9a-f]{32}"


@operation("GET", "openapi.json", allow="anyone")
async def read_openapi(call: Call) -> dict[str, Any]:  # noqa: ARG001 - every operation gets its call
    """Read this document."""
    return openapi()


OPERATIONS: tuple[Operation, ...] = (
    *rest.OPERATIONS,
    *sse.OPERATIONS,
    *webhooks.OPERATIONS,
    read_openapi,
)
"""The whole table."""


@cache
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document; not to be changed."""
    return document(OPERATIONS, ROOT)


def routes(serving: dict[HttpHandler, None]) -> list[tuple[str, Any, dict[str, Any]]]:
    """Say which handler answers where.

    Parameters
    ----------
    serving : dict
        Where the handlers keep the requests that they are at, so that a server that stops can end
        them.
    """
    by_path: dict[str, dict[str, Operation]] = {}
    for each in OPERATIONS:
        by_path.setdefault(each.path, {})[each.method] = each
    found = [
        (
            f"{ROOT}/{_pattern(path)}",
            next(iter(operations.values())).handler or rest.RestHandler,
            {"operations": operations, "serving": serving},
        )
        for path, operations in by_path.items()
    ]
    # what there is not is said in the API's own words, too
    return [*found, (f"{ROOT}/.*", rest.RestHandler, {"operations": {}, "serving": serving})]


def _pattern(path: str) -> str:
    """Return the regular expression of a path."""
    parts = re.split(r"{(\w+)}", path)
    # what was in braces is at the odd places
    return "".join(
        f"(?P<{part}>{_SESSION if part == 'session_id' else '[^/]+'})" if odd else re.escape(part)
        for part, odd in zip(parts, cycle((False, True)), strict=False)
    )
