"""``g.edges`` and ``g.edges[u, v]``: a graph's links by their ends, as networkx has edges."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import TYPE_CHECKING, Any

from graph_ext.client.elements.keys import EdgeKey, Key, key_of, link_id_of, link_key_of
from graph_ext.client.elements.nodes import find_node
from graph_ext.client.elements.view import ElementView
from graph_ext.core.errors import ConflictError, NotFoundError, SchemaError
from graph_ext.core.graph import Graph, Link
from graph_ext.core.json_values import shown

if TYPE_CHECKING:
    from graph_ext.client.readable import ReadableGraph

__all__ = ["LinkView", "LinksView", "find_links", "links_between", "several_links"]

EdgeName = tuple[Key, Key, EdgeKey]
"""(u, v, key)"""


def find_links(graph: Graph, source: object, target: object, key: object = None) -> list[Link]:
    """Return the links between two nodes (under a key), oldest first.

    Of an undirected graph those of either direction are meant.
    """
    source_id, target_id = find_node(graph, source), find_node(graph, target)
    if source_id is None or target_id is None:
        return []
    directed = graph.blueprint.directed
    if key is not None:
        link_ids = [link_id_of(source_id, target_id, key, directed=directed), str(key)]
        found = [graph.links[link_id] for link_id in link_ids if link_id in graph.links]
        ends = [(source_id, target_id), (target_id, source_id)][: 1 if directed else 2]
        return [link for link in found if (link.source_id, link.target_id) in ends][:1]
    return links_between(graph, source_id, target_id)


def links_between(graph: Graph, source_id: str, target_id: str) -> list[Link]:
    """Return the links from one node to another, oldest first; undirected, then those back."""
    found = _leading(graph, source_id, target_id)
    if not graph.blueprint.directed and source_id != target_id:
        found += _leading(graph, target_id, source_id)
    return found


def several_links(graph: Graph, source: object, target: object, found: list[Link]) -> ConflictError:
    """Return the error for two nodes between which there are several links."""
    keys = ", ".join(shown(_name(graph, link)[2]) for link in found[:5])
    return ConflictError(
        f"{len(found)} links lead from {shown(source)} to {shown(target)}"
        f" (keys {keys}{', ...' if len(found) > 5 else ''})",
        fix="say which: (u, v, key)",
    )


def _leading(graph: Graph, source_id: str, target_id: str) -> list[Link]:
    # from the end that has fewer links: a hub has thousands
    if graph.out_degree(source_id) <= graph.in_degree(target_id):
        return [link for link in graph.out_links(source_id) if link.target_id == target_id]
    return [link for link in graph.in_links(target_id) if link.source_id == source_id]


class LinkView(ElementView):
    """A link: its properties as a dict, and its ends, type and key."""

    __slots__ = ("link_id",)

    def __init__(self, graph: ReadableGraph, link_id: str) -> None:
        super().__init__(graph)
        self.link_id = link_id

    @property
    def source(self) -> Key:
        """The key of the node it comes from."""
        return key_of(self._link().source_id)

    @property
    def target(self) -> Key:
        """The key of the node it leads to."""
        return key_of(self._link().target_id)

    @property
    def type(self) -> str:
        """Its type in the blueprint, "" for none; chosen when the link is made."""
        return self._link().link_type_id

    @property
    def key(self) -> EdgeKey:
        """What tells it from other links between the same nodes; its link_id, if none was given."""
        return _name(self._graph.replica.graph, self._link())[2]

    def __repr__(self) -> str:
        link = self._link()
        about = f", type={link.link_type_id!r}" if link.link_type_id else ""
        ends = f"{key_of(link.source_id)!r}, {key_of(link.target_id)!r}"
        return f"LinkView({ends}, key={self.key!r}{about}, {self._own_properties()!r})"

    def _link(self) -> Link:
        link = self._graph.replica.link(self.link_id)
        if link is None:
            raise NotFoundError(f"{self._named()} was deleted")
        return link

    def _properties(self) -> dict[str, Any]:
        return self._link().properties

    @property
    def element_id(self) -> str:
        """Its link_id."""
        return self.link_id

    def _target(self) -> dict[str, str]:
        return {"link_id": self.link_id}

    def _named(self) -> str:
        return f"link {shown(self.link_id)}"


class LinksView(Mapping[tuple[Any, ...], LinkView]):
    """A graph's links by (u, v, key), in the order of creation.

    ``g.edges[u, v]`` finds the only link between two nodes, ``g.edges[link_id]`` any. Iteration
    goes over those that stand when it begins.
    """

    __slots__ = ("_graph",)

    def __init__(self, graph: ReadableGraph) -> None:
        self._graph = graph

    def __getitem__(self, edge: object) -> LinkView:
        replica = self._graph.replica
        with replica.lock:
            found = _find(replica.graph, edge)
            if len(found) > 1:
                raise several_links(replica.graph, edge[0], edge[1], found)  # type: ignore[index]
        if not found:
            raise NotFoundError(f"there is no link {shown(edge)}", fix=self._other_way(edge))
        return LinkView(self._graph, found[0].link_id)

    def _other_way(self, edge: object) -> str | None:
        match edge:
            case (u, v) if (v, u) in self:
                return f"one leads the other way: {shown((v, u))}"
        return None

    def __contains__(self, edge: object) -> bool:
        replica = self._graph.replica
        try:
            with replica.lock:
                return bool(_find(replica.graph, edge))
        except (TypeError, SchemaError):
            return False

    def __iter__(self) -> Iterator[EdgeName]:
        graph, links = self._links()
        return (_name(graph, link) for link in links)

    def __len__(self) -> int:
        replica = self._graph.replica
        with replica.lock:
            return len(replica.graph.links)

    def __call__(
        self, data: bool | str = False, default: object = None, *, keys: bool = False
    ) -> list[Any]:
        """List (u, v), with ``keys`` (u, v, key); ``data``: also all properties, or that one."""
        graph, links = self._links()
        listed: list[Any] = []
        for link in links:
            name: tuple[Any, ...] = _name(graph, link) if keys else _ends(link)
            if data is True:
                name += (dict(link.properties),)
            elif data is not False:
                name += (link.properties.get(data, default),)
            listed.append(name)
        return listed

    def items(self) -> ItemsView[EdgeName, LinkView]:
        """The links with their names, as they stand now."""
        return self._as_dict().items()

    def values(self) -> ValuesView[LinkView]:
        """The links, as they stand now."""
        return self._as_dict().values()

    def __repr__(self) -> str:
        first = [repr(edge) for edge, _ in zip(self, range(10), strict=False)]
        more = [f"... ({len(self)} in all)"] if len(self) > len(first) else []
        return f"LinksView([{', '.join(first + more)}])"

    def _links(self) -> tuple[Graph, list[Link]]:
        replica = self._graph.replica
        with replica.lock:
            return replica.graph, list(replica.graph.links.values())

    def _as_dict(self) -> dict[EdgeName, LinkView]:
        graph, links = self._links()
        return {_name(graph, link): LinkView(self._graph, link.link_id) for link in links}


def _find(graph: Graph, edge: object) -> list[Link]:
    if isinstance(edge, str):
        return [graph.links[edge]] if edge in graph.links else []
    if isinstance(edge, tuple) and len(edge) in {2, 3}:
        return find_links(graph, *edge)
    raise TypeError(f"an edge is (u, v), (u, v, key) or a link_id, got {shown(edge)}")


def _ends(link: Link) -> tuple[Key, Key]:
    return key_of(link.source_id), key_of(link.target_id)


def _name(graph: Graph, link: Link) -> EdgeName:
    key = link_key_of(
        link.link_id, link.source_id, link.target_id, directed=graph.blueprint.directed
    )
    return (*_ends(link), key)
