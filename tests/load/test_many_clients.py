"""A thousand clients of one session, in a process of their own, and one of them never reads."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from graph_ext.protocol import SUBPROTOCOL
from tests.servers import JupyterServer
from tests.transports.conftest import API, Peer, command_message, create

ROOT = Path(__file__).parent.parent.parent
CLIENTS = 1000
COMMITS = 1000
LARGE = "x" * 60_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path) as server:
        yield server


async def test_4_5_all_of_a_thousand_receive_everything_in_order(server: JupyterServer) -> None:
    headers = {"Authorization": f"token {server.token}"}

    async def get(path: str, body: str | None = None) -> str:
        method = "GET" if body is None else "POST"
        request = HTTPRequest(f"{server.url}{path}", method, headers, body=body)
        return (await AsyncHTTPClient().fetch(request)).body.decode()

    session_id = json.loads(await get(f"{API}/sessions", '{"name": "plan"}'))["session_id"]
    command = [sys.executable, "-m", "tests.load.clients", str(server.port), server.token]
    command += [session_id, str(CLIENTS), str(COMMITS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as load:
        assert load.stdin is not None
        assert load.stdout is not None
        assert load.stdout.readline() == "ready\n"
        request = HTTPRequest(f"{server.url.replace('http', 'ws')}{API}/ws", headers=headers)
        ada = Peer(await websocket_connect(request, subprotocols=[SUBPROTOCOL]))
        await ada.join(session_id, "ada")
        for first in range(0, COMMITS, 50):
            numbers = range(first, first + 50)
            await ada.send(
                *(
                    command_message(session_id, f"k{n}", **create(f"n{n}", text="x" * 800))
                    for n in numbers
                )
            )
        while (await ada.read())["rev"] < COMMITS:
            pass
        seen = json.loads(load.stdout.readline())
        assert seen["in_order"] == CLIENTS - 1
        # more than the kernel takes for one that never reads: the server keeps its bound of it
        for number in range(200):
            await ada.command(session_id, f"large{number}", **create(f"large{number}", text=LARGE))
        assert 0 < await in_flight_bytes(await get("metrics")) <= 256 * 1024
        await ada.close()
        load.stdin.write("enough\n")


async def in_flight_bytes(metrics: str) -> float:
    name = "graph_ext_in_flight_bytes_max "
    [line] = [line for line in metrics.splitlines() if line.startswith(name)]
    return float(line.split()[1])
