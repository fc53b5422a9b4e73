"""The events view as server-sent events, over real sockets (docs/protocol.md, 10)."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from graph_ext.hub.hub import Hub
from graph_ext.transports.sse import EventsHandler
from tests.loop_time import LoopTime
from tests.transports.conftest import API, Peer, Server, cookie_header, create


class Stream:
    """One stream, read as a browser reads it."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self.status = 0
        self.headers: dict[str, str] = {}
        self.last_id = ""
        self.comments = 0

    async def begin(self) -> None:
        self.status = int((await self._reader.readline()).split()[1])
        while (line := await self._reader.readline()).strip():
            name, _, value = line.decode().partition(":")
            self.headers[name.lower()] = value.strip()

    async def event(self) -> dict[str, Any] | None:
        """The next event: its JSON, with the last id as ``last_id``; None at the end."""
        fields: dict[str, str] = {}
        while line := await self._reader.readline():
            text = line.decode().rstrip("\n")
            if text.startswith(":"):
                self.comments += 1
                continue
            if text:
                name, _, value = text.partition(": ")
                fields[name] = value
                continue
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                event: dict[str, Any] = json.loads(fields["data"])
                assert event["type"] == fields["event"]
                return {**event, "last_id": self.last_id}
            fields = {}
        return None

    async def events(self, count: int) -> list[dict[str, Any]]:
        found = [await self.event() for _ in range(count)]
        return [event for event in found if event is not None]


@asynccontextmanager
async def follow(
    server: Server,
    session_id: str,
    query: str = "",
    headers: dict[str, str] | None = None,
    method: str = "GET",
) -> AsyncGenerator[Stream, None]:
    host, port = server.host.split(":")
    # HTTP/1.0: what comes is not in chunks
    lines = [f"{method} {server.app.base_url}{API}/sessions/{session_id}/events{query} HTTP/1.0"]
    lines += [f"Host: {server.host}"]
    lines += [f"{k}: {v}" for k, v in (server.token if headers is None else headers).items()]
    # the system and this reader keep little of what is not read
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=line, limit=128 * 1024)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode())
        stream = Stream(reader)
        await stream.begin()
        yield stream
    finally:
        writer.close()


async def joined(server: Server, session_id: str) -> tuple[Peer, str]:
    ada = await server.connect()
    return ada, (await ada.join(session_id, "ada"))["epoch"]


def hub_of(server: Server) -> Hub:
    hub: Hub = server.app.web_app.settings["graph_ext_hub"]
    return hub


def handler_of(server: Server) -> EventsHandler:
    """The server's end of the one stream that is open."""
    (handler,) = server.app.web_app.settings["graph_ext"].serving
    assert isinstance(handler, EventsHandler)
    return handler


async def test_10_1_events_come_with_their_type_and_id(server: Server) -> None:
    session_id = await server.session()
    ada, epoch = await joined(server, session_id)
    async with follow(server, session_id) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        await ada.command(session_id, "k1", **create("a", text="two\nlines é"))
        events = await stream.events(3)
        assert [event["type"] for event in events] == [
            "command-executing",
            "node-created",
            "command-executed",
        ]
        assert [event["last_id"] for event in events] == [f"{epoch}:0", f"{epoch}:0", f"{epoch}:1"]
        assert events[1]["properties"] == {"text": "two\nlines é"}
        await ada.close()
        (gone,) = await stream.events(1)
        assert (gone["type"], gone["last_id"]) == ("session-disconnected", f"{epoch}:1")


@pytest.mark.parametrize("by", ["header", "query"])
async def test_10_2_a_reader_resumes_after_the_last_id_it_has(server: Server, by: str) -> None:
    session_id = await server.session()
    ada, epoch = await joined(server, session_id)
    for name in "abc":
        await ada.command(session_id, name, **create(name))
    query, headers = "?types=node-created", dict(server.token)
    if by == "header":
        headers["Last-Event-ID"] = f"{epoch}:1"
    else:
        query += f"&last_event_id={epoch}:1"
    async with follow(server, session_id, query, headers) as stream:
        assert [event["node_id"] for event in await stream.events(2)] == ["b", "c"]
        await ada.command(session_id, "d", **create("d"))
        (event,) = await stream.events(1)
        assert event["node_id"] == "d"
        assert event["last_id"] == f"{epoch}:3", "its commit is not told as a whole yet"
        await ada.command(session_id, "e", type="delete-node", node_id="a")
        await ada.command(session_id, "f", **create("f"))
        (event,) = await stream.events(1)
        assert event["last_id"] == f"{epoch}:5", "a place moves on without any event"


async def test_10_3_a_gap_is_told_by_reset_and_what_comes_now_follows(server: Server) -> None:
    session_id = await server.session()
    ada, epoch = await joined(server, session_id)
    await ada.command(session_id, "a", **create("a"))
    for last in ("another:1", f"{epoch}:7"):
        async with follow(server, session_id, f"?last_event_id={last}") as stream:
            (reset,) = await stream.events(1)
            assert (reset["type"], reset["code"]) == ("reset", "GONE")
            assert (reset["epoch"], reset["rev"]) == (epoch, 1)
            assert "read the graph" in reset["fix"]
            assert stream.last_id == f"{epoch}:1"
    async with follow(server, session_id, "?last_event_id=another:1") as stream:
        await stream.events(1)
        await ada.command(session_id, "b", **create("b"))
        assert (await stream.events(2))[1]["node_id"] == "b"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?types=node-created,node-made", 422, "SCHEMA"),
        ("?last_event_id=nonsense", 400, "BAD_MESSAGE"),
        ("?last_event_id=e:-1", 400, "BAD_MESSAGE"),
        ("?typo=1", 400, "BAD_MESSAGE"),
    ],
)
async def test_what_can_not_be_followed_is_refused(
    server: Server, query: str, status: int, code: str
) -> None:
    session_id = await server.session()
    answer = await server.fetch(f"{API}/sessions/{session_id}/events{query}")
    assert (answer.code, json.loads(answer.body)["code"]) == (status, code)


async def test_a_session_that_there_is_not_is_not_found(server: Server) -> None:
    answer = await server.fetch(f"{API}/sessions/{'0' * 32}/events")
    assert answer.code == 404


async def test_10_6_head_answers_with_the_headers_alone(server: Server) -> None:
    session_id = await server.session()
    async with follow(server, session_id, method="HEAD") as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert await stream.event() is None
    assert not hub_of(server).broadcaster.events(session_id).followers


async def test_a_browser_follows_with_its_cookie_and_no_page_of_another_origin_does(
    server: Server,
) -> None:
    session_id = await server.session()
    cookie = {"Cookie": cookie_header(await server.cookies())}
    async with follow(server, session_id, headers=cookie) as stream:
        assert stream.status == 200
    async with follow(server, session_id, headers={}) as stream:
        assert stream.status == 403
    foreign = {**cookie, "Origin": "https://evil.example"}
    async with follow(server, session_id, headers=foreign) as stream:
        assert stream.status in {403, 404}
        assert "access-control-allow-origin" not in stream.headers


async def test_10_5_the_end_of_the_session_ends_the_stream(server: Server) -> None:
    session_id = await server.session()
    async with follow(server, session_id) as stream:
        await hub_of(server).delete(session_id)
        ended, left = await stream.events(2)
        assert (ended["type"], ended["ended"]) == ("session-updated", True)
        assert (left["type"], left["code"]) == ("left", "GONE")
        assert await stream.event() is None


async def test_10_5_the_end_of_the_server_ends_the_stream(server: Server) -> None:
    session_id = await server.session()
    async with follow(server, session_id) as stream:
        for request in tuple(server.app.extension_manager.extension_apps["graph_ext"]):
            for each in tuple(request.serving):
                each.stop()
        (left,) = await stream.events(1)
        assert (left["type"], left["code"]) == ("left", "UNAVAILABLE")
        assert await stream.event() is None


async def test_a_reader_that_goes_is_followed_no_more(server: Server) -> None:
    session_id = await server.session()
    followers = hub_of(server).broadcaster
    async with follow(server, session_id):
        assert len(followers.events(session_id).followers) == 1
    while followers.events(session_id).followers:
        await asyncio.sleep(0)


async def test_9_7_a_slow_reader_holds_back_nobody_and_gets_everything(server: Server) -> None:
    session_id = await server.session()
    ada, _ = await joined(server, session_id)
    async with follow(server, session_id, "?types=node-created") as stream:
        # nothing is read meanwhile: what does not fit into the socket's buffers waits in the log
        for i in range(200):
            await ada.command(session_id, f"k{i}", **create(f"n{i}", text="x" * 50_000))
        events = await stream.events(200)
        assert [event["node_id"] for event in events] == [f"n{i}" for i in range(200)]


async def test_10_4_a_comment_comes_when_nothing_else_does(
    server: Server, loop_time: LoopTime
) -> None:
    session_id = await server.session()
    hub = hub_of(server)
    async with follow(server, session_id, "?types=node-created") as stream:
        for _ in range(3):
            await loop_time.pass_by(16)
        hub.broadcaster.emit_node_created(session_id, "n", None, "Task", "Design")
        (event,) = await stream.events(1)
        assert (event["node_id"], stream.comments) == ("n", 3)


async def test_10_4_a_reader_that_takes_nothing_is_cut_off_and_resumes(
    server: Server, loop_time: LoopTime
) -> None:
    session_id = await server.session()
    ada, _ = await joined(server, session_id)
    query, made = "?types=node-created", 0
    async with follow(server, session_id, query) as stream:
        handler = handler_of(server)
        since = -1.0
        while handler.writable() or handler._flushing_since != since:
            since = handler._flushing_since
            await ada.command(session_id, f"k{made}", **create(f"n{made}", text="x" * 50_000))
            made += 1
        for _ in range(3):
            await loop_time.pass_by(16)
        followers = hub_of(server).broadcaster.events(session_id).followers
        assert len(followers) == 1
        await loop_time.pass_by(16)
        assert not followers
        assert not server.app.web_app.settings["graph_ext"].serving
        seen = []
        while (event := await stream.event()) is not None:
            seen.append(event["node_id"])
        assert len(seen) < made
    rev = int(stream.last_id.rpartition(":")[2])
    async with follow(server, session_id, f"{query}&last_event_id={stream.last_id}") as stream:
        again = [event["node_id"] for event in await stream.events(made - rev)]
    assert seen[:rev] + again == [f"n{i}" for i in range(made)]
