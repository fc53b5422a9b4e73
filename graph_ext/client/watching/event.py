"""What a watching callback gets: one event, with the keys of what it is about.

The facts are those of the events view (protocol/flat.py), by the same names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from graph_ext.client.elements.keys import EdgeKey, Key, key_of, link_key_of
from graph_ext.client.elements.values import own_copy
from graph_ext.client.followed import FollowedGraph
from graph_ext.protocol import Actor, Commit, FlatEvent

__all__ = ["Reset", "WatchedEvent", "type_of"]

_COPIED = frozenset({"old_value", "new_value", "properties"})


class Reset(Struct, frozen=True, tag_field="type", tag="reset", kw_only=True):
    """What happened between two revs can't be told any more: look at the graph as it is now.

    ``since_rev``: the last that was told; ``rev``: after which it goes on; ``count``: how many
    commits are missing, where both are of one history. ``reason``: for people.
    """

    session_id: str
    since_rev: int
    rev: int
    count: int | None
    reason: str


def type_of(fact: FlatEvent | Reset) -> str:
    """Return the type of an event, as in ``node-created``."""
    return str(fact.__struct_config__.tag)


class WatchedEvent:
    """One event of a graph.

    Attributes
    ----------
    type : str
        As in ``property-changed``.
    rev : int
        Of its commit; 0 for what is in no log.
    actor : Actor or None
        Who: ``actor.name``, ``actor.actor_id``.
    at : float or None
        When, Unix seconds, UTC; ``when`` is the same as a datetime.
    label : str
        Of its commit.
    mine : bool
        Whether this process has done it.
    node : key or None
        The node that it is about.
    edge : (u, v, key) or None
        The link that it is about.
    property_name, old_value, new_value, field, name, ... : object
        As the events view has them (``docs/protocol.md``, 9); ``old_value`` is ``gx.UNSET`` where
        there was none.
    """

    __slots__ = ("_commit", "_fact", "_link", "_mine", "_type_id", "graph")

    def __init__(
        self, graph: FollowedGraph, fact: FlatEvent | Reset, commit: Commit | None, mine: bool
    ) -> None:
        # the graph that is watched: as it is now, which may be later than the event
        self.graph = graph
        self._fact = fact
        self._commit = commit
        self._mine = mine
        # looked up when somebody asks: the type of what it is about, and a link's ends
        self._type_id: str | None = None
        self._link: tuple[str, str] | None = None

    @property
    def type(self) -> str:
        """As in ``property-changed``."""
        return type_of(self._fact)

    @property
    def rev(self) -> int:
        """Of its commit; 0 for what is in no log."""
        return getattr(self._fact, "rev", None) or 0

    @property
    def actor(self) -> Actor | None:
        """Who has done it."""
        stamped = self._fact if self._commit is None else self._commit
        return getattr(stamped, "actor", None)

    @property
    def at(self) -> float | None:
        """When, Unix seconds, UTC."""
        stamped = self._fact if self._commit is None else self._commit
        return getattr(stamped, "at", None)

    @property
    def when(self) -> datetime | None:
        """When, in this machine's time zone."""
        return None if self.at is None else datetime.fromtimestamp(self.at).astimezone()

    @property
    def label(self) -> str:
        """What its commit is called."""
        return "" if self._commit is None else self._commit.label

    @property
    def mine(self) -> bool:
        """Whether this process has done it."""
        return self._mine

    @property
    def node(self) -> Key | None:
        """The key of the node that it is about; None for a link, or the whole graph."""
        node_id = getattr(self._fact, "node_id", None)
        return None if node_id is None else key_of(node_id)

    @property
    def edge(self) -> tuple[Key, Key, EdgeKey] | None:
        """(u, v, key) of the link that it is about; None where it is about none.

        None, too, for a link of which nobody knows the ends any more: one that was deleted long
        since, while this process looked elsewhere.
        """
        link_id = getattr(self._fact, "link_id", None)
        if link_id is None:
            return None
        self._look_up()
        if self._link is None:
            return None
        source_id, target_id = self._link
        directed = self.graph.live_replica.graph.blueprint.directed
        key = link_key_of(link_id, source_id, target_id, directed=directed)
        return key_of(source_id), key_of(target_id), key

    @property
    def type_id(self) -> str | None:
        """The type, in the blueprint, of the node or link; None where nobody knows any more."""
        self._look_up()
        return self._type_id

    @property
    def ends(self) -> tuple[str, str] | None:
        """The node_ids of the link's ends."""
        self._look_up()
        return self._link

    def __getattr__(self, name: str) -> Any:
        """Return a field of the event, as the events view has it."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            value = getattr(self._fact, name)
        except AttributeError:
            fields = ", ".join(self._fact.__struct_fields__)
            raise AttributeError(f"a {self.type} event has no {name!r}, but {fields}") from None
        # a list or a dict would be the graph's own
        return own_copy(value) if name in _COPIED else value

    def __repr__(self) -> str:
        about = [f"rev={self.rev}"]
        if self.actor is not None:
            about.append(f"actor={self.actor.name or self.actor.actor_id!r}")
        about += [
            f"{name}={value!r}"
            for name in ("node", "edge")
            if (value := getattr(self, name)) is not None
        ]
        about += [
            f"{name}={getattr(self._fact, name)!r}"
            for name in ("property_name", "field", "old_value", "new_value", "count", "reason")
            if hasattr(self._fact, name)
        ]
        return f"<{self.type} {', '.join(about)}>"

    def _look_up(self) -> None:
        """Find out what it is about: the event says it, or the graph does, or its past."""
        if self._type_id is not None:
            return
        fact = self._fact
        node_id, link_id = getattr(fact, "node_id", None), getattr(fact, "link_id", None)
        source_id, target_id = getattr(fact, "source_id", None), getattr(fact, "target_id", None)
        if source_id is not None and target_id is not None:
            self._link = source_id, target_id
            self._type_id = getattr(fact, "link_type_id", None)
            return
        self._type_id = getattr(fact, "blueprint_type_id", None)
        if self._type_id is not None:
            return
        replica = self.graph.live_replica
        with replica.lock:
            if node_id is not None:
                departed = replica.recent.departed("node", node_id, self.rev)
                node = replica.graph.nodes.get(node_id)
                if departed is not None:
                    self._type_id = departed.type_id
                elif node is not None:
                    self._type_id = node.blueprint_type_id
            elif link_id is not None:
                departed = replica.recent.departed("link", link_id, self.rev)
                link = replica.graph.links.get(link_id)
                if departed is not None:
                    self._type_id = departed.type_id
                    self._link = departed.source_id, departed.target_id
                elif link is not None:
                    self._type_id = link.link_type_id
                    self._link = link.source_id, link.target_id
