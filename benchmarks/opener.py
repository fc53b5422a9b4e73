"""A kernel just started that gets a graph: what that takes, in a process of its own.

``python -m benchmarks.opener graph_ext URL COUNT``, ``pycrdt URL COUNT`` or ``networkx FILE COUNT``
prints what it took as JSON, if so many elements came. What has to be imported is, before it begins,
and nothing else, lest it counts as memory of the graph. Run by kernel_opening.py.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
import gc
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["NAME"]

NAME = "loaded"
"""The session that is opened (see loading.py)."""


def _private_mb() -> float:
    """Memory of this process that no other has too (USS)."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def _graph_ext(url: str) -> dict[str, float]:
    from benchmarks.processes import TOKEN
    from graph_ext.client.opening import open_graph

    # a kernel has a connection, and has looked at a graph: no module is loaded for the first time
    with open_graph("small", url=url, token=TOKEN) as small:
        small.add_edge("a", "b")
        len(small.nx)
        found, measured = _measured(lambda: open_graph(NAME, url=url, token=TOKEN, create=False))
        _expect(len(found.nodes) + len(found.edges))
        before = measured.pop("before")
        looks: dict[str, Callable[[], Any]] = {
            "links by node": found.replica.graph.index,
            "g.nx": lambda: found.nx.degree(next(iter(found.nx))),
        }
        for name, look in looks.items():
            began = time.process_time()
            look()
            measured[f"{name}, CPU__s"] = time.process_time() - began
            gc.collect()
            measured[f"memory, with {name}__MB"] = _private_mb() - before
        found.close()
    return measured


def _pycrdt(url: str) -> dict[str, float]:
    from benchmarks.join import Updates, join_once
    from benchmarks.systems import Address

    def opened() -> Any:
        joiner = Updates(apply=True)
        asyncio.run(join_once(Address(url, binary=True), joiner))
        return joiner

    document, measured = _measured(opened)
    del measured["before"]
    _expect(document.elements())
    return measured


def _networkx(file: str) -> dict[str, float]:
    import networkx as nx

    raw = Path(file).read_bytes()
    graph, measured = _measured(lambda: pickle.loads(raw))  # noqa: S301 - ours
    del measured["before"]
    _expect(graph.number_of_nodes() + graph.number_of_edges())
    assert isinstance(graph, nx.MultiDiGraph)  # noqa: S101 - what a session is
    return measured


def _measured(open_it: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    gc.collect()
    before = _private_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    found = open_it()
    took = {
        "opened__s": time.perf_counter() - wall,
        "opened, CPU__s": time.process_time() - cpu,
    }
    gc.collect()
    return found, {**took, "memory__MB": _private_mb() - before, "before": before}


def _expect(found: int) -> None:
    if found != int(sys.argv[3]):
        raise SystemExit(f"{found} elements came, of {sys.argv[3]}")


_OPENERS = {"graph_ext": _graph_ext, "pycrdt": _pycrdt, "networkx": _networkx}


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_OPENERS[sys.argv[1]](sys.argv[2])))
