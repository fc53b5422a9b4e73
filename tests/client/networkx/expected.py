"""Which of networkx's own tests can't pass here, each with its reason: strict expected failures."""

from __future__ import annotations

__all__ = ["EXPECTED"]

_SHARED = (
    "appends to a list that is an attribute's value: a value is JSON in a session, and who reads "
    "one gets a copy"
)
_TEXT = "an attribute's value is a dict with ints for keys, which JSON writes as text"

EXPECTED = {
    "TestGraph::test_to_undirected": _SHARED,
    "TestGraph::test_to_directed": _SHARED,
    "TestDiGraph::test_to_undirected": _SHARED,
    "TestDiGraph::test_to_directed": _SHARED,
    "TestMultiGraph::test_to_undirected": _SHARED,
    "TestMultiGraph::test_to_directed": _SHARED,
    "TestMultiDiGraph::test_to_undirected": _SHARED,
    "TestMultiDiGraph::test_to_directed": _SHARED,
    "TestMultiGraph::test_data_multigraph_input": _TEXT,
    "TestMultiDiGraph::test_data_multigraph_input": _TEXT,
}
"""Class and function -> why."""
