"""``g.nodes`` and ``g.nodes[key]``: a graph's nodes by their keys, as networkx has them."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import TYPE_CHECKING, Any

from graph_ext.client.editing.plan import position_of
from graph_ext.client.elements.keys import Key, key_of, node_id_of
from graph_ext.client.elements.view import ElementView
from graph_ext.core.commands import UpdateNode
from graph_ext.core.errors import NotFoundError, SchemaError
from graph_ext.core.events import Position
from graph_ext.core.graph import Graph, Node
from graph_ext.core.json_values import did_you_mean, shown

if TYPE_CHECKING:
    from graph_ext.client.readable import ReadableGraph

__all__ = ["NodeView", "NodesView", "find_node", "no_such_node"]


def find_node(graph: Graph, key: object) -> str | None:
    """Return the node_id that a key means in a graph; None where there is no such node.

    Looking up is generous: a str such as ``"42"``, for which there is no node, is also taken for a
    node_id as other clients choose it, and as selections have it. Adding is exact.
    """
    if not isinstance(key, str | int | tuple) and not hasattr(key, "dtype"):
        return None
    node_id = node_id_of(key)
    if node_id in graph.nodes:
        return node_id
    return str(key) if isinstance(key, str) and key in graph.nodes else None


def no_such_node(graph: Graph, key: object) -> NotFoundError:
    """Return the error for a key that no node has."""
    return NotFoundError(
        f"there is no node {shown(key)}",
        fix=did_you_mean(key, graph.nodes) if isinstance(key, str) else None,
    )


class NodeView(ElementView):
    """A node: its properties as a dict, and its name, type, parent, position and children."""

    __slots__ = ("node_id",)

    def __init__(self, graph: ReadableGraph, node_id: str) -> None:
        super().__init__(graph)
        self.node_id = node_id

    @property
    def key(self) -> Key:
        """What the node is called in Python: ``g.nodes[key]``."""
        return key_of(self.node_id)

    @property
    def type(self) -> str:
        """Its type in the blueprint, "" for none; chosen when the node is made."""
        return self._node().blueprint_type_id

    @property
    def name(self) -> str:
        """What people see; "" where they see the node_id."""
        return self._node().name

    @name.setter
    def name(self, name: str) -> None:
        self._graph.submit(UpdateNode(self.node_id, name=name))

    @property
    def parent(self) -> Key | None:
        """The key of the node it is part of."""
        parent_id = self._node().parent_id
        return None if parent_id is None else key_of(parent_id)

    @parent.setter
    def parent(self, parent: Key | None) -> None:
        parent_id = None if parent is None else self._graph.node_id(parent)
        self._graph.submit(UpdateNode(self.node_id, parent_id=parent_id))

    @property
    def position(self) -> Position | None:
        """Where it stands, (x, y) in graph units; None where the layout decides."""
        return self._node().position

    @position.setter
    def position(self, position: object) -> None:
        where = position_of(position, self._named)
        self._graph.submit(UpdateNode(self.node_id, position=where))

    @property
    def children(self) -> list[Key]:
        """The keys of its parts, in their order."""
        replica = self._graph.replica
        with replica.lock:
            self._node()
            return [key_of(child.node_id) for child in replica.graph.children(self.node_id)]

    def __repr__(self) -> str:
        node = self._node()
        about = "".join(
            f", {field}={value!r}"
            for field, value in (
                ("type", node.blueprint_type_id),
                ("name", node.name),
                ("parent", self.parent),
                ("position", node.position),
            )
            if value not in ("", None)
        )
        return f"NodeView({self.key!r}{about}, {self._own_properties()!r})"

    def _node(self) -> Node:
        node = self._graph.replica.node(self.node_id)
        if node is None:
            raise NotFoundError(f"{self._named()} was deleted")
        return node

    def _properties(self) -> dict[str, Any]:
        return self._node().properties

    @property
    def element_id(self) -> str:
        """Its node_id."""
        return self.node_id

    def _target(self) -> dict[str, str]:
        return {"node_id": self.node_id}

    def _named(self) -> str:
        return f"node {shown(self.key)}"


class NodesView(Mapping[Key, NodeView]):
    """A graph's nodes by their keys, in the order of creation.

    Iteration goes over those that stand when it begins; what changes meanwhile does not disturb it.
    """

    __slots__ = ("_graph",)

    def __init__(self, graph: ReadableGraph) -> None:
        self._graph = graph

    def __getitem__(self, key: object) -> NodeView:
        replica = self._graph.replica
        with replica.lock:
            node_id = find_node(replica.graph, key)
            if node_id is None:
                raise no_such_node(replica.graph, key)
        return NodeView(self._graph, node_id)

    def __contains__(self, key: object) -> bool:
        replica = self._graph.replica
        try:
            with replica.lock:
                return find_node(replica.graph, key) is not None
        except SchemaError:
            return False

    def __iter__(self) -> Iterator[Key]:
        return map(key_of, self._graph.node_ids())

    def __len__(self) -> int:
        replica = self._graph.replica
        with replica.lock:
            return len(replica.graph.nodes)

    def __call__(self, data: bool | str = False, default: object = None) -> list[Any]:
        """List the keys; with ``data`` True also the properties, with a name that property."""
        if data is False:
            return list(self)
        replica = self._graph.replica
        with replica.lock:
            nodes = [(node.node_id, node.properties) for node in replica.graph.nodes.values()]
        if data is True:
            return [(key_of(node_id), dict(properties)) for node_id, properties in nodes]
        return [(key_of(node_id), properties.get(data, default)) for node_id, properties in nodes]

    def items(self) -> ItemsView[Key, NodeView]:
        """The nodes with their keys, as they stand now."""
        return self._as_dict().items()

    def values(self) -> ValuesView[NodeView]:
        """The nodes, as they stand now."""
        return self._as_dict().values()

    def __repr__(self) -> str:
        first = [repr(key) for key, _ in zip(self, range(10), strict=False)]
        more = [f"... ({len(self)} in all)"] if len(self) > len(first) else []
        return f"NodesView([{', '.join(first + more)}])"

    def _as_dict(self) -> dict[Key, NodeView]:
        return {
            key_of(node_id): NodeView(self._graph, node_id) for node_id in self._graph.node_ids()
        }
