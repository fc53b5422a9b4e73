"""networkx's own tests of its classes, on the live view (client/networkx/view.py)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from tests.client.networkx.factories import KINDS

pytestmark = pytest.mark.usefixtures("sessions_of_test")

_PLACE = "networkx.classes.tests."


def _k3(kind: Any, *, both_ways: bool) -> Any:
    graph = kind()
    graph.add_nodes_from(range(3))
    edges = [(0, 1), (0, 2), (1, 2)]
    if both_ways:
        edges = [(u, v) for u in range(3) for v in range(3) if u != v]
    graph.add_edges_from(edges)
    return graph


class OnViews:
    """Sets up what the tests of a class expect, as networkx does by writing into its dicts."""

    kind: str

    def setup_method(self) -> None:
        self.Graph = KINDS[self.kind]
        self.k3edges = [(0, 1), (0, 2), (1, 2)]
        self.k3nodes = [0, 1, 2]
        self.K3 = _k3(self.Graph, both_ways="Di" in self.kind)
        if self.kind == "DiGraph":
            self.P3 = self.Graph([(0, 1), (1, 2)])


class OldTests:
    """Sets up the tests that are older than networkx's four classes."""

    kind: str
    G: Any

    @classmethod
    def setup_class(cls) -> None:
        super().setup_class()  # type: ignore[misc]
        cls.G = KINDS[cls.kind]


for _name, _setup, _module, _tests, _kind in (
    ("TestGraph", OnViews, "test_graph", "TestGraph", "Graph"),
    ("TestDiGraph", OnViews, "test_digraph", "TestDiGraph", "DiGraph"),
    ("TestMultiGraph", OnViews, "test_multigraph", "TestMultiGraph", "MultiGraph"),
    ("TestMultiDiGraph", OnViews, "test_multidigraph", "TestMultiDiGraph", "MultiDiGraph"),
    ("TestGraphHistorical", OldTests, "historical_tests", "HistoricalTests", "Graph"),
    (
        "TestDiGraphHistorical",
        OldTests,
        "test_digraph_historical",
        "TestDiGraphHistorical",
        "DiGraph",
    ),
):
    _theirs = getattr(import_module(_PLACE + _module), _tests)
    globals()[_name] = type(_name, (_setup, _theirs), {"kind": _kind})
