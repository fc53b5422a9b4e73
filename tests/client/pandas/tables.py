"""Data frames with a column of each kind, and the blueprint for some of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd


def times(*texts: str | None, utc: bool = False) -> Any:
    """Times as pandas reads them; None: missing."""
    column: Any = list(texts)
    return pd.to_datetime(column, format="ISO8601", utc=utc)


_COLUMNS: dict[str, Any] = {
    "whole": pd.array([1, 2, None], dtype="Int64"),
    "whole_all": [1, 2, 3],
    "number": [1.5, np.nan, 3.0],
    "done": pd.array([True, None, False], dtype="boolean"),
    "done_all": [True, False, True],
    "text": ["x", None, "ü"],
    "code": ["007", "1", "true"],
    "day": [dt.date(2026, 11, 30), None, dt.date(2026, 12, 1)],
    "moment": times("2026-11-30 09:00", None, "2026-11-30 09:00:00.125"),
    "instant": times("2026-11-30 09:00", None, "2026-12-01", utc=True),
    "zoned": times("2026-11-30 09:00", None, "2026-12-01").tz_localize("UTC+05:30"),
    "span": pd.to_timedelta(["1 days 02:03:04.5", None, "-90s"]),
    "list": [["a", 1], None, {"k": None}],
}


def table() -> pd.DataFrame:
    return pd.DataFrame(_COLUMNS, index=pd.Index(["a", "b", "c"], name="id"))


BLUEPRINT = {
    "node_types": {
        "Task": {
            "properties": {
                "effort": "integer",
                "due": "date",
                "start": "datetime",
                "length": "duration",
                "state": {"type": "select", "options": ["todo", "doing", "done"]},
                "after": "reference",
                "note": "text",
                "cost": "currency",
                "tags": {"type": "multi-select", "options": ["x", "y"]},
            }
        }
    },
    "link_types": {"blocks": {"properties": {"since": "date"}}},
}
