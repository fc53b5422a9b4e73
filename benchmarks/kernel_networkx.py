"""Beside networkx: bringing a graph into a session, durable, and algorithms on it.

*Built*: the same nodes and edges, from lists, by networkx in memory; and that graph brought into a
new session by ``g.update``, until the server's disk has it, and this process's copy, too.
*Algorithms* run on networkx's graph and on the session (``g.nx``), which has been looked at before.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx

import graph_ext as gx
from benchmarks.figures import Report
from benchmarks.processes import TOKEN, ServerProcess, jupyter

__all__ = ["measure"]

PART = "kernel"

_ALGORITHMS: dict[str, Callable[[Any], object]] = {
    "pagerank": nx.pagerank,
    "breadth first": lambda graph: list(nx.bfs_edges(graph, 0)),
    "dijkstra": lambda graph: nx.single_source_dijkstra_path_length(graph, 0),
    "strong components": lambda graph: list(nx.strongly_connected_components(graph)),
    "all edges' weights": lambda graph: list(graph.edges(data="weight")),
}


def measure(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure, and say how the figures stand to the issue's targets."""
    sizes = (300, 900) if quick else (100_000, 300_000)
    small = (300, 900) if quick else (10_000, 30_000)
    building = f"building {sizes[0]:,} nodes, {sizes[1]:,} links"
    with jupyter(folder) as server:
        url = f"http://127.0.0.1:{server.port}/"
        for number in range(rounds):
            _build(report, building, server, sizes, number)
        _read(report, f"algorithms on {small[0]:,} nodes, {small[1]:,} links", url, small, rounds)
    if not quick:
        for quantity in ("built", "built, CPU"):
            report.aim(PART, building, ("graph_ext", quantity), ("networkx", quantity), at_most=3)


def _build(
    report: Report, case: str, server: ServerProcess, sizes: tuple[int, int], number: int
) -> None:
    url = f"http://127.0.0.1:{server.port}/"
    nodes, edges = _elements(*sizes)
    gc.collect()
    began, cpu = time.perf_counter(), time.process_time()
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    built_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    report.add(PART, case, "networkx", **{"built__s": built_s, "built, CPU__s": cpu_s})
    with gx.open(f"built {number}", url=url, token=TOKEN) as g:
        gc.collect()
        began, cpu, server_cpu = time.perf_counter(), time.process_time(), server.cpu_s()
        g.update(graph, progress=False)
        built_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        server_s = server.cpu_s() - server_cpu
        report.add(
            PART,
            case,
            "graph_ext",
            **{
                "built__s": built_s,
                "built, CPU__s": cpu_s + server_s,
                "of it, server's__s": server_s,
            },
        )


def _read(report: Report, case: str, url: str, sizes: tuple[int, int], rounds: int) -> None:
    nodes, edges = _elements(*sizes)
    graph: nx.DiGraph[Any] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    with gx.open("read", url=url, token=TOKEN, multigraph=False) as g:
        g.update(graph, progress=False)
        began = time.process_time()
        len(g.nx)
        report.add(PART, case, "graph_ext", **{"first look__s": time.process_time() - began})
        for _ in range(rounds):
            for name, algorithm in _ALGORITHMS.items():
                for system, read in (("networkx", graph), ("graph_ext", g.nx)):
                    began = time.process_time()
                    algorithm(read)
                    report.add(PART, case, system, **{f"{name}__s": time.process_time() - began})


def _elements(nodes: int, links: int) -> tuple[list[Any], list[Any]]:
    chance = random.Random(0)  # noqa: S311 - the same each time, and no secret
    return (
        [(index, {"label": f"Element {index}", "weight": index}) for index in range(nodes)],
        [
            (chance.randrange(nodes), chance.randrange(nodes), {"weight": index % 100 / 10})
            for index in range(links)
        ],
    )
