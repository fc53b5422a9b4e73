"""Sessions as files over HTTP: fork, export, import (rules 6.5 and 6.14)."""

import asyncio
import copy
from typing import Any

import pytest
from tornado.iostream import IOStream
from tornado.tcpclient import TCPClient

from tests.transports.conftest import Server, create
from tests.transports.requests import SESSIONS, Session, body, new_session

UPLOAD_BYTES = 200_000


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    config = copy.deepcopy(jp_server_config)
    config["GraphExtension"]["upload_bytes"] = UPLOAD_BYTES
    return config


async def written(server: Server) -> Session:
    session = await new_session(server, "plan é")
    for node_id in "abc":
        await session.command(command=create(node_id), client="ada")
    await session.ask("versions/half", {"rev": 2}, method="PUT")
    return session


async def exported(session: Session, query: str = "") -> bytes:
    answer = await session.server.fetch(f"{session.path}/export{query}")
    assert (answer.code, answer.headers["Content-Type"]) == (200, "application/gzip")
    return bytes(answer.body)


async def test_what_was_exported_is_imported_with_its_history(server: Server) -> None:
    session = await written(server)
    archive = await exported(session)
    answer = await server.fetch(f"{SESSIONS}/import?name=again", body=archive)
    assert answer.code == 201, answer.body
    info = body(answer)
    assert answer.headers["Location"].endswith(f"{SESSIONS}/{info['session_id']}")
    assert (info["name"], info["rev"], info["nodes"], info["role"]) == ("again", 3, 3, "owner")
    again = Session(server, info["session_id"])
    assert (await again.ask("graph"))["nodes"] == (await session.ask("graph"))["nodes"]
    assert await again.ask("history") == await session.ask("history")
    assert [each["name"] for each in await again.ask("versions")] == ["half"]
    await again.ask("undo?client_id=ada", {})
    assert await again.node_ids() == ["a", "b"]
    assert await session.node_ids() == ["a", "b", "c"]


async def test_a_file_is_called_like_its_session(server: Server) -> None:
    session = await written(server)
    head = await server.fetch(f"{session.path}/export", method="HEAD")
    assert "plan%20%C3%A9" in head.headers["Content-Disposition"]
    assert head.body == b""


async def test_a_fork_is_a_session_of_its_own_at_a_rev(server: Server) -> None:
    session = await written(server)
    made = await server.fetch(f"{session.path}/fork", body={"name": "B", "rev": 2})
    assert made.code == 201, made.body
    info = body(made)
    assert made.headers["Location"].endswith(f"{SESSIONS}/{info['session_id']}")
    fork = Session(server, info["session_id"])
    assert await fork.node_ids() == ["a", "b"]
    await fork.command(command=create("x"))
    assert await session.node_ids() == ["a", "b", "c"]
    twice = await session.ask("fork", {"name": "B"}, 409)
    assert twice["code"] == "DUPLICATE_ID"
    assert (await session.ask("fork", {"name": "C", "rev": 4}, 404))["path"] == "rev"


@pytest.mark.parametrize("sent", [b"", b"no archive", b"\x1f\x8b" + b"x" * 1000])
async def test_what_is_no_archive_is_refused_and_leaves_nothing(
    server: Server, sent: bytes
) -> None:
    answer = await server.fetch(f"{SESSIONS}/import?name=bad", body=sent)
    assert (answer.code, body(answer)["code"]) == (400, "BAD_MESSAGE")
    assert body(await server.fetch(SESSIONS)) == []


async def test_an_archive_that_was_cut_is_refused(server: Server) -> None:
    archive = await exported(await written(server))
    answer = await server.fetch(f"{SESSIONS}/import?name=bad", body=archive[: len(archive) // 2])
    assert (answer.code, body(answer)["code"]) == (400, "BAD_MESSAGE")
    assert len(body(await server.fetch(SESSIONS))) == 1


async def test_a_file_may_be_longer_than_a_message_and_has_a_limit_of_its_own(
    server: Server,
) -> None:
    answer = await server.fetch(f"{SESSIONS}/import?name=x", body=b"x" * (UPLOAD_BYTES - 1))
    assert (answer.code, body(answer)["code"]) == (400, "BAD_MESSAGE")
    answer = await server.fetch(f"{SESSIONS}/import?name=x", body=b"x" * (UPLOAD_BYTES + 1))
    assert (answer.code, body(answer)["code"]) == (413, "TOO_LARGE")


async def test_who_goes_away_in_the_middle_of_a_file_leaves_nothing(server: Server) -> None:
    host, _, port = server.host.partition(":")
    stream: IOStream = await TCPClient().connect(host, int(port))
    path = server.url(f"{SESSIONS}/import?name=x").partition(server.host)[2]
    await stream.write(
        f"POST {path} HTTP/1.1\r\nHost: {server.host}\r\nContent-Length: 100000\r\n"
        f"Authorization: {server.token['Authorization']}\r\n\r\n".encode()
        + b"x" * 50_000
    )
    serving: dict[Any, None] = server.app.extension_manager.extension_points[
        "graph_ext"
    ].app.serving
    while not serving:
        await asyncio.sleep(0)
    (request,) = serving
    stream.close()
    while serving or not request._upload.closed:
        await asyncio.sleep(0)
    assert body(await server.fetch(SESSIONS)) == []
