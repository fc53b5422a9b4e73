"""Who has last changed what of a node or a link."""

from __future__ import annotations

import pytest

import graph_ext as gx
from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import ConflictError, NotFoundError
from tests.client.conftest import OpenGraph


def test_a_propertys_last_change_says_who_when_and_what_it_was(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    g.add_node((1, "a"), effort=3)
    other = open_graph()
    other.nodes[1, "a"]["effort"] = [8]
    g.replica.wait_beyond(1, 30)
    last = g.blame((1, "a"), "effort")
    assert (last.name, last.rev, last.actor.name) == ("effort", 2, "client 1")
    assert (last.old_value, last.new_value) == (3, [8])
    assert abs(last.when.timestamp() - last.at) < 1e-3
    assert last.at == g.history[2].at
    assert repr(last).startswith("<effort = [8], was 3: rev 2, ")
    del g.nodes[1, "a"]["effort"]
    gone = g.blame(g.nodes[1, "a"], "effort")
    assert (gone.rev, gone.old_value, gone.new_value) == (3, [8], gx.UNSET)
    with pytest.raises(NotFoundError, match="knows nothing of 'effrt' of"):
        g.blame((1, "a"), "effrt")
    with pytest.raises(NotFoundError, match="knows nothing of 'nobody'"):
        g.blame("nobody")
    with pytest.raises(TypeError, match="not both"):
        g.blame((1, "a"), "effort", field="name")  # type: ignore[call-overload]


def test_a_whole_element_is_told_by_property(g: SharedGraph) -> None:
    g.add_node("a", effort=3, note="<x>")
    g.nodes["a"]["effort"] = 4
    g.nodes["a"].name = "A"
    blame = g.blame("a")
    assert {name: last.rev for name, last in blame.items()} == {"effort": 2, "note": 1}
    assert blame.fields["name"].rev == 3
    assert blame.existence is not None
    assert (blame.existence.rev, g.blame("a", field="exists").rev) == (1, 1)
    with pytest.raises(NotFoundError, match="did you mean 'effort'"):
        _ = blame["efort"]
    lines = repr(blame).splitlines()
    assert lines[0] == "node 'a':"
    assert lines[1].split()[:3] == ["exists", "made", "1"]
    assert "&lt;x&gt;" in blame._repr_html_()
    g.remove_node("a")
    assert g.blame("a", field="exists").new_value is False
    assert "deleted, was 4" in repr(g.blame("a"))


def test_links_are_meant_by_their_ends_their_key_or_their_view(g: SharedGraph) -> None:
    g.add_edge("a", "b", key="k", w=1)
    g.edges["a", "b"]["w"] = 2
    view = g.edges["a", "b"]
    for link in (("a", "b"), ("a", "b", "k"), view, view.link_id):
        assert g.blame(link, "w").rev == 2
    g.add_edge("a", "b", key="l", w=5)
    with pytest.raises(ConflictError, match="say which"):
        g.blame(("a", "b"), "w")
    g.remove_edge("a", "b", "k")
    assert g.blame(("a", "b", "k"), field="exists").rev == 4
    assert g.blame(view.link_id, "w").new_value is gx.UNSET
