"""Where a picture puts nodes: stored positions as they are, the rest the same in every run."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest

from graph_ext.core.events import NodeCreated
from graph_ext.core.graph import Graph
from graph_ext.picture.placing import SPACING, place
from tests.picture.graphs import graph_of

LAYOUTS = ["", "force", "tree", "circle", "grid"]


def placed(graph: Graph, layout: str = "") -> dict[str, tuple[float, float]]:
    nodes = list(graph.nodes.values())
    links = [(link.source_id, link.target_id) for link in graph.links.values()]
    return dict(zip(graph.nodes, place(nodes, links, layout), strict=True))


def ladder(count: int) -> Graph:
    ids = [str(number) for number in range(count)]
    return graph_of(ids, [*pairwise(ids), *zip(ids, ids[2:], strict=False)])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [0, 1, 2, 40, 300])
def test_every_node_has_a_place_the_same_in_every_run(layout: str, count: int) -> None:
    first = placed(ladder(count), layout)
    assert len(first) == count
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in first.values())
    assert placed(ladder(count), layout) == first


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_two_nodes_lie_on_each_other(layout: str) -> None:
    for a, b in combinations(placed(ladder(40), layout).values(), 2):
        assert math.dist(a, b) > SPACING / 20


@pytest.mark.parametrize("layout", LAYOUTS)
def test_stored_positions_stay(layout: str) -> None:
    graph = graph_of(
        [NodeCreated("a", position=(5, 7)), NodeCreated("b", position=(905, 7)), "c", "alone"],
        [("a", "c")],
    )
    found = placed(graph, layout)
    assert (found["a"], found["b"]) == ((5, 7), (905, 7))


def test_a_loose_node_comes_to_stand_near_what_it_is_linked_with() -> None:
    fixed = [NodeCreated(str(n), position=(n * 100.0, 0)) for n in range(10)]
    found = placed(graph_of([*fixed, "new"], [("9", "new")]))
    distances = {name: math.dist(at, found["new"]) for name, at in found.items() if name != "new"}
    assert min(distances, key=lambda name: distances[name]) == "9"


def test_linked_nodes_stand_nearer_than_others() -> None:
    found = placed(ladder(40))
    linked = math.dist(found["10"], found["11"])
    assert linked < math.dist(found["0"], found["39"]) / 3


def test_in_a_tree_children_stand_below_their_parents() -> None:
    graph = graph_of(["root", NodeCreated("a", "root"), NodeCreated("b", "a")], [])
    found = placed(graph, "tree")
    assert found["root"][1] > found["a"][1] > found["b"][1]


def test_a_heap_of_nodes_takes_no_longer_than_others() -> None:
    heap = [NodeCreated(str(n), position=(1, 1)) for n in range(590)]
    found = placed(graph_of([*heap, "new"], [("0", "new")]))
    assert all(math.isfinite(value) for value in found["new"])
