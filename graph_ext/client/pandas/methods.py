"""Tables in and out: data frames become nodes and edges, and a graph becomes data frames.

What columns become, and how types come back, is in :mod:`graph_ext.client.pandas.columns` and
:mod:`graph_ext.client.pandas.series`; which column means what, in
:mod:`graph_ext.client.pandas.frame`. pandas is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from graph_ext.client.elements.keys import key_of, link_key_of
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.pandas.edge_frame import EdgeFrame
from graph_ext.client.pandas.frame import PROPERTY, Frame
from graph_ext.client.pandas.node_frame import NodeFrame
from graph_ext.client.pandas.series import series_of
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.blueprint import Blueprint, PropertyType
from graph_ext.core.errors import GraphError, SchemaError
from graph_ext.core.events import NodeCreated, NodeLinked
from graph_ext.core.json_values import shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GraphFromTables", "GraphToTables"]


class GraphToTables(ReadableGraph):
    """A graph that can be looked at as tables."""

    def to_pandas(
        self,
        what: Literal["nodes", "edges"] = "nodes",
        *,
        type: str | None = None,  # noqa: A002 (as the blueprint calls it)
        parse: bool = True,
    ) -> pd.DataFrame:
        """Return the nodes or the edges as a data frame, as they stand now.

        Nodes have their key as index ``id``, and the columns ``type``, ``name``, ``parent``, ``x``
        and ``y``; edges have ``source``, ``target``, ``key`` and ``type``. Each property is one
        more column, missing where an element has none; one called like a column above is called
        ``property:type`` and so on. ``add_nodes_from_pandas`` takes all of it back.

        Parameters
        ----------
        what : {"nodes", "edges"}
            Which of them.
        type : str, optional
            Only those of this type.
        parse : bool
            Whether texts in ISO form, for which the blueprint has no type, become dates, times and
            durations where a whole column is of them.

        Returns
        -------
        DataFrame
            In the order of creation. Types of columns: :mod:`graph_ext.client.pandas.series`.

        Raises
        ------
        SchemaError
            `what` is neither.

        Examples
        --------
        >>> int(g.to_pandas("nodes", type="Task")["effort"].sum())
        18
        """
        import pandas as pd  # noqa: PLC0415 (heavy)

        if what not in {"nodes", "edges"}:
            raise SchemaError(f'what must be "nodes" or "edges", got {shown(what)}')
        replica = self.replica
        with replica.lock:
            blueprint = replica.graph.blueprint
            nodes, links = [], []
            if what == "nodes":
                nodes = [
                    node.created()
                    for node in replica.graph.nodes.values()
                    if type in {None, node.blueprint_type_id}
                ]
            else:
                links = [
                    link.created()
                    for link in replica.graph.links.values()
                    if type in {None, link.link_type_id}
                ]
        words: dict[str, Any]
        if what == "nodes":
            keys = [key_of(node.node_id) for node in nodes]
            index = pd.Index(keys, name="id", tupleize_cols=False)
            words = _node_words(nodes, index)
            found = [(node.blueprint_type_id, node.properties) for node in nodes]
            types = {name: node_type.properties for name, node_type in blueprint.node_types.items()}
        else:
            index = pd.RangeIndex(len(links))
            words = _edge_words(links, index, blueprint.directed)
            found = [(link.link_type_id, link.properties) for link in links]
            types = {name: link_type.properties for name, link_type in blueprint.link_types.items()}
        declared = _declared(types, dict.fromkeys(type_id for type_id, _ in found))
        columns: dict[str, list[Any]] = {name: [None] * len(found) for name in declared}
        for row, (_, properties) in enumerate(found):
            for name, value in properties.items():
                column = columns.get(name)
                if column is None:
                    column = columns[name] = [None] * len(found)
                column[row] = value
        for name, values in columns.items():
            label = f"{PROPERTY}{name}" if name in words or name.startswith(PROPERTY) else name
            words[label] = series_of(values, declared.get(name), index, parse=parse)
        return pd.DataFrame(words, index=index)


class GraphFromTables(GraphToTables, FollowedGraph):
    """A followed graph that takes tables in."""

    def add_nodes_from_pandas(  # noqa: PLR0913 (people give two or three of them)
        self,
        df: pd.DataFrame,
        *,
        id: str | None = None,  # noqa: A002
        type: str | None = None,  # noqa: A002
        name: str | None = None,
        parent: str | None = None,
        position: str | tuple[str, str] | None = None,
        properties: Sequence[str] | None = None,
        label: str = "",
        progress: bool | None = None,
    ) -> None:
        """Add a node for each row of a data frame, in one commit; what stands is updated.

        A missing value (NaN, NaT, NA, None) is a property that the node does not have; what a node
        that stands has already stays.

        Parameters
        ----------
        df : DataFrame
            One row for each node.
        id : str, optional
            The column with their keys. Left out, the index; where that only counts the rows, the
            column ``id``, if there is one.
        type : str, optional
            The column with their types, or the type of them all. Left out, the column ``type``
            where there is one.
        name : str, optional
            The column with what people see; left out, ``name``.
        parent : str, optional
            The column with the keys of their parents; left out, ``parent``. Parents may come later.
        position : str or (str, str), optional
            The column of pairs, or the two columns, of where they stand, in graph units; left out,
            ``x`` and ``y`` where both are numbers.
        properties : list of str, optional
            The columns that are properties; left out, all that mean nothing else.
        label : str
            What the history calls it.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 changes.

        Raises
        ------
        SchemaError
            A value can't be taken; the message names column and row.
        DuplicateIdError
            Two rows have the same key.
        GraphError
            Another refusal; nothing was changed.

        Examples
        --------
        >>> import pandas as pd
        >>> tasks = pd.DataFrame({"task": ["Paint"], "title": ["The paint"], "effort": [2.5]})
        >>> g.add_nodes_from_pandas(tasks, id="task", type="Task", name="title")
        >>> g.nodes["Paint"]
        NodeView('Paint', type='Task', name='The paint', {'effort': 2.5})
        """
        frame = NodeFrame(
            df,
            self._blueprint_now(),
            id=id,
            type=type,
            name=name,
            parent=parent,
            position=position,
            properties=properties,
        )
        self._carry_out_frame(frame, label or f"Table of {len(frame)} nodes", progress)

    def add_edges_from_pandas(  # noqa: PLR0913
        self,
        df: pd.DataFrame,
        *,
        source: str = "source",
        target: str = "target",
        type: str | None = None,  # noqa: A002
        key: str | None = None,
        properties: Sequence[str] | None = None,
        label: str = "",
        progress: bool | None = None,
    ) -> None:
        """Add a link for each row of a data frame, in one commit.

        Ends that do not stand are made, unless the blueprint has node types. With a key, the link
        of that key is updated where it stands; without one the row is the link that stands at its
        place, the second row between two nodes the second link. So the same table again changes
        nothing, and equal rows are parallel links (in a session without these, the last counts).

        Parameters
        ----------
        df : DataFrame
            One row for each link.
        source, target : str
            The columns with the keys of its ends.
        type : str, optional
            The column with their types, or the type of them all. Left out, the column ``type``
            where there is one.
        key : str, optional
            The column with what tells a link from others between the same nodes; left out, ``key``
            where there is one.
        properties : list of str, optional
            The columns that are properties; left out, all that mean nothing else.
        label : str
            What the history calls it.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 changes.

        Raises
        ------
        SchemaError
            A value can't be taken; the message names column and row.
        DuplicateIdError
            Two rows have the same ends and key.
        GraphError
            Another refusal; nothing was changed.

        Examples
        --------
        >>> import pandas as pd
        >>> needs = pd.DataFrame({"from": ["Design"], "to": ["Roof"], "days": [2]})
        >>> g.add_edges_from_pandas(needs, source="from", target="to", type="blocks")
        >>> g.edges["Design", "Roof"]["days"]
        2
        """
        frame = EdgeFrame(
            df,
            self._blueprint_now(),
            source=source,
            target=target,
            type=type,
            key=key,
            properties=properties,
        )
        self._carry_out_frame(frame, label or f"Table of {len(frame)} links", progress)

    def _blueprint_now(self) -> Blueprint:
        replica = self.replica
        with replica.lock:
            return replica.graph.blueprint

    def _carry_out_frame(self, frame: Frame, label: str, progress: bool | None) -> None:
        try:
            self.carry_out(frame.plan, label=label, progress=progress, batch=True)
        except GraphError as error:
            raise frame.explained(error) from error


def _node_words(nodes: list[NodeCreated], index: pd.Index[Any]) -> dict[str, Any]:
    """Return the columns that all nodes have."""
    import pandas as pd  # noqa: PLC0415

    parents = [None if node.parent_id is None else key_of(node.parent_id) for node in nodes]
    places = [node.position or (None, None) for node in nodes]
    return {
        "type": pd.Series([node.blueprint_type_id for node in nodes], index=index, dtype="str"),
        "name": pd.Series([node.name for node in nodes], index=index, dtype="str"),
        "parent": pd.Series(parents, index=index, dtype=object),
        "x": pd.Series([x for x, _ in places], index=index, dtype="float64"),
        "y": pd.Series([y for _, y in places], index=index, dtype="float64"),
    }


def _edge_words(links: list[NodeLinked], index: pd.Index[Any], directed: bool) -> dict[str, Any]:
    """Return the columns that all links have."""
    import pandas as pd  # noqa: PLC0415

    keys = [
        link_key_of(link.link_id, link.source_id, link.target_id, directed=directed)
        for link in links
    ]
    return {
        "source": _keys([key_of(link.source_id) for link in links], index),
        "target": _keys([key_of(link.target_id) for link in links], index),
        "key": _keys(keys, index),
        "type": pd.Series([link.link_type_id for link in links], index=index, dtype="str"),
    }


def _keys(keys: list[Any], index: pd.Index[Any]) -> pd.Series[Any]:
    import pandas as pd  # noqa: PLC0415

    kinds = set(map(type, keys))
    return pd.Series(keys, index=index, dtype="int64" if kinds == {int} else object)


def _declared(
    types: Mapping[str, Mapping[str, PropertyType]], met: Iterable[str]
) -> dict[str, PropertyType | None]:
    """Return the properties that the types that are met have; None where two differ."""
    declared: dict[str, PropertyType | None] = {}
    for type_id in met:
        for name, property_type in types.get(type_id, {}).items():
            known = declared.setdefault(name, property_type)
            if known is not None and (known.type, known.options) != (
                property_type.type,
                property_type.options,
            ):
                declared[name] = None
    return declared
