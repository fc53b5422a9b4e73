"""Commands: how fast one client's edits are acknowledged, one in flight or 256.

graph_ext acknowledges with the commit, which is durable by then (fsync). pycrdt-websocket and
python-socketio acknowledge by sending the change back; the first stores it later, the second never.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from pathlib import Path

from benchmarks.figures import Report, percentile
from benchmarks.load import Client, Failed, connect, disconnect
from benchmarks.systems import GraphExt, Pycrdt, SocketIo, System

__all__ = ["run"]

PART = "commands"
_TIMEOUT_S = 120.0
# in flight -> commands of one round
_COMMANDS = {1: 2000, 256: 5000}


async def run(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure, and say how the figures stand to the issue's targets."""
    commands = {1: 50, 256: 500} if quick else _COMMANDS
    for in_flight, count in commands.items():
        for number in range(rounds):
            at = folder / f"{in_flight}-{number}"
            await measure(report, GraphExt(at / "graph_ext"), in_flight, count)
            await measure(report, Pycrdt(at / "pycrdt", store=True), in_flight, count)
            await measure(report, SocketIo(at / "socketio"), in_flight, count)
    if not quick:
        rate = "acknowledged per second"
        stored, none = ("pycrdt-websocket with its store", rate), ("python-socketio", rate)
        report.aim(PART, _case(1), ("graph_ext", rate), stored, at_least=1)
        report.aim(PART, _case(256), ("graph_ext", rate), stored, at_least=10)
        report.aim(PART, _case(256), ("graph_ext", rate), none, at_least=3)


async def measure(report: Report, system: System, in_flight: int, count: int) -> None:
    """Add one round's figures, of a server that has just been started.

    What pycrdt's store has still to write is stopped with its server: it would be at work while
    the next one is measured.
    """
    with system.server as server:
        system.prepare()
        (client,) = await connect(system, 1)
        await _Window(client, in_flight, max(in_flight, count // 20)).run()  # warms up
        window = _Window(client, in_flight, count)
        cpu_s, began = server.cpu_s(), time.perf_counter()
        await window.run()
        wall_s, cpu_s = window.at - began, server.cpu_s() - cpu_s
        durable = count if isinstance(system, GraphExt) else 0
        if isinstance(system, Pycrdt):
            durable = system.stored()
        await disconnect([client])
    report.add(
        PART,
        _case(in_flight),
        system.name,
        **{
            "acknowledged per second__1/s": count / wall_s,
            "p50__ms": percentile(window.latencies, 0.5) * 1000,
            "p99__ms": percentile(window.latencies, 0.99) * 1000,
            "durable by then__%": 100 * durable / count,
            "server CPU per command__ms": cpu_s / count * 1000,
        },
    )


class _Window:
    """Keeps so many commands in flight until all are acknowledged.

    A frame that acknowledges several is answered with as many new ones: in one frame where the
    system takes arrays.
    """

    def __init__(self, client: Client, in_flight: int, count: int) -> None:
        self.latencies: list[float] = []
        # when the last was acknowledged
        self.at = 0.0
        self._client = client
        self._in_flight = in_flight
        system = client.system
        self._system = system
        self._first = system.rev
        self._count = count
        # what is left to send: made before, so that making it costs nothing here
        self._left = deque(system.command(system.rev + index) for index in range(count))
        # when each that is in flight was sent
        self._sent: deque[float] = deque()
        self._had = 0
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        system.rev += count

    async def run(self) -> None:
        """Send all, and wait for the last acknowledgement."""
        self._client.receive = self._receive
        self._client.lost = self._lost
        self._send(self._in_flight)
        try:
            await asyncio.wait_for(self._done, _TIMEOUT_S)
        except TimeoutError:
            name = self._client.system.name
            raise Failed(f"{name}: {self._had} of {self._count} acknowledged") from None
        finally:
            self._client.receive = Client.drop
            self._client.lost = lambda: None

    def _lost(self) -> None:
        if not self._done.done():
            self._done.set_exception(Failed(f"{self._system.name} closed the socket, or erred"))

    def _send(self, count: int) -> None:
        count = min(count, len(self._left))
        if not count:
            return
        frames = [self._left.popleft() for _ in range(count)]
        if not isinstance(self._system, Pycrdt):
            frames = [self._system.frame(frames)]
        now = time.perf_counter()
        self._sent.extend([now] * count)
        self._client.send(frames)

    def _receive(self, client: Client, payload: bytes) -> None:
        acknowledged = self._system.acknowledged(payload)
        if not acknowledged:
            client.drop(payload)
            return
        if acknowledged[0] and acknowledged[0] != b"%d" % (self._first + self._had + 1):
            if not self._done.done():
                self._done.set_exception(Failed(f"{self._system.name}: out of order"))
            return
        self._had += len(acknowledged)
        self.at = time.perf_counter()
        self.latencies += [self.at - self._sent.popleft() for _ in acknowledged]
        if self._had < self._count:
            self._send(len(acknowledged))
        elif not self._done.done():
            self._done.set_result(None)


def _case(in_flight: int) -> str:
    return f"{in_flight} in flight"
