"""Malformed frames and bodies at a real server: no other client, no 5xx, no secret in the log."""

import json
import logging
import random

import pytest
from tornado.websocket import WebSocketClosedError

from tests.fuzz.targets import seeds
from tests.transports.conftest import API, Peer, Server, create

SECRET = "what-Ada-keeps-to-herself"
FRAMES = 300
PIECES = (b'"', b"}", b"[", b"\\ud800", b"NaN", b"null", b"\xff", b"", b"-1e999")


def damaged(chance: random.Random, bodies: list[bytes]) -> bytes:
    """One of the bodies, with a few bytes replaced; the secret is somewhere in it."""
    body = bytearray(chance.choice(bodies))
    for _ in range(chance.randint(1, 5)):
        start = chance.randrange(len(body) + 1)
        piece = chance.choice(
            [b'"', b"}", b"[", b"\\ud800", b"NaN", b"null", b"\xff", b"", b"-1e999"]
        )
        body[start : start + chance.randint(0, 6)] = piece
    body[chance.randrange(len(body) + 1) : 0] = SECRET.encode()
    return bytes(body)


async def send(server: Server, peer: Peer, frame: bytes) -> Peer:
    """Send a frame, as text if it is any, over another socket where this one is closed."""
    try:
        text: str | bytes = frame.decode()
    except UnicodeDecodeError:
        text = frame
    try:
        await peer.raw(text)
    except WebSocketClosedError:
        peer = await server.connect()
        await peer.raw(text)
    return peer


@pytest.mark.parametrize("seed", range(3))
async def test_malformed_frames_hurt_nobody_else(
    server: Server, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    caplog.set_level(logging.DEBUG)
    session_id = await server.session()
    ada, bob = await server.connect(), await server.connect()
    await ada.join(session_id, "ada")
    await bob.join(session_id, "bob")
    chance = random.Random(seed)
    bodies = [
        body.replace(b"5f0c1d2e3a4b5c6d7e8f90a1b2c3d4e5", session_id.encode())
        for body in seeds("client-frame")
    ]
    mallory = await server.connect()
    await mallory.join(session_id, "mallory")
    for number in range(FRAMES):
        mallory = await send(server, mallory, damaged(chance, bodies))
        if number % 100 == 0:
            assert (await ada.command(session_id, f"k{number}", **create(f"n{number}")))["rev"]
    last = await ada.command(session_id, "last", **create("last"))
    while (await bob.read())["rev"] < last["rev"]:
        pass
    assert not bob.ended
    assert not ada.ended
    await mallory.send({"type": "ping"})
    await mallory.read_type("pong")
    assert SECRET not in caplog.text
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


@pytest.mark.parametrize("seed", range(3))
async def test_malformed_requests_are_refused_as_such(
    server: Server, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    caplog.set_level(logging.DEBUG)
    session_id = await server.session()
    chance = random.Random(seed)
    bodies = [json.dumps({"name": "plan", "blueprint": {"node_types": {"Task": {}}}}).encode()]
    for number in range(FRAMES):
        path, method = chance.choice(
            [("sessions", "POST"), (f"sessions/{session_id}", "PATCH"), ("sessions/x", "DELETE")]
        )
        answer = await server.fetch(
            f"{API}/{path}", body=damaged(chance, bodies), method=method, headers=server.token
        )
        assert 400 <= answer.code < 500, (number, answer.code, answer.body)
    assert SECRET not in caplog.text
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]
