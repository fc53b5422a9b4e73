"""A data frame as a type of a blueprint: what its columns hold becomes what properties may hold.

The other way round from :mod:`graph_ext.client.pandas.series`, so that what goes into a session
from a table comes out of it, anywhere, as it was:

=================================  =================================================
column                             value type
=================================  =================================================
whole numbers, numbers, booleans   integer, number, boolean
text                               text
``datetime.date``                  date
``datetime64`` with a zone         datetime, with that zone if it has a name
``timedelta64``                    duration
categories that are text           select, all categories as its options
anything else                      json
=================================  =================================================

Nothing is required, for a table may lack values. pandas is here only where it came in with a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from graph_ext.client.blueprint.annotations import Written
from graph_ext.core.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_column", "is_table", "written_column", "written_table"]

# columns that mean something else wherever they are called so
_MEANT = {
    "node_types": ("type", "name", "parent"),
    "link_types": ("source", "target", "key", "type"),
}

# what pandas.api.types.infer_dtype says of the values of a column of objects
_INFERRED = {
    "string": "text",
    "boolean": "boolean",
    "integer": "integer",
    "floating": "number",
    "mixed-integer-float": "number",
    "date": "date",
    "timedelta": "duration",
    "timedelta64": "duration",
}


def is_table(given: object) -> TypeGuard[pd.DataFrame]:
    """Tell whether something is a data frame."""
    return hasattr(given, "dtypes") and hasattr(given, "columns") and hasattr(given, "items")


def is_column(given: object) -> TypeGuard[pd.Series[Any]]:
    """Tell whether something is a column of one."""
    return hasattr(given, "dtype") and hasattr(given, "notna") and hasattr(given, "index")


def written_table(df: pd.DataFrame, kind: str) -> dict[str, Written]:
    """Return the properties that rows of a data frame have.

    Parameters
    ----------
    df : DataFrame
        As for ``add_nodes_from_pandas`` or ``add_edges_from_pandas``. Columns that mean something
        else there when nothing is said are left out, and their names without ``property:``.
    kind : {"node_types", "link_types"}
        Of what type.

    Raises
    ------
    SchemaError
        Two columns would be the same property.
    """
    meant = set(_MEANT[kind])
    if kind == "node_types" and all(
        name in df.columns and df[name].dtype.kind in "iuf" for name in ("x", "y")
    ):
        meant |= {"x", "y"}
    written: dict[str, Written] = {}
    for label in df.columns:
        if label in meant:
            continue
        name = str(label).removeprefix("property:")
        if name in written:
            raise SchemaError(f"two columns would be the property {name!r}")
        written[name] = written_column(df[label])
    return written


def written_column(column: pd.Series[Any]) -> Written:
    """Return the property that the values of a column are."""
    import pandas as pd  # noqa: PLC0415 (heavy, but it is there: it made the column)

    dtype: Any = column.dtype
    if isinstance(dtype, pd.SparseDtype):
        dtype = dtype.subtype
    if isinstance(dtype, pd.CategoricalDtype):
        options = list(dtype.categories)
        if options and all(isinstance(option, str) for option in options):
            return {"type": "select", "options": options}
        return written_column(pd.Series(dtype.categories))
    if isinstance(dtype, pd.DatetimeTZDtype):
        zone = getattr(dtype.tz, "key", None) or getattr(dtype.tz, "zone", None)
        return {"type": "datetime", "zone": zone} if zone else {"type": "datetime"}
    by_kind = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "m": "duration"}
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    return {"type": by_kind.get(dtype.kind) or _INFERRED.get(inferred, "json")}
