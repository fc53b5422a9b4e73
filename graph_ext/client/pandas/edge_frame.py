"""Links in a data frame: which stand already, which are made, and with which ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graph_ext.client.editing.incoming_graph import StandingLinks
from graph_ext.client.editing.plan import update_link
from graph_ext.client.elements.keys import link_id_of
from graph_ext.client.elements.links import links_between
from graph_ext.client.pandas.frame import Frame
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import CreateNode, Edit, LinkNodes
from graph_ext.core.errors import DuplicateIdError, GraphError
from graph_ext.core.graph import Graph, Link
from graph_ext.core.json_values import shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EdgeFrame"]


class EdgeFrame(Frame):
    """Links in a data frame; arguments as for ``add_edges_from_pandas``."""

    def __init__(  # noqa: PLR0913
        self,
        df: pd.DataFrame,
        blueprint: Blueprint,
        *,
        source: str,
        target: str,
        type: str | None,  # noqa: A002
        key: str | None,
        properties: Sequence[str] | None,
    ) -> None:
        super().__init__(df)
        self._ends: list[tuple[list[str], list[Any]]] = []
        for name, what in ((source, "sources"), (target, "targets")):
            column = self._column(name, what)
            ids = [str(node_id) for node_id in self._ids(column, f"column {shown(name)}")]
            self._ends.append((ids, column.tolist()))
        keys = self._maybe(key, "key", properties, "keys")
        self._keys: list[Any] = [None] * len(self)
        if keys is not None:
            self._ids(keys, f"column {shown(keys.name)}", optional=True)  # whether they are keys
            missing = keys.isna().tolist()
            self._keys = [
                None if is_missing else found
                for found, is_missing in zip(keys.tolist(), missing, strict=True)
            ]
        self._type_ids = self._types(type, properties)
        declared = [
            blueprint.link_types[type_id].properties
            for type_id in dict.fromkeys(self._type_ids)
            if type_id in blueprint.link_types
        ]
        self._values = self._properties(properties, declared)

    def plan(self, graph: Graph) -> list[Edit]:
        """Return what it takes to have a graph hold the rows, missing ends first.

        Raises
        ------
        SchemaError
            A link that stands has another type.
        DuplicateIdError
            Two rows have the same ends and key.
        """
        edits: list[Edit] = []
        self._origins = []
        (sources, _), (targets, _) = self._ends
        if not graph.blueprint.node_types:
            made: set[str] = set()
            for ids, keys in self._ends:
                for row, (node_id, key) in enumerate(zip(ids, keys, strict=True)):
                    if node_id not in graph.nodes and node_id not in made:
                        made.add(node_id)
                        name = key if isinstance(key, str) and key != node_id else ""
                        edits.append(CreateNode(node_id, name=name))
                        self._origins.append(row)
        found = _RowLinks(graph)
        for row, (source_id, target_id, type_id, key, values) in enumerate(
            zip(sources, targets, self._type_ids, self._keys, self._values, strict=True)
        ):
            try:
                found.add(edits, LinkNodes(source_id, target_id, type_id, None, values), key)
            except GraphError as error:
                raise type(error)(f"{self.place(row)}: {error.message}", fix=error.fix) from None
            self._origins += [row] * (len(edits) - len(self._origins))
        return edits


class _RowLinks:
    """Finds, row by row, what it takes to have a graph hold a link."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._directed = graph.blueprint.directed
        self._simple = not graph.blueprint.multigraph
        self._standing = StandingLinks(graph)
        # the keyed links so far; and in a simple graph, where the link between two nodes stands
        self._met: set[str] = set()
        self._places: dict[tuple[str, str], int] = {}

    def add(self, edits: list[Edit], wanted: LinkNodes, key: object) -> None:
        """Add what it takes to the edits (SchemaError, DuplicateIdError)."""
        source_id, target_id, type_id = wanted.source_id, wanted.target_id, wanted.link_type_id
        link: Link | None = None
        link_id: str | None = None
        if key is not None:
            link_id = link_id_of(source_id, target_id, key, directed=self._directed)
            if link_id in self._met:
                raise DuplicateIdError(f"a row before has the same ends and the key {shown(key)}")
            self._met.add(link_id)
            link = self._of_key(link_id, str(key), source_id, target_id)
        elif self._simple:
            if self._merged(edits, wanted):
                return
            between = links_between(self._graph, source_id, target_id) if self._graph.links else []
            link = next(iter(between), None)
        else:
            link = self._standing.next(source_id, target_id, type_id)
        if link is not None:
            edits += update_link(link, type_id, wanted.properties)
        else:
            edits.append(LinkNodes(source_id, target_id, type_id, link_id, wanted.properties))

    def _of_key(self, link_id: str, text: str, source_id: str, target_id: str) -> Link | None:
        """Return the link of a key, which for links made without one is their id."""
        links = self._graph.links
        if link_id in links:
            return links[link_id]
        link = links.get(text)
        if link is None:
            return None
        ends = (link.source_id, link.target_id)
        same = ends == (source_id, target_id)
        return link if same or (not self._directed and ends == (target_id, source_id)) else None

    def _merged(self, edits: list[Edit], wanted: LinkNodes) -> bool:
        """Put a row of a simple graph over one before it between the same nodes; tell whether."""
        ends = (wanted.source_id, wanted.target_id)
        if not self._directed and ends[1] < ends[0]:
            ends = (ends[1], ends[0])
        at = self._places.get(ends)
        if at is None:
            self._places[ends] = len(edits)
            return False
        before = edits[at] if at < len(edits) else None
        if not isinstance(before, LinkNodes):
            return False
        edits[at] = LinkNodes(
            before.source_id,
            before.target_id,
            wanted.link_type_id or before.link_type_id,
            before.link_id,
            {**before.properties, **wanted.properties},
        )
        return True
