"""How every operation answers over HTTP, whichever it is (rules 6.1 to 6.3)."""

import asyncio
import copy
import socket
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.iostream import IOStream

from graph_ext.transports.operations import Operation
from graph_ext.transports.table import OPERATIONS
from tests.transports.conftest import API, Server, cookie_header, create
from tests.transports.requests import SESSIONS, body, new_session


@pytest.fixture
def jp_server_config(
    jp_server_config: dict[str, Any], request: pytest.FixtureRequest
) -> dict[str, Any]:
    """The usual one, and what a test adds for the extension."""
    config = copy.deepcopy(jp_server_config)
    config["GraphExtension"].update(getattr(request, "param", {}))
    return config


CHANGES = [each for each in OPERATIONS if each.method != "GET"]


def address(operation: Operation, session_id: str = "0" * 32) -> str:
    """Where an operation is, its path filled in."""
    parts = dict.fromkeys(operation.parameters, "x") | {"session_id": session_id}
    return f"{API}/{operation.path.format(**parts)}"


async def ask(
    server: Server, operation: Operation, query: str = "", **options: Any
) -> HTTPResponse:
    if operation.method in {"POST", "PUT", "PATCH"}:
        options.setdefault("body", operation.example or {})
    return await server.fetch(address(operation) + query, method=operation.method, **options)


async def test_a_stranger_gets_nothing_of_any_operation(server: Server) -> None:
    for operation in OPERATIONS:
        answer = await ask(server, operation, headers={})
        assert (answer.code, body(answer)["code"]) == (403, "FORBIDDEN"), operation
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_cookie_alone_changes_nothing(server: Server) -> None:
    jar = await server.cookies()
    cookie = {"Cookie": cookie_header(jar)}
    with_token = {**cookie, "X-XSRFToken": jar["_xsrf"]}
    for operation in CHANGES:
        answer = await ask(server, operation, headers=cookie)
        assert (answer.code, body(answer)["code"]) == (403, "FORBIDDEN"), operation
        assert "_xsrf" in body(answer)["message"]
        assert b"_xsrf" not in (await ask(server, operation, headers=with_token)).body


async def test_a_foreign_page_gets_nothing_with_our_cookie(server: Server) -> None:
    jar = await server.cookies()
    headers = {
        "Cookie": cookie_header(jar),
        "X-XSRFToken": jar["_xsrf"],
        "Origin": "http://evil.example",
    }
    for operation in OPERATIONS:
        assert (await ask(server, operation, headers=headers)).code in {403, 404}, operation


async def test_a_parameter_that_there_is_not_is_refused_by_its_name(server: Server) -> None:
    for operation in OPERATIONS:
        answer = await ask(server, operation, query="?colour=red")
        assert (answer.code, body(answer)["path"]) == (400, "colour"), operation


async def test_what_browsers_and_the_server_itself_put_into_a_query_is_passed_over(
    server: Server,
) -> None:
    token = server.app.identity_provider.token
    answer = await server.fetch(f"{SESSIONS}?1795353600&no_track_activity=1&token={token}")
    assert (answer.code, body(answer)) == (200, [])


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("name=a&name=b", "name"),
        ("name=%ff", "name"),
        ("nmae=a", "nmae"),
    ],
)
async def test_a_query_is_read_strictly(server: Server, query: str, named: str) -> None:
    answer = await server.fetch(f"{SESSIONS}?{query}")
    assert (answer.code, body(answer)["code"]) == (400, "BAD_MESSAGE")
    assert body(answer)["path"] == named


@pytest.mark.parametrize("value", ["1", "True", "yes", ""])
async def test_a_flag_in_a_query_is_true_or_false(server: Server, value: str) -> None:
    session = await new_session(server)
    refusal = await session.ask(f"blueprint?dry_run={value}", {}, 400, method="PUT")
    assert refusal["path"] == "dry_run"


@pytest.mark.parametrize("value", ["null", "-1", "x", "9007199254740992"])
async def test_a_rev_in_a_query_is_a_number(server: Server, value: str) -> None:
    session = await new_session(server)
    refusal = await session.ask(f"blueprint?base_rev={value}", {}, 400, method="PUT")
    assert refusal["path"] == "base_rev"


async def test_another_method_is_told_which_there_are(server: Server) -> None:
    answer = await server.fetch(SESSIONS, method="DELETE")
    assert (answer.code, body(answer)["code"]) == (405, "BAD_MESSAGE")
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert (await server.fetch(SESSIONS, method="TRACE")).code == 405


async def test_options_tell_what_there_is_to_anybody(server: Server) -> None:
    answer = await server.fetch(SESSIONS, method="OPTIONS", headers={})
    assert (answer.code, answer.body) == (200, b"")
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["sessions", "sessions/{}", "sessions/{}/graph"])
async def test_head_is_get_without_its_body(server: Server, path: str) -> None:
    session = await new_session(server)
    address = f"{API}/{path.format(session.session_id)}"
    head = await server.fetch(address, method="HEAD")
    assert (head.code, head.body) == (200, b"")
    assert head.headers["Content-Type"] == "application/json"
    assert (await server.fetch(f"{SESSIONS}/{'0' * 32}", method="HEAD")).code == 404


@pytest.mark.parametrize("path", ["", "sesions", "sessions/x", f"sessions/{'0' * 32}/nothing"])
async def test_a_route_that_there_is_not_is_said_in_json(server: Server, path: str) -> None:
    answer = await server.fetch(f"{API}/{path}")
    assert (answer.code, body(answer)["code"]) == (404, "NOT_FOUND")


async def test_a_body_over_the_limit_is_refused_before_it_has_come(server: Server) -> None:
    answer = await server.fetch(SESSIONS, body="x" * 1_000_000)
    assert (answer.code, body(answer)["code"]) == (413, "TOO_LARGE")
    assert (await server.fetch(SESSIONS)).code == 200


async def test_a_body_of_unknown_length_is_refused_when_it_grows_too_long(server: Server) -> None:
    async def chunks(write: Any) -> None:
        for _ in range(20):
            await write(b"x" * 10_000)

    producer: Any = chunks
    request = HTTPRequest(
        server.url(SESSIONS), "POST", headers=server.token, body_producer=producer
    )
    answer = await AsyncHTTPClient().fetch(request, raise_error=False)
    assert (answer.code, body(answer)["code"]) == (413, "TOO_LARGE")


async def test_a_large_graph_comes_in_slices(server: Server) -> None:
    session = await new_session(server)
    for start in range(0, 3000, 500):
        commands = [
            *(create(f"n{i}", text="x" * 50) for i in range(start, start + 500)),
            *(
                {"type": "link-nodes", "source_id": f"n{i}", "target_id": f"n{start}"}
                for i in range(start, start + 100)
            ),
        ]
        await session.command(command={"type": "batch", "commands": commands})
    pieces: list[bytes] = []
    request = HTTPRequest(
        server.url(f"{session.path}/graph"), headers=server.token, streaming_callback=pieces.append
    )
    answer = await AsyncHTTPClient().fetch(request)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert max(map(len, pieces)) <= 256 * 1024
    graph = await session.ask("graph")
    assert [node["node_id"] for node in graph["nodes"]] == [f"n{i}" for i in range(3000)]
    assert (len(graph["links"]), graph["rev"], len(pieces) > 3) == (600, 6, True)


class Unread:
    """A large graph that somebody asked for and does not read, over a narrow connection."""

    def __init__(self, stream: IOStream) -> None:
        self.stream = stream

    async def rest(self) -> bytes:
        """All that was sent before the connection ended."""
        return await self.stream.read_until_close()


async def unread(server: Server, listening: socket.socket) -> Unread:
    session = await new_session(server)
    for start in range(0, 4000, 800):
        commands = [create(f"n{i}", text="x" * 20) for i in range(start, start + 800)]
        await session.command(command={"type": "batch", "commands": commands})
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(listening.getsockname())
    stream = IOStream(client)
    path = server.url(f"{session.path}/graph").partition(server.host)[2]
    await stream.write(
        f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\n"
        f"Authorization: {server.token['Authorization']}\r\n\r\n".encode()
    )
    serving = server.app.extension_manager.extension_points["graph_ext"].app.serving
    while not any(request._headers_written for request in serving):
        await asyncio.sleep(0)
    return Unread(stream)


@pytest.mark.parametrize("jp_server_config", [{"slow_client_s": 0.05}], indirect=True)
async def test_who_does_not_read_an_answer_is_cut_off(
    server: Server, http_server_port: tuple[socket.socket, int]
) -> None:
    reader = await unread(server, http_server_port[0])
    serving = server.app.extension_manager.extension_points["graph_ext"].app.serving
    while serving:
        await asyncio.sleep(0)
    assert not (await reader.rest()).endswith(b"0\r\n\r\n")


async def test_a_server_that_stops_breaks_off_its_answers(
    server: Server, http_server_port: tuple[socket.socket, int]
) -> None:
    reader = await unread(server, http_server_port[0])
    serving = server.app.extension_manager.extension_points["graph_ext"].app.serving
    (request,) = serving
    request.stop()
    assert not (await reader.rest()).endswith(b"0\r\n\r\n")
    while serving:
        await asyncio.sleep(0)
