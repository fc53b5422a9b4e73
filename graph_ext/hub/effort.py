"""Which work is too long for the event loop. Called by hub/pipeline.py and hub/journal.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    DeleteNode,
    DeleteProperty,
    LinkNodes,
    Redo,
    SetProperty,
    Undo,
    UnlinkNodes,
    UpdateBlueprint,
    UpdateNode,
)
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Graph

__all__ = ["LONG", "is_long", "is_long_to_compare"]

LONG = 200
"""Edits, children, links or events from which on work goes to a thread: some milliseconds."""


_SHORT = frozenset((SetProperty, DeleteProperty, LinkNodes, UnlinkNodes))


def is_long(graph: Graph, command: Command) -> bool:
    """Whether a command may hold the event loop for too long; itself it takes no time."""
    if not graph.indexed and _may_ask_for_links(graph, command):
        return True
    if type(command) in _SHORT:  # what most are, quickly
        return False
    match command:
        case Batch():
            return len(command.commands) > LONG or any(
                is_long(graph, edit) for edit in command.commands
            )
        case Undo() | Redo() | UpdateBlueprint():
            return True
        case DeleteNode(node_id=node_id):
            degree = graph.out_degree(node_id) + graph.in_degree(node_id)
            return degree > LONG or bool(graph.children(node_id))
        case CreateNode():
            # siblings may have to be numbered anew
            return len(command.links) > LONG or (
                command.before is not None and len(graph.children(command.parent_id)) > LONG
            )
        case UpdateNode(before=str(before)):
            sibling = graph.nodes.get(before)
            return sibling is not None and len(graph.children(sibling.parent_id)) > LONG
        case _:
            return False


def _may_ask_for_links(graph: Graph, command: Command) -> bool:
    """Whether a command has the graph look for links by their nodes, be it to take them back."""
    match command:
        case SetProperty() | DeleteProperty() | UpdateNode() | CreateNode(links=[]):
            return False
        case LinkNodes():
            # where the blueprint says what may stand beside what
            blueprint = graph.blueprint
            return bool(blueprint.link_types) or not (blueprint.multigraph and blueprint.self_links)
        case Batch():
            return len(command.commands) > LONG or any(
                isinstance(edit, LinkNodes) or _may_ask_for_links(graph, edit)
                for edit in command.commands
            )
        case _:
            return True


def is_long_to_compare(expectations: Sequence[Expectation]) -> bool:
    """Whether the conditions of a command may hold the event loop for too long."""
    if not expectations:
        return False
    values: list[Any] = [each.value for each in expectations[: LONG + 1]]
    counted = 0
    while values and counted <= LONG:
        counted += 1
        match values.pop():
            case dict() as value:
                counted += len(value)
                values += [each for each in value.values() if isinstance(each, (dict, list))]
            case list() as value:
                counted += len(value)
                values += [each for each in value if isinstance(each, (dict, list))]
            case _:
                pass
    return counted > LONG
