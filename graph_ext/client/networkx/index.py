"""Who is next to whom, by Python's keys: what networkx asks for most, kept at hand for one view.

The graph of the replica has ids and lists of links; networkx wants keys, and neighbours by key.
This is derived from the replica and holds no value of it: attributes are read where they stand. It
follows the replica's commits, whole ones, the next time somebody looks: so an algorithm costs what
it costs on networkx's own dicts, nobody who does not look pays, and there is nothing to disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, assert_never

from graph_ext.client.editing.draft import DraftReplica
from graph_ext.client.elements.keys import EdgeKey, Key, key_of, link_key_of
from graph_ext.client.networkx.attributes import LinkAttributes, NodeAttributes
from graph_ext.client.networkx.mappings import Following
from graph_ext.client.readable import ReadableGraph
from graph_ext.client.session.collector import collector_paused
from graph_ext.client.session.replica import Replica
from graph_ext.core.commands import Edit
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
from graph_ext.core.graph import Graph, Link

__all__ = ["EdgeKeys", "KeyedIndex", "Neighbours", "NodesByKey", "OuterAdjacency"]

_WORTH_FOLLOWING = 10_000  # events: of more than that, and than half the graph, it is made anew


class NodesByKey(Following[Key, NodeAttributes]):
    """Attributes by node."""

    __slots__ = ()


class EdgeKeys(Following[EdgeKey, LinkAttributes]):
    """Attributes by edge key, of the links between two nodes of a multigraph.

    Parameters
    ----------
    index : KeyedIndex
        Whose.
    link : Link
        The first of them. Their keys are worked out when somebody looks: most that only ask who
        is next to whom never do, and a dict for each link would take more than all the rest.
    """

    __slots__ = ("_unseen",)

    def __init__(self, index: KeyedIndex, link: Link) -> None:
        self._pace = index
        self._lent = False
        # what `_items` is made of when it is first read: a link, or several; None then
        self._unseen: Link | list[Link] | None = link

    def __getattr__(self, name: str) -> Any:
        if name != "_items":
            raise AttributeError(name)
        index: Any = self._pace
        with index.replica.lock:
            unseen, self._unseen = self._unseen, None
            if unseen is not None:  # nobody else was quicker
                links = unseen if isinstance(unseen, list) else [unseen]
                self._items = {index.edge_key(link): LinkAttributes(index, link) for link in links}
            return self._items

    def join(self, link: Link) -> None:
        """Take one more link; under the replica's lock."""
        if self._unseen is None:
            index: Any = self._pace
            self.put(index.edge_key(link), LinkAttributes(index, link))
        elif isinstance(self._unseen, list):
            self._unseen.append(link)
        else:
            self._unseen = [self._unseen, link]


class Neighbours(Following[Key, Any]):
    """Attributes (of a multigraph: :class:`EdgeKeys`) by neighbour."""

    __slots__ = ()


class OuterAdjacency(Following[Key, Neighbours]):
    """Neighbours by node."""

    __slots__ = ()


class KeyedIndex:
    """A session's nodes and their neighbours by key.

    Parameters
    ----------
    graph : ReadableGraph
        Whose.
    replica : Replica
        What it follows: the graph's own, or a batch's draft.
    directed, multigraph : bool
        As what it is read.
    """

    def __init__(
        self, graph: ReadableGraph, replica: Replica, *, directed: bool, multigraph: bool
    ) -> None:
        self.graph = graph
        self.replica = replica
        self.directed = directed
        self.multigraph = multigraph
        self.nodes = NodesByKey(self)
        # the neighbours that links lead to; of an undirected graph, all
        self.out = OuterAdjacency(self)
        # those that they come from; of an undirected graph, the same
        self.into = OuterAdjacency(self) if directed else self.out
        # see Pace: there may be something new, or who reads may stand in a batch
        self.behind = True
        # commits that are not in it yet; None: all has to be made anew
        self._coming: list[Sequence[Event]] | None = None
        self._events_coming = 0
        # how many ask it to stand still
        self._holds = 0
        # node_id -> the one key for it
        self._keys: dict[str, Key] = {}
        self.replica.shadows.add(self)

    # --- called by the replica, under its lock ---------------------------------------------------

    def follow(self, events: Sequence[Event] | None) -> None:
        """Note that the replica has moved: by these events, or (None) to another graph."""
        if self._coming is not None:
            if events is None:
                self._coming = None
            else:
                self._coming.append(events)
                self._events_coming += len(events)
                # nobody looks: it must not grow
                known = len(self._keys) + len(self.replica.graph.links)
                if self._events_coming > max(_WORTH_FOLLOWING, known // 2):
                    self._coming = None
        self._note()

    # --- called by those who look ----------------------------------------------------------------

    def present(self, mapping: Following[Any, Any]) -> Following[Any, Any]:
        """Bring a mapping up to date. In a batch, return the one of the batch's draft.

        That is so for the nodes and for the neighbours of all nodes. What was taken out of these
        before, as the neighbours of one, is of the graph outside, as an attribute's value is.
        """
        here = self.standing()
        if here._is_late():
            here.catch_up()
        if here is not self:
            for mine, theirs in (
                (self.nodes, here.nodes),
                (self.out, here.out),
                (self.into, here.into),
            ):
                if mapping is mine:
                    return theirs
        if self._is_late():
            self.catch_up()
        return mapping

    def standing(self) -> KeyedIndex:
        """Return the index of what is read here: this one, or in a batch that of its draft."""
        replica = self.graph.replica
        if not isinstance(replica, DraftReplica) or replica is self.replica:
            return self
        kind = self.directed, self.multigraph
        with replica.lock:
            index: KeyedIndex | None = replica.indexes.get(kind)
            if index is None:
                index = replica.indexes[kind] = KeyedIndex(
                    self.graph, replica, directed=self.directed, multigraph=self.multigraph
                )
        return index

    def catch_up(self) -> None:
        """Take in what the replica has got since the last look."""
        with self.replica.lock:
            coming, self._coming = self._coming, None  # should it fail midway, it is made anew
            if coming is None:
                self._build()
            else:
                for events in coming:
                    for event in events:
                        self._take(event)
            self._coming = []
            self._events_coming = 0
            self._note()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let others' changes wait: who is next to whom changes only by one's own."""
        here = self.standing()
        with here.replica.lock:
            if here._is_late():
                here.catch_up()
            here._holds += 1
            here._note()
        try:
            yield
        finally:
            with here.replica.lock:
                here._holds -= 1
                here._note()

    def change(self, plan: Callable[[Graph], list[Edit]], label: str = "") -> None:
        """Change the graph, and see it at once (GraphError)."""
        self.graph.carry_out(plan, label=label)
        self.standing().catch_up()

    # --- under the replica's lock ----------------------------------------------------------------

    def _note(self) -> None:
        self.behind = self.replica.drafts > 0 or self._is_late()

    def _is_late(self) -> bool:
        """Tell whether there is something new that may be taken in."""
        return self._holds == 0 and (self._coming is None or bool(self._coming))

    def _build(self) -> None:
        graph = self.replica.graph
        self._keys = {}
        self.nodes.renew()
        self.out.renew()
        self.into.renew()
        with collector_paused(len(graph.nodes) + len(graph.links)):
            for node_id in graph.nodes:
                self._add_node(graph, node_id)
            for link in graph.links.values():
                self._join(link, link.source_id, link.target_id)

    def _take(self, event: Event) -> None:
        # an event may be about what is gone again by now: the replica is ahead
        graph = self.replica.graph
        match event:
            case NodeCreated():
                if event.node_id in graph.nodes:
                    self._add_node(graph, event.node_id)
            case NodeDeleted():
                key = self._keys.pop(event.node_id, None)
                if key is not None:
                    self.nodes.drop(key)
                    self.out.drop(key)
                    self.into.drop(key)
            case NodeLinked():
                link = graph.links.get(event.link_id)
                if link is not None:
                    self._join(link, event.source_id, event.target_id)
            case NodeUnlinked():
                self._part(event)
            case PropertyChanged() | PropertyDeleted() | NodeUpdated():
                self._point(graph, event.node_id, getattr(event, "link_id", None))
            case BlueprintUpdated():
                pass
            case _:
                assert_never(event)

    def _add_node(self, graph: Graph, node_id: str) -> None:
        key = self._keys[node_id] = key_of(node_id)
        self.nodes.put(key, NodeAttributes(self, graph.nodes[node_id]))
        self.out.put(key, Neighbours(self))
        if self.directed:
            self.into.put(key, Neighbours(self))

    def _join(self, link: Link, source_id: str, target_id: str) -> None:
        u, v = self._keys.get(source_id), self._keys.get(target_id)
        if u is None or v is None:
            return
        leading, coming = self.out.peek(u), self.into.peek(v)
        if leading is None or coming is None:
            return
        if not self.multigraph:
            attributes = LinkAttributes(self, link)
            leading.put(v, attributes)
            coming.put(u, attributes)
            return
        between = leading.peek(v)
        if between is None:
            between = EdgeKeys(self, link)
            leading.put(v, between)
            coming.put(u, between)
        else:
            between.join(link)

    def _part(self, gone: NodeUnlinked) -> None:
        u, v = self._keys.get(gone.source_id), self._keys.get(gone.target_id)
        leading = None if u is None else self.out.peek(u)
        coming = None if v is None else self.into.peek(v)
        if leading is None or coming is None or u is None or v is None:
            return
        if self.multigraph:
            between = leading.peek(v)
            if between is None:
                return
            between.drop(self.edge_key(gone))
            if not between.empty:
                return
        leading.drop(v)
        coming.drop(u)

    def _point(self, graph: Graph, node_id: str | None, link_id: str | None) -> None:
        """Let attributes be read of what stands now: a draft's elements are copied on a change."""
        if node_id is not None:
            key, node = self._keys.get(node_id), graph.nodes.get(node_id)
            known = None if key is None else self.nodes.peek(key)
            if known is not None and node is not None:
                known.point_to(node)
        elif (link := graph.links.get(link_id or "")) is not None:
            u, v = self._keys.get(link.source_id), self._keys.get(link.target_id)
            leading = None if u is None else self.out.peek(u)
            between = None if v is None or leading is None else leading.peek(v)
            if self.multigraph and between is not None:
                between = between.peek(self.edge_key(link))
            if between is not None:
                between.point_to(link)

    def edge_key(self, link: Link | NodeUnlinked) -> EdgeKey:
        """Return the key of a link."""
        return link_key_of(link.link_id, link.source_id, link.target_id, directed=self.directed)
