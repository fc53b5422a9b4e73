"""Webhooks through a real server to a real receiver, and where they may not go (protocol, 11).

Long: what arrives, and what may not be sent, is shown at the same receiver.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from graph_ext.core.errors import ForbiddenError, UnavailableError
from graph_ext.transports.sender import GuardedResolver, HttpSender, is_public, read_networks
from tests.fakes import FakeClock
from tests.transports.conftest import API, Server, cookie_header, create

LOOPBACK = read_networks(["127.0.0.0/8"])


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    return {
        **jp_server_config,
        "GraphExtension": {
            "webhook_networks": ["127.0.0.0/8"],
            "webhook_first_wait_s": 0.05,
            "webhook_attempts": 3,
        },
    }


class Receiver:
    """An HTTP server that keeps what it gets, and answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        # of the answers to come; when there are none, 204
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.body = b""
        self.held: asyncio.Event | None = None
        self.url = ""
        self._arrived = asyncio.Event()

    @asynccontextmanager
    async def listen(self) -> AsyncGenerator["Receiver", None]:
        listener, port = bind_unused_port()
        self.url = f"http://127.0.0.1:{port}/hook"
        server = HTTPServer(Application([(".*", _Hook, {"receiver": self})]))
        server.add_socket(listener)
        try:
            yield self
        finally:
            if self.held is not None:
                self.held.set()
            server.stop()
            await server.close_all_connections()

    async def answer(self, handler: RequestHandler) -> None:
        request = handler.request
        self.requests.append(({k.lower(): v for k, v in request.headers.items()}, request.body))
        self._arrived.set()
        if self.held is not None:
            await self.held.wait()
        handler.set_status(self.statuses.pop(0) if self.statuses else 204)
        for name, value in self.headers.items():
            handler.set_header(name, value)
        if self.body:
            handler.write(self.body)

    async def until(self, count: int) -> list[dict[str, Any]]:
        while len(self.requests) < count:
            self._arrived.clear()
            await self._arrived.wait()
        return [json.loads(body) for _, body in self.requests]


class _Hook(RequestHandler):
    def initialize(self, receiver: Receiver) -> None:
        self.receiver = receiver

    async def post(self) -> None:
        await self.receiver.answer(self)

    get = post


async def ask(server: Server, session_id: str, path: str = "", **options: Any) -> tuple[int, Any]:
    answer = await server.fetch(f"{API}/sessions/{session_id}/webhooks{path}", **options)
    return answer.code, json.loads(answer.body) if answer.body else {}


async def test_11_1_an_owner_registers_and_the_receiver_can_check_what_comes(
    server: Server,
) -> None:
    session_id = await server.session()
    async with Receiver().listen() as receiver:
        status, made = await ask(
            server,
            session_id,
            body={"url": receiver.url, "types": ["node-created"], "description": "archive"},
        )
        assert status == 201
        secret, webhook = made["secret"], made["webhook"]
        assert webhook["state"] == "active"
        ada = await server.connect()
        await ada.join(session_id, "ada")
        await ada.command(session_id, "k1", **create("a"))
        (message,) = await receiver.until(1)
        assert message["events"][0]["node_id"] == "a"
        headers, body = receiver.requests[0]
        assert headers["content-type"] == "application/json"
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{digest}"
        while (await ask(server, session_id))[1][0]["rev"] != 1:
            pass
        assert "secret" not in json.dumps((await ask(server, session_id))[1])


async def test_11_2_a_receiver_that_fails_and_redirects_gets_it_again(server: Server) -> None:
    session_id = await server.session()
    async with Receiver().listen() as receiver, Receiver().listen() as elsewhere:
        receiver.statuses = [500, 302]
        receiver.headers = {"Location": elsewhere.url}
        await ask(server, session_id, body={"url": receiver.url, "types": ["node-created"]})
        ada = await server.connect()
        await ada.join(session_id, "ada")
        await ada.command(session_id, "k1", **create("a"))
        first, second, third = await receiver.until(3)
        assert first == second == third
        assert elsewhere.requests == [], "redirects are not followed"


async def test_11_3_it_is_shown_dead_and_revived(server: Server) -> None:
    session_id = await server.session()
    async with Receiver().listen() as receiver:
        receiver.statuses = [500, 500, 500]
        _, made = await ask(
            server, session_id, body={"url": receiver.url, "types": ["node-created"]}
        )
        path = f"/{made['webhook']['webhook_id']}"
        ada = await server.connect()
        await ada.join(session_id, "ada")
        await ada.command(session_id, "k1", **create("a"))
        while (shown := (await ask(server, session_id, path))[1])["state"] != "dead":
            pass
        assert (shown["failures"], shown["last_error"]) == (3, "It answered 500")
        status, shown = await ask(server, session_id, path, body={"enabled": True}, method="PATCH")
        assert (status, shown["state"]) == (200, "active")
        messages = await receiver.until(4)
        assert messages[3]["events"][0]["node_id"] == "a"
        assert (await ask(server, session_id, path, method="DELETE"))[0] == 204
        assert (await ask(server, session_id, path))[0] == 404


async def test_11_6_a_test_is_answered_by_what_came_of_it(server: Server) -> None:
    session_id = await server.session()
    async with Receiver().listen() as receiver:
        _, made = await ask(server, session_id, body={"url": receiver.url})
        path = f"/{made['webhook']['webhook_id']}/test"
        assert await ask(server, session_id, path, body=b"", method="POST") == (
            200,
            {"arrived": True},
        )
        assert (await receiver.until(1))[0]["events"][0]["type"] == "ping"
        receiver.statuses = [404]
        _, answer = await ask(server, session_id, path, body=b"", method="POST")
        assert answer == {"arrived": False, "error": "It answered 404"}


async def test_11_7_a_hostile_address_is_not_connected_to(server: Server) -> None:
    session_id = await server.session()
    _, made = await ask(server, session_id, body={"url": "http://[::1]:9/"})
    path = f"/{made['webhook']['webhook_id']}/test"
    _, answer = await ask(server, session_id, path, body=b"", method="POST")
    assert answer["arrived"] is False
    assert "private network" in answer["error"]


async def test_a_webhook_is_made_with_the_xsrf_token_or_not_at_all(server: Server) -> None:
    session_id = await server.session()
    jar = await server.cookies()
    headers = {"Cookie": cookie_header(jar)}
    body = {"url": "https://example.org/"}
    status, _ = await ask(server, session_id, headers=headers, body=body)
    assert status == 403
    headers["X-XSRFToken"] = jar["_xsrf"]
    status, _ = await ask(server, session_id, headers=headers, body=body)
    assert status == 201
    headers["Origin"] = "https://evil.example"
    status, _ = await ask(server, session_id, headers=headers, body=body)
    assert status in {403, 404}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "ftp://example.org/"}, 422),
        ({"url": "https://ada:pw@example.org/"}, 422),
        ({"url": "https://example.org/", "types": ["node-made"]}, 422),
        ({"url": 3}, 400),
        ({}, 400),
        ({"url": "https://example.org/", "secret": "mine"}, 400),
    ],
)
async def test_a_webhook_that_is_none_is_refused(
    server: Server, body: dict[str, Any], status: int
) -> None:
    session_id = await server.session()
    found, refusal = await ask(server, session_id, body=body)
    assert found == status, refusal
    assert (await ask(server, session_id))[1] == []


# --- where nothing is sent to (rule 11.7) -----------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
async def test_11_7_an_address_that_is_not_of_the_open_internet_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))

    async def look_up(host: str, port: int) -> list[tuple[int, Any]]:
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, (address, port))]

    with pytest.raises(ForbiddenError, match="private network"):
        await GuardedResolver(look_up=look_up).resolve("example.org", 80)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_11_7_an_address_of_the_open_internet_is_not(address: str) -> None:
    assert is_public(ip_address(address))


async def test_11_7_of_several_addresses_only_the_public_ones_are_tried() -> None:
    async def look_up(host: str, port: int) -> list[tuple[int, Any]]:
        return [(socket.AF_INET, (each, port)) for each in ("10.0.0.1", "1.1.1.1", "nonsense")]

    found = await GuardedResolver(look_up=look_up).resolve("example.org", 80)
    assert found == [(socket.AF_INET, ("1.1.1.1", 80))]
    found = await GuardedResolver(networks=read_networks(["10.0.0.0/8"]), look_up=look_up).resolve(
        "example.org", 80
    )
    assert len(found) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]"])
async def test_11_7_no_spelling_of_this_machine_gets_through(host: str) -> None:
    async with Receiver().listen() as receiver:
        url = receiver.url.replace("127.0.0.1", host)
        sender = HttpSender(GuardedResolver(), FakeClock())
        with pytest.raises((ForbiddenError, UnavailableError)):
            await sender.post(url, {}, b"{}")
        assert receiver.requests == []
        sender.close()


async def test_11_7_a_name_that_leads_elsewhere_the_next_time_gets_nowhere() -> None:
    """DNS rebinding: public when it is first asked for, this machine when it is connected to."""
    asked = 0

    async def rebinding(host: str, port: int) -> list[tuple[int, Any]]:
        nonlocal asked
        asked += 1
        return [(socket.AF_INET, ("192.0.2.1" if asked == 1 else "127.0.0.1", port))]

    async with Receiver().listen() as receiver:
        url = receiver.url.replace("127.0.0.1", "rebind.example")
        # the first address is let through, and nobody answers there
        resolver = GuardedResolver(networks=read_networks(["192.0.2.0/24"]), look_up=rebinding)
        sender = HttpSender(resolver, FakeClock(), connect_s=0.2, request_s=0.2)
        with pytest.raises(UnavailableError):
            await sender.post(url, {}, b"{}")
        with pytest.raises(ForbiddenError):
            await sender.post(url, {}, b"{}")
        assert asked == 2, "each connection asks anew, and its own answer is checked"
        assert receiver.requests == []
        sender.close()


# --- receivers that behave badly --------------------------------------------------------------


async def test_a_slow_receiver_is_given_up() -> None:
    async with Receiver().listen() as receiver:
        receiver.held = asyncio.Event()
        sender = HttpSender(GuardedResolver(networks=LOOPBACK), FakeClock(), request_s=0.2)
        with pytest.raises(UnavailableError, match="too long"):
            await sender.post(receiver.url, {}, b"{}")
        sender.close()


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async with Receiver().listen() as receiver:
        receiver.body = b"x" * 10_000_000
        receiver.statuses = [200]
        sender = HttpSender(GuardedResolver(networks=LOOPBACK), FakeClock())
        with pytest.raises(UnavailableError):
            await sender.post(receiver.url, {}, b"{}")
        sender.close()


async def test_nobody_listens() -> None:
    async with Receiver().listen() as receiver:
        url = receiver.url
    sender = HttpSender(GuardedResolver(networks=LOOPBACK), FakeClock())
    with pytest.raises(UnavailableError, match="can't be reached"):
        await sender.post(url, {}, b"{}")
    sender.close()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("Thu, 01 Jan 1970 00:18:20 GMT", 100.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("9" * 400, 999_999_999.0),
    ],
)
async def test_11_2_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    async with Receiver().listen() as receiver:
        receiver.headers = {"Retry-After": text}
        receiver.statuses = [503]
        sender = HttpSender(GuardedResolver(networks=LOOPBACK), FakeClock(1000.0))
        answer = await sender.post(receiver.url, {}, b"{}")
        assert (answer.status, answer.retry_after_s) == (503, seconds)
        sender.close()
