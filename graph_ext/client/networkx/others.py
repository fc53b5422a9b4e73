"""igraph's and rustworkx's graphs in and out, attributes included.

igraph numbers its vertices and lets them have names: a vertex with a ``name`` is the node of that
key, any other that of its number. rustworkx numbers them, too, and each node and edge has one
payload of any kind: a dict of text is its attributes, and its ``key`` there, as
:func:`to_rustworkx` writes it, the node's key; any other payload, but None, is the attribute
``data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import igraph
    import rustworkx

__all__ = [
    "from_igraph",
    "from_rustworkx",
    "is_igraph",
    "is_rustworkx",
    "to_igraph",
    "to_rustworkx",
]

Elements = tuple[list[Any], list[Any], dict[str, Any]]
"""nodes (key, attributes), edges (u, v, key or None, attributes), attributes of the whole"""


def is_igraph(graph: object) -> bool:
    """Tell whether something is a graph of igraph's, without loading igraph."""
    return type(graph).__module__.partition(".")[0] == "igraph" and hasattr(graph, "vs")


def is_rustworkx(graph: object) -> bool:
    """Tell whether something is a graph of rustworkx's, without loading rustworkx."""
    return type(graph).__module__.partition(".")[0] == "rustworkx" and hasattr(
        graph, "node_indices"
    )


def from_igraph(graph: igraph.Graph) -> Elements:
    """Return what is in a graph of igraph's."""
    keys: list[Any] = []
    nodes: list[Any] = []
    named = "name" in graph.vs.attributes()
    for vertex in graph.vs:
        attributes = vertex.attributes()
        key = vertex.index
        if named:
            name = attributes.pop("name")
            key = vertex.index if name is None else name
        # how to_igraph writes a key that is no text, and a name that is not the key
        written = attributes.pop(_KEY, None)
        key = key if written is None else _key(written)
        if (label := attributes.pop(_NAME, None)) is not None:
            attributes["name"] = label
        keys.append(key)
        nodes.append((key, _without_none(attributes)))
    edges = []
    for edge in graph.es:
        attributes = edge.attributes()
        key = attributes.pop(_KEY, None)
        edges.append((keys[edge.source], keys[edge.target], _key(key), _without_none(attributes)))
    return nodes, edges, {name: graph[name] for name in graph.attributes()}


def to_igraph(graph: Any) -> igraph.Graph:
    """Return a networkx graph as igraph's: a vertex's ``name`` is the node's key, as text.

    A key that is no text stands in the attribute ``graph_ext_key`` as well, and so do the keys of
    parallel edges; a node's own attribute ``name`` in ``graph_ext_name``.
    """
    import igraph  # noqa: PLC0415 (heavy)

    numbers = {key: number for number, key in enumerate(graph)}
    made = igraph.Graph(n=len(numbers), directed=graph.is_directed())
    for name, value in graph.graph.items():
        made[str(name)] = value
    vertices: list[dict[str, Any]] = []
    for key, attributes in graph.nodes(data=True):
        values = dict(attributes)
        if "name" in values:
            values[_NAME] = values.pop("name")
        if not isinstance(key, str):
            values[_KEY] = key
        vertices.append({**values, "name": key if isinstance(key, str) else str(key)})
    for name, column in _columns(vertices).items():
        made.vs[name] = column
    ends, rows = [], []
    for u, v, key, attributes in _edges(graph):
        ends.append((numbers[u], numbers[v]))
        rows.append(dict(attributes) if key is None else {**attributes, _KEY: key})
    made.add_edges(ends)
    for name, column in _columns(rows).items():
        made.es[name] = column
    return made


def from_rustworkx(graph: rustworkx.PyGraph[Any, Any] | rustworkx.PyDiGraph[Any, Any]) -> Elements:
    """Return what is in a graph of rustworkx's."""
    keys: dict[int, Any] = {}
    nodes: list[Any] = []
    for number in graph.node_indices():
        attributes = _payload(graph[number])
        keys[number] = _key(attributes.pop("key", number))
        nodes.append((keys[number], attributes))
    edges = []
    for source, target, payload in graph.weighted_edge_list():
        attributes = _payload(payload)
        key = attributes.pop("key", None)
        edges.append((keys[source], keys[target], _key(key), attributes))
    attrs = graph.attrs
    return nodes, edges, dict(attrs) if isinstance(attrs, Mapping) else {}


def to_rustworkx(graph: Any) -> rustworkx.PyGraph[Any, Any] | rustworkx.PyDiGraph[Any, Any]:
    """Return a networkx graph as rustworkx's: payloads are dicts of attributes and the ``key``."""
    import rustworkx  # noqa: PLC0415 (heavy)

    kind = rustworkx.PyDiGraph if graph.is_directed() else rustworkx.PyGraph
    made: Any = kind(multigraph=graph.is_multigraph(), attrs=dict(graph.graph))
    entries = [{**attributes, "key": key} for key, attributes in graph.nodes(data=True)]
    numbers = dict(zip(graph, made.add_nodes_from(entries), strict=True))
    made.add_edges_from(
        [
            (
                numbers[u],
                numbers[v],
                dict(attributes) if key is None else {**attributes, "key": key},
            )
            for u, v, key, attributes in _edges(graph)
        ]
    )
    filled: rustworkx.PyGraph[Any, Any] | rustworkx.PyDiGraph[Any, Any] = made
    return filled


_KEY = "graph_ext_key"
_NAME = "graph_ext_name"


def _edges(graph: Any) -> Any:
    if graph.is_multigraph():
        return graph.edges(keys=True, data=True)
    return ((u, v, None, attributes) for u, v, attributes in graph.edges(data=True))


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _without_none(attributes: dict[str, Any]) -> dict[str, Any]:
    """Leave out what an element does not have: igraph has every attribute on every element."""
    return {name: value for name, value in attributes.items() if value is not None}


def _payload(payload: Any) -> dict[str, Any]:
    if payload is None:
        return {}
    if isinstance(payload, Mapping) and all(isinstance(name, str) for name in payload):
        return dict(payload)
    return {"data": payload}


def _key(key: Any) -> Any:
    """Return a key; files turn tuples into lists."""
    return tuple(map(_key, key)) if isinstance(key, list) else key
