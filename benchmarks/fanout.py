"""Fan-out: one client edits, and every client receives every event, in order.

*Saturated*: the commands come in arrays, as fast as the server takes them. *Paced*: a hundred a
second; how long each event takes to each client.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.figures import Report, percentile
from benchmarks.load import Client, Failed, connect, disconnect
from benchmarks.systems import BareTornado, GraphExt, SocketIo, System

__all__ = ["run"]

PART = "fanout"
_ARRAY = 100  # commands in a frame
_TIMEOUT_S = 120.0
_PER_S = 100
# clients -> events of one burst; python-socketio takes half a minute for the last
_BURSTS = {1: 5000, 10: 5000, 100: 2000, 1000: 400}


async def run(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure, and say how the figures stand to the issue's targets."""
    bursts = {1: 200, 10: 100} if quick else _BURSTS
    with ExitStack() as stack:
        systems: list[System] = [
            GraphExt(folder / "graph_ext"),
            BareTornado(folder / "bare"),
            SocketIo(folder / "socketio"),
        ]
        for system in systems:
            stack.enter_context(system.server)
            system.prepare()
        for count, events in bursts.items():
            case = f"saturated, {_clients(count)}"
            everybody = [await connect(system, count) for system in systems]
            for clients in everybody:
                await burst(clients, max(_ARRAY, events // 10))  # warms up
            for _ in range(rounds):
                for clients in everybody:
                    await measure(report, case, clients, events)
            for clients in everybody:
                await disconnect(clients)
        count = 5 if quick else 100
        case = f"{_PER_S} events a second, {_clients(count)}"
        everybody = [await connect(system, count) for system in systems]
        for clients in everybody:
            await paced(clients, _PER_S // 5)
        for _ in range(rounds):
            for clients in everybody:
                await measure_paced(report, case, clients, _PER_S // 2 if quick else 4 * _PER_S)
        for clients in everybody:
            await disconnect(clients)
    if not quick:
        for count in (100, 1000):
            case = f"saturated, {_clients(count)}"
            per_cpu = "events per CPU second"
            report.aim(
                PART, case, ("graph_ext", per_cpu), ("python-socketio", per_cpu), at_least=100
            )
        case = f"{_PER_S} events a second, {_clients(100)}"
        report.aim(PART, case, ("graph_ext", "p50"), ("bare Tornado", "p50"), at_most=1.5)
        report.aim(PART, case, ("graph_ext", "p99"), ("python-socketio", "p50"), at_most=1)


async def measure(report: Report, case: str, clients: Sequence[Client], count: int) -> None:
    """Add one burst's figures."""
    events = count * len(clients)
    wall_s, cpu_s = await burst(clients, count)
    report.add(
        PART,
        case,
        clients[0].system.name,
        **{
            "events per CPU second__1/s": events / cpu_s,
            "events per second__1/s": events / wall_s,
            "server CPU__s": cpu_s,
            "wall__s": wall_s,
        },
    )


async def measure_paced(report: Report, case: str, clients: Sequence[Client], events: int) -> None:
    """Add one paced run's figures."""
    latencies, cpu_s = await paced(clients, events)
    report.add(
        PART,
        case,
        clients[0].system.name,
        p50__ms=percentile(latencies, 0.5) * 1000,
        p99__ms=percentile(latencies, 0.99) * 1000,
        **{"server CPU per event__ms": cpu_s / events * 1000},
    )


async def burst(clients: Sequence[Client], count: int) -> tuple[float, float]:
    """Send ``count`` commands at once and wait until every client has every event.

    Returns
    -------
    tuple
        Wall seconds, and CPU seconds of the server.
    """
    system = clients[0].system
    commands = [system.command(system.rev + index) for index in range(count)]
    frames = [system.frame(commands[at : at + _ARRAY]) for at in range(0, count, _ARRAY)]
    received = _Received(clients, count)
    cpu_s, began = system.server.cpu_s(), time.perf_counter()
    clients[0].send(frames)
    await received.all()
    wall_s = received.at - began
    return wall_s, system.server.cpu_s() - cpu_s


async def paced(clients: Sequence[Client], count: int) -> tuple[list[float], float]:
    """Send commands one by one at an even pace.

    Returns
    -------
    tuple
        Seconds from each command to each client's event, and CPU seconds of the server.
    """
    system = clients[0].system
    first = system.rev
    received = _Received(clients, count)
    sent: list[float] = []
    cpu_s, began = system.server.cpu_s(), time.perf_counter()
    for index in range(count):
        await asyncio.sleep(began + index / _PER_S - time.perf_counter())
        frame = system.frame([system.command(first + index)])
        sent.append(time.perf_counter())
        clients[0].send([frame])
    await received.all()
    latencies = [at - sent[index] for index, at in received.times]
    return latencies, system.server.cpu_s() - cpu_s


class _Received:
    """Watches that every client receives the next ``count`` events in order, each once.

    Attributes
    ----------
    times : list
        (index of the event, when it came), for each client's first event of a frame and all after.
    at : float
        When the last client had its last event.
    """

    def __init__(self, clients: Sequence[Client], count: int) -> None:
        system = clients[0].system
        self.times: list[tuple[int, float]] = []
        self.at = 0.0
        self._system = system
        self._expected = [b"%d" % (system.rev + 1 + index) for index in range(count)]
        # how many events each client has had, by its index
        self._had = dict.fromkeys((client.index for client in clients), 0)
        self._missing = len(clients)
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._clients = clients
        system.rev += count
        for client in clients:
            client.receive = self._receive
            client.lost = self._lost

    async def all(self) -> None:
        """Wait for the last."""
        try:
            await asyncio.wait_for(self._done, _TIMEOUT_S)
        except TimeoutError:
            raise Failed(f"{self._system.name}: {self._missing} clients lack events") from None
        finally:
            for client in self._clients:
                client.receive = Client.drop
                client.lost = lambda: None

    def _lost(self) -> None:
        if not self._done.done():
            self._done.set_exception(Failed(f"{self._system.name} closed a socket, or erred"))

    def _receive(self, client: Client, payload: bytes) -> None:
        revs = self._system.acknowledged(payload)
        if not revs:
            client.drop(payload)
            return
        had = self._had[client.index]
        upto = had + len(revs)
        if revs != self._expected[had:upto]:
            message = f"{self._system.name}: events out of order: {revs[:3]} after {had}"
            if not self._done.done():
                self._done.set_exception(Failed(message))
            return
        self._had[client.index] = upto
        now = time.perf_counter()
        if len(revs) == 1:
            self.times.append((had, now))
        else:
            self.times.extend((index, now) for index in range(had, upto))
        if upto == len(self._expected):
            self._missing -= 1
            if not self._missing and not self._done.done():
                self.at = now
                self._done.set_result(None)


def _clients(count: int) -> str:
    return f"{count:,} client{'s' if count > 1 else ''}"
