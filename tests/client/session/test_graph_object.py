"""The graph as an object: closed, shared within a process, not found, shown."""

from __future__ import annotations

import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.core.errors import (
    NotFoundError,
    SchemaError,
    UnavailableError,
)
from tests.client.conftest import OpenGraph


def test_a_closed_graph_says_so(g: SharedGraph) -> None:
    g.add_node("a")
    with g as same:
        assert same is g
    assert g.status == "ended"
    with pytest.raises(UnavailableError, match=r"was closed.*gx.open"):
        g.add_node("b")
    assert list(g) == ["a"]
    g.close()


def test_two_graphs_of_one_process_share_a_replica_and_a_socket(g: SharedGraph) -> None:
    again = open_over(g.connection, g.name)
    assert again.replica is g.replica
    g.close()
    again.add_node("a")
    assert again.status == "live"


def test_a_session_that_is_not_there_is_not_made_unasked(open_graph: OpenGraph) -> None:
    with pytest.raises(NotFoundError, match=r"no session is called 'nothing'.*gx.sessions"):
        open_graph("nothing", create=False)


@pytest.mark.parametrize("name", ["", "x" * 2000, "a\nb"])
def test_a_name_that_is_none_is_refused(open_graph: OpenGraph, name: str) -> None:
    with pytest.raises(SchemaError):
        open_graph(name)


def test_it_says_what_it_is(g: SharedGraph) -> None:
    g.add_edge("a", "b")
    assert repr(g) == f"<graph_ext session {g.name!r}: 2 nodes, 1 links, rev 1, live>"


def test_names_are_text_in_html(open_graph: OpenGraph) -> None:
    g = open_graph("<img src=x onerror=alert(1)>")
    assert "<img" not in g._repr_html_()
    bundle = g._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
