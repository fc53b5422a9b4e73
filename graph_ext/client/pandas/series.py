"""Values of a property as a column of a data frame: :mod:`graph_ext.client.pandas.columns` back.

=========================  ==================================================================
property                   column
=========================  ==================================================================
whole numbers              ``int64``, or ``Int64`` where some are missing
numbers                    ``float64``
booleans                   ``bool``, or ``boolean`` where some are missing
date                       ``datetime.date``
datetime                   ``datetime64`` in the property's zone; without one, in the offset
                           that all have, else in UTC
duration (no months)       ``timedelta64``
select                     categories, all options of the blueprint
reference                  keys
anything else, or mixed    objects as they are
=========================  ==================================================================

Where no blueprint says it, a column of texts that all read as dates, times or durations in ISO
form is taken for that: so what came from a data frame goes back into one. Categories and zones
with a name need the blueprint; :mod:`graph_ext.client.blueprint.tables` makes one of a data frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

from graph_ext.client.elements.keys import key_of
from graph_ext.core.blueprint import PropertyType, ValueType

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["series_of"]

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_SPAN = re.compile(
    r"(-)?P(?=.)(?:(\d+)W|(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,9}))?S)?)?)",
    re.ASCII,
)
_UNITS_S = (604_800, 86_400, 3600, 60, 1)
_MOST_NS = 2**63 - 1


def series_of(
    values: list[Any], declared: PropertyType | None, index: pd.Index[Any], *, parse: bool = True
) -> pd.Series[Any]:
    """Return a column.

    Parameters
    ----------
    values : list
        Of each row; None where it has none.
    declared : PropertyType or None
        The property's type in the blueprint, where there is one.
    index : Index
        As long as ``values``.
    parse : bool
        Whether ISO texts of no declared type are taken for dates, times and durations.
    """
    import pandas as pd  # noqa: PLC0415 (heavy: imported when it is used)

    present = [value for value in values if value is not None]
    kinds = set(map(type, present))
    # json is no statement of what a value is
    wanted = None if declared is None or declared.type == "json" else declared.type
    missing = len(present) < len(values)
    if wanted == "reference":
        keys = [None if value is None else key_of(value) for value in values]
        return pd.Series(keys, index=index, dtype=None if _are_plain(keys) else object)
    if wanted == "select" and declared is not None and kinds <= {str}:
        return pd.Series(pd.Categorical(values, categories=list(declared.options)), index=index)
    if wanted == "boolean" or kinds == {bool}:
        if kinds <= {bool}:
            return pd.Series(values, index=index, dtype="boolean" if missing else "bool")
    elif wanted == "integer" or (wanted is None and kinds == {int}):
        if kinds <= {int} or (kinds <= {int, float} and all(v == int(v) for v in present)):
            return pd.Series(values, index=index, dtype="Int64" if missing else "int64")
    elif kinds <= {int, float} and (kinds or wanted in {"number", "currency"}):
        return pd.Series(values, index=index, dtype="float64")
    elif kinds == {str}:
        return _in_zone(_texts(values, present, wanted, index, parse), declared)
    elif not kinds and wanted is not None:
        return _in_zone(_empty(len(values), wanted, index), declared)
    return pd.Series(values, index=index, dtype=object)


def _texts(
    values: list[Any],
    present: list[str],
    wanted: ValueType | None,
    index: pd.Index[Any],
    parse: bool,
) -> pd.Series[Any]:
    """Return a column of texts, as what they stand for."""
    import pandas as pd  # noqa: PLC0415

    guess = wanted is None and parse
    tries: list[tuple[ValueType, Callable[..., pd.Series[Any] | None]]] = [
        ("date", _dates),
        ("datetime", _times),
        ("duration", _spans),
    ]
    for value_type, made_of in tries:
        if wanted == value_type or guess:
            column = made_of(values, present, index)
            if column is not None:
                return column
    return pd.Series(values, index=index)


def _in_zone(column: pd.Series[Any], declared: PropertyType | None) -> pd.Series[Any]:
    """Return instants by the clock of the property's time zone, where this machine knows it."""
    if declared is not None and declared.zone and getattr(column.dtype, "tz", None) is not None:
        with suppress(KeyError, ValueError):  # as zoneinfo, and pytz, say that there is none
            converted: pd.Series[Any] = column.dt.tz_convert(declared.zone)
            return converted
    return column


def _dates(values: list[Any], present: list[str], index: pd.Index[Any]) -> pd.Series[Any] | None:
    import pandas as pd  # noqa: PLC0415

    if not all(map(_DATE.fullmatch, present)):
        return None
    try:
        days = [None if value is None else date.fromisoformat(value) for value in values]
    except ValueError:  # the 30th of February
        return None
    return pd.Series(days, index=index, dtype=object)


def _times(values: list[Any], present: list[str], index: pd.Index[Any]) -> pd.Series[Any] | None:
    import pandas as pd  # noqa: PLC0415

    zones: set[str] = set()
    for value in present:
        found = _TIME.fullmatch(value)
        if found is None:
            return None
        zones.add((found[1] or "").upper())
    if "" in zones and len(zones) > 1:
        return None
    try:
        if "" in zones:
            return pd.Series(pd.to_datetime(values, format="ISO8601"), index=index)
        times = pd.to_datetime(values, format="ISO8601", utc=True)
    except ValueError:  # the 25th hour, or a year that pandas has not
        return None
    if len(zones) == 1 and (zone := zones.pop()) != "Z":
        times = times.tz_convert(zone)
    return pd.Series(times, index=index)


def _spans(values: list[Any], present: list[str], index: pd.Index[Any]) -> pd.Series[Any] | None:
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    totals: list[int] = []
    for value in present:
        found = _SPAN.fullmatch(value)
        if found is None:  # months and years have no length
            return None
        sign, *counts, fraction = found.groups()
        seconds = sum(int(count or 0) * unit for count, unit in zip(counts, _UNITS_S, strict=True))
        total = seconds * 1_000_000_000 + int((fraction or "").ljust(9, "0"))
        if total > _MOST_NS:
            return None
        totals.append(-total if sign else total)
    spans = np.full(len(values), np.timedelta64("NaT", "ns"), dtype="m8[ns]")
    spans[[value is not None for value in values]] = np.array(totals, dtype="m8[ns]")
    column = pd.Series(spans, index=index)
    # what pandas itself makes of texts, unless they are finer
    unit = pd.to_timedelta(["0s"]).unit
    return column.dt.as_unit(unit) if all(total % 1000 == 0 for total in totals) else column


def _empty(count: int, wanted: ValueType, index: pd.Index[Any]) -> pd.Series[Any]:
    """Return a column without any value, of the type that it would have."""
    import pandas as pd  # noqa: PLC0415

    dtypes = {
        "text": "str",
        "url": "str",
        "datetime": "datetime64[ns, UTC]",
        "duration": "timedelta64[ns]",
    }
    return pd.Series([None] * count, index=index, dtype=dtypes.get(wanted, "object"))


def _are_plain(keys: list[Any]) -> bool:
    return all(isinstance(key, str | int) for key in keys)
