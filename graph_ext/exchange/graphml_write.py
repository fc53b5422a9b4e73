"""Writing GraphML, so that everything comes back.

One flat graph, for most programs read no nested ones; name, type, parent and position stand in
keys whose ids begin with ``graph_ext.``.
"""

from __future__ import annotations

from typing import Any

from graph_ext.core.graph import Graph
from graph_ext.exchange.forest import nodes_in_order
from graph_ext.exchange.graph_file import Note, Notes
from graph_ext.exchange.values import Kind
from graph_ext.exchange.xml_text import LINK_TYPE, NAME, PARENT, TYPE, X, XmlTexts, Y

__all__ = ["write"]

_NODE_KEYS = [
    (NAME, "label", "string"),
    (TYPE, "type", "string"),
    (PARENT, "parent", "string"),
    (X, "x", "double"),
    (Y, "y", "double"),
]
_LINK_KEYS = [(LINK_TYPE, "type", "string")]


def write(graph: Graph) -> tuple[bytes, list[Note]]:
    """Write a graph as GraphML.

    Returns
    -------
    (body, notes)
        The file, UTF-8, and what it could not carry as it stood.
    """
    notes = Notes()
    texts = XmlTexts(notes)
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    ]
    node_keys, node_declarations = texts.declared(graph.nodes.values(), "n")
    link_keys, link_declarations = texts.declared(graph.links.values(), "e")
    for noun, declarations in (
        ("node", [*_NODE_KEYS, *node_declarations]),
        ("edge", [*_LINK_KEYS, *link_declarations]),
    ):
        parts.extend(
            f'<key id="{key_id}" for="{noun}" attr.name="{name}" attr.type="{type_name}"/>\n'
            for key_id, name, type_name in declarations
        )
    edge_default = "directed" if graph.blueprint.directed else "undirected"
    parts.append(f'<graph edgedefault="{edge_default}">\n')
    for node in nodes_in_order(graph):
        parts.append(f'<node id="{texts.node_id(node.node_id)}">')
        own = [
            (NAME, texts.text(node.name)),
            (TYPE, texts.text(node.blueprint_type_id)),
            (PARENT, "" if node.parent_id is None else texts.node_id(node.parent_id)),
        ]
        if node.position is not None:
            own += [(X, repr(node.position[0])), (Y, repr(node.position[1]))]
        parts.extend(f'<data key="{key}">{text}</data>' for key, text in own if text)
        _write_properties(parts, texts, node_keys, node.properties)
        parts.append("</node>\n")
    for link in graph.links.values():
        parts.append(
            f'<edge id="{texts.link_id(link.link_id)}" source="{texts.node_id(link.source_id)}" '
            f'target="{texts.node_id(link.target_id)}">'
        )
        if link.link_type_id:
            parts.append(f'<data key="{LINK_TYPE}">{texts.text(link.link_type_id)}</data>')
        _write_properties(parts, texts, link_keys, link.properties)
        parts.append("</edge>\n")
    parts.append("</graph>\n</graphml>\n")
    return "".join(parts).encode(), notes.listed()


def _write_properties(
    parts: list[str],
    texts: XmlTexts,
    keys: dict[tuple[str, Kind], str],
    properties: dict[str, Any],
) -> None:
    for name, value in properties.items():
        kind, text = texts.value(name, value)
        parts.append(f'<data key="{keys[name, kind]}">{text}</data>')
