"""What is wrong with a data frame is said by column and row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import (
    DuplicateIdError,
    GraphError,
    NotFoundError,
    SchemaError,
)
from tests.client.pandas.tables import BLUEPRINT


@pytest.mark.parametrize(
    ("df", "options", "error", "said"),
    [
        ({"a": [1, 2**60]}, {}, SchemaError, "column 'a', row 1: a whole number must be within"),
        ({"a": [1.0, np.inf]}, {}, SchemaError, "column 'a', row 1: a number must be finite"),
        ({"a": [1, object]}, {}, SchemaError, "column 'a', row 1: must be a JSON value"),
        ({"a": [None, "\ud800"]}, {}, SchemaError, "column 'a', row 1: .*surrogate"),
        ({"a": pd.Categorical(["x", "\ud800"])}, {}, SchemaError, "column 'a', row 1: .*surrogate"),
        ({"a": pd.period_range("2026", periods=2)}, {}, SchemaError, "column 'a' has values of"),
        ({"k": ["x", "x"]}, {"id": "k"}, DuplicateIdError, "row 0 and row 1 have the same key 'x'"),
        ({"k": [1, True]}, {"id": "k"}, DuplicateIdError, "row 0 and row 1 have the same key"),
        ({"k": ["x", None]}, {"id": "k"}, SchemaError, "column 'k', row 1: the key is missing"),
        ({"k": [1.0, 1.5]}, {"id": "k"}, SchemaError, "column 'k', row 1: a node's key must be"),
        ({"k": [1, 2]}, {"id": "K"}, SchemaError, "no column 'K' for the keys .*'k'"),
        ({"p": [(1, 2), 3]}, {"position": "p"}, SchemaError, "the position of row 1 must be"),
        ({"a": [1, 2]}, {"properties": "a"}, SchemaError, "must be a list of columns"),
        ({"a": [1, 2]}, {"properties": ["b"]}, SchemaError, "no column 'b'"),
        ({"u": ["x", "y"]}, {"parent": "u"}, NotFoundError, "row 0: .*'x'"),
    ],
)
def test_a_refusal_names_column_and_row(
    g: SharedGraph, df: Any, options: Any, error: type[GraphError], said: str
) -> None:
    with pytest.raises(error, match=said):
        g.add_nodes_from_pandas(pd.DataFrame(df), **options)
    assert g.rev == 0


def test_a_row_is_named_by_its_label_too(g: SharedGraph) -> None:
    with pytest.raises(SchemaError, match=r"column 'a', row 1 \('Build'\): a number must be"):
        g.add_nodes_from_pandas(pd.DataFrame({"a": [1, -np.inf]}, index=["Design", "Build"]))
    with pytest.raises(SchemaError, match=r"the index, row 1 .*: a node's key must be"):
        g.add_nodes_from_pandas(pd.DataFrame(index=pd.Index(["x", 1.5], dtype=object)))
    with pytest.raises(SchemaError, match="two columns have the same name 'a'"):
        g.add_nodes_from_pandas(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(SchemaError, match="several levels"):
        g.add_nodes_from_pandas(pd.DataFrame({("a", "b"): [1]}))
    with pytest.raises(SchemaError, match="must be a pandas data frame"):
        g.add_nodes_from_pandas([1, 2])  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match='"nodes" or "edges"'):
        g.to_pandas("links")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"effort": [1, 1.5]}, "column 'effort', row 1: must be a whole number, got 1.5"),
        (
            {"due": pd.to_datetime(["2026-11-30", "2026-11-30 09:00"], format="ISO8601")},
            "column 'due', row 1: must be a date without a time of day",
        ),
        (
            {"start": pd.to_datetime(["2026-11-30", "2026-11-30"])},
            "column 'start', row 0: must be a time with its zone",
        ),
        ({"state": ["todo", "doen"]}, r"column 'state', row 1: .*must be one of .*'doen'"),
        ({"note": ["x", 3]}, "column 'note', row 1: .*must be text"),
        ({"efort": [1, 2]}, "row 0: .*efort"),
    ],
)
def test_what_the_blueprint_refuses_is_told_by_row_too(
    g: SharedGraph, column: Any, said: str
) -> None:
    g.blueprint = BLUEPRINT
    rev = g.rev
    with pytest.raises(SchemaError, match=said):
        g.add_nodes_from_pandas(pd.DataFrame(column), type="Task")
    assert g.rev == rev


def test_refused_edges_name_their_row(g: SharedGraph) -> None:
    df = pd.DataFrame({"source": [1, 2], "target": [2, None]})
    with pytest.raises(SchemaError, match="column 'target', row 1: the key is missing"):
        g.add_edges_from_pandas(df)
    twice = pd.DataFrame({"source": [1, 1], "target": [2, 2], "key": [0, 0]})
    with pytest.raises(DuplicateIdError, match="row 1: a row before has the same ends"):
        g.add_edges_from_pandas(twice)
    g.add_edge(1, 2, key=0, type="one")
    with pytest.raises(SchemaError, match=r"row 0: .*can't be changed to 'other'"):
        g.add_edges_from_pandas(twice.iloc[:1], type="other")
    g.remove_node(1)
    g.remove_node(2)
    g.blueprint = BLUEPRINT
    with pytest.raises(NotFoundError, match="row 0: "):
        g.add_edges_from_pandas(twice.iloc[:1], type="blocks")
