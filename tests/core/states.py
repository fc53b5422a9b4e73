"""What the tests of the core share: a graph's whole state, and random commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

import msgspec

from graph_ext.core.commands import (
    Batch,
    CreateNode,
    DeleteNode,
    DeleteProperty,
    Edit,
    LinkNodes,
    SetProperty,
    UnlinkNodes,
    UpdateNode,
)
from graph_ext.core.events import Event
from graph_ext.core.graph import Graph, Node

_VALUES: tuple[Any, ...] = (
    *(0, 1, -1, 2**53 - 1, 0.5, True, False, None, "", "text", "ünïcode \U0001f600"),
    *([], [1, [2]], {}, {"a": {"b": None}}),
)


def ids(prefix: str = "id") -> Callable[[], str]:
    """Return a maker of ids: id0, id1, ..."""
    numbers = count()
    return lambda: f"{prefix}{next(numbers)}"


def plain(value: object) -> Any:
    """Return what a value is after a journey as JSON."""
    return json.loads(msgspec.json.encode(value))


def state(graph: Graph) -> dict[str, Any]:
    """Return everything in a graph in the form of the vectors' ``expect``.

    Asked for by every way of reading there is, so that all of them have to agree.
    """
    parents = {node.parent_id for node in graph.nodes.values()}
    children = {
        parent_id or "": [child.node_id for child in graph.children(parent_id)]
        for parent_id in parents
    }
    for node_id in graph.nodes:
        out = {link.link_id for link in graph.out_links(node_id)}
        into = {link.link_id for link in graph.in_links(node_id)}
        assert out == {key for key, link in graph.links.items() if link.source_id == node_id}
        assert into == {key for key, link in graph.links.items() if link.target_id == node_id}
        assert sorted(link.link_id for link in graph.links_of(node_id)) == sorted(out | into)
        assert (graph.out_degree(node_id), graph.in_degree(node_id)) == (len(out), len(into))
    return {
        "nodes": [_row(graph.nodes[key]) for key in sorted(graph.nodes)],
        "links": [plain(graph.links[key]) for key in sorted(graph.links)],
        "children": dict(sorted(children.items())),
        "blueprint": plain(graph.blueprint),
    }


def _row(node: Node) -> dict[str, Any]:
    row: dict[str, Any] = plain(node)
    if row.get("order") == 0:  # msgspec leaves out the default only where it is the same object
        del row["order"]
    return row


def graph_of(*events: Event) -> Graph:
    """Return a graph with these events applied."""
    graph = Graph()
    for event in events:
        graph.apply(event)
    return graph


class RandomEdits:
    """Random edits of a graph: most fit it, some do not."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.number = count()

    def edit(self, graph: Graph) -> Edit:
        random = self.random
        match random.randrange(14):
            case 0 | 1 | 2 | 3:
                links = [LinkNodes("", self._node(graph), "near")] if random.random() < 0.2 else []
                return CreateNode(
                    node_id=f"n{next(self.number)}" if random.random() < 0.95 else "n0",
                    parent_id=self._node(graph) if random.random() < 0.6 else None,
                    blueprint_type_id=random.choice(("", "Task")),
                    name=random.choice(("", "Design", "ß")),
                    properties=self._properties(),
                    position=random.choice((None, (random.random(), -1.5))),
                    links=links,
                )
            case 4 | 5:
                return LinkNodes(
                    self._node(graph),
                    self._node(graph),
                    random.choice(("", "blocks")),
                    None if random.random() < 0.5 else f"l{next(self.number)}",
                    self._properties(),
                )
            case 6:
                return DeleteNode(self._node(graph))
            case 7:
                return UnlinkNodes(self._link(graph))
            case 8 | 9:
                node_id, link_id = self._owner(graph)
                name = random.choice("abc")
                return SetProperty(name, random.choice(_VALUES), node_id, link_id)
            case 10:
                node_id, link_id = self._owner(graph)
                return DeleteProperty(random.choice("abc"), node_id, link_id)
            case 11:
                return UpdateNode(self._node(graph), name=random.choice(("", "Build", "日本")))
            case 12:
                return UpdateNode(self._node(graph), position=random.choice((None, (1.0, 2.0))))
            case _:
                return self._move(graph)

    def batch(self, graph: Graph, most: int = 4) -> Batch:
        """Return edits that do not know of each other."""
        return Batch([self.edit(graph) for _ in range(self.random.randint(1, most))])

    def _move(self, graph: Graph) -> UpdateNode:
        node_id = self._node(graph)
        parent_id = self._node(graph) if self.random.random() < 0.7 else None
        siblings = [child.node_id for child in graph.children(parent_id)]
        if siblings and self.random.random() < 0.6:
            before = self.random.choice(siblings)
            return UpdateNode(node_id, parent_id=parent_id, before=before)
        return UpdateNode(node_id, parent_id=parent_id)

    def _node(self, graph: Graph) -> str:
        known = list(graph.nodes)
        return self.random.choice(known) if known and self.random.random() < 0.97 else "no node"

    def _link(self, graph: Graph) -> str:
        known = list(graph.links)
        return self.random.choice(known) if known else "no link"

    def _owner(self, graph: Graph) -> tuple[str | None, str | None]:
        if graph.links and self.random.random() < 0.3:
            return None, self._link(graph)
        return self._node(graph), None

    def _properties(self) -> dict[str, Any]:
        names = self.random.sample("abc", self.random.randrange(3))
        return {name: self.random.choice(_VALUES) for name in names}
