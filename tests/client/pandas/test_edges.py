"""Data frames of edges into sessions."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from graph_ext.client.graph import SharedGraph
from tests.client.pandas.tables import BLUEPRINT, times


def test_edges_come_with_their_types_keys_and_missing_ends(g: SharedGraph) -> None:
    g.add_node("a")
    df = pd.DataFrame(
        {
            "from": ["a", "b", "42"],
            "to": ["b", "c", "a"],
            "no": [1, None, 3],
            "weight": [0.5, None, 2],
        }
    )
    g.add_edges_from_pandas(df, source="from", target="to", type="blocks", key="no")
    assert g.rev == 2
    assert list(g) == ["a", "b", "42", "c"]
    assert g.edges["a", "b", 1].type == "blocks"
    assert dict(g.edges["a", "b"]) == {"weight": 0.5}
    assert dict(g.edges["b", "c"]) == {}
    assert g.nodes["42"].name == "42"  # whose node_id has quotes around it
    rev = g.rev
    g.add_edges_from_pandas(df, source="from", target="to", type="blocks", key="no")
    assert g.rev == rev


def test_equal_rows_are_parallel_links_and_stay_so(g: SharedGraph) -> None:
    df = pd.DataFrame({"source": [1, 1], "target": [2, 2], "w": [1, 2]})
    g.add_edges_from_pandas(df)
    g.add_edges_from_pandas(df.assign(w=[3, 4]))
    assert g.edges(data="w") == [(1, 2, 3), (1, 2, 4)]
    back = g.to_pandas("edges")
    assert back["source"].dtype == "int64"
    assert back["w"].tolist() == [3, 4]


@pytest.mark.parametrize("directed", [True, False])
def test_in_a_simple_graph_the_last_row_counts(g: SharedGraph, directed: bool) -> None:
    g.blueprint = {"directed": directed, "multigraph": False}
    df = pd.DataFrame(
        {"source": [1, 1, 2], "target": [2, 2, 1], "w": [1, 2, 3], "v": [1, None, None]}
    )
    g.add_edges_from_pandas(df)
    expected = [(1, 2, 2), (2, 1, 3)] if directed else [(1, 2, 3)]
    assert g.edges(data="w") == expected
    assert g.edges(data="v")[0] == (1, 2, 1)
    rev = g.rev
    g.add_edges_from_pandas(df.iloc[[2]])
    assert g.rev == rev


def test_edges_of_a_blueprint_have_its_types(g: SharedGraph) -> None:
    g.blueprint = BLUEPRINT
    g.add_nodes_from_pandas(pd.DataFrame(index=["a", "b"]), type="Task")
    df = pd.DataFrame({"source": ["a"], "target": ["b"], "since": times("2026-11-30")})
    g.add_edges_from_pandas(df, type="blocks")
    assert g.edges["a", "b"]["since"] == "2026-11-30"
    assert g.to_pandas("edges", type="blocks")["since"].tolist() == [dt.date(2026, 11, 30)]
    assert len(g.to_pandas("edges", type="another")) == 0
