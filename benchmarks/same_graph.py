"""One graph in the forms in which its peers have it: encoded, and as pycrdt's document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from pycrdt import Doc, Map

from graph_ext.core.commands import Batch, CreateNode, LinkNodes
from graph_ext.core.events import NodeCreated, NodeLinked
from graph_ext.protocol import encode

__all__ = ["Encoded", "write_document", "write_encoded"]


class Encoded(msgspec.Struct):
    """A graph as one JSON object."""

    nodes: list[NodeCreated]
    links: list[NodeLinked]


def write_encoded(folder: Path, command: Batch) -> Encoded:
    """Write ``graph.json``, and return what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    graph = Encoded([], [])
    for edit in command.commands:
        if isinstance(edit, CreateNode):
            assert edit.node_id is not None  # noqa: S101 - the graph below names all
            graph.nodes.append(
                NodeCreated(
                    edit.node_id,
                    None,
                    edit.blueprint_type_id,
                    edit.name,
                    float(len(graph.nodes)),
                    None,
                    edit.properties,
                )
            )
        elif isinstance(edit, LinkNodes):
            assert edit.link_id is not None  # noqa: S101 - likewise
            graph.links.append(
                NodeLinked(
                    edit.link_id, edit.source_id, edit.target_id, edit.link_type_id, edit.properties
                )
            )
    (folder / "graph.json").write_bytes(encode(graph))
    return graph


def write_document(folder: Path, graph: Encoded) -> None:
    """Write ``document.y`` for pycrdt: a map of its own for each element, as fine as our edits."""
    folder.mkdir(parents=True, exist_ok=True)
    doc: Doc[Any] = Doc()
    nodes, links = doc.get("nodes", type=Map), doc.get("links", type=Map)
    with doc.transaction():
        _fill(nodes, graph.nodes, lambda node: node.node_id)
        _fill(links, graph.links, lambda link: link.link_id)
    (folder / "document.y").write_bytes(doc.get_update())


def _fill(into: Map[Any], elements: list[Any], key: Callable[[Any], str]) -> None:
    for element in elements:
        fields = msgspec.to_builtins(element)
        del fields["type"]
        fields.update(fields.pop("properties", {}))
        into[key(element)] = Map(fields)
