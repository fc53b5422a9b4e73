"""Batches: many lines, one commit, all or nothing, and what is read within them."""
# ruff: noqa: PT012 (a batch that fails at its end is a block of lines)

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.editing import draft
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.client.session.progress import counting
from graph_ext.core.errors import (
    ConflictError,
    GraphError,
    NotFoundError,
    SchemaError,
    UnavailableError,
)
from graph_ext.core.expectations import Expectation
from tests.client.conftest import OpenGraph
from tests.client.line import Line
from tests.client.session.test_sharing import content
from tests.servers import JupyterServer

TIMEOUT_S = 60


def work(g: SharedGraph) -> None:
    """Change everything that can be changed."""
    g.add_node("a", type="T", x=1)
    g.add_nodes_from(["b", ("c", {"parent": "a"})], y=2)
    g.add_edge("a", "b", key=0, w=1)
    g.add_edges_from([("b", "new"), ("a", "b", 0, {"w": 2})])
    g.nodes["a"]["x"] += 1
    g.nodes["a"].update(z=3, y=None)
    g.nodes["c"].name = "C"
    g.move("b", "a", before="c")
    del g.nodes["a"]["z"]
    g.remove_edges_from(g.find_edges(source="b"))
    g.remove_node("new")
    assert (g.children("a"), g.nodes["a"]["x"], g.edges["a", "b"]["w"]) == (["b", "c"], 2, 2)
    assert [node.key for node in g.find(y=2)] == ["b", "c"]
    assert (list(g), len(g), len(g.edges), "new" in g) == (["a", "b", "c"], 3, 1, False)


def test_a_batch_is_one_commit_and_what_the_same_lines_make_by_themselves(
    open_graph: OpenGraph,
) -> None:
    g, line_by_line, other = open_graph(), open_graph("line by line"), open_graph()
    work(line_by_line)
    with g.batch("Import Q3") as b:
        work(g)
        assert (g.live_replica.rev, g.rev, b.rev) == (0, 0, None)
    assert (g.rev, b.rev) == (1, 1)
    assert "15 edits" in repr(b)
    assert content(g) == content(line_by_line)
    assert other.replica.wait_beyond(0, TIMEOUT_S)
    assert (content(other), other.rev) == (content(g), 1)
    assert g.undo() == []
    assert (len(g), g.rev) == (0, 2)


def test_an_error_takes_it_all_back_and_nothing_was_sent(g: SharedGraph) -> None:
    g.add_node("a", x=1)
    with pytest.raises(ZeroDivisionError), g.batch():
        g.nodes["a"]["x"] = 2
        g.add_node("b")
        1 / 0  # noqa: B018
    assert (g.rev, list(g), g.nodes["a"]["x"]) == (1, ["a"], 1)
    with pytest.raises(KeyboardInterrupt), g.batch():
        g.remove_node("a")
        raise KeyboardInterrupt
    g.add_node("b")
    assert (g.rev, list(g)) == (2, ["a", "b"])


def test_a_line_that_is_refused_is_no_part_of_it(open_graph: OpenGraph) -> None:
    g = open_graph(blueprint={"node_types": {"T": {"properties": {"x": "number"}}}})
    with g.batch():
        with pytest.raises(SchemaError, match=r"T.x must be a number, got 'y' \(node a\)"):
            g.add_node("a", type="T", x="y")
        with pytest.raises(NotFoundError):
            g.nodes["a"]["x"] = 1
        g.add_node("b", type="T", x=1)
        with pytest.raises(SchemaError):
            g.nodes["b"]["x"] = "y"
        with pytest.raises(ConflictError, match="can't be part of a batch"):
            g.undo()
        with pytest.raises(ConflictError, match="can't be part of a batch"):
            g.redo()
    assert (g.rev, g.nodes(data=True)) == (2, [("b", {"x": 1})])


def test_what_the_server_refuses_at_the_end_changes_nothing(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    a.add_node("x", n=1)
    b.live_replica.wait_beyond(0, TIMEOUT_S)
    with pytest.raises(NotFoundError, match="'x'"), a.batch():
        a.add_node("y")
        a.nodes["x"]["n"] = 2
        b.remove_node("x")
        a.live_replica.wait_beyond(1, TIMEOUT_S)
        assert a.nodes["x"]["n"] == 2, "the batch goes on with what it began with"
    assert (list(a), a.rev) == ([], 2)


def test_a_batch_reads_the_graph_as_it_began_and_the_others_go_on(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    a.add_nodes_from(["x", "y", "z"], n=1)
    b.live_replica.wait_beyond(0, TIMEOUT_S)
    with a.batch():
        a.nodes["x"]["n"] = 2
        b.nodes["y"]["n"] = 5
        b.remove_node("z")
        b.add_node("w")
        a.live_replica.wait_beyond(3, TIMEOUT_S)
        assert a.nodes(data="n") == [("x", 2), ("y", 1), ("z", 1)]
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(a.nodes, "n").result(TIMEOUT_S) == [("x", 1), ("y", 5), ("w", None)]
            pool.submit(a.add_node, "by another thread").result(TIMEOUT_S)
        assert "by another thread" not in a
        assert a.live_replica.rev == 5
    assert a.nodes(data="n") == [("x", 2), ("y", 5), ("w", None), ("by another thread", None)]


def test_conditions_hold_at_the_server_unless_the_batch_has_made_them_true(
    open_graph: OpenGraph,
) -> None:
    a, b = open_graph(), open_graph()
    a.add_node("x", n=1, m=1)
    b.live_replica.wait_beyond(0, TIMEOUT_S)
    with a.batch():
        a.nodes["x"].update(n=2, expect={"n": 1})
        a.nodes["x"].update(n=3, expect={"n": 2})
        a.add_node("y", expect=[Expectation(node_id="y", exists=False)])
        a.nodes["y"].update(n=1, expect=[Expectation(node_id="y")])
        with pytest.raises(ConflictError, match="not 9"):
            a.nodes["x"].update(n=4, expect={"n": 9})
    assert (a.nodes["x"]["n"], a.rev) == (3, 2)
    with pytest.raises(ConflictError, match="m of node 'x' is 2, not 1"), a.batch():
        a.nodes["x"].update(n=4, expect={"m": 1})
        b.live_replica.wait_beyond(1, TIMEOUT_S)
        b.nodes["x"]["m"] = 2
    with pytest.raises(ConflictError, match="rev"), a.batch():
        a.update([("x", "y")], base_rev=a.rev)
        b.add_node("z")
    with pytest.raises(ConflictError, match="began at rev"), a.batch():
        a.update([("x", "y")], base_rev=1)
    assert (a.nodes["x"]["n"], len(a.edges)) == (3, 0)


def test_a_batch_in_a_batch_joins_it(g: SharedGraph) -> None:
    with g.batch("Outer") as outer:
        g.add_node("a")
        with g.batch("Inner") as inner:
            g.add_node("b")
            assert (len(outer), len(inner)) == (2, 1)
        with pytest.raises(ZeroDivisionError), g.batch():
            g.add_node("c")
            g.nodes["a"]["x"] = 1
            1 / 0  # noqa: B018
        assert (list(g), dict(g.nodes["a"])) == (["a", "b"], {})
        # what was taken back is no longer the batch's own doing
        g.nodes["a"].update(y=1, expect=[Expectation(node_id="c", exists=False)])
    assert (g.rev, outer.rev, inner.rev, len(outer), len(inner)) == (1, 1, None, 2 + 1, 1)


def test_batches_of_two_graphs_do_not_mix(open_graph: OpenGraph, name: str) -> None:
    g, h = open_graph(), open_graph(f"{name}, another")
    with g.batch(), h.batch():
        g.add_node("a")
        h.add_node("b")
        with h.dry_run() as plan:
            g.add_node("c")
            h.add_node("d")
    assert (list(g), g.rev, list(h), h.rev, len(plan)) == (["a", "c"], 1, ["b"], 1, 1)
    with g.dry_run() as plan, h.dry_run():
        g.add_node("not made")
    assert (len(g), len(plan)) == (2, 1)


def test_dry_runs_and_batches_combine(g: SharedGraph) -> None:
    with g.dry_run() as plan, g.batch() as b:
        g.add_node("a")
        g.add_edge("a", "b")
    assert (str(plan), g.rev, b.rev) == ("would create 2 nodes, create 1 link", 0, None)
    with g.batch():
        g.add_edge("a", "b", key=0)
        with g.dry_run() as plan:
            g.remove_node("a")
            g.nodes["b"]["x"] = 1
            with g.batch():
                g.remove_node("a")
                assert "a" not in g
            with pytest.raises(NotFoundError):
                g.remove_node("nobody")
        assert str(plan) == "would delete 2 links, delete 2 nodes, set 1 property"
        assert "a" in g
    assert (list(g), len(g.edges), g.rev) == (["a", "b"], 1, 1)


def test_nothing_to_do_is_no_commit_and_a_label_comes_from_within(g: SharedGraph) -> None:
    with g.batch("Nothing") as b:
        pass
    assert (g.rev, b.rev, len(b)) == (0, None, 0)
    with g.batch() as b:
        g.update([("a", "b")], label="From within")
        b.label = ""
    commits = list(g.follow(since=0, timeout_s=0))
    assert [commit.label for commit in commits] == ["From within"]


def test_a_task_that_outlives_the_batch_is_out_of_it(g: SharedGraph) -> None:
    with g.batch():
        context = contextvars.copy_context()
        g.add_node("a")
    assert context.run(lambda: (len(g), g.add_node("b"), g.rev)) == (1, "b", 2)

    async def in_tasks() -> None:
        with g.batch():
            await asyncio.gather(*(asyncio.to_thread(g.add_node, n) for n in range(5)))
            assert len(g) == 7

    asyncio.run(in_tasks())
    assert (len(g), g.rev) == (7, 3)


def test_a_closed_graph_takes_no_batch(g: SharedGraph) -> None:
    with pytest.raises(UnavailableError, match="was closed"), g.batch():
        g.add_node("a")
        g.close()


def test_a_large_batch_goes_in_parts_shows_progress_and_is_one_commit(
    open_graph: OpenGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = open_graph(), open_graph()
    with a.batch("Import"):
        for n in range(200):
            a.add_nodes_from([(n, m) for m in range(50)], text="x" * 40)
        a.remove_nodes_from([(0, m) for m in range(50)])
    assert "Import" in capsys.readouterr().err
    assert b.replica.wait_beyond(0, TIMEOUT_S)
    assert (a.rev, b.rev, len(a), len(b)) == (1, 1, 9_950, 9_950)


def test_a_batch_over_a_line_that_is_cut_is_made_once(
    jupyter: JupyterServer, name: str, connections: list[Connection]
) -> None:
    with Line(jupyter.port) as line:
        connection = Connection(Server(line.url, jupyter.token), kind="agent", label="test")
        connections.append(connection)
        g = open_over(connection, name, timeout_s=TIMEOUT_S)
        cuts: list[Callable[[], None]] = [line.cut] * 5
        send = connection.send

        def cutting(message: bytes, sent: Callable[[], None] | None = None) -> None:
            send(message, sent)
            if b'"batch"' in message and cuts:
                cuts.pop()()

        connection.send = cutting  # type: ignore[method-assign]
        for step in range(5):
            with g.batch():
                g.add_node(step, n=0)
                g.add_edge(step, 0, n=step)
        assert not cuts
        assert (g.rev, len(g), len(g.edges)) == (5, 5, 5)


def test_others_have_their_turn_between_the_slices_of_a_bulk_call(
    open_graph: OpenGraph, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = open_graph(), open_graph()
    a.add_node("old", x=1)
    b.live_replica.wait_beyond(0, TIMEOUT_S)
    monkeypatch.setattr(draft, "_SLICE", 40)
    seen: list[list[object]] = []

    @contextmanager
    def with_others(total: int, label: str, shows: bool | None) -> Iterator[Callable[[int], None]]:
        with counting(total, label, shows) as done:

            def others(count: int) -> None:
                b.nodes["old"]["x"] = rev = a.live_replica.rev + 1
                assert a.live_replica.wait_beyond(rev - 1, TIMEOUT_S)
                seen.append(pool.submit(a.nodes, "x").result(TIMEOUT_S))
                done(count)

            yield others

    monkeypatch.setattr(draft, "counting", with_others)
    with ThreadPoolExecutor(1) as pool, a.batch("Import"):
        a.add_edges_from([(n, n + 1) for n in range(50)], progress=True)
        assert (len(a), len(a.edges), a.nodes["old"]["x"]) == (52, 50, 1)
    assert seen == [[("old", 2)], [("old", 3)], [("old", 4)]]
    assert (len(a), a.rev, a.nodes["old"]["x"]) == (52, 5, 4)
    assert "Add 50 links: checking: 100%" in capsys.readouterr().err


@pytest.mark.parametrize("slice_edits", [1, 500])
def test_a_refusal_in_the_middle_of_a_bulk_call_leaves_the_draft_as_it_was(
    g: SharedGraph, slice_edits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "_SLICE", slice_edits)
    with g.batch():
        g.add_nodes_from(["a", "b"], x=1)
        for wrong in (
            ["c", "x" * 300],
            [("a", {"x": 2}), ("d", {"parent": "a", "type": "x" * 300})],
        ):
            with pytest.raises(GraphError):
                g.add_nodes_from(wrong)
        assert g.nodes(data="x") == [("a", 1), ("b", 1)]
    assert (g.nodes(data="x"), g.rev) == ([("a", 1), ("b", 1)], 1)
