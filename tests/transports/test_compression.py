"""Long messages go out compressed where a client offers that, as browsers do (rule 1.8)."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from tests.transports.conftest import Server, command_message, create
from tests.transports.raw_client import TEXT, RawClient, connect_raw

COMPRESSED = 0x40
FINAL = 0x80
OFFER = "permessage-deflate; client_max_window_bits"


def deflated(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return (packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(data: bytes) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data + b"\0\0\xff\xff")


async def filled(server: Server) -> str:
    """A session of several pages."""
    session_id = await server.session()
    peer = await server.connect()
    await peer.join(session_id)
    for batch in range(12):
        commands = [create(f"n{batch}-{i}", text="x" * 100 + str(i)) for i in range(90)]
        done = await peer.command(session_id, f"fill-{batch}", type="batch", commands=commands)
        assert done["type"] == "commit", done
    return session_id


async def snapshot(client: RawClient, session_id: str) -> tuple[list[bool], list[Any], int]:
    """Join; return which frames were compressed, the messages in them, and the frames' bytes."""
    await client.send({"type": "join_session", "session_id": session_id, "client_id": "c"})
    packed: list[bool] = []
    messages: list[Any] = []
    size = 0
    while not messages or messages[-1]["type"] != "snapshot" or messages[-1].get("more"):
        first, data = await client.whole_frame()
        assert first & ~COMPRESSED == FINAL | TEXT
        packed.append(bool(first & COMPRESSED))
        size += len(data)
        found = json.loads(inflated(data) if packed[-1] else data)
        messages += found if isinstance(found, list) else [found]
    return packed, messages, size


async def test_1_8_a_snapshot_is_compressed_for_who_offers_it_and_is_the_same(
    server: Server,
) -> None:
    session_id = await filled(server)
    plain, browser = await connect_raw(server), await connect_raw(server, OFFER)
    assert plain.extensions == ""
    assert sorted(browser.extensions.split("; ")) == [
        "client_no_context_takeover",
        "permessage-deflate",
        "server_no_context_takeover",
    ]
    packed, messages, size = await snapshot(plain, session_id)
    assert not any(packed)
    packed_too, same, less = await snapshot(browser, session_id)
    assert any(packed_too)
    assert not packed_too[0], "short ones are sent as they are"
    assert [each for each in same if each["type"] == "snapshot"] == [
        each for each in messages if each["type"] == "snapshot"
    ]
    assert less < size / 3
    for client in (plain, browser):
        client.close()


async def test_1_8_a_smaller_window_is_agreed_to_and_nothing_compressed_for_it(
    server: Server,
) -> None:
    session_id = await filled(server)
    client = await connect_raw(server, "permessage-deflate; server_max_window_bits=10")
    assert "permessage-deflate" in client.extensions
    packed, _, _ = await snapshot(client, session_id)
    assert not any(packed)
    client.close()


async def test_1_8_what_a_client_sends_may_be_compressed_or_not(server: Server) -> None:
    session_id = await server.session()
    client = await connect_raw(server, OFFER)
    await client.send({"type": "join_session", "session_id": session_id, "client_id": "c"})
    while (await client.messages())[-1]["type"] != "snapshot":
        pass
    for number in range(4):
        message = command_message(session_id, f"k{number}", **create(f"n{number}", text="é" * 500))
        if number % 2:
            await client.send(message)
        else:
            await client.send_frame(TEXT | COMPRESSED, deflated(json.dumps(message).encode()))
        (commit,) = await client.messages()
        assert (commit["type"], commit["command_id"]) == ("commit", f"k{number}")
    client.close()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xff\xff no deflate", 1007),
        (deflated(b" " * 200_000_000), 1009),
    ],
)
async def test_1_8_what_is_no_message_once_unpacked_closes_the_socket(
    server: Server, data: bytes, code: int
) -> None:
    client = await connect_raw(server, OFFER)
    await client.send_frame(TEXT | COMPRESSED, data)
    assert await client.close_code() == code
    client.close()


async def test_a_compressed_message_of_who_has_offered_nothing_closes_the_socket(
    server: Server,
) -> None:
    client = await connect_raw(server)
    await client.send_frame(TEXT | COMPRESSED, deflated(b"{}"))
    assert await client.ended()
    client.close()
