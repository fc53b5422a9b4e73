"""A column of a data frame as values of a property: converted whole, not cell by cell.

========================  =====================================================================
column                    property
========================  =====================================================================
numbers, booleans, text   themselves; a whole number beyond 2**53-1 and infinity are refused
``datetime64``            ``2026-11-30T09:00:00``, with the offset of its zone if it has one
``datetime.date``         ``2026-11-30``
``timedelta64``           an ISO 8601 duration: ``P1DT2H30M``
categories                the value of each
NaN, NaT, NA, None        none: that element has no such property
========================  =====================================================================

A blueprint's type counts: ``datetime64`` at midnight into a date, 3.0 into an integer, a key into
a reference. The way back is in :mod:`graph_ext.client.pandas.series`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from graph_ext.client.elements.keys import node_id_of
from graph_ext.client.elements.values import json_value
from graph_ext.core.blueprint import ValueType
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import MAX_INTEGER, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Place", "column_values", "duration_text"]

Place = Callable[[int], str]
"""How a message calls the n-th row, counted from 0."""

_NS = {"D": 86_400_000_000_000, "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000}
_NS |= {"ms": 1_000_000, "us": 1000, "ns": 1}


def column_values(
    series: pd.Series[Any], name: str, wanted: ValueType | None, place: Place
) -> tuple[list[int], list[Any]]:
    """Return the values of a column as JSON has them.

    Parameters
    ----------
    series : Series
        The column.
    name : str
        What messages call it.
    wanted : ValueType or None
        The property's type in the blueprint, where there is one.
    place : callable
        Returns how messages call a row.

    Returns
    -------
    (rows, values)
        The rows (from 0) that have a value, ascending, and their values.

    Raises
    ------
    SchemaError
        A value has no JSON form, or is none of the type; the message names column and row.
    """
    import pandas as pd  # noqa: PLC0415 (heavy: imported when it is used)

    dtype: Any = series.dtype
    if isinstance(dtype, pd.SparseDtype):
        series = series.astype(dtype.subtype)
        dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _categories(series, name, wanted, place)
    present = series.notna().to_numpy(dtype=bool)
    rows: list[int] = present.nonzero()[0].tolist()
    found = series if len(rows) == len(series) else series[present]
    column = _Column(name, wanted, rows, place)
    if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype):
        raise SchemaError(
            f"column {shown(name)} has values of type {dtype}, which have no JSON form",
            fix="df[...].astype(str), or .dt.to_timestamp()",
        )
    if isinstance(dtype, pd.DatetimeTZDtype) or dtype.kind == "M":
        return rows, column.times(found)
    if dtype.kind == "m" and not isinstance(dtype, pd.ArrowDtype):
        return rows, column.spans(found)
    if wanted == "reference":
        return rows, [column.reference(index, value) for index, value in enumerate(found.tolist())]
    if dtype.kind == "b":
        return rows, found.astype(bool).tolist()
    if dtype.kind in "iu":
        return rows, column.integers(found)
    if dtype.kind == "f":
        return rows, column.numbers(found)
    return rows, [column.anything(index, value) for index, value in enumerate(found.tolist())]


def duration_text(total_ns: int) -> str:
    """Return nanoseconds as an ISO 8601 duration."""
    sign, left = ("-", -total_ns) if total_ns < 0 else ("", total_ns)
    days, left = divmod(left, _NS["D"])
    hours, left = divmod(left, _NS["h"])
    minutes, left = divmod(left, _NS["m"])
    seconds, fraction = divmod(left, _NS["s"])
    clock = f"{hours}H" if hours else ""
    if minutes:
        clock += f"{minutes}M"
    if fraction:
        clock += f"{seconds}.{fraction:09d}".rstrip("0") + "S"
    elif seconds or not (days or clock):
        clock += f"{seconds}S"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def _categories(
    series: pd.Series[Any], name: str, wanted: ValueType | None, place: Place
) -> tuple[list[int], list[Any]]:
    """Convert each category once."""
    import pandas as pd  # noqa: PLC0415

    codes = series.cat.codes.to_numpy()
    rows: list[int] = (codes >= 0).nonzero()[0].tolist()
    first = {int(code): row for row, code in reversed(list(enumerate(codes.tolist())))}
    used, values = column_values(
        pd.Series(series.cat.categories),
        name,
        wanted,
        lambda code: place(first[code]) if code in first else "a category",
    )
    by_code = dict(zip(used, values, strict=True))
    return rows, [by_code[code] for code in codes[rows].tolist()]


class _Column:
    """The values that a column has, on their way to JSON."""

    def __init__(self, name: str, wanted: ValueType | None, rows: list[int], place: Place) -> None:
        self._name = name
        self._wanted = wanted
        self._rows = rows
        self._place = place

    def refuse(self, index: int, problem: str, fix: str | None = None) -> SchemaError:
        return SchemaError(
            f"column {shown(self._name)}, {self._place(self._rows[index])}: {problem}", fix=fix
        )

    def integers(self, found: pd.Series[Any]) -> list[Any]:
        import numpy as np  # noqa: PLC0415

        numbers = found.to_numpy(dtype=np.uint64 if found.dtype.kind == "u" else np.int64)
        beyond = (numbers > MAX_INTEGER) | (numbers < -MAX_INTEGER)
        if beyond.any():
            index = int(beyond.argmax())
            raise self.refuse(
                index,
                f"a whole number must be within 2**53-1, got {numbers[index]}",
                "df[...].astype(str)",
            )
        whole: list[Any] = numbers.tolist()
        return whole

    def numbers(self, found: pd.Series[Any]) -> list[Any]:
        import numpy as np  # noqa: PLC0415

        numbers = found.to_numpy(dtype=np.float64)
        if np.isinf(numbers).any():
            index = int(np.isinf(numbers).argmax())
            raise self.refuse(index, f"a number must be finite, got {numbers[index]}")
        if self._wanted == "integer":  # pandas makes these of whole numbers where one is missing
            broken = (numbers != np.floor(numbers)) | (np.abs(numbers) > MAX_INTEGER)
            if broken.any():
                index = int(broken.argmax())
                raise self.refuse(index, f"must be a whole number, got {numbers[index]}")
            numbers = numbers.astype(np.int64)
        finite: list[Any] = numbers.tolist()
        return finite

    def times(self, found: pd.Series[Any]) -> list[Any]:
        import numpy as np  # noqa: PLC0415

        has_zone = getattr(found.dt, "tz", None) is not None
        clock: Any = (found.dt.tz_localize(None) if has_zone else found).to_numpy().astype("M8")
        if self._wanted == "date":
            days = clock.astype("M8[D]")
            if (days != clock).any():
                index = int((days != clock).argmax())
                raise self.refuse(
                    index,
                    f"must be a date without a time of day, got {clock[index]}",
                    "df[...].dt.normalize()",
                )
            return list(np.datetime_as_string(days, unit="D").tolist())
        if self._wanted == "datetime" and not has_zone and len(clock):
            raise self.refuse(
                0,
                f"must be a time with its zone, got {clock[0]}",
                'df[...].dt.tz_localize("UTC"), or the zone that is meant',
            )
        unit: Any = next(
            (unit for unit in ("s", "ms", "us") if (clock.astype(f"M8[{unit}]") == clock).all()),
            "ns",
        )
        if not has_zone:
            return list(np.datetime_as_string(clock, unit=unit).tolist())
        instants = found.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("M8")
        offsets = (clock - instants).astype("m8[s]").astype(np.int64)
        if (offsets % 60 != 0).any():  # as all had before there were zones: no format has these
            clock, offsets = instants, offsets * 0
        texts = np.datetime_as_string(clock, unit=unit).tolist()
        endings = {offset: _offset_text(offset) for offset in set(offsets.tolist())}
        return [text + endings[at] for text, at in zip(texts, offsets.tolist(), strict=True)]

    def spans(self, found: pd.Series[Any]) -> list[Any]:
        import numpy as np  # noqa: PLC0415

        spans = found.to_numpy()
        factor = _NS[np.datetime_data(spans.dtype)[0]]
        return [duration_text(count * factor) for count in spans.astype(np.int64).tolist()]

    def reference(self, index: int, value: object) -> str:
        try:
            return node_id_of(value)
        except SchemaError as error:
            raise self.refuse(index, error.message) from None

    def anything(self, index: int, value: Any) -> Any:
        if isinstance(value, timedelta):
            nanoseconds = getattr(value, "nanoseconds", 0)  # pandas' own have these beside
            value = duration_text(value // timedelta(microseconds=1) * 1000 + nanoseconds)
        elif (
            self._wanted == "date"
            and isinstance(value, date)
            and isinstance(value, datetime)
            and value.time() == time()
        ):
            value = value.date()
        try:
            return json_value(value, self._name, lambda: "")
        except SchemaError as error:
            problem = error.message.removeprefix(f"{self._name} of ").strip()
            raise self.refuse(index, problem) from None


def _offset_text(seconds: int) -> str:
    if not seconds:
        return "Z"
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"
