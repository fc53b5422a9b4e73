"""A graph on top of another: it begins as that one stands, and changes without changing it.

Made in no time whatever the size, for nothing is copied before one of the two changes it. The graph
below may change, too, if the one on top is told before (:meth:`LayeredGraph.keep`): it goes on
standing as it was. So it is a snapshot that can be written: the client's batches draft on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from copy import copy
from typing import Any, Generic, TypeVar, assert_never

from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.graph import Graph, Link, Node

__all__ = ["LayeredGraph"]

V = TypeVar("V")


class LayeredGraph(Graph):
    """A graph that begins as another one stands.

    Parameters
    ----------
    base : Graph
        The other one. It may change only by events of which :meth:`keep` is told before.
    """

    def __init__(self, base: Graph) -> None:
        super().__init__()
        base.index()
        self.nodes = self._nodes = self._own_nodes = _Layer(base._nodes)
        self.links = self._links = self._own_links = _Layer(base._links)
        self._children = self._own_children = _Layer(base._children)
        self._out = self._own_out = _Layer(base._out)
        self._in = self._own_in = _Layer(base._in)
        self.blueprint = base.blueprint

    def apply(self, event: Event) -> None:
        """Act on an event, as every graph does, on copies of what it changes."""
        match event:
            case NodeCreated():
                self._own_children.settle(event.parent_id, list)
            case NodeDeleted():
                self._own_children.settle(self._nodes[event.node_id].parent_id, list)
            case NodeLinked() | NodeUnlinked():
                self._settle_ends(event)
            case NodeUpdated() | PropertyChanged() | PropertyDeleted():
                self._settle_element(event)
            case BlueprintUpdated():
                pass
            case _:
                assert_never(event)
        super().apply(event)

    def keep(self, event: Event) -> None:
        """Go on as before when the graph below acts on an event, which it is about to do."""
        match event:
            case NodeCreated():
                self._own_children.settle(event.parent_id, list)
                self._own_nodes.hide(event.node_id)
            case NodeDeleted():
                self._own_children.settle(self._own_nodes.base[event.node_id].parent_id, list)
                self._own_nodes.keep(event.node_id)
            case NodeLinked():
                self._settle_ends(event)
                self._own_links.hide(event.link_id)
            case NodeUnlinked():
                self._settle_ends(event)
                self._own_links.keep(event.link_id)
            case NodeUpdated() | PropertyChanged() | PropertyDeleted():
                self._settle_element(event)
                if isinstance(event, NodeUpdated):
                    # also those among which it stands there, if here it stands elsewhere
                    below = self._own_nodes.base[event.node_id].parent_id
                    self._own_children.settle(below, list)
            case BlueprintUpdated():
                pass
            case _:
                assert_never(event)

    def _settle_ends(self, event: NodeLinked | NodeUnlinked) -> None:
        self._own_out.settle(event.source_id, dict)
        self._own_in.settle(event.target_id, dict)

    def _settle_element(self, event: NodeUpdated | PropertyChanged | PropertyDeleted) -> None:
        """Have a copy of the element that an event changes in place, wherever it is at hand."""
        if isinstance(event, NodeUpdated):
            self._settle_node(event.node_id)
            if event.field == "parent_id":
                self._own_children.settle(_text(event.new_value), list)
        elif event.node_id is not None:
            self._settle_node(event.node_id)
        elif event.link_id is not None:
            self._settle_link(event.link_id)

    def _settle_node(self, node_id: str) -> None:
        if not self._own_nodes.shares(node_id):
            return
        node = self._nodes[node_id]
        siblings = self._own_children.settle(node.parent_id, list)
        mine: Node = copy(node)
        siblings[self.place(node)] = mine
        self._nodes[node_id] = mine

    def _settle_link(self, link_id: str) -> None:
        if not self._own_links.shares(link_id):
            return
        mine: Link = copy(self._links[link_id])
        self._own_out.settle(mine.source_id, dict)[link_id] = mine
        self._own_in.settle(mine.target_id, dict)[link_id] = mine
        self._links[link_id] = mine


class _Layer(MutableMapping[Any, V], Generic[V]):
    """A mapping on top of another, which it does not change."""

    __slots__ = ("_gone", "_later", "_own", "base")

    def __init__(self, base: MutableMapping[Any, V]) -> None:
        self.base = base
        # what is another value here, or is only here
        self._own: dict[Any, V] = {}
        # keys of the base under which nothing stands here, or something that came later
        self._gone: set[Any] = set()
        # the own ones that stand behind those of the base
        self._later: dict[Any, None] = {}

    def shares(self, key: object) -> bool:
        """Tell whether what stands here is the base's very own."""
        return key not in self._own and key not in self._gone and key in self.base

    def settle(self, key: object, copied: Callable[[V], V]) -> V:
        """Have what stands under a key stay as it is, whatever the base does, and return it.

        For mappings of which nobody asks the order or the length.
        """
        own = self._own.get(key)
        if own is None and key not in self._gone:
            below = self.base.get(key)
            if below is None:
                self._gone.add(key)
            else:
                own = self._own[key] = copied(below)
        return own  # type: ignore[return-value]  # asked for only where something stands

    def hide(self, key: object) -> None:
        """Do not see what the base is about to hold under a new key."""
        self._gone.add(key)

    def keep(self, key: object) -> None:
        """Hold what the base is about to lose, if it stands here."""
        if key in self._gone:
            self._gone.discard(key)
            return
        if key not in self._own:
            self._own[key] = self.base[key]
        self._later[key] = None

    def __getitem__(self, key: object) -> V:
        own = self._own
        if key in own:
            return own[key]
        if key in self._gone:
            raise KeyError(key)
        return self.base[key]

    def get(self, key: object, default: Any = None) -> Any:
        own = self._own
        if key in own:
            return own[key]
        return default if key in self._gone else self.base.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._own or (key not in self._gone and key in self.base)

    def __setitem__(self, key: object, value: V) -> None:
        if key not in self._own and (key in self._gone or key not in self.base):
            self._later[key] = None
        self._own[key] = value

    def __delitem__(self, key: object) -> None:
        if key not in self:
            raise KeyError(key)
        self._own.pop(key, None)
        if key in self._later:
            del self._later[key]
        else:
            self._gone.add(key)

    def __iter__(self) -> Iterator[Any]:
        gone = self._gone
        for key in self.base:
            if key not in gone:
                yield key
        yield from self._later

    def __len__(self) -> int:
        return len(self.base) - len(self._gone) + len(self._later)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
