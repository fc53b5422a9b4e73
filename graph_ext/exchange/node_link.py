"""Node-link JSON as networkx, d3, sigma and graphology know it: ``{"nodes": [], "links": []}``.

Written in networkx's form. Beside its properties a node then has ``name``, ``type``,
``parent_id``, ``x`` and ``y``, a link ``key`` (its link_id) and ``type``; a property of such a
name stands in ``properties`` instead. ``graph.graph_ext`` says that it was written so.
"""

from __future__ import annotations

import json
import re
from typing import Any

from graph_ext.core.errors import BadMessageError
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import MAX_INTEGER, shown
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.forest import nodes_in_order
from graph_ext.exchange.graph_file import GraphFile, Limits, Note, Notes
from graph_ext.exchange.json_text import apart, compact, file_id, loaded, scalar_text

__all__ = ["from_value", "read", "write"]

# the reserved names; "attributes" and "undirected" are graphology's
_NODE_WORDS = frozenset({"id", "name", "type", "parent_id", "x", "y", "properties", "attributes"})
_LINK_WORDS = frozenset(
    {"source", "target", "key", "type", "properties", "attributes", "undirected"}
)
_MARK = "graph_ext"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,15})\Z")

_Object = dict[str, Any]


def read(body: bytes, limits: Limits) -> GraphFile:
    """Read a node-link JSON file.

    Raises
    ------
    BadMessageError
        It is no JSON, or has no nodes.
    TooLargeError
        It is over a limit.
    """
    collector = Collector(limits)
    return from_value(loaded(body, collector.notes, limits), collector)


def from_value(value: object, collector: Collector) -> GraphFile:
    """Read what a JSON file holds; as :func:`read`."""
    if isinstance(value, dict) and "nodes" not in value:
        value = _inner(value, collector)
    if isinstance(value, dict) and isinstance(value.get("nodes"), dict):
        # JSON Graph Format has the nodes by their ids
        value = {**value, "nodes": [_with_id(*item) for item in value["nodes"].items()]}
    if not isinstance(value, dict) or not isinstance(nodes := value.get("nodes"), list):
        raise BadMessageError('a node-link JSON file must be an object with a list "nodes"')
    links = value.get("links")
    if links is None:
        links = value.get("edges", [])
    if not isinstance(links, list):
        raise BadMessageError(f'"links" must be a list, got {shown(links)}')
    own = value.get("graph")
    exact = isinstance(own, dict) and _MARK in own
    if isinstance(own, dict) and own and not exact:
        collector.notes.add("properties of the graph itself were left out", count=len(own))
    options = value.get("options")
    if isinstance(options, dict):  # graphology
        directed = options.get("type", "mixed") != "undirected"
        multigraph = options.get("multi") is not False
    else:
        directed = value.get("directed", True) is not False
        multigraph = value.get("multigraph", True) is not False
    reader = _Reader(collector, exact)
    reader.nodes(nodes)
    reader.links(links, directed)
    return collector.finish(
        "node-link", directed=directed and not reader.undirected, multigraph=multigraph
    )


def _inner(value: _Object, collector: Collector) -> _Object:
    """Return the graph in a file that has more around it: minivan, JSON Graph Format."""
    graph = value.get("graph")
    if isinstance(graph, dict) and "nodes" in graph:
        for name in value.keys() - {"graph"}:
            collector.notes.add("values beside the graph were left out", shown(name))
        return graph
    return value


def _with_id(node_id: str, node: object) -> object:
    return {"id": node_id, **node} if isinstance(node, dict) else {"id": node_id}


class _Reader:
    def __init__(self, collector: Collector, exact: bool) -> None:
        self._collector = collector
        self._notes = collector.notes
        self._exact = exact
        self._ids: list[str] = []  # by their place in the list, for links that count
        self._by_place = False  # whether links name places: d3's first form, nodes without ids
        self.undirected = False

    def nodes(self, nodes: list[Any]) -> None:
        given = [_id_of(node) for node in nodes]
        self._by_place = bool(given) and all(found is None for found in given)
        for place, (node, found) in enumerate(zip(nodes, given, strict=True)):
            if not isinstance(node, dict):
                if found is None:
                    self._notes.add("nodes are no objects and were left out", shown(node))
                    self._ids.append(str(place))
                    continue
                node = {}  # noqa: PLW2901 (a bare id, as some programs write)
            node_id = str(place) if self._by_place else found
            properties = _own_fields(node)
            properties.pop("id" if "id" in node else "key", None)
            self._ids.append(self._node(node_id, properties))

    def _node(self, node_id: str | None, properties: _Object) -> str:
        if self._exact:
            more = properties.pop("properties", {})
            name = scalar_text(properties.pop("name", ""))
            type_id = scalar_text(properties.pop("type", ""))
            parent = file_id(properties.pop("parent_id", None))
        else:
            more, type_id = {}, ""
            name = _taken_name(properties)
            parent = None
            for key in ("parent_id", "parent"):
                if parent is None and isinstance(properties.get(key), str | int):
                    parent = file_id(properties.pop(key))
        position = None
        if _is_number(properties.get("x")) and _is_number(properties.get("y")):
            position = (properties.pop("x"), properties.pop("y"))
        if isinstance(more, dict):
            properties.update(more)
        return self._collector.add_node(
            node_id,
            name=name,
            type_id=type_id,
            parent=parent,
            position=position,
            properties=properties,
        )

    def links(self, links: list[Any], directed: bool) -> None:
        keys = [link["key"] for link in links if isinstance(link, dict) and "key" in link]
        # networkx's keys tell parallel edges apart, and are ids only where each is there once
        keys_are_ids = all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys)
        undirected = 0
        for link in links:
            if not isinstance(link, dict):
                self._notes.add("links are no objects and were left out", shown(link))
                continue
            undirected += link.get("undirected") is True  # graphology's mixed graphs
            source, target = self._end(link.get("source")), self._end(link.get("target"))
            if source is None or target is None:
                self._notes.add("links lack a source or a target and were left out")
                continue
            self._link(source, target, _own_fields(link), keys_are_ids)
        if undirected:
            self.undirected = undirected == len(links)
            if directed and not self.undirected:
                self._notes.add("undirected edges are read as directed links", count=undirected)

    def _link(self, source: str, target: str, properties: _Object, keys_are_ids: bool) -> None:
        for key in ("source", "target", "undirected"):
            properties.pop(key, None)
        link_id, type_id, more = None, "", {}
        if self._exact:
            more = properties.pop("properties", {})
            type_id = scalar_text(properties.pop("type", ""))
        if keys_are_ids or isinstance(properties.get("key"), int):
            link_id = file_id(properties.pop("key", None)) if keys_are_ids else None
            if not keys_are_ids:
                del properties["key"]
        if not self._exact and link_id is None and isinstance(properties.get("id"), str | int):
            link_id = file_id(properties.pop("id"))
        if isinstance(more, dict):
            properties.update(more)
        self._collector.add_link(
            source, target, link_id=link_id, type_id=type_id, properties=properties
        )

    def _end(self, value: object) -> str | None:
        if isinstance(value, dict):  # d3 puts the node itself there once it has run
            value = value.get("id")
        if self._by_place and isinstance(value, int) and 0 <= value < len(self._ids):
            return self._ids[value]
        return file_id(value)


def _id_of(node: object) -> str | None:
    if isinstance(node, dict):
        return file_id(node["id"] if "id" in node else node.get("key"))  # graphology says key
    return file_id(node) if isinstance(node, str | int) else None


def _own_fields(element: _Object) -> _Object:
    """Return an element's fields in one object of their own; graphology has them in two."""
    attributes = element.get("attributes")
    if "key" in element and isinstance(attributes, dict):
        fields = {**attributes, **element}
        del fields["attributes"]
        return fields
    return dict(element)


def _taken_name(properties: _Object) -> str:
    for key in ("label", "name"):
        if text := scalar_text(properties.get(key)):
            del properties[key]
            return text
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def write(graph: Graph) -> tuple[bytes, list[Note]]:
    """Write a graph as node-link JSON.

    Returns
    -------
    (body, notes)
        The file, UTF-8, and what it could not carry as it stood.
    """
    notes = Notes()
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    head = json.dumps(
        {
            "directed": graph.blueprint.directed,
            "multigraph": graph.blueprint.multigraph,
            "graph": {_MARK: 1},
        }
    )
    nodes = ",\n".join(compact(_node_object(node)) for node in nodes_in_order(graph))
    links = ",\n".join(
        compact(
            {
                "source": _key(link.source_id),
                "target": _key(link.target_id),
                "key": link.link_id,
                **({"type": link.link_type_id} if link.link_type_id else {}),
                **apart(link.properties, _LINK_WORDS),
            }
        )
        for link in graph.links.values()
    )
    text = f'{head[:-1]}, "nodes": [\n{nodes}\n], "links": [\n{links}\n]}}\n'
    return text.encode(), notes.listed()


def _node_object(node: Any) -> _Object:
    fields: _Object = {"id": _key(node.node_id)}
    if node.name:
        fields["name"] = node.name
    if node.blueprint_type_id:
        fields["type"] = node.blueprint_type_id
    if node.parent_id is not None:
        fields["parent_id"] = _key(node.parent_id)
    if node.position is not None:
        fields["x"], fields["y"] = node.position
    fields.update(apart(node.properties, _NODE_WORDS))
    return fields


def _key(node_id: str) -> Any:
    """Return an id as networkx has it: a number or an array where it reads as one."""
    if _INTEGER.match(node_id) and node_id != "-0" and abs(int(node_id)) <= MAX_INTEGER:
        return int(node_id)
    if node_id.startswith("["):
        try:
            value = json.loads(node_id)
        except ValueError:
            return node_id
        if file_id(value) == node_id:
            return value
    return node_id
