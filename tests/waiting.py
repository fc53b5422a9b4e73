"""Waiting for a graph to become what a test expects, commit by commit."""

from __future__ import annotations

from collections.abc import Callable

import graph_ext as gx

__all__ = ["wait_until"]

PATIENCE_S = 60.0


def wait_until(graph: gx.Graph, condition: Callable[[], bool]) -> None:
    """Wait for others' commits until the condition holds; fail if they stop coming before."""
    while True:
        rev = graph.rev
        if condition():
            return
        graph.replica.wait_beyond(rev, PATIENCE_S)
        if graph.rev == rev:
            raise AssertionError(f"rev {rev} is the last, and it is not what was expected")
