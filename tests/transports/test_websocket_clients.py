"""Who gets a WebSocket, who may do what on it, and clients that do not read (rule 4.5)."""

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from tests.transports.conftest import (
    API,
    Peer,
    Server,
    cookie_header,
    create,
)

# --- who may ----------------------------------------------------------------------------------


async def test_a_stranger_gets_no_socket(server: Server) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await server.connect(headers={})
    assert caught.value.code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"]
)
async def test_a_foreign_page_gets_no_socket_with_our_cookie(server: Server, origin: str) -> None:
    cookie = {"Cookie": cookie_header(await server.cookies())}
    with pytest.raises(HTTPClientError) as caught:
        await server.connect(headers={**cookie, "Origin": origin})
    assert caught.value.code == 403
    ours = await server.connect(headers={**cookie, "Origin": f"http://{server.host}"})
    await ours.send({"type": "ping"})
    assert await ours.read() == {"type": "pong"}


async def test_a_viewer_reads_and_may_not_write(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await server.session()
    asked: list[tuple[str, str]] = []

    def read_only(_: Any, __: Any, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return action == "read"

    monkeypatch.setattr(server.app.authorizer, "is_authorized", read_only)
    eve = await server.connect()
    joined = await eve.join(session_id)
    assert joined["role"] == "viewer"
    answer = await eve.command(session_id, "k", **create("a"))
    assert (answer["type"], answer["code"]) == ("rejected", "FORBIDDEN")
    answer = await eve.command(session_id, "u", type="undo")
    assert answer["code"] == "FORBIDDEN"
    refused = await server.fetch(f"{API}/sessions", body={"name": "mine"})
    assert (refused.code, json.loads(refused.body)["code"]) == (403, "FORBIDDEN")
    assert set(asked) == {("read", "graph_ext"), ("write", "graph_ext")}


async def test_who_may_not_even_read_gets_no_socket(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.app.authorizer, "is_authorized", lambda *_: False)
    with pytest.raises(HTTPClientError) as caught:
        await server.connect()
    assert caught.value.code == 403
    assert (await server.fetch(f"{API}/sessions")).code == 403


# --- a client that does not read (rule 4.5) ---------------------------------------------------


async def test_a_client_that_never_reads_costs_its_bound_while_others_go_on(
    server: Server,
) -> None:
    session_id = await server.session()
    ada, deaf = await server.connect(), await server.connect()
    await ada.join(session_id, "ada")
    await deaf.join(session_id, "deaf")
    extension = server.app.web_app.settings["graph_ext"]
    sockets = list(extension.sockets)
    # its stream is read no further than tornado reads ahead
    for i in range(300):
        answer = await ada.command(session_id, f"k{i}", **create(f"n{i}", text="x" * 60_000))
        assert answer["rev"] == i + 1
        waiting = [len(socket.ws_connection.stream._write_buffer) for socket in sockets]
        assert max(waiting) <= 256 * 1024
    assert max(waiting) > 0, "18 MB did not fit into the system's buffers"
    # when it reads at last, nothing is missing
    assert [(await deaf.read())["rev"] for _ in range(300)] == list(range(1, 301))


async def test_who_reads_no_answers_is_not_read_from(server: Server) -> None:
    deaf = await server.connect()
    extension = server.app.web_app.settings["graph_ext"]
    (socket,) = extension.sockets
    # each costs 6 bytes to ask and 100 to answer; sent from a task, as the server stops reading
    sending = asyncio.ensure_future(flood(deaf))
    other = await server.connect()
    for _ in range(300):
        await other.send({"type": "ping"})
        assert await other.read() == {"type": "pong"}
        assert len(socket.ws_connection.stream._write_buffer) <= 256 * 1024
    for _ in range(20):
        assert (await deaf.read())["type"] == "error"
    sending.cancel()


async def flood(peer: Peer) -> None:
    for _ in range(100):
        await peer.raw(json.dumps([{"type": "x"}] * 5000))
