"""Nodes in a data frame: keys, types, names, parents and positions, and the commands they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graph_ext.client.editing.plan import position_of, update_node
from graph_ext.client.editing.update import parents_first
from graph_ext.client.pandas.frame import Frame
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import CreateNode, Edit
from graph_ext.core.errors import DuplicateIdError, SchemaError
from graph_ext.core.events import Position
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NodeFrame"]


class NodeFrame(Frame):
    """Nodes in a data frame; arguments as for ``add_nodes_from_pandas``."""

    def __init__(  # noqa: PLR0913
        self,
        df: pd.DataFrame,
        blueprint: Blueprint,
        *,
        id: str | None,  # noqa: A002
        type: str | None,  # noqa: A002
        name: str | None,
        parent: str | None,
        position: str | tuple[str, str] | None,
        properties: Sequence[str] | None,
    ) -> None:
        super().__init__(df)
        if id is None and _only_counts(df.index) and "id" in df.columns:
            id = None if "id" in (properties or ()) else "id"  # noqa: A001
        keys = df.index if id is None else self._column(id, "keys")
        what = "the index" if id is None else f"column {shown(id)}"
        ids = [str(node_id) for node_id in self._ids(keys, what)]
        self._refuse_twice(ids, keys)
        types = self._types(type, properties)
        names = self._texts(self._maybe(name, "name", properties, "names"), "name")
        column = self._maybe(parent, "parent", properties, "parents")
        parents: list[str | None] = [None] * len(self)
        if column is not None:
            parents = self._ids(column, f"column {shown(column.name)}", optional=True)
        positions = self._positions(position, properties)
        declared = [
            blueprint.node_types[type_id].properties
            for type_id in dict.fromkeys(types)
            if type_id in blueprint.node_types
        ]
        values = self._properties(properties, declared)
        # a key whose node_id has quotes around it is shown without them
        texts = [key if isinstance(key, str) else "" for key in keys.tolist()]
        self._commands = {
            node_id: CreateNode(
                node_id,
                parents[row],
                types[row],
                names[row] or (texts[row] if texts[row] != node_id else ""),
                None,
                positions[row],
                values[row],
            )
            for row, node_id in enumerate(ids)
        }
        self._rows = {node_id: row for row, node_id in enumerate(ids)}

    def plan(self, graph: Graph) -> list[Edit]:
        """Return what it takes to have a graph hold the rows, parents first.

        Raises
        ------
        SchemaError
            A node that stands has another type.
        """
        edits: list[Edit] = []
        self._origins = []
        for command in parents_first(self._commands):
            node = graph.nodes.get(command.node_id or "")
            row = self._rows[command.node_id or ""]
            if node is None:
                edits.append(command)
            else:
                try:
                    edits += update_node(node, command)
                except SchemaError as error:
                    raise SchemaError(
                        f"{self.place(row)}: {error.message}", fix=error.fix
                    ) from None
            self._origins += [row] * (len(edits) - len(self._origins))
        return edits

    def _refuse_twice(self, ids: list[str], keys: Any) -> None:
        if len(set(ids)) == len(ids):
            return
        rows: dict[str, int] = {}
        for row, node_id in enumerate(ids):
            if node_id in rows:
                raise DuplicateIdError(
                    f"{self.place(rows[node_id])} and {self.place(row)} have the same key "
                    f"{shown(keys.tolist()[row])}",
                    fix="df.drop_duplicates(...)",
                )
            rows[node_id] = row

    def _positions(
        self, position: str | tuple[str, str] | None, properties: Sequence[str] | None
    ) -> list[Position | None]:
        df = self._df
        if position is None:
            numeric = all(
                name in df.columns
                and name not in self._used
                and name not in (properties or ())
                and df[name].dtype.kind in "iuf"
                for name in ("x", "y")
            )
            if not numeric:
                return [None] * len(self)
            position = ("x", "y")
        if isinstance(position, str):
            column = self._column(position, "positions")
            pairs = column.tolist()
            missing = column.isna().tolist()
        else:
            x, y = (self._column(name, "positions") for name in position)
            pairs = list(zip(x.tolist(), y.tolist(), strict=True))
            missing = (x.isna() & y.isna()).tolist()
        return [
            None if is_missing else self._position(pair, row)
            for row, (pair, is_missing) in enumerate(zip(pairs, missing, strict=True))
        ]

    def _position(self, pair: object, row: int) -> Position | None:
        if type(pair) is tuple and len(pair) == 2:
            x, y = pair
            if type(x) is float and type(y) is float and x - x == 0 == y - y:  # finite
                return (x, y)
        return position_of(pair, lambda: f"{self.place(row)}")


def _only_counts(index: pd.Index[Any]) -> bool:
    """Tell whether an index is the one that pandas gives where people have given none."""
    import pandas as pd  # noqa: PLC0415

    return isinstance(index, pd.RangeIndex) and index.name is None
