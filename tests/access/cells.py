"""A session for each cell of the matrix, what is asked of it, and what must stay as it was."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from tornado.httpclient import HTTPResponse

from graph_ext.core.blueprint import Blueprint, NodeType
from graph_ext.core.commands import Batch, Command, CreateNode, LinkNodes
from graph_ext.protocol import Actor
from graph_ext.transports.base import WEBHOOKS
from graph_ext.transports.operations import Operation
from tests.access.people import People
from tests.access.table import Asked, World
from tests.transports.conftest import API

OWNER, EDITOR, VIEWER, SPARE = (
    Actor(f"user:{name}", name) for name in ("owner", "editor", "viewer", "spare")
)


@asynccontextmanager
async def world_of(people: People) -> AsyncIterator[World]:
    """A session in which each has the role of their name."""
    hub = people.hub
    blueprint = Blueprint(node_types={"Task": NodeType()})
    info = await hub.create(uuid.uuid4().hex, blueprint, OWNER)
    session_id = info.session_id
    for actor, role in ((EDITOR, "editor"), (VIEWER, "viewer"), (SPARE, "viewer")):
        await hub.access.set_member(session_id, actor, role, OWNER)
    invitation, token = await hub.access.invite(session_id, "viewer", None, None, OWNER)
    session = await hub.open(session_id)
    nodes = [
        CreateNode("a", blueprint_type_id="Task", properties={"x": 1}),
        CreateNode("b", blueprint_type_id="Task"),
    ]
    batch = Batch([*nodes, LinkNodes("a", "b", link_id="ab")])
    await session.execute(uuid.uuid4().hex, batch, OWNER)
    await session.versions.set("v1", OWNER, 1)
    webhooks = people.server.app.web_app.settings[WEBHOOKS]
    webhook = await webhooks.create(session_id, "http://127.0.0.1:9/", ["undo"], "", OWNER)
    yield World(session_id, session.epoch, token, invitation.invitation_id, webhook.webhook_id)
    if hub.access.members_now(session_id):
        await hub.delete(session_id)


async def state(people: People, world: World) -> Any:
    """All that a refusal must leave as it was."""
    hub = people.hub
    info = await hub.info(world.session_id)
    sharing = await hub.access.members(world.session_id)
    links = await hub.access.invitations(world.session_id)
    session = await hub.open(world.session_id)
    webhooks = people.server.app.web_app.settings[WEBHOOKS].list(world.session_id)
    hooks = [(each.webhook_id, each.url, each.enabled) for each in webhooks]
    return info.name, info.rev, sharing, links, await session.versions.list(), hooks


async def ask(
    people: People,
    operation: Operation,
    asked: Asked,
    world: World,
    headers: dict[str, str],
) -> HTTPResponse:
    """Ask as a row says; of a stream only whether it may be read, as that has no end."""
    path = operation.path.format(session_id=world.session_id, **asked.path)
    path = path.format(invitation_id=world.invitation_id, webhook_id=world.webhook_id)
    sent = asked.body(world)
    return await people.server.fetch(
        f"{API}/{path}?{asked.query}",
        headers=headers,
        method="HEAD" if operation.media_type == "text/event-stream" else operation.method,
        body=sent if sent is None or isinstance(sent, bytes) else json.dumps(sent),
    )


async def do(people: People, kind: str, world: World, commands: tuple[dict[str, Any], ...]) -> None:
    """Have somebody do what comes before."""
    session = await people.hub.open(world.session_id)
    for command in commands:
        read: Command = msgspec.convert(command, Command)
        await session.execute(uuid.uuid4().hex, read, Actor(f"user:{kind}", kind))
