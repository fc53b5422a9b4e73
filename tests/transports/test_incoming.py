"""Frames are read whichever way they come (RFC 6455): in pieces, several at once, interleaved."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import count
from random import Random

import pytest

from graph_ext.transports.incoming import READ_BYTES, IncomingFrames
from tests.transports.conftest import Server
from tests.transports.raw_client import CLOSE, PING, PONG, TEXT, RawClient, connect_raw

NEXT = 0
FINAL = 128
random = Random(7)


def frame(kind: int, payload: bytes, *, final: bool = True, mask: bool = True) -> bytes:
    size, masked = len(payload), 128 if mask else 0
    if size < 126:
        head = bytes((FINAL * final | kind, masked | size))
    elif size < 65536:
        head = bytes((FINAL * final | kind, masked | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((FINAL * final | kind, masked | 127)) + size.to_bytes(8, "big")
    if not mask:
        return head + payload
    key = random.randbytes(4)
    return head + key + bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))


def command(command_id: str, filling: int = 0) -> bytes:
    """A command to a session that was not joined: its refusal says which it was."""
    message = {
        "type": "command",
        "session_id": "5" * 32,
        "command_id": command_id,
        "command": {"type": "create-node", "name": "é" * filling},
    }
    return json.dumps(message, ensure_ascii=False).encode()


async def refused(client: RawClient, commands: int) -> list[str]:
    found: list[str] = []
    while len(found) < commands:
        found += [message["command_id"] for message in await client.messages()]
    return found


@pytest.mark.parametrize("filling", [0, 100, READ_BYTES, 40_000])
async def test_a_frame_may_come_in_any_pieces(server: Server, filling: int) -> None:
    client = await connect_raw(server)
    numbers = count()
    data = b"".join(frame(TEXT, command(f"k{next(numbers)}", filling)) for _ in range(3))
    cuts = sorted({1, 2, 3, 4, 5, 6, 7, 8, 9, len(data) - 1, *random.sample(range(len(data)), 9)})
    for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        await client.send_bytes(data[begin:end])
        for _ in range(4):  # turns of the loop, in which the server reads it by itself
            await asyncio.sleep(0)
    assert await refused(client, 3) == ["k0", "k1", "k2"]
    client.close()


async def test_many_frames_at_once_are_served_in_their_order(server: Server) -> None:
    client = await connect_raw(server)
    await client.send_bytes(b"".join(frame(TEXT, command(f"k{i}", i % 300)) for i in range(300)))
    assert await refused(client, 300) == [f"k{i}" for i in range(300)]
    client.close()


async def test_a_message_in_fragments_with_a_ping_between(server: Server) -> None:
    client = await connect_raw(server)
    text = command("parts", 50)
    await client.send_bytes(
        frame(TEXT, text[:10], final=False)
        + frame(NEXT, text[10:60], final=False)
        + frame(PING, b"there?")
        + frame(NEXT, text[60:])
        + frame(TEXT, command("whole"))
    )
    assert await client.frame() == (PONG, b"there?")
    assert await refused(client, 2) == ["parts", "whole"]
    client.close()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: frame(TEXT, command("k")[:5], final=False) + frame(TEXT, command("k")),
        lambda: frame(TEXT, b"\xff"),
        lambda: bytes((FINAL | 64 | TEXT, 128 | 1)) + bytes(5),
        lambda: frame(PING, b"x" * 200),
    ],
    ids=["a message within another", "no UTF-8", "an unknown extension", "a long ping"],
)
async def test_what_breaks_the_protocol_ends_the_connection(
    server: Server, wrong: Callable[[], bytes]
) -> None:
    client = await connect_raw(server)
    await client.send_bytes(frame(TEXT, command("before")) + wrong())
    assert await refused(client, 1) == ["before"]
    assert await client.ended()
    client.close()


async def test_a_frame_over_the_limit_is_not_even_read(server: Server) -> None:
    client = await connect_raw(server)
    limit = 4 * server.hub.limits.message_bytes
    await client.send_bytes(bytes((FINAL | TEXT, 128 | 127)) + (limit + 1).to_bytes(8, "big"))
    assert await client.close_code() == 1009
    client.close()


async def test_a_close_is_answered_and_nothing_after_it_is_served(server: Server) -> None:
    client = await connect_raw(server)
    await client.send_bytes(frame(CLOSE, b"\x03\xe8") + frame(TEXT, command("after")))
    assert await client.frame() == (CLOSE, b"\x03\xe8")
    assert await client.ended()
    client.close()


async def test_ordinary_frames_do_not_take_tornados_way(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    read_bytes = IncomingFrames._read_bytes

    async def counted(self: IncomingFrames, n: int) -> bytes:
        asked.append(n)
        return await read_bytes(self, n)

    monkeypatch.setattr(IncomingFrames, "_read_bytes", counted)
    client = await connect_raw(server)
    await client.send_bytes(frame(TEXT, command("short")) + frame(TEXT, command("longer", 500)))
    assert await refused(client, 2) == ["short", "longer"]
    assert asked == []
    client.close()
