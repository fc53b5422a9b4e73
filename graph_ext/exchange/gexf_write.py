"""Writing GEXF 1.2, so that everything comes back; networkx and Gephi read it.

A node's type stands in an attribute with the id ``graph_ext.type``.
"""

from __future__ import annotations

from typing import Any

from graph_ext.core.graph import Graph
from graph_ext.exchange.forest import nodes_in_order
from graph_ext.exchange.graph_file import Note, Notes
from graph_ext.exchange.values import Kind, kind_of
from graph_ext.exchange.xml_text import TYPE, XmlTexts

__all__ = ["write"]


def write(graph: Graph) -> tuple[bytes, list[Note]]:
    """Write a graph as GEXF 1.2.

    Returns
    -------
    (body, notes)
        The file, UTF-8, and what it could not carry as it stood.
    """
    notes = Notes()
    texts = XmlTexts(notes)
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    edge_type = "directed" if graph.blueprint.directed else "undirected"
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gexf xmlns="http://www.gexf.net/1.2draft" '
        'xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.2">\n'
        f'<graph mode="static" defaultedgetype="{edge_type}">\n'
    ]
    node_keys, node_declarations = texts.declared(graph.nodes.values(), "")
    link_keys, link_declarations = texts.declared(graph.links.values(), "")
    for noun, declarations in (
        ("node", [(TYPE, "type", "string"), *node_declarations]),
        ("edge", link_declarations),
    ):
        parts.append(f'<attributes class="{noun}">\n')
        parts.extend(
            f'<attribute id="{key_id}" title="{name}" type="{type_name}"/>\n'
            for key_id, name, type_name in declarations
        )
        parts.append("</attributes>\n")
    parts.append("<nodes>\n")
    for node in nodes_in_order(graph):
        label = f' label="{texts.text(node.name)}"' if node.name else ""
        parent = "" if node.parent_id is None else f' pid="{texts.node_id(node.parent_id)}"'
        parts.append(f'<node id="{texts.node_id(node.node_id)}"{label}{parent}>')
        values = []
        if node.blueprint_type_id:
            values.append((TYPE, texts.text(node.blueprint_type_id)))
        values += _values(texts, node_keys, node.properties)
        _write_values(parts, values)
        if node.position is not None:
            parts.append(f'<viz:position x="{node.position[0]!r}" y="{node.position[1]!r}"/>')
        parts.append("</node>\n")
    parts.append("</nodes>\n<edges>\n")
    for link in graph.links.values():
        properties = dict(link.properties)
        head = (
            f'<edge id="{texts.link_id(link.link_id)}" source="{texts.node_id(link.source_id)}" '
            f'target="{texts.node_id(link.target_id)}"'
        )
        if link.link_type_id:
            head += f' kind="{texts.text(link.link_type_id)}"'
        if kind_of(properties.get("weight", "")) in ("integer", "number"):
            head += f' weight="{properties.pop("weight")!r}"'
        parts.append(head + ">")
        _write_values(parts, _values(texts, link_keys, properties))
        parts.append("</edge>\n")
    parts.append("</edges>\n</graph>\n</gexf>\n")
    return "".join(parts).encode(), notes.listed()


def _values(
    texts: XmlTexts, keys: dict[tuple[str, Kind], str], properties: dict[str, Any]
) -> list[tuple[str, str]]:
    values = []
    for name, value in properties.items():
        kind, text = texts.value(name, value)
        values.append((keys[name, kind], text))
    return values


def _write_values(parts: list[str], values: list[tuple[str, str]]) -> None:
    if values:
        parts.append("<attvalues>")
        parts.extend(f'<attvalue for="{key}" value="{text}"/>' for key, text in values)
        parts.append("</attvalues>")
