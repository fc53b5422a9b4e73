"""Other pages get nothing with our cookie, on any route (docs/protocol.md, 8.12)."""

from __future__ import annotations

import pytest
from tornado.httpclient import HTTPClientError

from graph_ext.transports.table import OPERATIONS as ALL_OPERATIONS
from tests.access.cells import ask, state, world_of
from tests.access.people import People
from tests.access.table import OPERATIONS
from tests.transports.conftest import cookie_header

FOREIGN = ["http://evil.example", "null", "http://127.0.0.1:1"]


async def cookies(people: People, *, xsrf: bool) -> dict[str, str]:
    """What a browser of the owner sends, with or without what only our own pages can add."""
    jar = await people.cookies("owner")
    headers = {"Cookie": cookie_header(jar)}
    return {**headers, "X-XSRFToken": jar["_xsrf"]} if xsrf else headers


async def test_a_cookie_alone_changes_nothing(people: People) -> None:
    headers = await cookies(people, xsrf=False)
    async with world_of(people) as world:
        before = await state(people, world)
        for operation in ALL_OPERATIONS:
            (asked, *_) = OPERATIONS[operation.operation_id]
            if operation.method != "GET":
                answer = await ask(people, operation, asked, world, headers)
                assert answer.code == 403, operation.operation_id
        assert await state(people, world) == before
        assert len(await people.hub.list()) == 1


async def test_our_own_page_does_everything(people: People) -> None:
    headers = await cookies(people, xsrf=True)
    headers["Origin"] = f"http://{people.server.host}"
    for operation in ALL_OPERATIONS:
        (asked, *_) = OPERATIONS[operation.operation_id]
        if asked.before:
            continue
        async with world_of(people) as world:
            answer = await ask(people, operation, asked, world, headers)
            assert answer.code == operation.status, (operation.operation_id, answer.body)
            assert answer.headers.get("Access-Control-Allow-Origin", "") in {"", headers["Origin"]}


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_gets_nothing(people: People, origin: str) -> None:
    # even one that has got hold of the XSRF token
    headers = {**await cookies(people, xsrf=True), "Origin": origin}
    async with world_of(people) as world:
        before = await state(people, world)
        for operation in ALL_OPERATIONS:
            (asked, *_) = OPERATIONS[operation.operation_id]
            answer = await ask(people, operation, asked, world, headers)
            assert answer.code in {403, 404}, operation.operation_id
            assert world.session_id.encode() not in answer.body
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert await state(people, world) == before
        assert len(await people.hub.list()) == 1


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_gets_no_websocket(people: People, origin: str) -> None:
    headers = await cookies(people, xsrf=True)
    with pytest.raises(HTTPClientError) as caught:
        await people.server.connect({**headers, "Origin": origin})
    assert caught.value.code == 403
    ours = await people.server.connect({**headers, "Origin": f"http://{people.server.host}"})
    await ours.send({"type": "ping"})
    assert await ours.read() == {"type": "pong"}


async def test_no_answer_is_for_all_origins(people: People) -> None:
    async with world_of(people) as world:
        for operation in ALL_OPERATIONS:
            (asked, *_) = OPERATIONS[operation.operation_id]
            for kind in ("owner", "anonymous"):
                headers = {**people.header(kind), "Origin": FOREIGN[0]}
                answer = await ask(people, operation, asked, world, headers)
                assert answer.headers.get("Access-Control-Allow-Origin") != "*"
