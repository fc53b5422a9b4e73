"""Tokens, links, names and properties reach no log (docs/protocol.md, 8.13)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import structs

from graph_ext.transports.table import OPERATIONS as ALL_OPERATIONS
from tests.access.cells import ask, do, world_of
from tests.access.people import SECRET, People
from tests.access.table import OPERATIONS
from tests.transports.conftest import API, create

MARK = "marked-value"


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """All that anybody logs, of whatever level."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep()
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    for logger in loggers:
        logger.addHandler(handler)
    yield lines
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.mark.parametrize("kind", ["owner", "viewer"])
async def test_no_route_logs_a_secret(people: People, logged: list[str], kind: str) -> None:
    tokens: list[str] = []
    for operation in ALL_OPERATIONS:
        (asked, *_) = OPERATIONS[operation.operation_id]
        async with world_of(people) as world:
            tokens.append(world.token)
            if kind == "owner":
                await do(people, kind, world, asked.before)
            body = asked.body(world)
            wrapped = MARK.encode() + body if isinstance(body, bytes) else {MARK: body}
            for sent in (marked(body), wrapped, MARK, body):
                changed = structs.replace(asked, body=lambda _, sent=sent: sent)
                await ask(people, operation, changed, world, people.header(kind))
    assert any("graph-ext/api" in line for line in logged), "the requests were logged"
    for line in logged:
        assert MARK not in line
        assert SECRET not in line
        assert not any(token in line for token in tokens)


def marked(body: Any) -> Any:
    """Put a marked text wherever there is one."""
    if isinstance(body, dict):
        return {key: marked(value) for key, value in body.items()}
    if isinstance(body, list):
        return [marked(each) for each in body]
    return f"{MARK} {body}" if isinstance(body, str) else body


async def test_no_message_logs_a_secret(people: People, logged: list[str]) -> None:
    async with world_of(people) as world:
        session_id = world.session_id
        peer = await people.connect("owner")
        await peer.join(session_id, MARK, label=MARK)
        await peer.command(session_id, "k1", **create(MARK, effort=MARK), blueprint_type_id="Task")
        await peer.command(session_id, MARK, **create("x", effort=MARK), blueprint_type_id=MARK)
        await peer.command(session_id, "k2", type=MARK)
        message = {"type": "presence", "session_id": session_id, "selection": [MARK]}
        await peer.send(message, {**message, "editing": 3, MARK: MARK})
        await peer.raw(f'{{"type": "{MARK}"')
        await peer.raw(f'"{MARK}"')
        await peer.raw(json.dumps({"type": "join_session", "session_id": MARK, "client_id": MARK}))
        for _ in range(3):
            await peer.read_type("error")
        name = f"{API}/sessions?name={MARK}"
        await people.server.fetch(f"{API}/sessions", people.header("owner"), {"name": MARK})
        assert len(json.loads((await people.server.fetch(name, people.header("owner"))).body)) == 1
        path = f"{API}/sessions/{session_id}"
        for rest in (f"versions/{MARK}", f"members/user:{MARK}", f"neighbourhood?node_id={MARK}"):
            await people.server.fetch(f"{path}/{rest}", people.header("owner"), method="DELETE")
            await people.server.fetch(f"{path}/{rest}", people.header("owner"))
    for line in logged:
        assert MARK not in line
        assert SECRET not in line


async def test_a_token_in_an_address_is_not_logged(people: People, logged: list[str]) -> None:
    token = people.header("owner")["Authorization"].removeprefix("token ")
    answer = await people.server.fetch(f"{API}/sessions?token={token}", headers={})
    assert answer.code == 200
    peer = await people.server.connect({}, query=f"?token={token}")
    await peer.send({"type": "ping"})
    await peer.read()
    await peer.close()
    assert not any(token in line for line in logged)
