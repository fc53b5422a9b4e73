"""Data frames of nodes into sessions and out of them (client/pandas); types survive the trip."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from graph_ext.client.graph import SharedGraph
from graph_ext.client.pandas.columns import duration_text
from graph_ext.core.errors import (
    ReadOnlyError,
)
from tests.client.conftest import OpenGraph
from tests.client.pandas.tables import _COLUMNS, BLUEPRINT, table, times
from tests.exchange.graphs import plain


def test_types_survive_the_round_trip_in_an_open_session(g: SharedGraph) -> None:
    g.add_nodes_from_pandas(table())
    assert g.rev == 1
    back = g.to_pandas("nodes")
    assert list(back.columns) == ["type", "name", "parent", "x", "y", *_COLUMNS]
    for name in _COLUMNS:
        assert_series_equal(back[name], table()[name].rename(name), check_index_type=False)
    assert "whole" not in g.nodes["c"]
    assert "text" not in g.nodes["b"]
    assert g.nodes["a"]["moment"] == "2026-11-30T09:00:00.000"
    assert g.nodes["a"]["instant"] == "2026-11-30T09:00:00Z"
    assert g.nodes["a"]["zoned"] == "2026-11-30T09:00:00+05:30"
    assert g.nodes["a"]["span"] == "P1DT2H3M4.5S"
    assert g.nodes["a"]["day"] == "2026-11-30"


def test_what_comes_out_goes_in_again_unchanged(g: SharedGraph, open_graph: OpenGraph) -> None:
    g.add_node("a", type="T", name="The a", position=(1, 2), x=5, type_=1)
    g.add_node(7, parent="a")
    g.add_node((0, "b"), parent=7, effort=1.5)
    g.nodes["a"].update({"type": "as a property", "property:type": True})
    g.add_edge("a", 7, key="k", type="t", weight=1)
    g.add_edge("a", 7, weight=2)
    g.add_edge(7, (0, "b"), source="as a property")
    other = open_graph("another, of tables")
    other.add_nodes_from_pandas(g.to_pandas("nodes"))
    other.add_edges_from_pandas(g.to_pandas("edges"))
    ours, theirs = plain(g.replica.graph), plain(other.replica.graph)
    assert theirs["nodes"] == ours["nodes"]
    # links that had no key have their id for one there
    assert other.edges(keys=True, data=True) == g.edges(keys=True, data=True)
    rev = g.rev
    g.add_nodes_from_pandas(g.to_pandas("nodes"))
    g.add_edges_from_pandas(g.to_pandas("edges"))
    assert g.rev == rev


def test_a_blueprint_says_what_columns_become(g: SharedGraph) -> None:
    g.blueprint = BLUEPRINT
    df = pd.DataFrame(
        {
            "task": ["a", "b", "c"],
            "effort": [1.0, np.nan, 3.0],  # what pandas makes of whole numbers
            "due": times("2026-11-30", "2026-12-01", None),
            "start": times("2026-11-30", None, "2026-07-01").tz_localize("Europe/Berlin"),
            "length": pd.to_timedelta(["1h", None, "2D"]),
            "state": pd.Categorical(["todo", None, "done"]),
            "after": ["b", None, "a"],
            "note": ["2026-11-30", "2026-11-30", "2026-11-30"],
            "cost": [1, 2, 3],
            "tags": [["x"], None, ["y", "x"]],
        }
    )
    g.add_nodes_from_pandas(df, id="task", type="Task")
    assert dict(g.nodes["a"]) == {
        "effort": 1,
        "due": "2026-11-30",
        "start": "2026-11-30T00:00:00+01:00",
        "length": "PT1H",
        "state": "todo",
        "after": "b",
        "note": "2026-11-30",
        "cost": 1,
        "tags": ["x"],
    }
    back = g.to_pandas("nodes", type="Task")
    assert back["effort"].dtype == "Int64"
    assert back["due"].tolist() == [dt.date(2026, 11, 30), dt.date(2026, 12, 1), None]
    assert back["start"].dtype == df["start"].dt.tz_convert("UTC").dtype  # winter and summer
    assert back["start"].dropna().tolist() == df["start"].dropna().tolist()
    assert back["length"].tolist()[0] == pd.Timedelta("1h")
    assert back["state"].dtype == pd.CategoricalDtype(["todo", "doing", "done"])
    assert back["state"].tolist()[::2] == ["todo", "done"]
    assert back["note"].tolist() == ["2026-11-30"] * 3  # text, whatever it looks like
    assert back["cost"].dtype == "float64"
    assert back["tags"].tolist()[2] == ["y", "x"]
    rev = g.rev
    # the same instant in another zone, and 1.0 for 1, are other values
    g.add_nodes_from_pandas(back.drop(columns=["start", "cost"]))
    assert g.rev == rev


def test_columns_of_a_type_are_there_without_any_value(g: SharedGraph) -> None:
    g.blueprint = BLUEPRINT
    g.add_node("a", type="Task")
    back = g.to_pandas("nodes")
    assert list(back.columns)[5:] == list(BLUEPRINT["node_types"]["Task"]["properties"])  # type: ignore[index]
    assert back["effort"].dtype == "Int64"
    assert back["state"].dtype == pd.CategoricalDtype(["todo", "doing", "done"])
    assert back["start"].dt.tz is not None


def test_columns_get_their_meaning_from_the_caller(g: SharedGraph) -> None:
    df = pd.DataFrame(
        {
            "key": [3, 1, 2],
            "kind": ["Task", "Phase", None],
            "title": ["three", None, "two"],
            "under": [1, None, 3],
            "lon": [1.0, np.nan, 2],
            "lat": [5, np.nan, 6],
            "effort": [1, 2, 3],
            "not this": [1, 2, 3],
        }
    )
    g.add_nodes_from_pandas(
        df,
        id="key",
        type="kind",
        name="title",
        parent="under",
        position=("lon", "lat"),
        properties=["effort"],
        label="Tasks of Q3",
    )
    assert list(g) == [1, 3, 2]  # parents first
    three = g.nodes[3]
    assert (three.type, three.name, three.parent, three.position) == (
        "Task",
        "three",
        1,
        (1.0, 5.0),
    )
    assert dict(three) == {"effort": 1}
    one = g.nodes[1]
    assert (one.type, one.name, one.parent, one.position) == ("Phase", "", None, None)
    g.add_nodes_from_pandas(pd.DataFrame({"at": [(1, 2), None]}), position="at")
    assert g.nodes[0].position == (1.0, 2.0)
    assert g.nodes[1].position is None


def test_columns_called_as_usual_need_no_saying_unless_they_are_properties(
    g: SharedGraph,
) -> None:
    df = pd.DataFrame({"type": ["T"], "name": ["n"], "x": [1.0], "y": [2.0]}, index=["a"])
    g.add_nodes_from_pandas(df)
    g.add_nodes_from_pandas(df.set_axis(["b"]), properties=["name", "x", "y"])
    assert (g.nodes["a"].type, g.nodes["a"].name, g.nodes["a"].position) == ("T", "n", (1.0, 2.0))
    assert dict(g.nodes["b"]) == {"name": "n", "x": 1.0, "y": 2.0}
    assert g.nodes["b"].type == "T"


def test_rows_of_what_stands_update_it_and_leave_what_is_missing(g: SharedGraph) -> None:
    g.add_node("a", effort=1, state="doing")
    g.add_nodes_from_pandas(
        pd.DataFrame({"effort": [2, 3], "state": [None, "todo"]}, index=["a", "b"])
    )
    assert dict(g.nodes["a"]) == {"effort": 2, "state": "doing"}
    assert dict(g.nodes["b"]) == {"effort": 3, "state": "todo"}
    g.undo()
    assert dict(g.nodes["a"]) == {"effort": 1, "state": "doing"}
    assert "b" not in g


# --- elsewhere -----------------------------------------------------------------------------------


def test_a_past_graph_and_a_batch_have_tables_too(g: SharedGraph) -> None:
    g.add_nodes_from_pandas(pd.DataFrame({"effort": [1, 2]}, index=["a", "b"]))
    g.nodes["a"]["effort"] = 5
    then = g.at(1)
    assert then.to_pandas("nodes")["effort"].tolist() == [1, 2]
    with pytest.raises(ReadOnlyError):
        then.nodes["a"]["effort"] = 3
    with g.batch("Table"):
        g.add_nodes_from_pandas(pd.DataFrame({"effort": [3]}, index=["c"]))
        g.add_edges_from_pandas(pd.DataFrame({"source": ["a"], "target": ["c"]}))
        assert g.to_pandas("nodes")["effort"].tolist() == [5, 2, 3]
        assert len(g.to_pandas("edges")) == 1
    assert g.rev == 3


def test_an_empty_graph_is_an_empty_table(g: SharedGraph) -> None:
    assert list(g.to_pandas("nodes").columns) == ["type", "name", "parent", "x", "y"]
    assert list(g.to_pandas("edges").columns) == ["source", "target", "key", "type"]
    g.add_nodes_from_pandas(g.to_pandas("nodes"))
    g.add_edges_from_pandas(g.to_pandas("edges"))
    assert g.rev <= 2
    assert len(g) == 0


def test_texts_that_look_like_dates_stay_texts_if_asked(g: SharedGraph) -> None:
    g.add_nodes_from_pandas(pd.DataFrame({"d": ["2026-11-30"], "s": ["P1D"]}, index=["a"]))
    assert g.to_pandas()["d"].tolist() == [dt.date(2026, 11, 30)]
    assert g.to_pandas(parse=False)["d"].tolist() == ["2026-11-30"]
    g.nodes["a"]["d"] = "2026-02-30"
    g.nodes["a"]["s"] = "P1M"  # months have no length
    assert g.to_pandas()[["d", "s"]].iloc[0].tolist() == ["2026-02-30", "P1M"]


@pytest.mark.parametrize("dtype", ["string", "category", "Sparse[int]", "uint8", "float32"])
def test_other_kinds_of_columns_are_taken(g: SharedGraph, dtype: str) -> None:
    column = pd.Series([1, 2, 1]).astype(dtype)  # type: ignore[call-overload]
    g.add_nodes_from_pandas(pd.DataFrame({"a": column}))
    assert [g.nodes[row]["a"] for row in range(3)] == (
        ["1", "2", "1"] if dtype == "string" else [1, 2, 1]
    )


def test_keys_of_several_levels_are_tuples(g: SharedGraph) -> None:
    index = pd.MultiIndex.from_tuples([(0, "a"), (0, "b")])
    g.add_nodes_from_pandas(pd.DataFrame({"w": [1, 2]}, index=index))
    assert list(g) == [(0, "a"), (0, "b")]
    assert g.to_pandas().index.tolist() == [(0, "a"), (0, "b")]


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "PT0S"),
        (1, "PT0.000000001S"),
        (-1_500_000_000, "-PT1.5S"),
        (86_400_000_000_000, "P1D"),
        (3_660_000_000_000, "PT1H1M"),
        (90_061_000_000_000, "P1DT1H1M1S"),
    ],
)
def test_durations_are_iso_texts(nanoseconds: int, text: str) -> None:
    assert duration_text(nanoseconds) == text


def test_a_hundred_thousand_rows_are_one_commit(g: SharedGraph) -> None:
    count = 100_000
    numbers = np.arange(count)
    nodes = pd.DataFrame(
        {
            "effort": numbers / 2,
            "done": numbers % 2 == 0,
            "due": pd.to_datetime("2026-01-01") + pd.to_timedelta(numbers, unit="min"),
            "state": pd.Categorical.from_codes(numbers % 3, pd.Index(["todo", "doing", "done"])),
        },
        index=numbers,
    )
    g.add_nodes_from_pandas(nodes, progress=False)
    assert g.rev == 1
    back = g.to_pandas("nodes")
    assert_frame_equal(
        back[["effort", "done", "due"]],
        nodes[["effort", "done", "due"]],
        check_names=False,
        check_dtype=False,
    )
    assert (back["state"] == nodes["state"].astype(str)).all()
