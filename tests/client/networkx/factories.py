"""Classes of graphs as networkx's own tests make them: each graph that they make is a new session.

They are the live view's own classes, over sessions of a real server. The copies they make of
themselves are again of these classes: so networkx's tests try every method on them.
"""

from __future__ import annotations

import builtins
import importlib.util
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import networkx as nx
from networkx import convert

from graph_ext.client.connection.connection import Connection
from graph_ext.client.graph import SharedGraph
from graph_ext.client.networkx.methods import GraphForNetworkX
from graph_ext.client.networkx.view import (
    LiveDiGraph,
    LiveGraph,
    LiveMultiDiGraph,
    LiveMultiGraph,
)
from graph_ext.client.opening import open_over

__all__ = ["KINDS", "SESSIONS", "conformance_on"]


class Sessions:
    """Makes each graph a session of its own at one server."""

    def __init__(self) -> None:
        # to the server, while there is one
        self.connection: Connection | None = None
        self._opened: list[SharedGraph] = []
        self._numbers = count(1)

    def make(self, directed: bool, multigraph: bool) -> GraphForNetworkX:
        """Open a new session."""
        assert self.connection is not None, "networkx's tests make graphs only within a test"
        name = f"networkx {next(self._numbers)}"
        graph = open_over(self.connection, name, directed=directed, multigraph=multigraph)
        self._opened.append(graph)
        return graph

    def __len__(self) -> int:
        return len(self._opened)

    def close_from(self, first: int) -> None:
        """Close all but the oldest few: a socket follows only so many sessions."""
        while len(self._opened) > first:
            self._opened.pop().close()


SESSIONS = Sessions()


class Made:
    """Makes a graph as networkx's constructors do."""

    make: Callable[[bool, bool], GraphForNetworkX]

    def __new__(cls, *_arguments: Any, **_attributes: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, incoming: Any = None, multigraph_input: Any = None, **attr: Any) -> None:
        view: Any = self
        multigraph = view.is_multigraph()
        view.attach(type(self).make(view.is_directed(), multigraph), {})
        if multigraph and isinstance(incoming, dict) and multigraph_input is not False:
            try:
                convert.from_dict_of_dicts(incoming, create_using=view, multigraph_input=True)
            except Exception as error:
                if multigraph_input is True:
                    raise nx.NetworkXError(f"converting raised {error}") from error
                view.clear()
                convert.to_networkx_graph(incoming, create_using=view)
        elif incoming is not None:
            convert.to_networkx_graph(incoming, create_using=view)
        view.graph.update(attr)


def _classes(make: Callable[[bool, bool], GraphForNetworkX]) -> dict[str, Any]:
    """Return a class for each of networkx's, by the name of that."""
    made: dict[str, Any] = {}
    for kind in (LiveGraph, LiveDiGraph, LiveMultiGraph, LiveMultiDiGraph):
        of = kind._plain.__name__
        made[of] = type(of, (Made, kind), {"make": staticmethod(make)})
    return made


KINDS = _classes(SESSIONS.make)
"""By networkx's names for them."""


class _Namespace:
    """The module networkx, but for its classes and what makes a Graph where nothing is said."""

    def __init__(self, kinds: dict[str, Any]) -> None:
        for name, kind in kinds.items():
            setattr(self, name, kind)
        for generator in ("path_graph", "complete_graph"):
            setattr(self, generator, self._making(getattr(nx, generator), kinds["Graph"]))

    @staticmethod
    def _making(generator: Callable[..., Any], kind: Any) -> Callable[..., Any]:
        return lambda count, create_using=None: generator(
            count, create_using=kind if create_using is None else create_using
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(nx, name)


def conformance_on(kinds: dict[str, Any], module: str) -> dict[str, Any]:
    """Return a module of networkx's tests, made anew: ``nx.Graph`` and so on are ours in it."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    ours = _Namespace(kinds)

    def importing(name: str, *arguments: Any, **keywords: Any) -> Any:
        return ours if name == "networkx" else __import__(name, *arguments, **keywords)

    names: dict[str, Any] = {
        "__name__": module,
        "__package__": module.rpartition(".")[0],
        "__builtins__": {**vars(builtins), "__import__": importing},
    }
    exec(compile(Path(spec.origin).read_text(), spec.origin, "exec"), names)
    return {
        name: value
        for name, value in names.items()
        if name.startswith(("Test", "test_")) and callable(value)
    }
