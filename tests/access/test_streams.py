"""Who may follow a session over HTTP, and what ends that (docs/protocol.md, 8.5 to 8.8)."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from graph_ext.core.commands import CreateNode
from graph_ext.protocol import Actor
from tests.access.cells import do, world_of
from tests.access.people import People
from tests.access.table import KINDS, OPERATIONS, refusal
from tests.access.test_sockets import ADA, BOB, shared
from tests.transports.conftest import API, cookie_header


class Stream:
    """Somebody who reads a session's events."""

    def __init__(self, people: People, session_id: str, headers: dict[str, str]) -> None:
        self.text = b""
        self._more = asyncio.Event()
        request = HTTPRequest(
            people.server.url(f"{API}/sessions/{session_id}/events"),
            headers=headers,
            streaming_callback=self._read,
            request_timeout=60,
        )
        self._answer = asyncio.ensure_future(AsyncHTTPClient().fetch(request, raise_error=False))

    def _read(self, chunk: bytes) -> None:
        self.text += chunk
        self._more.set()

    async def until(self, text: bytes) -> None:
        while text not in self.text:
            self._more.clear()
            await self._more.wait()

    async def end(self) -> HTTPResponse:
        return await self._answer


async def edit(people: People, session_id: str, node_id: str) -> None:
    session = await people.hub.open(session_id)
    await session.execute(uuid.uuid4().hex, CreateNode(node_id), Actor("user:ada", "Ada"))


@pytest.mark.parametrize("by", ["token", "cookie"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_stream_is_for_who_may_read(people: People, kind: str, by: str) -> None:
    headers = people.header(kind)
    if by == "cookie":
        headers = {"Cookie": cookie_header(await people.cookies(kind))}
    (asked,) = OPERATIONS["follow_events"]
    code = refusal(asked.action, kind)
    async with world_of(people) as world:
        stream = Stream(people, world.session_id, headers)
        if not code:
            await stream.until(b"retry")
            await do(people, "owner", world, ({"type": "delete-node", "node_id": "b"},))
            await stream.until(b"event: node-deleted")
            await people.hub.delete(world.session_id)
            assert (await stream.end()).code == 200
            assert b"event: left" in stream.text
            return
        answer = await stream.end()
        assert answer.code == {"FORBIDDEN": 403, "NOT_FOUND": 404}[code]
        assert json.loads(stream.text)["code"] == code
        none = Stream(people, "0" * 32, headers)
        assert (await none.end()).code == answer.code
        told = stream.text.replace(world.session_id.encode(), b"0" * 32)
        assert none.text == told, "as of a session that there is not"


async def test_the_stream_of_who_is_removed_ends(people: People) -> None:
    session_id = await shared(people, "viewer")
    bob = Stream(people, session_id, people.header("bob"))
    await bob.until(b"retry")
    await edit(people, session_id, "before")
    await bob.until(b"before")
    await people.hub.access.remove_member(session_id, "user:bob")
    await edit(people, session_id, "after")
    await bob.end()
    assert b"event: left" in bob.text
    assert b"FORBIDDEN" in bob.text
    assert b"after" not in bob.text


async def test_the_stream_of_who_may_read_no_longer_ends(people: People) -> None:
    session_id = await shared(people)
    bob = Stream(people, session_id, people.header("bob"))
    await bob.until(b"retry")
    people.deny("bob", "read")
    await bob.end()
    assert b"FORBIDDEN" in bob.text


async def test_a_login_that_ends_ends_the_stream(people: People) -> None:
    session_id = await shared(people)
    bob = Stream(people, session_id, people.header("bob"))
    ada = Stream(people, session_id, people.header("ada"))
    await bob.until(b"retry")
    await ada.until(b"retry")
    people.know_no_longer("bob")
    await bob.end()
    assert b"login has ended" in bob.text
    await edit(people, session_id, "after")
    await ada.until(b"after")
    people.know_no_longer("ada")
    await ada.end()


@pytest.mark.parametrize("role", ["editor", "viewer"])
async def test_a_role_that_may_still_read_keeps_the_stream(people: People, role: str) -> None:
    session_id = await shared(people, "viewer" if role == "editor" else "editor")
    bob = Stream(people, session_id, people.header("bob"))
    await bob.until(b"retry")
    await people.hub.access.set_member(session_id, BOB, role, ADA)
    await edit(people, session_id, "after")
    await bob.until(b"after")
    await people.hub.access.remove_member(session_id, "user:bob")
    await bob.end()
