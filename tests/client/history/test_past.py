"""A graph as it was: read like any other, never changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import networkx as nx
import pytest

import graph_ext as gx
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.graph import SharedGraph
from graph_ext.client.history.past import PastGraph
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.errors import NotFoundError, ReadOnlyError, UnavailableError
from tests.client.conftest import OpenGraph
from tests.client.session.test_sharing import content


@pytest.fixture
def told(g: SharedGraph) -> SharedGraph:
    """Four revs: two nodes and a link, an effort that changes, a node that goes."""
    g.update([("Design", "Build", {"weight": 1})], [("Design", {"effort": 3}), "Build"])
    g.nodes["Design"]["effort"] = 5
    g.add_node((1, "x"), type="Task", name="Nobody", position=(1, 2), parent="Design")
    g.remove_node("Build")
    return g


def test_a_rev_is_read_like_any_graph(told: SharedGraph) -> None:
    past = told.at(1)
    assert (past.rev, past.name, past.session_id) == (1, told.name, told.session_id)
    assert list(past) == ["Design", "Build"]
    assert past.nodes["Design"]["effort"] == 3
    assert past.edges["Design", "Build"]["weight"] == 1
    assert "Build" in past
    assert len(past.edges) == 1
    third = told.at(3)
    assert third.nodes[1, "x"].parent == "Design"
    assert third.nodes[1, "x"].position == (1.0, 2.0)
    assert content(told.at(4)) == content(told)
    assert (len(told.at(0)), len(told.at(0).edges)) == (0, 0)
    assert repr(past).endswith("as it was: 2 nodes, 1 links, rev 1, read-only>")
    assert "as it was" in past._repr_html_()


def test_a_past_graph_stays_as_it_is_and_refuses_changes(told: SharedGraph) -> None:
    past = told.at(2)
    told.nodes["Design"]["effort"] = 9
    assert past.nodes["Design"]["effort"] == 5

    def rename() -> None:
        past.nodes["Design"].name = "x"

    def put() -> None:
        past.nodes["Design"]["effort"] = 1

    def take() -> None:
        del past.nodes["Design"]["effort"]

    for change in (rename, put, take, lambda: past.nodes["Design"].update(effort=1)):
        with pytest.raises(ReadOnlyError, match=r"g\.fork\(\"a new name\", at=2\)"):
            change()
    assert past.nodes["Design"]["effort"] == 5


def test_versions_times_and_commits_say_when(told: SharedGraph) -> None:
    told.save_version("draft", at=2)
    assert told.at("draft").rev == told.at(told.versions["draft"]).rev == 2
    assert told.at(told.history[3]).rev == 3
    # the server's clock may not move between two commits: the last of a moment is meant
    second = told.history[2]
    same = [commit.rev for commit in told.history if commit.at <= second.at]
    assert told.at(second.when + timedelta(microseconds=1)).rev in {same[-1], same[-1] + 1}
    assert told.at(datetime.now() + timedelta(days=1)).rev == 4  # noqa: DTZ005 (people write that)
    assert told.at(second.when - timedelta(days=1)).rev == 0
    with pytest.raises(NotFoundError, match="did you mean 'draft'"):
        told.at("drafd")
    with pytest.raises(NotFoundError, match="There is no rev 99, the last is 4"):
        told.at(99)
    with pytest.raises(gx.SchemaError, match="counts from 0"):
        told.at(-1)
    with pytest.raises(TypeError, match="a moment is a rev"):
        told.at(1.5)  # type: ignore[arg-type]


def test_a_large_graph_is_read_piece_by_piece(g: SharedGraph) -> None:
    g.update(nx.gnm_random_graph(4000, 9000, seed=1))
    before = content(g)
    g.remove_node(0)
    assert content(g.at(1)) == before


def test_values_that_look_like_the_form_of_an_answer_are_none(open_graph: OpenGraph) -> None:
    label = ',"nodes":['
    g = open_graph(
        blueprint={"node_types": {"T": {"label": label, "properties": {"nodes": "json"}}}}
    )
    g.add_node("a", type="T", nodes=[{"node_id": 1}, {"node_id": 2, "x": '],"links":[\n]}'}])
    before, rev = content(g), g.rev
    g.add_node("b", type="T")
    assert content(g.at(rev)) == before
    assert g.at(rev).blueprint.node_types["T"].label == label


def test_a_fork_is_opened_at_a_rev(told: SharedGraph, name: str) -> None:
    with told.fork(f"{name} what if", at=1) as fork:
        assert (fork.name, fork.rev, list(fork)) == (f"{name} what if", 1, ["Design", "Build"])
        assert fork.role == "owner"
        fork.add_node("more")
        assert "more" not in told
        with pytest.raises(gx.DuplicateIdError):
            told.fork(f"{name} what if")
    with told.fork(f"{name} now") as now:
        assert content(now) == content(told)


def test_a_server_that_is_away_is_said(g: SharedGraph) -> None:
    g.add_node("a")
    past = g.at(1)
    g.connection.io.close()
    for ask in (lambda: g.at(1), lambda: g.diff(0, 1), lambda: g.history[1]):
        with pytest.raises(UnavailableError):
            ask()
    assert f"history of {g.name!r}: " in repr(g.history)
    assert list(past) == ["a"]


def test_all_that_reads_a_graph_reads_a_past_one() -> None:
    reads = {
        base
        for base in SharedGraph.__mro__
        if issubclass(base, ReadableGraph) and not issubclass(base, FollowedGraph)
    }
    assert reads <= set(PastGraph.__mro__), "make them bases of PastGraph, too (history/past.py)"


def test_a_past_graph_is_searched_written_and_given_to_networkx(
    told: SharedGraph, tmp_path: Path
) -> None:
    past = told.at(1)
    assert [node.key for node in past.find(effort=3)] == ["Design"]
    assert nx.shortest_path(past.nx, "Design", "Build") == ["Design", "Build"]
    assert past.nx.nodes["Design"]["effort"] == 3
    with pytest.raises(ReadOnlyError, match=r"g\.fork"):
        past.nx.add_node("more")
    assert "more" not in past
    past.write(tmp_path / "then.graphml")
    assert len(gx.read(tmp_path / "then.graphml")) == 2


def test_what_a_batch_has_so_far_is_no_history(told: SharedGraph) -> None:
    with told.batch("more"):
        told.add_node("new")
        assert len(told.history) == 4
        assert told.at(told.history[-1]).rev == 4
        assert told.save_version("now").rev == 4
