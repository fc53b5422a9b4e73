"""A graph of the size of Debian's archive: loaded as one batch, joined, read anew, undone.

63,666 nodes and 248,338 links over the WebSocket. How long each step takes, and how long the
server's event loop was held meanwhile. join.py loads its graph with what stands here.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from benchmarks.figures import Report
from benchmarks.load import Failed, open_socket
from benchmarks.processes import TOKEN, ServerProcess, jupyter
from benchmarks.systems import Address
from graph_ext.core.commands import Batch, CreateNode, LinkNodes, Undo
from graph_ext.core.graph import Graph
from graph_ext.protocol import (
    SUBPROTOCOL,
    Commit,
    JoinSession,
    MessageError,
    Rejected,
    Snapshot,
    SubmitCommand,
    decode_server_frame,
    encode,
    encode_command,
)

__all__ = ["address", "batch", "join_message", "load", "run"]

PART = "loading"
_TIMEOUT_S = 120.0


async def run(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure; there are no targets here."""
    nodes, links = (1000, 3000) if quick else (63_666, 248_338)
    case = f"{nodes:,} nodes, {links:,} links"
    monitor = "benchmarks.servers.stall_monitor"
    for number in range(rounds):
        at = folder / str(number)
        with jupyter(at, monitor) as server:
            server.get("/stalls")
            began = time.perf_counter()
            session_id = await load(server, batch(nodes, links))
            _mark(report, case, "loaded", server, began)
            began = time.perf_counter()
            second = await _Follower.join(server, session_id, "second")
            _mark(report, case, "a second client has joined", server, began)
            await second.leave()
        with jupyter(at, monitor) as server:
            server.get("/stalls")
            began = time.perf_counter()
            third = await _Follower.join(server, session_id, "third")
            _mark(report, case, "after a restart a third has joined", server, began)
            began = time.perf_counter()
            undo = SubmitCommand(
                session_id=session_id, command_id="undo", command=Undo(scope="session")
            )
            await third.submit([encode(undo)])
            _mark(report, case, "it has undone it all", server, began)
            await third.leave()


def batch(nodes: int, links: int) -> Batch:
    """Make a batch with the shape of a package archive: few are used by many."""
    chance = random.Random(0)  # noqa: S311 - the same each time, and no secret
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


async def load(server: ServerProcess, command: Batch) -> str:
    """Make a session and load a batch into it; return its id once the commit has come."""
    made = server.request("POST", "/graph-ext/api/v1/sessions", b'{"name":"loaded"}')
    session_id: str = made["session_id"]
    follower = await _Follower.join(server, session_id, "loader")
    message = SubmitCommand(session_id=session_id, command_id="load", command=command)
    await follower.submit([part.body for part in encode_command(message)])
    await follower.leave()
    return session_id


def address(server: ServerProcess) -> Address:
    """Where a server's clients connect."""
    return Address(
        f"ws://127.0.0.1:{server.port}/graph-ext/api/v1/ws",
        (("Authorization", f"token {TOKEN}"), ("Sec-WebSocket-Protocol", SUBPROTOCOL)),
    )


def join_message(session_id: str, client_id: str) -> bytes:
    """Return what a client sends to join."""
    return encode(JoinSession(session_id=session_id, client_id=client_id))


class _Follower(WSListener):
    """A client that makes a graph of what it gets, as a kernel does."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.transport: WSTransport
        self._gone = asyncio.Event()
        self._next()

    @classmethod
    async def join(cls, server: ServerProcess, session_id: str, client_id: str) -> _Follower:
        """Join and wait for the whole snapshot."""
        transport, follower = await open_socket(address(server), cls)
        transport.send(WSMsgType.TEXT, join_message(session_id, client_id))
        await follower._wait()
        assert isinstance(follower, cls)  # noqa: S101 - mypy can't know
        return follower

    async def submit(self, frames: list[bytes]) -> None:
        """Send the parts of one command, and wait for its whole commit."""
        self._next()
        for frame in frames:
            self.transport.send(WSMsgType.TEXT, frame)
            await asyncio.sleep(0)
        await self._wait()

    async def leave(self) -> None:
        self.transport.disconnect()
        await self._gone.wait()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, _: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        for message in decode_server_frame(frame.get_payload_as_bytes()):
            if isinstance(message, Snapshot):
                self.graph.load(message.nodes, message.links)
            elif isinstance(message, Commit):
                for event in message.events:
                    self.graph.apply(event)
            elif isinstance(message, Rejected | MessageError):
                raise Failed(f"graph_ext refused: {message}")
            else:
                continue
            if not message.more and not self._whole.done():
                self._whole.set_result(None)

    def on_ws_disconnected(self, _: WSTransport) -> None:
        self._gone.set()
        if not self._whole.done():
            self._whole.set_exception(Failed("graph_ext closed the socket, or the client erred"))

    def _next(self) -> None:
        self._whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._whole, _TIMEOUT_S)
        except TimeoutError:
            raise Failed(f"nothing whole from graph_ext within {_TIMEOUT_S:.0f} s") from None


def _mark(report: Report, case: str, step: str, server: ServerProcess, began: float) -> None:
    took = time.perf_counter() - began
    stalls = server.get("/stalls")
    report.add(
        PART,
        case,
        step,
        **{
            "took__s": took,
            "longest stall__ms": stalls["longest_ms"][0],
            "stalls over 10 ms__": stalls["over_10_ms"],
            "peak memory__MB": stalls["peak_mb"],
        },
    )
