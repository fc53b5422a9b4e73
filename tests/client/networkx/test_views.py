"""networkx's own tests of subgraphs and other views of a graph, on the live view."""

from __future__ import annotations

from tests.client.networkx.factories import UNSHARED, conformance_on

_PLACE = "networkx.classes.tests."

for _module in ("test_subgraphviews", "test_graphviews"):
    globals().update(conformance_on(UNSHARED, _PLACE + _module))

for _module, _kind in (("test_multigraph", "Multi"), ("test_multidigraph", "MultiDi")):
    _made = conformance_on(UNSHARED, _PLACE + _module)["TestEdgeSubgraph"]
    globals()[f"Test{_kind}EdgeSubgraph"] = type(f"Test{_kind}EdgeSubgraph", (_made,), {})
