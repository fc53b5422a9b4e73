"""Showing a graph in a notebook: what the kernel sends and how long it works, beside ipysigma.

*Shown*: from the graph in memory to the output's data, comm messages included. *One change*: a
property of a node that the colours follow, until the page has been told; what a change costs
without a widget, at the same pace, is taken off (*with the edit*: it is not). graph_ext's page
loads the graph from the server by itself, *all bytes* has that too. ipysigma's graph is sent by the
kernel, again for each change.
"""

from __future__ import annotations

import gc
import json
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import comm
import networkx as nx
from comm.base_comm import BaseComm
from ipysigma import Sigma

import graph_ext as gx
from benchmarks.figures import Report
from benchmarks.load import Failed
from benchmarks.page import joined_bytes
from benchmarks.processes import TOKEN, jupyter

__all__ = ["measure"]

PART = "kernel"
_CHANGES = 20
_PACE_S = 0.12  # longer than a widget waits before it looks at changes again


def measure(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure, and say how the figures stand to the issue's targets."""
    nodes, links = (300, 900) if quick else (10_000, 30_000)
    case = f"showing {nodes:,} nodes, {links:,} links"
    graph = _graph(nodes, links)
    restore = _listen()
    try:
        with jupyter(folder) as server:
            url = f"http://127.0.0.1:{server.port}/"
            with gx.open("shown", url=url, token=TOKEN) as g:
                g.update(graph, progress=False)
                page_mb = joined_bytes(server.port, g.session_id) / 1e6
                for _ in range(rounds):
                    _ours(report, case, g, page_mb)
                    _sigma(report, case, graph)
    finally:
        restore()
    if not quick:
        ours, theirs = "graph_ext", "ipysigma"
        for quantity in ("kernel time, shown", "sent by the kernel", "shown, all bytes"):
            report.aim(PART, case, (ours, quantity), (theirs, quantity), at_most=1)
        report.aim(PART, case, (ours, "one change, bytes"), 1024.0, at_most=1)
        report.aim(PART, case, (ours, "one change, kernel time"), 1.0, at_most=1)


def _graph(nodes: int, links: int) -> nx.MultiDiGraph[Any]:
    chance = random.Random(0)  # noqa: S311 - the same each time, and no secret
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for index in range(nodes):
        kind = ("person", "place", "event", "work", "group")[index % 5]
        graph.add_node(index, label=f"Element {index}", kind=kind, weight=index)
    for index in range(links):
        ends = chance.randrange(nodes), chance.randrange(nodes)
        graph.add_edge(*ends, relation="mentions", weight=index % 100 / 10)
    return graph


def _ours(report: Report, case: str, g: Any, page_mb: float) -> None:
    with _Sent() as sent:
        began = _now()
        widget = g.show(color="kind")
        bundle = widget._repr_mimebundle_()
        took = _now() - began
    kernel_mb = (sent.bytes + _size(bundle)) / 1e6
    report.add(
        PART,
        case,
        "graph_ext",
        **{
            "kernel time, shown__s": took,
            "sent by the kernel__MB": kernel_mb,
            "shown, all bytes__MB": kernel_mb + page_mb,
        },
    )
    widget.close()
    # colours by a function: the kernel has to say something of the change
    alone = _change_s(g, None)
    widget = g.show(color=lambda node: node["weight"])
    with _Sent() as sent:
        together = _change_s(g, _PageComm.told)
    widget.close()
    report.add(
        PART,
        case,
        "graph_ext",
        **{
            "one change, kernel time__ms": max(0.0, together - alone) * 1e3,
            "one change, with the edit__ms": together * 1e3,
            "one change, bytes__B": sent.bytes / _CHANGES,
        },
    )


def _change_s(g: Any, told: threading.Event | None) -> float:
    """Return the CPU seconds of a change, with all that comes of it: the median of some."""
    taken = []
    for _ in range(_CHANGES):
        # once in a while, as people make them: the widget's thread rests between two, and a process
        # that has rested does everything slower at first
        time.sleep(_PACE_S)
        if told is not None:
            told.clear()
        began = _now()
        g.nodes[0]["weight"] = g.nodes[0]["weight"] + 1
        if told is not None and not told.wait(10):
            raise Failed("a widget did not tell of a change")
        taken.append(_now() - began)
    return median(taken)


def _sigma(report: Report, case: str, graph: nx.MultiDiGraph[Any]) -> None:
    def show() -> tuple[float, float]:
        with _Sent() as sent:
            began = _now()
            widget = Sigma(graph, node_color="kind")
            bundle = widget._repr_mimebundle_()
            took = _now() - began
        widget.close()
        return took, sent.bytes + _size(bundle)

    took, size = show()
    megabytes = size / 1e6
    report.add(
        PART,
        case,
        "ipysigma",
        **{
            "kernel time, shown__s": took,
            "sent by the kernel__MB": megabytes,
            "shown, all bytes__MB": megabytes,
        },
    )
    graph.nodes[0]["weight"] += 1
    took, size = show()  # there is no other way
    report.add(
        PART,
        case,
        "ipysigma",
        **{"one change, kernel time__ms": took * 1e3, "one change, bytes__B": size},
    )


def _now() -> float:
    """CPU seconds of this process, all its threads: what the kernel is busy with."""
    return time.process_time()


class _Sent:
    """How much is sent over comms while this is entered."""

    def __enter__(self) -> _Sent:
        gc.collect()
        self._before = _PageComm.sent
        return self

    def __exit__(self, *_: object) -> None:
        return

    @property
    def bytes(self) -> int:
        return _PageComm.sent - self._before


class _PageComm(BaseComm):
    """A comm whose other end counts bytes: an implementation of ipywidgets' port to the page."""

    sent = 0
    told = threading.Event()

    def publish_msg(
        self,
        msg_type: str,  # noqa: ARG002 - the port's own names
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,  # noqa: ARG002 - likewise
        buffers: list[bytes] | None = None,
        **keys: Any,  # noqa: ARG002 - likewise
    ) -> None:
        _PageComm.sent += _size(data) + sum(len(memoryview(part)) for part in buffers or ())
        _PageComm.told.set()


def _listen() -> Callable[[], None]:
    before = comm.create_comm
    comm.create_comm = _PageComm

    def restore() -> None:
        comm.create_comm = before

    return restore


def _size(data: object) -> int:
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
