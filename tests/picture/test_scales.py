"""Values become the same looks here and in the page: vitest replays tests/widget/looks.json too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph_ext.core.events import NodeCreated
from graph_ext.picture.channels import Channel, value_of
from graph_ext.picture.scales import colour_scale, shows, size_scale, text_of
from tests.picture.graphs import graph_of

LOOKS = json.loads((Path(__file__).parents[1] / "widget/looks.json").read_text())


@pytest.mark.parametrize("case", LOOKS["colours"], ids=lambda case: str(case["what"]))
def test_colours(case: dict[str, Any]) -> None:
    scale = colour_scale(case["values"], case.get("given"))
    assert {
        "kind": scale.kind,
        "legend": [list(row) for row in scale.colours.items()],
        "others": scale.others,
        "each": [scale.colour(value) for value in case["values"]],
    } == case["expect"]


@pytest.mark.parametrize("case", LOOKS["sizes"], ids=str)
def test_sizes(case: dict[str, Any]) -> None:
    scale = size_scale(case["values"])
    if case["factors"] is None:
        assert scale is None
    else:
        assert scale is not None
        found = [scale.factor(value) for value in case["values"]]
        assert found == pytest.approx(case["factors"])


@pytest.mark.parametrize("case", LOOKS["texts"], ids=str)
def test_texts(case: dict[str, Any]) -> None:
    assert text_of(case["value"]) == case["text"]


@pytest.mark.parametrize("case", LOOKS["filters"], ids=str)
def test_filters(case: dict[str, Any]) -> None:
    assert shows(case["value"], case["among"]) is case["shows"]


def test_a_property_comes_before_what_a_node_is_by_itself() -> None:
    task = NodeCreated("a", blueprint_type_id="Task", properties={"degree": "high"})
    graph = graph_of([task, "b"], [("a", "b")])
    a, b = graph.nodes["a"], graph.nodes["b"]
    found = {
        name: [value_of(Channel(property=name), graph, node) for node in (a, b)]
        for name in ("degree", "type", "name", "node_id", "missing")
    }
    assert found == {
        "degree": ["high", 1],
        "type": ["Task", None],
        "name": ["a", "b"],
        "node_id": ["a", "b"],
        "missing": [None, None],
    }
