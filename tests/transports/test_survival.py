"""A real server process that is killed, whose disk fills up, or that is not alone (DESIGN, 8)."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from graph_ext.protocol import SUBPROTOCOL
from tests.servers import JupyterServer
from tests.transports.conftest import API, Peer, command_message, create


async def connect(server: JupyterServer) -> Peer:
    url = f"{server.url.replace('http', 'ws')}{API}/ws"
    request = HTTPRequest(url, headers={"Authorization": f"token {server.token}"})
    return Peer(await websocket_connect(request, subprotocols=[SUBPROTOCOL]))


def make_session(server: JupyterServer, name: str = "plan") -> str:
    request = Request(
        f"{server.url}{API}/sessions",
        data=json.dumps({"name": name}).encode(),
        headers={"Authorization": f"token {server.token}"},
    )
    with urlopen(request) as response:
        return str(json.load(response)["session_id"])


async def commits_after(peer: Peer, joined: dict[str, Any]) -> list[dict[str, Any]]:
    return [await peer.read_type("commit") for _ in range(joined["rev"])]


async def test_kill_9_in_the_middle_of_writing_loses_nothing_acknowledged(tmp_path: Path) -> None:
    ids = [f"k{i}" for i in range(3000)]
    with JupyterServer(tmp_path) as server:
        session_id = make_session(server)
        ada = await connect(server)
        epoch = (await ada.join(session_id))["epoch"]
        acknowledged: dict[str, int] = {}
        for start in range(0, len(ids), 50):
            messages = [
                command_message(session_id, each, **create(f"node-{each}"))
                for each in ids[start : start + 50]
            ]
            await ada.raw(json.dumps(messages))
        while len(acknowledged) < 300:
            commit = await ada.read_type("commit")
            acknowledged[commit["command_id"]] = commit["rev"]
        server.kill()
        # what had left the server before it died was acknowledged too
        while (frame := await ada.frame()) is not None:
            found = json.loads(frame)
            for commit in found if isinstance(found, list) else [found]:
                acknowledged[commit["command_id"]] = commit["rev"]
        await ada.close()

        server.start()
        ada = await connect(server)
        joined = await ada.join(session_id, since={"epoch": epoch, "rev": 0}, pending=ids)
        assert joined["mode"] == "resume"
        commits = await commits_after(ada, joined)
        assert [commit["rev"] for commit in commits] == list(range(1, joined["rev"] + 1))
        durable = {commit["command_id"]: commit["rev"] for commit in commits}
        assert acknowledged.items() <= durable.items()
        assert joined["outcomes"] == {each: {"rev": rev} for each, rev in durable.items()}

        # all of it once more, as a client does that never got an answer
        for start in range(0, len(ids), 50):
            messages = [
                command_message(session_id, each, **create(f"node-{each}"))
                for each in ids[start : start + 50]
            ]
            await ada.raw(json.dumps(messages))
        outcome: dict[str, int] = {}
        while len(outcome) < len(ids):
            answer = await ada.read()
            assert answer["type"] == "commit", answer
            outcome[answer["command_id"]] = answer["rev"]
        assert sorted(outcome.values()) == list(range(1, len(ids) + 1))
        assert durable.items() <= outcome.items()
        await ada.close()


async def test_a_full_disk_refuses_and_writing_resumes_by_itself(tmp_path: Path) -> None:
    with JupyterServer(tmp_path) as server:
        session_id = make_session(server)
        ada = await connect(server)
        joined = await ada.join(session_id)
        assert (await ada.command(session_id, "k1", **create("a")))["rev"] == 1
        wal = next((tmp_path / "data" / "graph_ext").glob(f"{session_id}.sqlite-wal"))
        # no file of this process may grow: to SQLite it is a disk that is full
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
        for i in range(3):
            # too long for the slate, which has its length already
            answer = await ada.command(session_id, f"full{i}", **create(f"f{i}", text="x" * 20_000))
            assert (answer["type"], answer["code"]) == ("rejected", "UNAVAILABLE")
            assert "could not be saved" in answer["message"]
        # reading goes on
        bob = await connect(server)
        await bob.send({"type": "join_session", "session_id": session_id, "client_id": "bob"})
        assert (await bob.read())["rev"] == 1
        page = await bob.read()
        assert "nodes" in page, page
        assert [node["node_id"] for node in page["nodes"]] == ["a"]
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert (await ada.command(session_id, "full0", **create("f0")))["rev"] == 2
        assert (await bob.read_type("commit"))["rev"] == 2
        await ada.close()
        await bob.close()

        server.kill()
        server.start()
        ada = await connect(server)
        joined = await ada.join(session_id, since={"epoch": joined["epoch"], "rev": 0})
        revs = [commit["rev"] for commit in await commits_after(ada, joined)]
        assert revs == [1, 2]
        await ada.close()


async def test_a_server_that_is_stopped_says_so_and_keeps_everything(tmp_path: Path) -> None:
    with JupyterServer(tmp_path) as server:
        session_id = make_session(server)
        ada = await connect(server)
        await ada.join(session_id)
        for i in range(20):
            await ada.command(session_id, f"k{i}", **create(f"n{i}"))
        server.stop()
        while await ada.frame() is not None:
            pass
        assert ada.socket.close_code == 1001
        await ada.close()
        folder = tmp_path / "data" / "graph_ext"
        assert not list(folder.glob("*-wal")), "everything is in the file itself"
        server.start()
        ada = await connect(server)
        assert (await ada.join(session_id))["rev"] == 20
        await ada.close()


async def test_two_servers_on_one_folder_do_not_write_one_session(tmp_path: Path) -> None:
    folder = f"--GraphExtension.data_dir={tmp_path / 'graphs'}"
    first = JupyterServer(tmp_path / "first", "server", folder)
    second = JupyterServer(tmp_path / "second", "server", folder)
    with first, second:
        session_id = make_session(first)
        ada = await connect(first)
        await ada.join(session_id)
        await ada.command(session_id, "k", **create("a"))
        bob = await connect(second)
        join = {"type": "join_session", "session_id": session_id, "client_id": "bob"}
        await bob.send(join)
        answer = await bob.read()
        assert (answer["type"], answer["code"]) == ("error", "UNAVAILABLE")
        assert f"process {first.pid}, port {first.port}" in answer["message"]
        # both know all sessions
        other_id = make_session(second, "other")
        await bob.join(other_id)
        await bob.send({"type": "ping"})
        assert await bob.read() == {"type": "pong"}
        await ada.close()
        first.kill()
        joined = await bob.join(session_id, "bob")
        assert joined["rev"] == 1
        await bob.close()
