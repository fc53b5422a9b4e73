"""An order of a networkx graph's edges in which adding them gives the same order of neighbours.

networkx's algorithms go by that order, and going through the edges node by node, as its own copies
do, is another one than that in which they came.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

__all__ = ["edges_as_they_came"]

_Row = tuple[bool, Any]
"""whether of a node's predecessors, and which node's"""


def edges_as_they_came(graph: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (u, v) for every two nodes that are linked, in an order in which they may have come.

    A pair comes when all before it have come, in the rows of both its ends. Where rows contradict
    each other, as only a graph can have it that was written by hand, the rest comes as it stands.
    """
    directed = graph.is_directed()
    rows: dict[_Row, list[Any]] = {(False, u): list(row) for u, row in graph._adj.items()}
    if directed:
        rows.update({(True, v): list(row) for v, row in graph._pred.items()})
    at = dict.fromkeys(rows, 0)
    done: set[tuple[Any, Any]] = set()
    ahead = deque(rows)
    while ahead:
        here = ahead.popleft()
        row, (back, one) = rows[here], here
        while at[here] < len(row):
            other = row[at[here]]
            there = (directed and not back, other)
            if there != here:
                across = rows[there]
                if at[there] >= len(across) or across[at[there]] != one:
                    break
                at[there] += 1
                ahead.append(there)
            at[here] += 1
            pair = (other, one) if back else (one, other)
            done.add(pair)
            yield pair
    for u, row in graph._adj.items():
        for v in row:
            if (u, v) not in done and (directed or (v, u) not in done):
                done.add((u, v))
                yield u, v
