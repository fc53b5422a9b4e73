"""Several clients, several threads: all see one graph, and never half a commit."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import networkx as nx
import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.errors import GraphError
from tests.client.conftest import OpenGraph

TIMEOUT_S = 30


def content(g: ReadableGraph) -> tuple[object, ...]:
    """Everything that a replica holds."""
    with g.replica.lock:
        graph = g.replica.graph
        return (
            {node_id: node.created() for node_id, node in graph.nodes.items()},
            {link_id: link.created() for link_id, link in graph.links.items()},
            graph.blueprint,
        )


def meet(*graphs: SharedGraph) -> None:
    """Wait until all have what the first has."""
    rev = graphs[0].rev
    for g in graphs:
        g.replica.wait_beyond(rev - 1, TIMEOUT_S)
        assert g.rev >= rev


def test_what_one_does_the_others_see(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    a.add_edge("Design", "Build", type="blocks")
    meet(a, b)
    b.nodes["Design"]["effort"] = 5
    meet(b, a)
    assert a.nodes["Design"]["effort"] == 5
    assert content(a) == content(b)


def test_who_comes_late_gets_it_all(open_graph: OpenGraph) -> None:
    a = open_graph()
    a.update(nx.gnm_random_graph(500, 2000, seed=1))
    a.add_node("last", parent=3)
    b = open_graph()
    assert content(a) == content(b)
    assert b.rev == a.rev


@pytest.mark.parametrize("seed", range(4))
def test_random_changes_of_several_clients_converge(open_graph: OpenGraph, seed: int) -> None:
    graphs = [open_graph() for _ in range(3)]

    def work(index: int) -> None:
        rng, g = random.Random(seed * 10 + index), graphs[index]
        for step in range(60):
            a, b = rng.randrange(12), rng.randrange(12)
            try:
                match rng.randrange(8):
                    case 0 | 1:
                        g.add_node(a, x=step)
                    case 2 | 3:
                        g.add_edge(a, b, key=rng.choice([None, 0]), w=step)
                    case 4:
                        g.nodes[a]["x"] = step
                    case 5:
                        g.nodes[a].parent = rng.choice([None, b])
                    case 6:
                        g.undo()
                    case 7:
                        g.remove_node(a)
            except GraphError:
                pass  # another was quicker, or there is nothing to undo

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    last = max(graphs, key=lambda g: g.rev)
    meet(last, *graphs)
    late = open_graph()
    assert content(graphs[0]) == content(graphs[1]) == content(graphs[2]) == content(late)


def test_many_threads_share_one_graph(g: SharedGraph) -> None:
    g.add_node("counter")

    def work(index: int) -> None:
        for step in range(20):
            g.add_node(f"{index}-{step}")
            assert f"{index}-{step}" in g

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert (len(g), g.rev) == (161, 161)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns far more often, so that they meet in the middle of things."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_a_reader_sees_a_commit_whole_or_not_at_all(open_graph: OpenGraph) -> None:
    writer, reader = open_graph(), open_graph()
    done = threading.Event()
    counts: set[tuple[int, int]] = set()

    def read() -> None:
        while not done.is_set():
            with reader.replica.lock:
                counts.add((len(reader), len(reader.edges)))

    def iterate() -> None:
        while not done.is_set():
            assert len(list(reader.nodes.values())) % 1000 == 0
            for _ in reader.edges:
                pass

    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(read), pool.submit(iterate)]
        for step in range(3):
            graph = nx.relabel_nodes(nx.path_graph(1000), {n: (step, n) for n in range(1000)})
            writer.update(graph)
        meet(writer, reader)
        done.set()
        for task in tasks:
            task.result()
    assert all(edges == nodes - nodes // 1000 for nodes, edges in counts)


def test_iteration_is_not_disturbed_by_what_changes_meanwhile(g: SharedGraph) -> None:
    g.update(nx.path_graph(10))
    seen = []
    for key, node in g.nodes.items():
        seen.append(key)
        if key == 0:
            g.remove_node(5)
            g.add_node(99)
        assert node.node_id
    assert seen == list(range(10))
    for _ in g.edges:
        g.add_edge(0, 99)
        break


def test_several_sessions_go_over_one_socket(g: SharedGraph) -> None:
    others = [open_over(g.connection, f"{g.name}-{n}") for n in range(3)]
    for index, other in enumerate(others):
        other.add_node(index)
    assert [list(other) for other in others] == [[0], [1], [2]]
    assert len(g) == 0
    for other in others:
        other.close()
    g.add_node("still here")


def test_a_graph_that_is_dropped_is_left(open_graph: OpenGraph) -> None:
    g = open_graph()
    connection = g.connection
    g.close()
    again = open_over(connection, g.name)
    again.add_node("a")
    assert (again.status, g.status) == ("live", "ended")


def test_a_change_from_the_connections_own_thread_is_an_error_not_a_deadlock(
    g: SharedGraph,
) -> None:
    async def callback() -> str:
        with pytest.raises(RuntimeError, match="would wait for itself"):
            g.add_node("a")
        return "told"

    assert g.connection.io.run(callback, "a test") == "told"
    assert len(g) == 0
