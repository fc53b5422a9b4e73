"""Load a graph of the size of Debian's archive into a real server, and let others join.

``python -m benchmarks.loading [nodes links]``: 63,666 nodes and 248,338 links as one batch over
the WebSocket; then a second client joins, then the server is started again, a third
joins, and a fourth undoes it all.
Printed: how long each took, and how long the server's event loop was held meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from graph_ext.core.commands import Batch, CreateNode, LinkNodes
from graph_ext.core.graph import Graph
from graph_ext.protocol import (
    SUBPROTOCOL,
    Commit,
    JoinSession,
    Snapshot,
    decode_server_frame,
    encode,
    split_batch,
)

ROOT = Path(__file__).parent.parent
TOKEN = "benchmark"  # noqa: S105
HEADERS = {"Authorization": f"token {TOKEN}"}


def batch(nodes: int, links: int) -> Batch:
    """Make a batch with the shape of a package archive: few are used by many."""
    chance = random.Random(0)  # noqa: S311
    names = [f"lib-package-{index:05}" for index in range(nodes)]
    edits: list[Any] = [
        CreateNode(
            node_id=name,
            blueprint_type_id="package",
            name=name,
            properties={"section": "python", "version": f"1.{index % 50}-2", "size": index * 7},
        )
        for index, name in enumerate(names)
    ]
    edits += [
        LinkNodes(
            link_id=f"depends-{index}",
            source_id=chance.choice(names),
            target_id=names[int(nodes * chance.random() ** 3)],
            link_type_id="depends",
            properties={"range": ">= 1.2"} if index % 3 == 0 else {},
        )
        for index in range(links)
    ]
    return Batch(edits, "Debian")


@contextmanager
def server(folder: Path, port: int) -> Iterator[None]:
    """Run a Jupyter server with the extension and the stall monitor."""
    names = ("DATA", "CONFIG", "RUNTIME")
    env = {**os.environ, **{f"JUPYTER_{name}_DIR": str(folder / name) for name in names}}
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"]
    command += [f"--port={port}", f"--IdentityProvider.token={TOKEN}"]
    command += [f"--ServerApp.root_dir={folder}", "--log-level=WARN"]
    for name in ("graph_ext", "benchmarks.stall_monitor"):
        command += [f"--ServerApp.jpserver_extensions={name}=True"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)  # noqa: S603
        try:
            yield
        finally:
            process.terminate()
            process.wait()


class Bench:
    """One server, talked to."""

    def __init__(self, port: int) -> None:
        self.base = f"localhost:{port}"

    async def http(self, path: str, **options: Any) -> Any:
        request = HTTPRequest(f"http://{self.base}{path}", headers=HEADERS, **options)
        return msgspec.json.decode((await AsyncHTTPClient().fetch(request)).body)

    async def up(self) -> None:
        """Wait until the server answers."""
        while True:
            try:
                await self.http("/stalls")
            except OSError:
                await asyncio.sleep(0.1)
            else:
                return

    async def join(self, session_id: str, client_id: str) -> WebSocketClientConnection:
        url = f"ws://{self.base}/graph-ext/api/v1/ws"
        request = HTTPRequest(url, headers=HEADERS)
        socket = await websocket_connect(request, subprotocols=[SUBPROTOCOL])
        await socket.write_message(encode(JoinSession(session_id=session_id, client_id=client_id)))
        return socket

    async def mark(self, what: str, began: float, more: str = "") -> None:
        """Print how long something took and how the loop fared."""
        took = time.monotonic() - began
        stalls = await self.http("/stalls")
        print(f"{what:<34} {took:6.2f} s  {stalls}  {more}")


async def read_snapshot(socket: WebSocketClientConnection) -> tuple[int, int]:
    """Read to the end of a snapshot; return its elements and bytes."""
    elements = size = 0
    while True:
        frame = await socket.read_message()
        assert frame is not None  # noqa: S101
        size += len(frame)
        for message in decode_server_frame(frame):
            if isinstance(message, Snapshot):
                elements += len(message.nodes) + len(message.links)
                if not message.more:
                    return elements, size


async def read_commit(socket: WebSocketClientConnection, graph: Graph | None = None) -> None:
    """Read to the end of the commit, applying it as a replica does, where there is one."""
    while True:
        frame = await socket.read_message()
        assert frame is not None  # noqa: S101
        for message in decode_server_frame(frame):
            if not isinstance(message, Snapshot) and not isinstance(message, Commit):
                print(str(message)[:200])
            if isinstance(message, Commit):
                if graph is not None:
                    for event in message.events:
                        graph.apply(event)
                if not message.more:
                    return


async def main(nodes: int, links: int, port: int) -> None:
    command = batch(nodes, links)
    with tempfile.TemporaryDirectory() as name:
        folder, bench = Path(name), Bench(port)
        with server(folder, port):
            await bench.up()
            made = await bench.http(
                "/graph-ext/api/v1/sessions", method="POST", body=b'{"name":"debian"}'
            )
            session_id = made["session_id"]
            first = await bench.join(session_id, "first")
            await read_snapshot(first)
            parts = [encode(part) for part in split_batch(session_id, "load", command)]
            await bench.http("/stalls")
            began = time.monotonic()

            async def send() -> None:
                for part in parts:
                    await first.write_message(part)
                await bench.mark("  the batch sent", began, f"{sum(map(len, parts)) >> 20} MiB")

            sending = asyncio.create_task(send())
            graph = Graph()
            await read_commit(first, graph)
            await sending
            await bench.mark(
                "  its commit received and applied", began, f"{len(graph.links)} links"
            )
            began = time.monotonic()
            second = await bench.join(session_id, "second")
            elements, size = await read_snapshot(second)
            await bench.mark("a second client has joined", began, f"{elements}, {size >> 20} MiB")
        with server(folder, port):
            await bench.up()
            began = time.monotonic()
            third = await bench.join(session_id, "third")
            elements, _ = await read_snapshot(third)
            await bench.mark("after a restart a third has joined", began, f"{elements}")
            began = time.monotonic()
            fourth = await bench.join(session_id, "fourth")
            await fourth.write_message(
                b'{"type":"command","session_id":"%b","command_id":"undo","command":'
                b'{"type":"undo","scope":"session"}}' % session_id.encode()
            )
            await read_snapshot(fourth)
            await read_commit(fourth)
            await bench.mark("a fourth has, and undone it all", began)


if __name__ == "__main__":
    sizes = [int(each) for each in sys.argv[1:3]] or [63_666, 248_338]
    asyncio.run(main(sizes[0], sizes[1], 9377))
