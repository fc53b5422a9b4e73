"""Clients that do not read, and peers that are dead (rules 1.6, 4.5 and 4.7)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tornado.iostream import IOStream

from graph_ext.hub.hub import Hub
from graph_ext.transports.sink import IN_FLIGHT_BYTES
from tests.loop_time import LoopTime
from tests.transports.conftest import Peer, Server, command_message, create
from tests.transports.raw_client import PING, PONG, RawClient, connect_raw

PATIENCE_S = 60.0


def streams(server: Server) -> list[IOStream]:
    found = [socket.ws_connection.stream for socket in server.sockets if socket.ws_connection]
    return [stream for stream in found if stream is not None]


def waiting(stream: IOStream) -> int:
    """How many bytes the server holds for a client."""
    buffer: Any = stream._write_buffer
    return 0 if buffer is None else len(buffer)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until it is so; the test's own timeout ends it."""
    while not condition():
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])


async def join_and_be_deaf(server: Server, session_id: str) -> tuple[RawClient, IOStream]:
    before = streams(server)
    deaf = await connect_raw(server)
    (stream,) = (each for each in streams(server) if each not in before)
    await deaf.send({"type": "join_session", "session_id": session_id, "client_id": "deaf"})
    while (await deaf.messages())[-1]["type"] != "snapshot":
        pass
    return deaf, stream


async def fill(ada: Peer, session_id: str, stream: IOStream) -> int:
    """Commit until something waits for a client; return how many commits that took."""
    count = 0
    while not waiting(stream):
        count += 1
        await ada.command(session_id, f"fill-{count}", **create(f"fill-{count}", text="x" * 60_000))
    return count


async def send_refused(client: RawClient, session_id: str) -> None:
    for part in range(10):
        bad = (command_message(session_id, f"{part}-{i}", **create("fill-1")) for i in range(300))
        await client.send(*bad)


async def test_whatever_waits_for_a_client_has_its_bound(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id, "ada")
    deaf, stream = await join_and_be_deaf(server, session_id)
    commits = await fill(ada, session_id, stream)
    # each costs 200 bytes to ask and 300 to answer; sent from a task, as the server stops reading
    sending = asyncio.ensure_future(send_refused(deaf, session_id))
    most = 0
    for i in range(60):
        await ada.command(session_id, f"k{i}", **create(f"n{i}", text="x" * 60_000))
        most = max(most, waiting(stream))
    assert 32 * 1024 < most <= IN_FLIGHT_BYTES
    # when it reads at last, nothing is missing
    revs: list[int] = []
    refused = 0
    while refused < 3000 or len(revs) < commits + 60:
        for message in await deaf.messages():
            if message["type"] == "commit":
                revs.append(message["rev"])
            else:
                assert message["code"] == "DUPLICATE_ID"
                refused += 1
        assert waiting(stream) <= IN_FLIGHT_BYTES
    assert revs == list(range(1, commits + 61))
    await sending
    deaf.close()


async def test_a_client_that_takes_nothing_for_long_is_closed(
    server: Server, loop_time: LoopTime
) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id, "ada")
    deaf, stream = await join_and_be_deaf(server, session_id)
    hub: Hub = server.hub
    session = await hub.open(session_id)
    await fill(ada, session_id, stream)
    await loop_time.pass_by(PATIENCE_S - 5)
    assert len(session.clients) == 2
    await loop_time.pass_by(6)
    assert len(session.clients) == 1, "before it is missed for answering no ping"
    assert not stream.closed(), "it has a moment to see why"
    await loop_time.pass_by(6)
    await until(stream.closed)
    assert waiting(stream) == 0
    assert await deaf.ended()
    await ada.command(session_id, "after", **create("after"))
    deaf.close()


async def test_a_client_that_wakes_up_late_is_told_why_it_is_closed(
    server: Server, loop_time: LoopTime
) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id, "ada")
    deaf, stream = await join_and_be_deaf(server, session_id)
    await fill(ada, session_id, stream)
    await loop_time.pass_by(PATIENCE_S + 1)
    assert await deaf.close_reason() == (4408, "you have taken nothing for 60 s")
    deaf.close()


async def test_a_slow_client_that_takes_something_now_and_then_stays(
    server: Server, loop_time: LoopTime
) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id, "ada")
    slow, stream = await join_and_be_deaf(server, session_id)
    await fill(ada, session_id, stream)
    revs: list[int] = []
    for i in range(4):
        for j in range(5):
            await ada.command(session_id, f"{i}-{j}", **create(f"{i}-{j}", text="x" * 60_000))
        assert waiting(stream)
        # one that does not answer is there all the same, for as long as it sends something
        await slow.send({"type": "ping"})
        await loop_time.pass_by(25)
        before = len(revs)
        while len(revs) < before + 3:
            revs += [m["rev"] for m in await slow.messages() if m["type"] == "commit"]
    assert revs == list(range(1, len(revs) + 1))
    assert not stream.closed()
    slow.close()


async def test_more_than_may_wait_closes_at_once_and_harms_nobody(server: Server) -> None:
    session_id = await server.session()
    ada = await server.connect()
    await ada.join(session_id, "ada")
    deaf, stream = await join_and_be_deaf(server, session_id)
    session = await server.hub.open(session_id)
    await fill(ada, session_id, stream)
    for number in range(3000):
        session.rename(f"plan {number}")
        assert waiting(stream) <= IN_FLIGHT_BYTES
    await until(lambda: len(session.clients) == 1)
    assert await deaf.close_code() == 4408
    assert (await ada.read_type("session-updated"))["name"] == "plan 0"
    deaf.close()


# --- dead peers -------------------------------------------------------------------------------


async def test_a_peer_that_answers_no_ping_is_dropped(server: Server, loop_time: LoopTime) -> None:
    session_id = await server.session()
    dead, stream = await join_and_be_deaf(server, session_id)
    session = await server.hub.open(session_id)
    await loop_time.pass_by(31)
    assert (await dead.frame())[0] == PING
    await loop_time.pass_by(31)
    assert not session.clients
    assert await dead.close_code() == 4408
    assert await dead.ended()
    assert stream.closed()
    dead.close()


async def test_who_answers_pings_or_sends_anything_stays(
    server: Server, loop_time: LoopTime
) -> None:
    session_id = await server.session()
    quiet, _ = await join_and_be_deaf(server, session_id)
    busy, _ = await join_and_be_deaf(server, session_id)
    session = await server.hub.open(session_id)
    for _ in range(5):
        await loop_time.pass_by(31)
        kind, data = await quiet.frame()
        assert (kind, data) == (PING, b"")
        await quiet.send_frame(PONG, data)
        await busy.send({"type": "ping"})
        assert (await busy.messages())[-1] == {"type": "pong"}
        await quiet.send({"type": "ping"})
        assert (await quiet.messages())[-1] == {"type": "pong"}
    assert len(session.clients) == 2
    quiet.close()
    busy.close()


async def test_whose_pongs_are_not_read_yet_is_not_dead(
    server: Server, loop_time: LoopTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await server.session()
    ada, _ = await join_and_be_deaf(server, session_id)
    session = await server.hub.open(session_id)
    held: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(*_: Any) -> None:
        await held

    with monkeypatch.context() as patch:
        patch.setattr("graph_ext.transports.memberships.Memberships.join", wait)
        await ada.send({"type": "join_session", "session_id": session_id, "client_id": "ada"})
        await until(lambda: any(not socket._reading for socket in server.sockets))
    for _ in range(3):
        await loop_time.pass_by(31)
    assert len(session.clients) == 1
    held.set_result(None)
    await ada.send({"type": "ping"})
    assert (await ada.messages())[-1] == {"type": "pong"}
    for _ in range(3):
        await loop_time.pass_by(31)
    assert not session.clients
    ada.close()
