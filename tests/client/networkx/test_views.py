"""networkx's own tests of subgraphs and other views of a graph, on the live view."""

from __future__ import annotations

import pytest

from tests.client.networkx.factories import KINDS, conformance_on

pytestmark = pytest.mark.usefixtures("sessions_of_test")

_PLACE = "networkx.classes.tests."

for _module in ("test_subgraphviews", "test_graphviews"):
    globals().update(conformance_on(KINDS, _PLACE + _module))

for _module, _kind in (("test_multigraph", "Multi"), ("test_multidigraph", "MultiDi")):
    _made = conformance_on(KINDS, _PLACE + _module)["TestEdgeSubgraph"]
    globals()[f"Test{_kind}EdgeSubgraph"] = type(f"Test{_kind}EdgeSubgraph", (_made,), {})
