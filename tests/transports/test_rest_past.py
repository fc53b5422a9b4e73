"""The graph, its blueprint and its log over HTTP, now and then (rules 6.9 to 6.12)."""

import asyncio
from typing import Any

from tornado.iostream import IOStream
from tornado.tcpclient import TCPClient

from graph_ext.transports.base import HUB
from tests.transports.conftest import Server, create
from tests.transports.requests import Session, body, new_session

TASK = {"node_types": {"Task": {"properties": {"effort": {"type": "number"}}}}}


def link(link_id: str, source_id: str, target_id: str) -> dict[str, Any]:
    return {
        "type": "link-nodes",
        "link_id": link_id,
        "source_id": source_id,
        "target_id": target_id,
    }


def serving(server: Server) -> Any:
    """The requests that the server is at."""
    return server.app.extension_manager.extension_points["graph_ext"].app.serving


async def until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0)


async def followed(server: Server, session: Session) -> Any:
    """The session in the hub, once somebody waits for its next commit."""
    opened = await server.app.web_app.settings[HUB].open(session.session_id)
    await until(lambda: not opened.idle)
    return opened


async def chain(server: Server) -> Session:
    """A - b - c - d, one commit each."""
    session = await new_session(server)
    for node_id in "abcd":
        await session.command(command=create(node_id), client="ada")
    for pair in ("ab", "bc", "cd"):
        await session.command(command=link(pair, *pair), client="bob")
    return session


async def test_the_graph_is_read_as_it_was(server: Server) -> None:
    session = await chain(server)
    graph = await session.ask("graph?rev=5")
    assert [node["node_id"] for node in graph["nodes"]] == ["a", "b", "c", "d"]
    assert graph["links"] == [{"link_id": "ab", "source_id": "a", "target_id": "b"}]
    assert (graph["rev"], graph["blueprint"]) == (5, {})
    assert await session.ask("graph?rev=7") == await session.ask("graph")
    empty = await session.ask("graph?rev=0")
    assert (empty["nodes"], empty["links"]) == ([], [])
    assert (await session.ask("graph?rev=8", status=404))["path"] == "rev"


async def test_a_neighbourhood_is_read_by_depth_and_rev(server: Server) -> None:
    session = await chain(server)
    near = await session.ask("neighbourhood?node_id=a")
    assert [node["node_id"] for node in near["nodes"]] == ["a", "b"]
    far = await session.ask("neighbourhood?node_id=a&depth=2")
    assert [link["link_id"] for link in far["links"]] == ["ab", "bc"]
    past = await session.ask("neighbourhood?node_id=a&rev=4")
    assert [node["node_id"] for node in past["nodes"]] == ["a"]
    assert past["links"] == []
    assert (await session.ask("neighbourhood?node_id=x", status=404))["path"] == "node_id"
    assert (await session.ask("neighbourhood?node_id=a&depth=101", status=400))["path"] == "depth"
    assert (await session.ask("neighbourhood", status=400))["code"] == "BAD_MESSAGE"


async def test_a_node_of_any_name_has_a_neighbourhood(server: Server) -> None:
    session = await new_session(server)
    await session.command(command=create("a/b?c&d=é"))
    found = await session.ask("neighbourhood?node_id=a%2Fb%3Fc%26d%3D%C3%A9")
    assert [node["node_id"] for node in found["nodes"]] == ["a/b?c&d=é"]


async def test_a_diff_tells_what_makes_one_rev_of_the_other(server: Server) -> None:
    session = await chain(server)
    forth = await session.ask("diff?from_rev=3&to_rev=5")
    assert [node["node_id"] for node in forth["nodes"]["added"]] == ["d"]
    assert [each["link_id"] for each in forth["links"]["added"]] == ["ab"]
    back = await session.ask("diff?from_rev=5&to_rev=3")
    assert [node["node_id"] for node in back["nodes"]["removed"]] == ["d"]
    assert (await session.ask("diff?from_rev=1&to_rev=9", status=404))["code"] == "NOT_FOUND"


async def test_history_says_who_did_what_page_by_page(server: Server) -> None:
    session = await chain(server)
    batch = {"type": "batch", "label": "Two", "commands": [create("x"), create("y")]}
    await session.command(command=batch, command_id="k", client="cleo")
    await session.ask("undo?client_id=cleo&label=Cleo", {})
    page = await session.ask("history?limit=2")
    undo, two = page["entries"]
    assert (undo["rev"], undo["undoes"], undo["actor"]["name"]) == (9, 8, "Cleo")
    assert (two["rev"], two["label"], two["count"], two["command_id"]) == (8, "Two", 2, "k")
    assert two["actor"]["actor_id"] == "client:cleo"
    revs = [9, 8]
    while page.get("before_rev"):
        page = await session.ask(f"history?limit=2&before_rev={page['before_rev']}")
        revs.extend(entry["rev"] for entry in page["entries"])
    assert revs == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    ada = await session.ask("history?actor_id=client:ada")
    assert [entry["rev"] for entry in ada["entries"]] == [4, 3, 2, 1]
    assert "before_rev" not in ada


# --- commits ----------------------------------------------------------------------------------


async def test_commits_are_read_from_a_rev_on(server: Server) -> None:
    session = await chain(server)
    answer = await session.ask("commits?since=5")
    assert [commit["rev"] for commit in answer["commits"]] == [6, 7]
    assert (answer["next"], answer["floor"]) == ("7", 0)
    assert (await session.ask("commits?since=7"))["commits"] == []
    assert (await session.ask("commits?since=8", status=404))["path"] == "rev"
    assert (await session.ask("commits?epoch=other", status=410))["code"] == "GONE"
    epoch = answer["epoch"]
    assert len((await session.ask(f"commits?epoch={epoch}"))["commits"]) == 7
    for since in ("x", "-1", "1.", "1.2.3", "99999999999999999"):
        assert (await session.ask(f"commits?since={since}", status=400))["path"] == "since"


async def test_a_long_commit_is_read_in_parts(server: Server) -> None:
    session = await new_session(server)
    peer = await server.connect()
    await peer.join(session.session_id)
    for start in range(8):
        commands = [create(f"n{start}-{i}", text="x" * 400) for i in range(150)]
        part = {"type": "batch", "commands": commands}
        await peer.send(
            {
                "type": "command",
                "session_id": session.session_id,
                "command_id": "long",
                "command": part,
                "more": start < 7,
            }
        )
    await peer.read_type("commit")
    answer = await session.ask("commits")
    seen = list(answer["commits"])
    while answer["next"] != "1":
        assert seen[-1]["more"]
        answer = await session.ask(f"commits?since={answer['next']}")
        seen.extend(answer["commits"])
    assert len(seen) > 4
    assert {commit["rev"] for commit in seen} == {1}
    assert sum(len(commit["events"]) for commit in seen) == 1200
    assert "more" not in seen[-1]


async def test_who_waits_is_answered_by_the_next_commit(server: Server) -> None:
    session = await new_session(server)
    waiting = asyncio.ensure_future(session.ask("commits?since=0&wait_s=60"))
    await followed(server, session)
    # what is in no log is not what was waited for
    refusal = await session.command(command={"type": "delete-node", "node_id": "x"}, status=404)
    assert (refusal["code"], waiting.done()) == ("NOT_FOUND", False)
    await session.command(command=create("a"), command_id="k")
    answer = await waiting
    assert [commit["command_id"] for commit in answer["commits"]] == ["k"]
    assert answer["next"] == "1"


async def test_who_has_waited_long_enough_gets_no_commit(server: Server) -> None:
    session = await new_session(server)
    answer = await session.ask("commits?since=0&wait_s=1")
    assert (answer["commits"], answer["next"]) == ([], "0")
    assert (await session.ask("commits?wait_s=61", status=400))["path"] == "wait_s"


async def test_the_end_of_a_session_ends_the_wait(server: Server) -> None:
    session = await new_session(server)
    waiting = asyncio.ensure_future(session.ask("commits?wait_s=60", status=410))
    await followed(server, session)
    await server.fetch(session.path, method="DELETE")
    assert "deleted" in (await waiting)["message"]


async def test_a_server_that_stops_ends_the_wait(server: Server) -> None:
    session = await new_session(server)
    waiting = asyncio.ensure_future(
        server.fetch(f"{session.path}/commits?wait_s=60", request_timeout=100)
    )
    await followed(server, session)
    (request,) = serving(server)
    request.stop()
    answer = await waiting
    assert (answer.code, body(answer)["code"]) == (503, "UNAVAILABLE")


async def test_who_goes_away_is_not_waited_for(server: Server) -> None:
    session = await new_session(server)
    host, _, port = server.host.partition(":")
    stream: IOStream = await TCPClient().connect(host, int(port))
    path = server.url(f"{session.path}/commits?wait_s=60").partition(server.host)[2]
    await stream.write(
        f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\n"
        f"Authorization: {server.token['Authorization']}\r\n\r\n".encode()
    )
    opened = await followed(server, session)
    stream.close()
    await until(lambda: opened.idle and not serving(server))


# --- blueprints -------------------------------------------------------------------------------


async def test_a_blueprint_is_put_and_read(server: Server) -> None:
    session = await new_session(server)
    assert (await session.ask("blueprint"))["blueprint"] == {}
    short = {"node_types": {"Task": {"properties": {"effort": "number"}}}}
    tried = await session.ask("blueprint?dry_run=true", short, method="PUT")
    assert [event["type"] for event in tried["planned"]["events"]] == ["blueprint-updated"]
    assert (await session.ask("blueprint"))["rev"] == 0
    await session.ask("blueprint?command_id=k&base_rev=0", short, method="PUT")
    assert await session.ask("blueprint") == {
        "epoch": (await session.ask("graph"))["epoch"],
        "rev": 1,
        "blueprint": TASK,
    }
    again = await session.ask("blueprint?command_id=k&base_rev=0", short, method="PUT")
    assert (again["rev"], again["repeated"]) == (1, True)
    assert (await session.ask("blueprint?base_rev=0", short, 409, method="PUT"))["code"]


async def test_a_check_lists_every_element_that_does_not_fit(server: Server) -> None:
    session = await new_session(server)
    nodes = [{**create(f"n{i}", effort="x"), "blueprint_type_id": "Task"} for i in range(1200)]
    for start in range(0, 1200, 600):
        batch = {"type": "batch", "commands": nodes[start : start + 600]}
        await session.command(command=batch)
    await session.command(command={**create("fits", effort=1), "blueprint_type_id": "Task"})
    await session.command(command=link("l", "n0", "n1"))
    checked = await session.ask("blueprint/check", {**TASK, "link_types": {"needs": None}})
    assert checked["rev"] == 4
    *misfits, last = checked["misfits"]
    assert [each["node_id"] for each in misfits] == [f"n{i}" for i in range(1200)]
    assert misfits[0]["path"] == "properties.effort"
    assert "Task.effort must be a number, got 'x'" in misfits[0]["message"]
    assert last["link_id"] == "l"
    assert (await session.ask("blueprint"))["rev"] == 4
    refusal = await session.ask("blueprint", TASK, 422, method="PUT")
    assert refusal["code"] == "SCHEMA"
    assert (await session.ask("blueprint/check", {}))["misfits"] == []
    assert (await session.ask("blueprint/check", {"node_types": 3}, 422))["path"] == "node_types"


async def test_the_schema_of_a_type_is_json_schema(server: Server) -> None:
    session = await new_session(server)
    await session.ask("blueprint", TASK, method="PUT")
    schema = await session.ask("blueprint/schema?type_id=Task")
    assert schema["properties"] == {"effort": {"type": "number"}}
    assert (await session.ask("blueprint/schema?type_id=Tsk", status=404))["fix"]


# --- versions ---------------------------------------------------------------------------------


async def test_a_rev_gets_a_name_and_loses_it(server: Server) -> None:
    session = await chain(server)
    made = await session.ask("versions/first%20%2F%20last?client_id=ada", {"rev": 2}, method="PUT")
    assert (made["name"], made["rev"]) == ("first / last", 2)
    assert made["actor"]["actor_id"] == "client:ada"
    assert (await session.ask("versions/last", {}, method="PUT"))["rev"] == 7
    twice = await session.ask("versions/last", {}, 409, method="PUT")
    assert twice["code"] == "DUPLICATE_ID"
    assert [each["name"] for each in await session.ask("versions")] == ["first / last", "last"]
    await session.ask("versions/last", method="DELETE", status=204)
    assert [each["rev"] for each in await session.ask("versions")] == [2]
    assert (await session.ask("versions/last", method="DELETE", status=404))["code"] == "NOT_FOUND"
    assert (await session.ask("versions/next", {"rev": 8}, 404, method="PUT"))["path"] == "rev"
