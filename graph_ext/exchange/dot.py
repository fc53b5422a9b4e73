"""DOT, the language of Graphviz: written only.

Parents become clusters that hold the node itself and its children. Every text is quoted, so that
none is ever read as HTML or as a keyword.
"""

from __future__ import annotations

from typing import Any

from graph_ext.core.graph import Graph
from graph_ext.exchange.graph_file import Note, Notes
from graph_ext.exchange.values import kind_of, text_of

__all__ = ["write"]

# attributes that move, shape or load things: as properties they stand under another name
_MEANT_BY_GRAPHVIZ = {
    "label",
    "pos",
    "id",
    "image",
    "shape",
    "shapefile",
    "URL",
    "href",
    "class",
    "type",
}


def write(graph: Graph) -> tuple[bytes, list[Note]]:
    """Write a graph as DOT.

    Returns
    -------
    (body, notes)
        The file, UTF-8, and what it could not carry as it stood.
    """
    notes = Notes()
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    kind, arrow = ("digraph", "->") if graph.blueprint.directed else ("graph", "--")
    parts = [f"{kind} {{\n"]
    ahead: list[str | None] = [node.node_id for node in reversed(graph.children(None))]
    while ahead:
        node_id = ahead.pop()
        if node_id is None:  # the end of a cluster
            parts.append("}\n")
            continue
        node = graph.nodes[node_id]
        attributes = {"label": node.name or node.node_id}
        if node.position is not None:
            # Graphviz' y grows upwards, in points
            attributes["pos"] = f"{node.position[0]:.10g},{-node.position[1]:.10g}!"
        if node.blueprint_type_id:
            attributes["type"] = node.blueprint_type_id
        attributes.update(_texts(node.properties, notes))
        children = graph.children(node_id)
        if children:
            name = _quoted(f"cluster_{node_id}")
            parts.append(f"subgraph {name} {{\nlabel={_quoted(node.name or node.node_id)}\n")
            ahead.append(None)
            ahead.extend(child.node_id for child in reversed(children))
        parts.append(f"{_quoted(node_id)} {_listed(attributes)}\n")
    for link in graph.links.values():
        attributes = {"id": link.link_id}
        if link.link_type_id:
            attributes["label"] = link.link_type_id
        attributes.update(_texts(link.properties, notes))
        ends = f"{_quoted(link.source_id)} {arrow} {_quoted(link.target_id)}"
        parts.append(f"{ends} {_listed(attributes)}\n")
    parts.append("}\n")
    return "".join(parts).encode(), notes.listed()


def _texts(properties: dict[str, Any], notes: Notes) -> dict[str, str]:
    texts = {}
    for name, value in properties.items():
        kind = kind_of(value)
        if kind == "json":
            notes.add("values are lists, objects or null and were written as JSON text", name)
        key = f"property_{name}" if name in _MEANT_BY_GRAPHVIZ else name
        texts[key] = text_of(value, kind)
    return texts


def _listed(attributes: dict[str, str]) -> str:
    return "[" + ", ".join(f"{_quoted(k)}={_quoted(v)}" for k, v in attributes.items()) + "]"


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "")
    return '"' + text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n") + '"'
