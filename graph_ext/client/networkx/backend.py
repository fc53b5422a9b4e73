"""The backend ``graph_ext`` of networkx: its functions take a session as it is, ``nx.pagerank(g)``.

They run networkx's own algorithms on the live view, all of them, without a copy. While one runs,
the graph's structure stands still but for what the algorithm itself changes: others' commits are
seen by the next call. The entry point is in pyproject.toml.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import networkx as nx
from networkx.utils import backends

from graph_ext.client.editing.update import Edge
from graph_ext.client.networkx.methods import GraphForNetworkX
from graph_ext.client.networkx.order import edges_as_they_came
from graph_ext.client.networkx.unshared import UnsharedGraph
from graph_ext.client.networkx.view import bring, is_live, plain, standing_still
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import SchemaError

__all__ = ["Backend", "backend"]


class Backend:
    """What networkx asks of a backend: its algorithms by name, and conversions."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        algorithms: dict[str, Any] = vars(backends)["_registered_algorithms"]
        if name not in algorithms:
            raise AttributeError(name)
        original: Callable[..., Any] = algorithms[name].orig_func

        def run(*args: Any, **kwargs: Any) -> Any:
            with ExitStack() as held:
                given = [_as_networkx(value, held) for value in args]
                named = {key: _as_networkx(value, held) for key, value in kwargs.items()}
                return original(*given, **named)

        return run

    @staticmethod
    def convert_from_nx(graph: Any, **_wanted: Any) -> Any:
        """Return another graph as one that has a session's rules, in this process alone.

        All attributes are kept, asked for or not, and the order of every node's neighbours.

        Raises
        ------
        NotImplementedError
            It has keys or values that a session has no form for.
        """
        if is_live(graph):
            return graph
        kind = Blueprint(directed=graph.is_directed(), multigraph=graph.is_multigraph())
        made = UnsharedGraph(kind).nx
        nodes = list(graph.nodes(data=True))
        edges: list[Edge] = []
        for u, v in edges_as_they_came(graph):
            if graph.is_multigraph():
                edges.extend((u, v, key, data) for key, data in graph._adj[u][v].items())
            else:
                edges.append((u, v, None, graph._adj[u][v]))
        try:
            bring(made, nodes, edges)
        except SchemaError as error:
            raise NotImplementedError(str(error)) from error
        made.graph.update(graph.graph)
        return made

    @staticmethod
    def convert_to_nx(result: Any, **_wanted: Any) -> Any:
        """Return a session as a graph of networkx's own; anything else as it is."""
        if isinstance(result, GraphForNetworkX):
            return result.to_networkx()
        return plain(result) if is_live(result) else result


def _as_networkx(value: Any, held: ExitStack) -> Any:
    """Return the view of a session, standing still; lists of sessions as lists of views."""
    if isinstance(value, GraphForNetworkX):
        value = value.nx
    elif isinstance(value, list) and any(isinstance(one, GraphForNetworkX) for one in value):
        return [_as_networkx(one, held) for one in value]
    if isinstance(value, nx.Graph) and is_live(value):
        held.enter_context(standing_still(value))
    return value


backend = Backend()
