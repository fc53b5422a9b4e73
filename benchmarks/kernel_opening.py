"""Opening a session in another kernel, and the memory that it takes there.

*Opened*: from ``gx.open`` to a live graph in hand, in a kernel just started; pycrdt's document of
the same graph, from opening the socket. *Memory* is what the process has more of its own then
(USS): beside the same graph in networkx, loaded from a pickle, in which texts are shared. *With
links by node*: once somebody has asked for a node's links; *with g.nx*: once networkx has.
"""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

import graph_ext as gx
from benchmarks import loading
from benchmarks.figures import Report
from benchmarks.load import Failed
from benchmarks.opener import NAME
from benchmarks.processes import ROOT, TOKEN, jupyter, peer
from benchmarks.same_graph import write_document, write_encoded

__all__ = ["measure"]

PART = "kernel"


def measure(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure, and say how the figures stand to the issue's targets."""
    nodes, links = (300, 900) if quick else (100_000, 300_000)
    case = f"opening {nodes:,} nodes, {links:,} links"
    elements = nodes + links
    command = loading.batch(nodes, links)
    ours, theirs = folder / "graph_ext", folder / "pycrdt"
    write_document(theirs, write_encoded(folder / "bare", command))
    pickled = folder / "networkx.pickle"
    with jupyter(ours) as server, peer("pycrdt_rooms", theirs) as rooms:
        asyncio.run(loading.load(server, command))
        url = f"http://127.0.0.1:{server.port}/"
        with gx.open(NAME, url=url, token=TOKEN, create=False) as g:
            pickled.write_bytes(pickle.dumps(g.to_networkx(), protocol=5))
        room = f"ws://127.0.0.1:{rooms.port}/room"
        for _ in range(rounds):
            report.add(PART, case, "graph_ext", **_opened("graph_ext", url, elements))
            report.add(PART, case, "pycrdt", **_opened("pycrdt", room, elements))
            report.add(PART, case, "networkx", **_opened("networkx", str(pickled), elements))
    if not quick:
        for quantity in ("opened", "opened, CPU"):
            report.aim(PART, case, ("pycrdt", quantity), ("graph_ext", quantity), at_least=10)
        for quantity in ("memory", "memory, with links by node"):
            report.aim(PART, case, ("graph_ext", quantity), ("networkx", "memory"), at_most=1)


def _opened(system: str, where: str, elements: int) -> dict[str, Any]:
    """Have a kernel of its own open it; return what it measured."""
    command = [sys.executable, "-m", "benchmarks.opener", system, where, str(elements)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise Failed(f"{system} could not open it:\n{done.stderr.decode(errors='replace')[-2000:]}")
    measured: dict[str, Any] = msgspec.json.decode(done.stdout)
    return measured
