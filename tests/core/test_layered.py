"""A graph on top of another is that graph as it stood, whatever happens below (core/layered.py)."""

from __future__ import annotations

from copy import copy
from random import Random

import pytest

from graph_ext.core.commands import execute
from graph_ext.core.errors import GraphError
from graph_ext.core.events import BlueprintUpdated, Event, NodeCreated, NodeDeleted, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.core.layered import LayeredGraph
from tests.core.states import RandomEdits, graph_of, ids, state


def events_of(graph: Graph, edits: RandomEdits, prefix: str) -> list[Event]:
    """Make a random change; return its events, none where it is refused."""
    try:
        return execute(graph, edits.batch(graph), ids(f"{prefix}{edits.random.random()}"))
    except GraphError:
        return []


@pytest.mark.parametrize("seed", range(200))
def test_both_graphs_change_and_neither_knows_of_the_other(seed: int) -> None:
    random = Random(seed)
    edits = RandomEdits(random)
    below, alone = Graph(), Graph()
    for _ in range(20):
        for event in events_of(below, edits, "before"):
            alone.apply(event)
    above, reference = LayeredGraph(below), Graph()
    reference.load(
        [copy(node) for node in below.nodes.values()],
        [copy(link) for link in below.links.values()],
    )
    for _ in range(30):
        if random.random() < 0.5:
            for event in events_of(above, edits, "above"):
                reference.apply(event)
        else:
            # planned on the side: whoever is on top is told of each event before it happens
            for event in events_of(alone, edits, "below"):
                above.keep(event)
                below.apply(event)
        assert state(above) == state(reference)
        assert state(below) == state(alone)
        assert (len(above.nodes), len(above.links)) == (
            len(list(above.nodes)),
            len(list(above.links)),
        )


def test_elements_stand_in_the_order_of_their_creation() -> None:
    below = graph_of(*(NodeCreated(key) for key in "abc"))
    above = LayeredGraph(below)
    for event in (NodeDeleted("a"), NodeCreated("d"), NodeCreated("a")):
        above.apply(event)
    assert list(above.nodes) == ["b", "c", "d", "a"]
    assert list(below.nodes) == ["a", "b", "c"]


def test_the_same_id_may_be_made_on_both_floors() -> None:
    below = graph_of(NodeCreated("a"))
    above = LayeredGraph(below)
    above.apply(NodeCreated("x", name="above"))
    above.keep(NodeCreated("x", name="below"))
    below.apply(NodeCreated("x", name="below"))
    above.keep(NodeLinked("l", "a", "x"))
    below.apply(NodeLinked("l", "a", "x"))
    above.apply(NodeLinked("l", "x", "x"))
    assert (above.nodes["x"].name, above.links["l"].source_id) == ("above", "x")
    assert (below.nodes["x"].name, below.links["l"].source_id) == ("below", "a")
    assert (list(above.nodes), list(above.links), len(above.nodes)) == (["a", "x"], ["l"], 2)


def test_a_blueprint_is_each_floor_s_own() -> None:
    below = Graph()
    above = LayeredGraph(below)
    event = BlueprintUpdated(type(below.blueprint)(directed=False), below.blueprint)
    above.keep(event)
    below.apply(event)
    assert (above.blueprint.directed, below.blueprint.directed) == (True, False)
