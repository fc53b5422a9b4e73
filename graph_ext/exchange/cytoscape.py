"""Cytoscape JSON: Cytoscape.js' and the desktop program's ``.cyjs``, compound parents included.

Written: ``data`` of a node has ``id``, ``name``, ``parent``, ``type`` and its properties, of an
edge ``id``, ``source``, ``target``, ``type``; a property of such a name stands in ``properties``
instead. ``data.graph_ext`` of the whole says that it was written so.
"""

from __future__ import annotations

import json
from typing import Any

from graph_ext.core.errors import BadMessageError
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.forest import nodes_in_order
from graph_ext.exchange.graph_file import GraphFile, Limits, Note, Notes
from graph_ext.exchange.json_text import apart, compact, file_id, loaded, scalar_text

__all__ = ["from_value", "is_cytoscape", "read", "write"]

_NODE_WORDS = frozenset({"id", "name", "parent", "type", "properties"})
_LINK_WORDS = frozenset({"id", "source", "target", "type", "properties"})
_MARK = "graph_ext"
_DESKTOP = ("SUID", "shared_name", "selected")
_VIEW = ("style", "classes", "scratch", "css")

_Object = dict[str, Any]


def read(body: bytes, limits: Limits) -> GraphFile:
    """Read a Cytoscape JSON file.

    Raises
    ------
    BadMessageError
        It is no JSON, or has no elements.
    TooLargeError
        It is over a limit.
    """
    collector = Collector(limits)
    return from_value(loaded(body, collector.notes, limits), collector)


def is_cytoscape(value: object) -> bool:
    """Tell whether a JSON value is of this form, not of node-link's."""
    if not isinstance(value, dict):
        return isinstance(value, list)
    return "elements" in value or _are_elements(value)


def _are_elements(value: _Object) -> bool:
    """Tell whether an object is the elements alone, as Cytoscape.js takes them."""
    nodes = value.get("nodes")
    first = nodes[0] if isinstance(nodes, list) and nodes else None
    return isinstance(first, dict) and isinstance(first.get("data"), dict) and "id" in first["data"]


def from_value(value: object, collector: Collector) -> GraphFile:
    """Read what a JSON file holds; as :func:`read`."""
    whole: _Object = value if isinstance(value, dict) else {"elements": value}
    if "elements" not in whole and _are_elements(whole):
        whole = {"elements": whole}
    elements = whole.get("elements")
    if isinstance(elements, dict):
        nodes, edges = elements.get("nodes", []), elements.get("edges", [])
    elif isinstance(elements, list):
        nodes = [element for element in elements if not _is_edge(element)]
        edges = [element for element in elements if _is_edge(element)]
    else:
        nodes = edges = None
    if not isinstance(nodes, list) or not isinstance(edges, list):
        raise BadMessageError('a Cytoscape JSON file must hold "elements": nodes and edges')
    own = whole.get("data")
    exact = isinstance(own, dict) and _MARK in own
    for node in nodes:
        _read_node(node, collector, exact)
    for edge in edges:
        _read_edge(edge, collector, exact)
    return collector.finish(
        "cytoscape",
        directed=whole.get("directed", True) is not False,
        multigraph=whole.get("multigraph", True) is not False,
    )


def _is_edge(element: object) -> bool:
    if not isinstance(element, dict):
        return False
    data = element.get("data")
    has_ends = isinstance(data, dict) and "source" in data and "target" in data
    return element.get("group") == "edges" or has_ends


def _data(element: object, collector: Collector) -> _Object | None:
    """Return an element's own copy of its data; None: it has none, and that is noted."""
    if isinstance(element, dict) and isinstance(data := element.get("data", {}), dict):
        if any(element.get(word) for word in _VIEW):
            collector.notes.add("elements have styles or classes, which were left out")
        return dict(data)
    collector.notes.add("elements have no data and were left out", shown(element))
    return None


def _read_node(element: object, collector: Collector, exact: bool) -> None:
    data = _data(element, collector)
    if data is None:
        return
    node_id, parent = file_id(data.pop("id", None)), file_id(data.pop("parent", None))
    name, type_id, more = _taken(data, ("name",) if exact else ("name", "label"), exact)
    place = element.get("position") if isinstance(element, dict) else None
    collector.add_node(
        node_id,
        name=name,
        type_id=type_id,
        parent=parent,
        position=(place["x"], place["y"])
        if isinstance(place, dict) and "x" in place and "y" in place
        else None,
        properties={**data, **more},
    )


def _read_edge(element: object, collector: Collector, exact: bool) -> None:
    data = _data(element, collector)
    if data is None:
        return
    link_id = file_id(data.pop("id", None))
    source, target = file_id(data.pop("source", None)), file_id(data.pop("target", None))
    if source is None or target is None:
        collector.notes.add("edges lack a source or a target and were left out")
        return
    _, type_id, more = _taken(data, (), exact)
    collector.add_link(
        source, target, link_id=link_id, type_id=type_id, properties={**data, **more}
    )


def _taken(data: _Object, names: tuple[str, ...], exact: bool) -> tuple[str, str, _Object]:
    """Take the name, the type and what stands apart out of an element's data."""
    name = ""
    for key in names:
        if not name and key in data and (text := scalar_text(data[key])):
            del data[key]
            name = text
    if not exact:
        if "SUID" in data:  # the desktop program's own bookkeeping
            for key in _DESKTOP:
                data.pop(key, None)
        return name, "", {}
    type_id, more = scalar_text(data.pop("type", "")), data.pop("properties", {})
    return name, type_id, more if isinstance(more, dict) else {}


def write(graph: Graph) -> tuple[bytes, list[Note]]:
    """Write a graph as Cytoscape JSON.

    Returns
    -------
    (body, notes)
        The file, UTF-8, and what it could not carry as it stood.
    """
    notes = Notes()
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    nodes = []
    for node in nodes_in_order(graph):
        data: _Object = {"id": node.node_id}
        if node.name:
            data["name"] = node.name
        if node.parent_id is not None:
            data["parent"] = node.parent_id
        if node.blueprint_type_id:
            data["type"] = node.blueprint_type_id
        data.update(apart(node.properties, _NODE_WORDS))
        element: _Object = {"data": data}
        if node.position is not None:
            element["position"] = {"x": node.position[0], "y": node.position[1]}
        nodes.append(compact(element))
    edges = []
    for link in graph.links.values():
        data = {"id": link.link_id, "source": link.source_id, "target": link.target_id}
        if link.link_type_id:
            data["type"] = link.link_type_id
        data.update(apart(link.properties, _LINK_WORDS))
        edges.append(compact({"data": data}))
    head = json.dumps(
        {
            "data": {_MARK: 1},
            "directed": graph.blueprint.directed,
            "multigraph": graph.blueprint.multigraph,
        }
    )
    node_lines, edge_lines = ",\n".join(nodes), ",\n".join(edges)
    text = (
        f'{head[:-1]}, "elements": {{"nodes": [\n{node_lines}\n], "edges": [\n{edge_lines}\n]}}}}\n'
    )
    return text.encode(), notes.listed()
