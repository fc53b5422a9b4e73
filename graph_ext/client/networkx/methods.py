"""What networkx, igraph and rustworkx are given of a graph, live or past: ``g.nx`` and copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graph_ext.client.readable import ReadableGraph

if TYPE_CHECKING:
    import igraph
    import networkx
    import rustworkx

__all__ = ["GraphForNetworkX"]


class GraphForNetworkX(ReadableGraph):
    """A graph that networkx can read, and may change."""

    # networkx's functions take it as it is: see networkx/backend.py
    __networkx_backend__ = "graph_ext"

    # the view, made when it is first asked for; and `g.nx.graph`, which is this process's own
    _networkx: Any = None
    _networkx_attributes: dict[str, Any] | None = None

    @property
    def nx(self) -> networkx.MultiDiGraph[Any]:
        """The session as a graph of networkx's own class: live, and what it changes is changed.

        A session that is directed and has parallel links (the default) is a MultiDiGraph, others
        are the three others: see ``directed`` and ``multigraph`` of :func:`graph_ext.open`. It
        follows whole commits: what others change is there at the next look. Attributes are read
        where they stand; one that is a list or a dict is a copy. ``g.nx.graph`` is this process's
        own: a session has no attributes of the whole graph. In a batch it is what the batch has
        made of the session.

        Examples
        --------
        >>> import networkx
        >>> g.nx.add_edge("Build", "Roof", weight=2)
        0
        >>> networkx.shortest_path(g.nx, "Design", "Roof")
        ['Design', 'Build', 'Roof']
        """
        from graph_ext.client.networkx.view import live_view  # noqa: PLC0415 (networkx is heavy)

        self._networkx = live_view(self, self._networkx, self._whole())
        view: networkx.MultiDiGraph[Any] = self._networkx
        return view

    def is_directed(self) -> bool:
        """Tell whether links have a direction."""
        with self.replica.lock:
            return self.replica.graph.blueprint.directed

    def is_multigraph(self) -> bool:
        """Tell whether there may be several links between two nodes."""
        with self.replica.lock:
            return self.replica.graph.blueprint.multigraph

    def to_networkx(self) -> networkx.MultiDiGraph[Any]:
        """Return a copy as networkx's own Graph, DiGraph, MultiGraph or MultiDiGraph.

        ``type``, ``name``, ``pos`` and ``parent`` are attributes like all others.
        """
        from graph_ext.client.networkx.view import plain  # noqa: PLC0415 (networkx is heavy)

        copied: networkx.MultiDiGraph[Any] = plain(self.nx)
        return copied

    def to_igraph(self) -> igraph.Graph:
        """Return a copy as igraph's Graph; ``g.update`` of it gives the same again.

        A vertex's ``name`` is the node's key, as text. What igraph has no place for stands in
        attributes: keys that are no text and keys of parallel edges in ``graph_ext_key``, a node's
        own ``name`` in ``graph_ext_name``. An attribute that some elements do not have is None on
        them.
        """
        from graph_ext.client.networkx.others import to_igraph  # noqa: PLC0415 (heavy)

        return to_igraph(self.to_networkx())

    def to_rustworkx(self) -> rustworkx.PyGraph[Any, Any] | rustworkx.PyDiGraph[Any, Any]:
        """Return a copy as rustworkx's PyGraph or PyDiGraph; ``g.update`` of it gives the same.

        The payload of a node or an edge is a dict of its attributes, with its key as ``key``.
        """
        from graph_ext.client.networkx.others import to_rustworkx  # noqa: PLC0415 (heavy)

        return to_rustworkx(self.to_networkx())

    def keep_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Note attributes of a whole graph that came in, for ``g.nx.graph`` in this process."""
        self._whole().update(attributes)

    def _whole(self) -> dict[str, Any]:
        if self._networkx_attributes is None:
            self._networkx_attributes = {}
        return self._networkx_attributes
