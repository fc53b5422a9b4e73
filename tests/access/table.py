"""What each role may do, and which action everything that can be asked needs: the one table.

The matrix (test_matrix.py) reads its expectations from here, and nothing else. What can be asked
and has no row here makes it fail.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.stores.memory import MemoryStore

__all__ = [
    "COMMANDS",
    "KINDS",
    "LISTENED",
    "MAY",
    "MESSAGES",
    "OPERATIONS",
    "Asked",
    "Sent",
    "World",
    "refusal",
]

MAY: dict[str, set[str]] = {
    "owner": {"read", "edit", "undo-others", "change-blueprint", "rename", "share", "delete"},
    "editor": {"read", "edit", "undo-others", "change-blueprint"},
    "viewer": {"read"},
    "stranger": set(),
}

KINDS = ("owner", "editor", "viewer", "stranger", "anonymous")
"""Five kinds of people; each is a user of that name, and nobody for anonymous."""


class World(Struct):
    """A session made for one cell of the matrix: nodes a and b and a link between them at rev 2.

    ``token``, ``invitation_id``: of a link to it for viewers. ``webhook_id``: of one to nowhere.
    """

    session_id: str
    epoch: str
    token: str
    invitation_id: str
    webhook_id: str


MESSAGES: dict[str, str] = {
    "join_session": "read",
    "leave_session": "read",
    "command": "by its command",
    "presence": "read",
    "credit": "read",
    "ping": "anyone",
}
"""Every message that a client sends over the WebSocket, and the action that it needs."""

LISTENED: dict[str, str] = {
    "connect": "anyone",
    "disconnect": "anyone",
    "join_session": "read",
    "leave_session": "anyone",
    "ping": "anyone",
}
"""Every event that the server listens for over Socket.IO, and the action that it needs."""


def refusal(action: str, kind: str) -> str:
    """The code with which somebody is refused an action in a session; empty: they may."""
    if kind == "anonymous":
        return "FORBIDDEN"
    if action in {"anyone", "create"} or action in MAY[kind]:
        return ""
    return "FORBIDDEN" if MAY[kind] else "NOT_FOUND"


class Sent(Struct):
    """A command: the action that it needs, itself, and what its sender has done just before."""

    action: str
    command: dict[str, Any]
    before: tuple[dict[str, Any], ...] = ()


_MINE = {"type": "set-property", "node_id": "a", "property_name": "x", "value": 2}
_BLUEPRINT = {"node_types": {"Task": {}}, "self_links": False}
_OTHER_RULES = {"type": "update-blueprint", "blueprint": _BLUEPRINT}

COMMANDS: dict[str, list[Sent]] = {
    "create-node": [
        Sent("edit", {"type": "create-node", "node_id": "new", "blueprint_type_id": "Task"})
    ],
    "delete-node": [Sent("edit", {"type": "delete-node", "node_id": "b"})],
    "update-node": [Sent("edit", {"type": "update-node", "node_id": "a", "name": "A"})],
    "link-nodes": [Sent("edit", {"type": "link-nodes", "source_id": "b", "target_id": "a"})],
    "unlink-nodes": [Sent("edit", {"type": "unlink-nodes", "link_id": "ab"})],
    "set-property": [Sent("edit", _MINE)],
    "delete-property": [
        Sent("edit", {"type": "delete-property", "node_id": "a", "property_name": "x"})
    ],
    "update-blueprint": [Sent("change-blueprint", _OTHER_RULES)],
    "batch": [
        Sent("edit", {"type": "batch", "commands": [_MINE]}),
        Sent("change-blueprint", {"type": "batch", "commands": [_MINE, _OTHER_RULES, _MINE]}),
    ],
    "undo": [
        Sent("edit", {"type": "undo"}, before=(_MINE,)),
        Sent("undo-others", {"type": "undo", "scope": "session"}),
        Sent("undo-others", {"type": "undo", "rev": 2}),
    ],
    "redo": [Sent("edit", {"type": "redo"}, before=(_MINE, {"type": "undo"}))],
}
"""Every command."""


def _nothing(_: World) -> None:
    return None


class Asked(Struct):
    """An operation over HTTP: the action that it needs, and a request that is answered with 2xx.

    ``action`` may be ``anyone`` or ``create``, which do not ask for a role. ``before``: what the
    caller has done just before.
    """

    action: str
    path: dict[str, str] = {}
    query: str = ""
    body: Callable[[World], Any] = _nothing
    before: tuple[dict[str, Any], ...] = ()


def _body(value: Any) -> Callable[[World], Any]:
    return lambda _: value


def _archive() -> bytes:
    """A session as a file."""

    async def exported() -> bytes:
        hub = Hub(MemoryStore(), HubLimits(), time.time, lambda: uuid.uuid4().hex)
        info = await hub.create("plan")
        archive = b"".join([piece async for piece in hub.export(info.session_id)])
        await hub.close()
        return archive

    return asyncio.run(exported())


_WEBHOOK = {"webhook_id": "{webhook_id}"}

OPERATIONS: dict[str, list[Asked]] = {
    "health": [Asked("anyone")],
    "read_openapi": [Asked("anyone")],
    "list_sessions": [Asked("anyone")],
    "create_session": [Asked("create", body=lambda world: {"name": f"of {world.session_id}"})],
    "read_session": [Asked("read")],
    "rename_session": [Asked("rename", body=lambda world: {"name": f"not {world.session_id}"})],
    "delete_session": [Asked("delete")],
    "read_graph": [Asked("read"), Asked("read", query="rev=0")],
    "read_neighbourhood": [Asked("read", query="node_id=a")],
    "read_diff": [Asked("read", query="from_rev=0&to_rev=1")],
    "submit_command": [
        Asked(sent.action, body=_body({"command": sent.command}), before=sent.before)
        for variants in COMMANDS.values()
        for sent in variants
    ],
    "undo": [
        Asked("edit", body=_body({}), before=(_MINE,)),
        Asked("undo-others", body=_body({"scope": "session"})),
        Asked("undo-others", body=_body({"rev": 2})),
    ],
    "redo": [Asked("edit", body=_body({}), before=(_MINE, {"type": "undo"}))],
    "follow_events": [Asked("read")],
    "read_history": [Asked("read")],
    "read_blame": [Asked("read", query="node_id=a&field=properties.x")],
    "read_commits": [Asked("read", query="since=0")],
    "list_versions": [Asked("read")],
    "put_version": [Asked("edit", {"name": "v2"}, body=_body({}))],
    "delete_version": [Asked("edit", {"name": "v1"})],
    "fork_session": [Asked("read", body=lambda world: {"name": f"fork of {world.session_id}"})],
    "export_session": [Asked("read")],
    "import_session": [Asked("create", query="name=imported", body=_body(_archive()))],
    "read_blueprint": [Asked("read")],
    "put_blueprint": [Asked("change-blueprint", body=_body(_BLUEPRINT))],
    "check_blueprint_fits": [Asked("read", body=_body({}))],
    "read_schema": [Asked("read", query="type_id=Task")],
    "list_members": [Asked("read")],
    "put_member": [Asked("share", {"actor_id": "user:new"}, body=_body({"role": "viewer"}))],
    "delete_member": [Asked("share", {"actor_id": "user:spare"})],
    "transfer_ownership": [Asked("share", body=_body({"actor_id": "user:editor"}))],
    "list_invitations": [Asked("share")],
    "create_invitation": [Asked("share", body=_body({"role": "viewer"}))],
    "revoke_invitation": [Asked("share", {"invitation_id": "{invitation_id}"})],
    "list_webhooks": [Asked("share")],
    "create_webhook": [Asked("share", body=_body({"url": "http://127.0.0.1:9/", "types": []}))],
    "read_webhook": [Asked("share", _WEBHOOK)],
    "change_webhook": [Asked("share", _WEBHOOK, body=_body({"enabled": False}))],
    "delete_webhook": [Asked("share", _WEBHOOK)],
    "test_webhook": [Asked("share", _WEBHOOK)],
    "look_at_invitation": [Asked("anyone", body=lambda world: {"token": world.token})],
    "accept_invitation": [Asked("anyone", body=lambda world: {"token": world.token})],
}
"""Every operation over HTTP."""
