"""A data frame on its way into a session: which column means what, and which row is to blame.

Columns are converted whole (:mod:`graph_ext.client.pandas.columns`) when the frame is made;
``plan`` then only compares with the graph, as often as it has to.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graph_ext.client.elements.keys import node_id_of
from graph_ext.client.pandas.columns import column_values
from graph_ext.core.blueprint import PropertyType, ValueType
from graph_ext.core.commands import Edit
from graph_ext.core.errors import GraphError, SchemaError
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import did_you_mean, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PROPERTY", "Frame"]

PROPERTY = "property:"
"""Stands before the name of a property that a column of another meaning has already."""

_EDIT = re.compile(r"commands\[(\d+)\]\.?(?:properties\.(.*))?")


class Frame(ABC):
    """What nodes and edges in a data frame have in common.

    Parameters
    ----------
    df : DataFrame
        One row for each element.
    """

    def __init__(self, df: pd.DataFrame) -> None:
        if not hasattr(df, "columns") or not hasattr(df, "iloc"):
            raise SchemaError(f"a table must be a pandas data frame, got {shown(df)}")
        if df.columns.nlevels > 1:
            raise SchemaError(
                "the columns must have one name each, got several levels",
                fix='df.columns = df.columns.map(".".join)',
            )
        if not df.columns.is_unique:
            twice = df.columns[df.columns.duplicated()][0]
            raise SchemaError(f"two columns have the same name {shown(twice)}")
        self._df = df
        # the columns that mean something else than a property
        self._used: set[object] = set()
        # the rows of the edits of the last plan
        self._origins: list[int] = []

    def __len__(self) -> int:
        return len(self._df)

    @abstractmethod
    def plan(self, graph: Graph) -> list[Edit]:
        """Return what it takes to have a graph hold the rows (GraphError)."""

    def explained(self, error: GraphError) -> GraphError:
        """Return a refusal of the last plan with the row, and the column, that it means."""
        found = _EDIT.match(error.path or "")
        if found is None or int(found[1]) >= len(self._origins):
            return error
        where = self.place(self._origins[int(found[1])])
        if found[2]:
            where = f"column {shown(found[2])}, {where}"
        return type(error)(f"{where}: {error.message}", path=error.path, by=error.by, fix=error.fix)

    def place(self, row: int) -> str:
        """Return how messages call a row: counted from 0, with its label if that is another."""
        label = self._df.index[row]
        return f"row {row}" if label == row else f"row {row} ({shown(label)})"

    # --- what columns mean ------------------------------------------------------------------------

    def _column(self, name: object, what: str) -> pd.Series[Any]:
        """Return a column that is asked for, which then is no property."""
        if name not in self._df.columns:
            raise SchemaError(
                f"there is no column {shown(name)} for the {what}",
                fix=did_you_mean(str(name), map(str, self._df.columns))
                or f"there are {', '.join(map(shown, self._df.columns[:10]))}",
            )
        self._used.add(name)
        return self._df[name]

    def _maybe(
        self, name: str | None, default: str, properties: Sequence[str] | None, what: str
    ) -> pd.Series[Any] | None:
        """Return a column that is asked for, or the one that is called so by default."""
        if name is not None:
            return self._column(name, what)
        if default in self._df.columns and default not in (properties or ()):
            return self._column(default, what)
        return None

    def _types(self, type_id: str | None, properties: Sequence[str] | None) -> list[str]:
        """Return the type of each row: of a column, or the same for all."""
        if type_id is not None and type_id not in self._df.columns:
            return [str(type_id)] * len(self)  # not what g.node_type returns, but its name
        return self._texts(self._maybe(type_id, "type", properties, "types"), "type")

    def _texts(self, column: pd.Series[Any] | None, what: str) -> list[str]:
        """Return a text for each row, "" where there is none."""
        texts = [""] * len(self)
        if column is not None:
            for row, value in zip(*column_values(column, what, "text", self.place), strict=True):
                texts[row] = value if isinstance(value, str) else str(value)
        return texts

    def _ids(self, keys: Any, what: str, *, optional: bool = False) -> list[str | None]:
        """Return the node_id of each key of a column or an index."""
        import pandas as pd  # noqa: PLC0415

        missing = [False] * len(self) if isinstance(keys, pd.MultiIndex) else pd.isna(keys).tolist()
        ids: list[str | None] = []
        for row, (key, is_missing) in enumerate(zip(keys.tolist(), missing, strict=True)):
            if is_missing:
                if not optional:
                    raise SchemaError(f"{what}, {self.place(row)}: the key is missing")
                ids.append(None)
                continue
            try:
                ids.append(node_id_of(key))
            except SchemaError as error:
                raise SchemaError(
                    f"{what}, {self.place(row)}: {error.message}", fix=error.fix
                ) from None
        return ids

    def _properties(
        self,
        names: Sequence[str] | None,
        declared: Sequence[dict[str, PropertyType]],
    ) -> list[dict[str, Any]]:
        """Return the properties of each row."""
        if isinstance(names, str):
            raise SchemaError(
                f"properties must be a list of columns, got {shown(names)}",
                fix=f"properties=[{names!r}]",
            )
        labels: Sequence[Any] = names if names is not None else list(self._df.columns)
        found: list[dict[str, Any]] = [{} for _ in range(len(self))]
        for label in labels:
            if names is None and label in self._used:
                continue
            if label not in self._df.columns:
                self._column(label, "properties")
            name = str(label).removeprefix(PROPERTY)
            wanted = _wanted(name, declared)
            rows, values = column_values(self._df[label], name, wanted, self.place)
            if len(rows) == len(found):
                for properties, value in zip(found, values, strict=True):
                    properties[name] = value
            else:
                for row, value in zip(rows, values, strict=True):
                    found[row][name] = value
        return found


def _wanted(name: str, declared: Sequence[dict[str, PropertyType]]) -> ValueType | None:
    """Return the type of a property, if all types that have it agree."""
    found = {properties[name].type for properties in declared if name in properties}
    return found.pop() if len(found) == 1 else None
