"""A shared graph's people: who is here, what they look at, and what they see of this process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from graph_ext.client.elements import ElementView
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.nodes import find_node, no_such_node
from graph_ext.client.plan import finite_numbers
from graph_ext.client.roster import People
from graph_ext.core.errors import SchemaError, UnavailableError
from graph_ext.core.json_values import shown

__all__ = ["GraphInCompany"]


class GraphInCompany(FollowedGraph):
    """A followed session with the people in it."""

    @property
    def people(self) -> People:
        """Who is here now, live: tabs, kernels and agents, this one included.

        Empty while the server is away.
        """
        return People(self._session.roster)

    def set_presence(
        self,
        *,
        selection: Iterable[object] | UnsetType = UNSET,
        cursor: Sequence[float] | None | UnsetType = UNSET,
        viewport: Sequence[float] | None | UnsetType = UNSET,
        editing: object = UNSET,
    ) -> None:
        """Let others see what this process is at. Returns at once; what is left out stays.

        Others see the newest state, some ten times a second at most, until this process is gone
        for 30 seconds.

        Parameters
        ----------
        selection : iterable
            Keys of nodes, or views of nodes and links (``g.nodes[key]``, ``g.edges[u, v]``); [] for
            nothing.
        cursor : (x, y), optional
            Graph units; None for none.
        viewport : (x, y, width, height), optional
            Graph units; None for none.
        editing : key or view, optional
            The element that is worked on; None for none.

        Raises
        ------
        GraphError
            NOT_FOUND (there is no such node), SCHEMA (no such numbers), UNAVAILABLE (this graph was
            closed).
        """
        if not self._release.alive:
            raise UnavailableError("this graph was closed", fix="open it again: gx.open(name)")
        changes: dict[str, Any] = {}
        if selection is not UNSET:
            changes["selection"] = [self._element_id(element) for element in selection]
        if cursor is not UNSET:
            changes["cursor"] = _numbers(cursor, 2, "the cursor")
        if viewport is not UNSET:
            changes["viewport"] = _numbers(viewport, 4, "the viewport")
        if editing is not UNSET:
            changes["editing"] = None if editing is None else self._element_id(editing)
        self._session.present(changes)

    def _element_id(self, element: object) -> str:
        if isinstance(element, ElementView):
            return element.element_id
        with self.replica.lock:
            graph = self.replica.graph
            node_id = find_node(graph, element)
            if node_id is not None:
                return node_id
            if isinstance(element, str) and element in graph.links:
                return element
            raise no_such_node(graph, element)


def _numbers(value: Sequence[float] | None, count: int, what: str) -> tuple[float, ...] | None:
    if value is None:
        return None
    numbers = finite_numbers(value, count)
    if numbers is None:
        raise SchemaError(f"{what} must be {count} finite numbers, got {shown(value)}")
    return numbers
