"""Sessions over HTTP (rules 6.1 and 6.2)."""

import json
from typing import Any

import pytest

from tests.transports.conftest import API, Server, cookie_header, create

SESSIONS = f"{API}/sessions"


def body(response: Any) -> Any:
    return json.loads(response.body)


async def test_health(server: Server) -> None:
    answer = await server.fetch(f"{API}/health")
    assert answer.code == 200
    assert (body(answer)["status"], body(answer)["access_policy"]) == ("ok", "server")
    assert answer.headers["Content-Type"] == "application/json"


async def test_the_life_of_a_session(server: Server) -> None:
    made = await server.fetch(SESSIONS, body={"name": "plan"})
    assert made.code == 201
    info = body(made)
    assert made.headers["Location"].endswith(f"{SESSIONS}/{info['session_id']}")
    assert (info["name"], info["rev"], info["role"]) == ("plan", 0, "owner")
    path = f"{SESSIONS}/{info['session_id']}"
    assert body(await server.fetch(path)) == info
    assert body(await server.fetch(SESSIONS)) == [info]
    assert body(await server.fetch(f"{SESSIONS}?name=plan")) == [info]
    assert body(await server.fetch(f"{SESSIONS}?name=other")) == []
    renamed = await server.fetch(path, body={"name": "goal"}, method="PATCH")
    assert (renamed.code, body(renamed)["name"]) == (200, "goal")
    gone = await server.fetch(path, method="DELETE")
    assert (gone.code, gone.body) == (204, b"")
    again = await server.fetch(path)
    assert (again.code, body(again)["code"]) == (404, "NOT_FOUND")


async def test_a_session_is_made_with_its_blueprint(server: Server) -> None:
    blueprint = {"node_types": {"Task": {"properties": {"effort": {"type": "number"}}}}}
    info = body(await server.fetch(SESSIONS, body={"name": "plan", "blueprint": blueprint}))
    assert info["rev"] == 1
    peer = await server.connect()
    await peer.join(info["session_id"])
    answer = await peer.command(
        info["session_id"], "k", **create("a", effort="x"), blueprint_type_id="Task"
    )
    assert (answer["type"], answer["code"]) == ("rejected", "SCHEMA")


async def test_a_name_that_exists_is_a_conflict(server: Server) -> None:
    await server.session("plan")
    answer = await server.fetch(SESSIONS, body={"name": "plan"})
    assert answer.code == 409
    refusal = body(answer)
    assert (refusal["code"], refusal["path"]) == ("DUPLICATE_ID", "name")
    assert "plan" in refusal["message"]


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"name": 3}',
        '{"name": "plan", "nmae": 1}',
        '{"name": "plan", "blueprint": []}',
        '{"name": NaN}',
        '{"name": ' + "[" * 5000,
        b'{"name": "\xff"}',
    ],
)
async def test_a_body_that_can_not_be_read_is_a_bad_request(
    server: Server, sent: str | bytes
) -> None:
    answer = await server.fetch(SESSIONS, body=sent)
    assert (answer.code, body(answer)["code"]) == (400, "BAD_MESSAGE")
    assert body(await server.fetch(SESSIONS)) == []


@pytest.mark.parametrize(
    "blueprint", [{"node_types": []}, {"node_types": {"Task": {"colur": "red"}}}, {"nodes": {}}]
)
async def test_a_blueprint_that_is_none_is_refused_and_no_session_is_made(
    server: Server, blueprint: dict[str, object]
) -> None:
    answer = await server.fetch(SESSIONS, body={"name": "plan", "blueprint": blueprint})
    assert (answer.code, body(answer)["code"]) == (422, "SCHEMA")
    assert body(await server.fetch(SESSIONS)) == []


async def test_a_name_of_lone_surrogates_is_refused(server: Server) -> None:
    answer = await server.fetch(SESSIONS, body='{"name": "\\ud800"}')
    assert answer.code in {400, 422}
    assert body(answer)["code"] in {"BAD_MESSAGE", "SCHEMA"}


async def test_an_empty_name_is_unprocessable(server: Server) -> None:
    answer = await server.fetch(SESSIONS, body={"name": " "})
    assert (answer.code, body(answer)["code"]) == (422, "SCHEMA")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_session_is_not_found(server: Server, method: str) -> None:
    answer = await server.fetch(f"{SESSIONS}/{'0' * 32}", method=method)
    assert (answer.code, body(answer)["code"]) == (404, "NOT_FOUND")
    answer = await server.fetch(f"{SESSIONS}/..%2f..%2fsecret", method=method)
    assert answer.code == 404


@pytest.mark.parametrize("path", ["health", "sessions", f"sessions/{'0' * 32}"])
async def test_a_stranger_learns_nothing(server: Server, path: str) -> None:
    answer = await server.fetch(f"{API}/{path}", headers={})
    assert answer.code == 403


async def test_a_cookie_needs_the_xsrf_token_to_change_anything(server: Server) -> None:
    jar = await server.cookies()
    cookie = {"Cookie": cookie_header(jar)}
    assert (await server.fetch(SESSIONS, headers=cookie)).code == 200
    answer = await server.fetch(SESSIONS, headers=cookie, body={"name": "plan"})
    assert (answer.code, body(answer)["code"]) == (403, "FORBIDDEN")
    assert body(await server.fetch(SESSIONS)) == []
    with_token = {**cookie, "X-XSRFToken": jar["_xsrf"]}
    made = await server.fetch(SESSIONS, headers=with_token, body={"name": "plan"})
    assert made.code == 201
    path = f"{SESSIONS}/{body(made)['session_id']}"
    assert (await server.fetch(path, headers=cookie, method="DELETE")).code == 403
    assert (
        await server.fetch(path, headers=cookie, body={"name": "x"}, method="PATCH")
    ).code == 403


async def test_a_foreign_page_reads_nothing_with_our_cookie(server: Server) -> None:
    jar = await server.cookies()
    headers = {"Cookie": cookie_header(jar), "Origin": "http://evil.example"}
    assert (await server.fetch(SESSIONS, headers=headers)).code == 404


async def test_an_open_session_is_listed_as_it_is_now(server: Server) -> None:
    session_id = await server.session()
    peer = await server.connect()
    await peer.join(session_id)
    await peer.command(session_id, "k", **create("a"))
    (info,) = body(await server.fetch(SESSIONS))
    assert (info["rev"], info["nodes"], info["clients"]) == (1, 1, 1)


async def test_a_body_over_the_limit_is_refused(server: Server) -> None:
    answer = await server.fetch(SESSIONS, body={"name": "x" * 100_001})
    assert (answer.code, body(answer)["code"]) == (413, "TOO_LARGE")
