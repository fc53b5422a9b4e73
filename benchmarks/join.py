"""A late joiner: 100,000 nodes and 300,000 links, from the first byte to a graph in hand.

*Delivered*: the client takes the bytes and does nothing with them. *Applied*: a Python client makes
its graph of them as they come: graph_ext's own replica, the same reducer over the bare encoded
graph, or pycrdt's document. What hosting such a graph costs is measured on a server just started.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport
from pycrdt import Doc, Map, create_sync_message, handle_sync_message

from benchmarks import loading
from benchmarks.figures import Report
from benchmarks.load import Failed, open_socket
from benchmarks.processes import ROOT, jupyter, peer
from benchmarks.same_graph import Encoded, write_document, write_encoded
from benchmarks.systems import Address
from graph_ext.client.session.replica import Replica
from graph_ext.core.graph import Graph
from graph_ext.protocol import Snapshot, decode_server_frame

__all__ = ["Updates", "join_once", "run"]

PART = "join"
_TIMEOUT_S = 120.0
_STALLS = "benchmarks.servers.stall_monitor"


class Joiner(Protocol):
    """What a client of one system does to join; made anew for each."""

    def hello(self) -> list[bytes]:
        """What it sends first."""

    def take(self, payload: bytes) -> bool:
        """Take a frame; tell whether it was the last of the graph."""


async def run(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure, and say how the figures stand to the issue's targets."""
    nodes, links = (1000, 3000) if quick else (100_000, 300_000)
    case = f"{nodes:,} nodes, {links:,} links"
    command = loading.batch(nodes, links)
    ours, bare, theirs = folder / "graph_ext", folder / "bare", folder / "pycrdt"
    with jupyter(ours) as server:
        session_id = await loading.load(server, command)
    graph = write_encoded(bare, command)
    write_document(theirs, graph)
    del command
    elements = nodes + links
    for _ in range(rounds):
        with jupyter(ours, _STALLS) as server:
            before_mb = server.resident_mb()
            server.get("/stalls")
            opened = await join_once(loading.address(server), _Pages(session_id))
            report.add(
                PART,
                case,
                "graph_ext",
                **{
                    "opened and delivered__s": opened,
                    "longest stall, opening__ms": server.get("/stalls")["longest_ms"][0],
                    "hosted memory__MB": server.resident_mb() - before_mb,
                },
            )
            delivered = await join_once(loading.address(server), _Pages(session_id))
            report.add(PART, case, "graph_ext", delivered__s=delivered)
            replica = Replica()
            applied = await join_once(loading.address(server), _Pages(session_id, replica))
            stalls = server.get("/stalls")["longest_ms"][0]
            report.add(
                PART, case, "graph_ext", **{"applied__s": applied, "longest stall__ms": stalls}
            )
            _check(len(replica.graph.nodes) + len(replica.graph.links), elements)
            del replica
        with peer("bare", bare) as server:
            address = Address(f"ws://127.0.0.1:{server.port}/graph")
            delivered = await join_once(address, _Blob())
            applier = _Blob(Graph())
            applied = await join_once(address, applier)
            report.add(PART, case, "bare Tornado", delivered__s=delivered, applied__s=applied)
            _check(len(applier.graph.nodes) + len(applier.graph.links), elements)
            del applier
        with peer("pycrdt_rooms", theirs) as server:
            server.get("/stalls")
            address = Address(f"ws://127.0.0.1:{server.port}/room", binary=True)
            delivered = await join_once(address, Updates())
            stalls = server.get("/stalls")["longest_ms"][0]
            document = Updates(apply=True)
            applied = await join_once(address, document)
            report.add(
                PART,
                case,
                "pycrdt-websocket",
                **{"delivered__s": delivered, "longest stall__ms": stalls, "applied__s": applied},
            )
            _check(document.elements(), elements)
            del document
        report.add(PART, case, "bare slotted structs", **{"hosted memory__MB": _slotted_mb(bare)})
    if not quick:
        ours_, applied_ = "graph_ext", "applied"
        report.aim(PART, case, ("pycrdt-websocket", applied_), (ours_, applied_), at_least=10)
        for quantity in ("delivered", "applied"):
            report.aim(PART, case, (ours_, quantity), ("bare Tornado", quantity), at_most=2)
        report.aim(PART, case, (ours_, "longest stall"), 1.0, at_most=25)
        memory = "hosted memory"
        report.aim(PART, case, (ours_, memory), ("bare slotted structs", memory), at_most=1.5)


async def join_once(address: Address, joiner: Joiner) -> float:
    """Join and return the seconds from opening the socket to the end of the graph."""
    gc.collect()
    began = time.perf_counter()
    _, listener = await open_socket(address, lambda: _Socket(joiner, address.binary))
    try:
        await asyncio.wait_for(listener.done, _TIMEOUT_S)
    except TimeoutError:
        raise Failed(f"no graph within {_TIMEOUT_S:.0f} s from {address.url}") from None
    took: float = listener.at - began
    listener.transport.disconnect()
    await listener.gone.wait()
    return took


class _Socket(WSListener):
    def __init__(self, joiner: Joiner, binary: bool) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()
        self.at = 0.0
        self.transport: WSTransport
        self._joiner = joiner
        self._kind = WSMsgType.BINARY if binary else WSMsgType.TEXT

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        for frame in self._joiner.hello():
            transport.send(self._kind, frame)

    def on_ws_frame(self, _: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        if self._joiner.take(frame.get_payload_as_bytes()) and not self.done.done():
            self.at = time.perf_counter()
            self.done.set_result(None)

    def on_ws_disconnected(self, _: WSTransport) -> None:
        self.gone.set()
        if not self.done.done():
            self.done.set_exception(Failed("a server closed the socket of a joiner, or it erred"))


class _Pages:
    """graph_ext: pages of a snapshot."""

    def __init__(self, session_id: str, replica: Replica | None = None) -> None:
        self._hello = loading.join_message(session_id, "late")
        self._replica = replica

    def hello(self) -> list[bytes]:
        return [self._hello]

    def take(self, payload: bytes) -> bool:
        if self._replica is not None:
            for message in decode_server_frame(payload):
                if isinstance(message, Snapshot):
                    self._replica.load(message)
        return b'"type":"snapshot"' in payload[:100] and not payload.endswith(b'"more":true}')


class _Blob:
    """The bare encoded graph, in one message."""

    _decoder = msgspec.json.Decoder(Encoded)

    def __init__(self, graph: Graph | None = None) -> None:
        self.graph = Graph() if graph is None else graph
        self._applies = graph is not None

    def hello(self) -> list[bytes]:
        return [b"graph"]

    def take(self, payload: bytes) -> bool:
        if self._applies:
            encoded = self._decoder.decode(payload)
            for node in encoded.nodes:
                self.graph.apply(node)
            for link in encoded.links:
                self.graph.apply(link)
        return True


class Updates:
    """pycrdt-websocket: what the document lacks, in one message."""

    def __init__(self, *, apply: bool = False) -> None:
        self._doc: Doc[Any] = Doc()
        self._applies = apply

    def hello(self) -> list[bytes]:
        return [create_sync_message(self._doc)]

    def take(self, payload: bytes) -> bool:
        if payload[:2] != b"\0\1":
            return False
        if self._applies:
            handle_sync_message(payload[1:], self._doc)
        return True

    def elements(self) -> int:
        return sum(len(self._doc.get(name, type=Map)) for name in ("nodes", "links"))


def _slotted_mb(folder: Path) -> float:
    """Have the graph built of slotted objects, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.servers.slotted", str(folder / "graph.json")]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ours
    return float(done.stdout)


def _check(found: int, expected: int) -> None:
    if found != expected:
        raise Failed(f"{found} elements came, of {expected}")
