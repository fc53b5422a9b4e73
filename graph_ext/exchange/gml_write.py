"""Writing GML, so that everything comes back.

Ids are numbers, as the format wants it, keys are ASCII words, texts ASCII with references; what
does not fit into that stands once more in a block ``graph_ext``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown
from graph_ext.exchange.forest import nodes_in_order
from graph_ext.exchange.graph_file import Note, Notes
from graph_ext.exchange.values import kind_of

__all__ = ["write"]

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)
_TO_ESCAPE = re.compile(r'[^\x20-\x7e]|[&"]')
_RESERVED = {"id", "label", "graphics", "graph_ext", "source", "target"}


def write(graph: Graph) -> tuple[bytes, list[Note]]:
    """Write a graph as GML.

    Returns
    -------
    (body, notes)
        The file, ASCII, and what it could not carry as it stood.
    """
    notes = Notes()
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    parts = [f'Creator "graph_ext"\ngraph [\n directed {int(graph.blueprint.directed)}\n']
    if graph.blueprint.multigraph:
        parts.append(" multigraph 1\n")
    numbers: dict[str, int] = {}
    for number, node in enumerate(nodes_in_order(graph)):
        numbers[node.node_id] = number
        parts.append(f" node [\n  id {number}\n  label {_quoted(node.name or node.node_id)}\n")
        if node.position is not None:
            x, y = map(_written, node.position)
            parts.append(f"  graphics [ x {x} y {y} ]\n")
        own = f"node_id {_quoted(node.node_id)}"
        for key, value in (
            ("name", node.name),
            ("type", node.blueprint_type_id),
            ("parent_id", node.parent_id),
        ):
            if value:
                own += f" {key} {_quoted(value)}"
        own += _write_properties(parts, node.properties, notes)
        parts.append(f"  graph_ext [ {own} ]\n ]\n")
    for link in graph.links.values():
        parts.append(
            f" edge [\n  source {numbers[link.source_id]}\n  target {numbers[link.target_id]}\n"
        )
        own = f"link_id {_quoted(link.link_id)}"
        if link.link_type_id:
            own += f" type {_quoted(link.link_type_id)}"
        own += _write_properties(parts, link.properties, notes)
        parts.append(f"  graph_ext [ {own} ]\n ]\n")
    parts.append("]\n")
    return "".join(parts).encode("ascii"), notes.listed()


def _write_properties(parts: list[str], properties: dict[str, Any], notes: Notes) -> str:
    """Write properties; return those that do not fit, as they stand in the block graph_ext."""
    more: dict[str, Any] = {}
    for name, value in properties.items():
        kind = kind_of(value)
        if not _KEY.match(name) or name in _RESERVED:
            notes.add("properties have names that other programs can't read", shown(name))
            more[name] = value
        elif kind == "json":
            notes.add(
                "values are lists, objects or null: other programs can't read them", shown(name)
            )
            more[name] = value
        elif kind == "boolean":
            more[name] = value
            parts.append(f"  {name} {int(value)}\n")
        else:
            parts.append(f"  {name} {_quoted(value) if kind == 'text' else _written(value)}\n")
    return f" json {_quoted(json.dumps(more))}" if more else ""


def _written(number: float) -> str:
    text = repr(number)
    if "e" in text:  # GML wants a point before the exponent
        digits, _, exponent = text.partition("e")
        text = f"{digits if '.' in digits else digits + '.0'}E{exponent}"
    return text


def _quoted(text: str) -> str:
    if _TO_ESCAPE.search(text):
        text = _TO_ESCAPE.sub(_entity, text)
    return f'"{text}"'


def _entity(found: re.Match[str]) -> str:
    character = found[0]
    if character == "&":
        return "&amp;"
    return "&quot;" if character == '"' else f"&#{ord(character)};"
