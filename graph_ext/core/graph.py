"""The graph in memory: what it holds, how it is read, and the one function that changes it.

The server, the kernel's mirror and (in TypeScript, proven by tests/vectors) the browser run this
same reducer. It trusts its events: whoever plans them has checked them against this very state.
Longer than other modules: ``load`` is ``apply`` for many creations, and is read best beside it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from sys import intern
from typing import Any, assert_never

from msgspec import Struct, field

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import NotFoundError
from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    Position,
    PropertyChanged,
    PropertyDeleted,
)

__all__ = ["Graph", "Link", "Node"]


class Node(Struct, gc=False, omit_defaults=True):
    """A node as it stands now; encoded, it is its own stored and snapshot form.

    ``properties`` is replaced, never changed in place: events and readers may keep it.
    """

    node_id: str
    parent_id: str | None = None
    blueprint_type_id: str = ""
    name: str = ""
    order: float = 0.0
    position: Position | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    def created(self) -> NodeCreated:
        """Return the event that makes this node as it stands now."""
        return NodeCreated(
            self.node_id,
            self.parent_id,
            self.blueprint_type_id,
            self.name,
            self.order,
            self.position,
            self.properties,
        )


class Link(Struct, gc=False, omit_defaults=True):
    """A link as it stands now; encoded, it is its own stored and snapshot form.

    ``properties`` is replaced, never changed in place: events and readers may keep it.
    """

    link_id: str
    source_id: str
    target_id: str
    link_type_id: str = ""
    properties: dict[str, Any] = field(default_factory=dict)

    def created(self) -> NodeLinked:
        """Return the event that makes this link as it stands now."""
        return NodeLinked(
            self.link_id, self.source_id, self.target_id, self.link_type_id, self.properties
        )


# one for all elements that have none: properties are never changed in place
_NO_PROPERTIES: dict[str, Any] = {}

_Adjacency = MutableMapping[str, dict[str, Link]]


class Graph:
    """A typed property graph with a forest of parents; a pure function of the events applied.

    Attributes
    ----------
    nodes : Mapping of str to Node
        In the order of creation; a deletion that is taken back counts as a creation.
    links : Mapping of str to Link
        Likewise.
    blueprint : Blueprint
        The empty one is open.
    """

    nodes: Mapping[str, Node]
    links: Mapping[str, Link]
    blueprint: Blueprint

    def __init__(self) -> None:
        self._nodes: MutableMapping[str, Node] = _large_dict()
        self._links: MutableMapping[str, Link] = _large_dict()
        # parent_id -> its children by (order, node_id); no empty lists
        self._children: MutableMapping[str | None, list[Node]] = {}
        # node_id -> its links by link_id, oldest first; no empty dicts, so most nodes cost nothing
        self._out: _Adjacency = _large_dict()
        self._in: _Adjacency = _large_dict()
        # links that are in neither yet, oldest first; None: links are put there as they come
        self._unplaced: list[Link] | None = None
        self.nodes = self._nodes
        self.links = self._links
        self.blueprint = Blueprint()

    def apply(self, event: Event) -> None:
        """Act on one event that was planned against this very state; the only mutator.

        A parent may come later than its children, as it does in snapshots.
        """
        match event:  # what comes most stands first: each case costs its time
            case PropertyChanged():
                element = self._element(event.node_id, event.link_id)
                element.properties = {**element.properties, event.property_name: event.new_value}
            case NodeLinked():
                link = Link(
                    event.link_id,
                    event.source_id,
                    event.target_id,
                    _shared(event.link_type_id),
                    event.properties or _NO_PROPERTIES,
                )
                self._links[link.link_id] = link
                if self._unplaced is None:
                    self._join((link,))
                else:
                    self._unplaced.append(link)
            case NodeCreated():
                parent = None if event.parent_id is None else self._nodes.get(event.parent_id)
                node = Node(
                    event.node_id,
                    event.parent_id if parent is None else parent.node_id,
                    _shared(event.blueprint_type_id),
                    event.node_id if event.name == event.node_id else event.name,
                    event.order,
                    event.position,
                    event.properties or _NO_PROPERTIES,
                )
                self._nodes[node.node_id] = node
                self._place(node)
            case PropertyDeleted():
                element = self._element(event.node_id, event.link_id)
                left = dict(element.properties)
                del left[event.property_name]
                element.properties = left
            case NodeUpdated():
                self._update(event)
            case NodeUnlinked():
                self.index()
                link = self._links.pop(event.link_id)
                _part(self._out, link.source_id, link)
                _part(self._in, link.target_id, link)
            case NodeDeleted():
                self._displace(self._nodes.pop(event.node_id))
            case BlueprintUpdated():
                self.blueprint = event.new_value
            case _:
                assert_never(event)

    def load(self, nodes: Iterable[Node], links: Collection[Link]) -> None:
        """Take many elements, as :meth:`apply` would make them, in a fraction of the time.

        For snapshots and stored graphs. They become the graph's own; a parent may come later than
        its children.
        """
        known, types = self._nodes, _Types()
        children = self._children
        for node in nodes:
            parent_id = node.parent_id
            if parent_id is not None and (parent := known.get(parent_id)) is not None:
                node.parent_id = parent.node_id
            node.blueprint_type_id = types[node.blueprint_type_id]
            if node.name == node.node_id:  # as many are called: one text for both
                node.name = node.node_id
            if not node.properties:
                node.properties = _NO_PROPERTIES
            known[node.node_id] = node
            siblings = children.get(parent_id)
            if siblings is not None and siblings[-1].order < node.order:
                siblings.append(node)
            else:
                self._place(node)
        all_links = self._links
        for link in links:
            link.link_type_id = types[link.link_type_id]
            if not link.properties:
                link.properties = _NO_PROPERTIES
            all_links[link.link_id] = link
        self.put_off()
        if self._unplaced is not None:
            self._unplaced.extend(links)

    def put_off(self) -> None:
        """Put links by their nodes only when somebody asks for a node's links: many are coming."""
        if self._unplaced is None:
            self._unplaced = []

    @property
    def indexed(self) -> bool:
        """Whether all links are at hand by their nodes."""
        return not self._unplaced

    def index(self) -> None:
        """Have all links at hand by their nodes, those that were put off, too.

        Done by itself when somebody asks for a node's links, which then takes a while: whoever has
        a thread to spare does it before.
        """
        links, self._unplaced = self._unplaced, None
        if links:
            self._join(links)

    def children(self, parent_id: str | None) -> Sequence[Node]:
        """Children of a node (None: the roots), by order, then node_id; valid until a change."""
        return self._children.get(parent_id, ())

    def place(self, node: Node) -> int:
        """Return the index of a node among the children of its parent."""
        siblings = self._children[node.parent_id]
        return bisect_left(siblings, _sibling_key(node), key=_sibling_key)

    def out_links(self, node_id: str) -> Iterable[Link]:
        """Links whose source is the node, oldest first; valid until a change."""
        self.index()
        links = self._out.get(node_id)
        return links.values() if links else ()

    def in_links(self, node_id: str) -> Iterable[Link]:
        """Links whose target is the node, oldest first; valid until a change."""
        self.index()
        links = self._in.get(node_id)
        return links.values() if links else ()

    def out_degree(self, node_id: str) -> int:
        """How many links have the node as their source."""
        self.index()
        return len(self._out.get(node_id, ()))

    def in_degree(self, node_id: str) -> int:
        """How many links have the node as their target."""
        self.index()
        return len(self._in.get(node_id, ()))

    def links_of(self, node_id: str) -> list[Link]:
        """All links at a node, outgoing first; a self-link once."""
        links = list(self.out_links(node_id))
        links.extend(link for link in self.in_links(node_id) if link.source_id != node_id)
        return links

    def subtree(self, node_id: str) -> list[str]:
        """The node and all below it, parents before children, siblings in their order."""
        found: list[str] = []
        ahead = [node_id]
        while ahead:
            current = ahead.pop()
            found.append(current)
            ahead.extend(child.node_id for child in reversed(self.children(current)))
        return found

    def let_go(self) -> None:
        """Empty a graph that nobody needs any more, one by one: for worker threads.

        Letting go of 400,000 elements at once takes 100 ms, in which no other thread runs.
        """
        for mapping in (self._out, self._in, self._links, self._children, self._nodes):
            while mapping:
                mapping.popitem()

    def _join(self, links: Iterable[Link]) -> None:
        """Put links by their nodes; in one function, for it is called for very many at once."""
        nodes, outgoing, incoming = self._nodes, self._out, self._in
        for link in links:
            # ids by the nodes' own texts: each decoded event brings other copies of them
            if (source := nodes.get(link.source_id)) is not None:
                link.source_id = source.node_id
            if (target := nodes.get(link.target_id)) is not None:
                link.target_id = target.node_id
            link_id = link.link_id
            leading = outgoing.get(link.source_id)
            if leading is None:
                outgoing[link.source_id] = {link_id: link}
            else:
                leading[link_id] = link
            coming = incoming.get(link.target_id)
            if coming is None:
                incoming[link.target_id] = {link_id: link}
            else:
                coming[link_id] = link

    def _element(self, node_id: str | None, link_id: str | None) -> Node | Link:
        if node_id is not None:
            return self._nodes[node_id]
        if link_id is not None:
            return self._links[link_id]
        raise NotFoundError("a property event names neither a node nor a link")

    def _update(self, event: NodeUpdated) -> None:
        node = self._nodes[event.node_id]
        value: Any = event.new_value
        match event.field:
            case "name":
                node.name = value
            case "position":
                # JSON has no tuples: a replica that reads the event gets a list
                node.position = None if value is None else (value[0], value[1])
            case "order":
                self._displace(node)
                node.order = value
                self._place(node)
            case "parent_id":
                self._displace(node)
                node.parent_id = value
                self._place(node)
            case _:
                assert_never(event.field)

    def _place(self, node: Node) -> None:
        """Put a node among the children of its parent."""
        siblings = self._children.get(node.parent_id)
        if siblings is None:
            self._children[node.parent_id] = [node]
            return
        last = siblings[-1]
        if last.order < node.order:  # appending is what mostly happens
            siblings.append(node)
        else:
            insort(siblings, node, key=_sibling_key)

    def _displace(self, node: Node) -> None:
        """Take a node from the children of its parent."""
        siblings = self._children[node.parent_id]
        if len(siblings) == 1:
            del self._children[node.parent_id]
        elif siblings[-1] is node:
            siblings.pop()
        else:
            del siblings[self.place(node)]


def _shared(type_id: str) -> str:
    """Return one text for all that equal it: there are few types, and many elements of each."""
    return intern(type_id) if type_id and type(type_id) is str else type_id


def _large_dict() -> dict[str, Any]:
    """Return an empty dict that keeps the hashes of its keys beside them.

    CPython leaves them out of a dict that never had another key than texts, and so looks at the
    texts themselves, all over the memory, whenever keys collide and the dict grows: filling one of
    some hundred thousand takes nearly twice the time.
    """
    made: dict[Any, Any] = {None: None}
    del made[None]
    return made


class _Types(dict[str, str]):
    """type_id -> the one text for it; asked once for each that is met."""

    def __missing__(self, type_id: str) -> str:
        shared = self[type_id] = _shared(type_id)
        return shared


def _sibling_key(node: Node) -> tuple[float, str]:
    return (node.order, node.node_id)


def _part(adjacency: _Adjacency, node_id: str, link: Link) -> None:
    links = adjacency[node_id]
    if len(links) == 1:
        del adjacency[node_id]
    else:
        del links[link.link_id]
