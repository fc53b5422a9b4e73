"""A data frame makes a type of the blueprint, and then all its types survive the round trip."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal

from graph_ext.client.graph import SharedGraph
from graph_ext.core.blueprint import PropertyType
from graph_ext.core.errors import SchemaError
from tests.client.conftest import OpenGraph
from tests.client.pandas.tables import table, times


def rich() -> pd.DataFrame:
    """Return a table of what an open session can't know by the values, and of all else."""
    df, nothing = table(), cast(Any, None)
    berlin = times("2026-03-28 10:00", None, "2026-03-29 10:00").tz_localize("Europe/Berlin")
    return df.assign(
        state=pd.Categorical(["done", nothing, "todo"], categories=["todo", "doing", "done"]),
        nobody=pd.Categorical([nothing] * 3, categories=["x"]),
        summer=berlin,  # with two offsets
        like_a_date=["2026-11-30", nothing, "2026-12-01"],
        never=pd.Series([pd.NaT] * 3, index=df.index, dtype=berlin.dtype),
    )


def test_types_survive_the_round_trip_in_every_client_with_a_type_made_of_the_table(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    g.add_nodes_from_pandas(rich(), type=g.node_type("Task", rich()))
    backs = [
        g.to_pandas("nodes"),
        open_graph().to_pandas("nodes", type="Task"),
        g.at(2).to_pandas(),
    ]
    for back in backs:
        for name in rich():
            unit = getattr(back[name].dtype, "unit", None)
            wanted = rich()[name] if unit is None else rich()[name].dt.as_unit(unit)
            assert_series_equal(back[name], wanted, check_index_type=False)
    assert g.nodes["a"]["summer"] == "2026-03-28T10:00:00+01:00"
    assert g.nodes["c"]["summer"] == "2026-03-29T10:00:00+02:00"
    rev = g.rev
    g.add_nodes_from_pandas(backs[0])
    g.node_type("Task", rich())
    assert g.rev == rev
    with pytest.raises(SchemaError, match=r"Task\.state must be one of 'todo', 'doing', 'done'"):
        g.nodes["a"]["state"] = "gone"


def test_each_column_says_what_its_property_is(g: SharedGraph) -> None:
    df = pd.DataFrame(
        {
            "type": ["T"],
            "x": [1],
            "y": [2.0],
            "property:name": ["a"],
            "flag": [True],
            "count": pd.array([1], dtype="UInt8"),
            "ratio": [0.5],
            "day": [dt.date(2026, 1, 1)],
            "naive": times("2026-01-01"),
            "utc": times("2026-01-01", utc=True),
            "offset": times("2026-01-01").tz_localize("UTC+02:00"),
            "span": pd.to_timedelta(["1s"]),
            "levels": pd.Categorical([3]),
            "spread": pd.arrays.SparseArray([1.5]),
            "nested": [{"a": 1}],
            "nothing": [None],
        }
    )
    g.node_type("T", df)
    found = g.blueprint.node_types["T"].properties
    assert {name: expected.type for name, expected in found.items()} == {
        "name": "text",
        "flag": "boolean",
        "count": "integer",
        "ratio": "number",
        "day": "date",
        "naive": "json",
        "utc": "datetime",
        "offset": "datetime",
        "span": "duration",
        "levels": "integer",
        "spread": "number",
        "nested": "json",
        "nothing": "json",
    }
    assert (found["offset"].zone, found["utc"].zone) == ("", "")
    with pytest.raises(SchemaError, match="two columns would be the property 'name'"):
        g.link_type("t", properties=pd.DataFrame({"name": [1], "property:name": [1]}))


def test_a_link_type_is_made_of_a_table_of_edges_and_a_property_of_a_column(
    g: SharedGraph,
) -> None:
    df = pd.DataFrame(
        {
            "source": ["a", "b"],
            "target": ["b", "c"],
            "type": "needs",
            "kind": pd.Categorical(["hard", "soft"]),
        }
    )
    g.link_type("needs", properties=df)
    g.node_type("Task", {"effort": float, "kind": df["kind"]})
    g.add_nodes_from("abc", type="Task")
    g.add_edges_from_pandas(df)
    select = PropertyType(type="select", options=("hard", "soft"))
    assert g.blueprint.link_types["needs"].properties == {"kind": select}
    assert g.blueprint.node_types["Task"].properties["kind"] == select
    assert g.to_pandas("edges")["kind"].dtype == df["kind"].dtype


def test_a_zone_that_this_machine_does_not_know_leaves_the_times_as_they_are(
    g: SharedGraph,
) -> None:
    g.node_type("Task", {"start": {"type": "datetime", "zone": "Mars/Olympus"}})
    g.add_node("a", type="Task", start="2026-01-01T00:00:00+02:00")
    start: Any = g.to_pandas()["start"]
    assert start.tolist() == [pd.Timestamp("2026-01-01T00:00:00+02:00")]
    assert start.dt.tz.utcoffset(None) == dt.timedelta(hours=2)
    assert np.all(start.notna())
