"""A plugin for networkx's tests in its backend mode: which can't pass, each with its reason."""

from __future__ import annotations

import pytest

REASONS = {
    "test_gml.py::TestGraph::test_special_float_label": "NaN and Infinity are no JSON",
    "test_gml.py::test_stringize_empty_list_tuple[coll1]": "a tuple is a list in JSON",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = item.nodeid.rpartition("/")[2]
        if name in REASONS:
            item.add_marker(pytest.mark.xfail(reason=REASONS[name], strict=True))
