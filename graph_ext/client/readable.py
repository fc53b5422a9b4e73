"""What can be read of a graph, live or past: its nodes and links by their keys, and what they mean.

Whatever only reads a graph (views, files, tables, pictures, networkx) stands on this and nothing
more, so that it works for a graph at an old rev as well.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

from graph_ext.client.editing.conditions import UNCONDITIONAL, Conditions
from graph_ext.client.elements.keys import Key
from graph_ext.client.elements.links import LinksView
from graph_ext.client.elements.nodes import NodesView, find_node, no_such_node
from graph_ext.client.elsewhere import no_attribute
from graph_ext.client.session.pending import Receipt
from graph_ext.client.session.replica import Replica
from graph_ext.core.commands import Batch, Command, Edit
from graph_ext.core.errors import DuplicateIdError
from graph_ext.core.expectations import Expectation, check_expectations
from graph_ext.core.graph import Graph

__all__ = ["ReadableGraph"]

_CATCH_UP_S = 5.0  # how long to wait for a commit of another client that came in between


class ReadableGraph(ABC):
    """A graph that can be read. Its views offer to change it: a past one refuses every command."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The session's name."""

    @property
    @abstractmethod
    def session_id(self) -> str:
        """The session's id, which stays when it is renamed."""

    @property
    @abstractmethod
    def replica(self) -> Replica:
        """The graph in this process; reading it takes its lock."""

    @property
    def live_replica(self) -> Replica:
        """The graph outside of all batches."""
        return self.replica

    @property
    def rev(self) -> int:
        """The last commit that this replica has: it counts from 0, for an empty session."""
        return self.replica.rev

    @property
    def nodes(self) -> NodesView:
        """The nodes by their keys: ``g.nodes["Design"]["effort"] = 5``."""
        return NodesView(self)

    @property
    def edges(self) -> LinksView:
        """The links by (u, v, key): ``g.edges["Design", "Build"].type``."""
        return LinksView(self)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.nodes)

    def __contains__(self, key: object) -> bool:
        return key in self.nodes

    def __bool__(self) -> bool:
        return True

    if not TYPE_CHECKING:  # a type checker is to know what there is

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name)

    @abstractmethod
    def submit(
        self,
        command: Command,
        *,
        expect: Iterable[Expectation] = (),
        base_rev: int | None = None,
        progress: bool | None = None,
    ) -> Receipt:
        """Send a command, and wait until its commit is in this replica; or refuse it."""

    # --- for the views and the graph's methods ------------------------------------------------

    def node_id(self, key: object) -> str:
        """Return the node_id of a key (NotFoundError)."""
        replica = self.replica
        with replica.lock:
            node_id = find_node(replica.graph, key)
            if node_id is None:
                raise no_such_node(replica.graph, key)
        return node_id

    def node_ids(self) -> tuple[str, ...]:
        """Return every node_id, in the order of creation."""
        replica = self.replica
        with replica.lock:
            return tuple(replica.graph.nodes)

    def copied(self) -> Graph:
        """Return a copy that stays as it is: whoever works through it for long stops nobody."""
        replica = self.replica
        with replica.lock:
            blueprint = replica.graph.blueprint
            nodes = [copy(node) for node in replica.graph.nodes.values()]
            links = [copy(link) for link in replica.graph.links.values()]
        graph = Graph()
        graph.blueprint = blueprint
        graph.load(nodes, links)
        return graph

    def submit_all(
        self,
        edits: list[Edit],
        *,
        label: str = "",
        conditions: Conditions = UNCONDITIONAL,
        progress: bool | None = None,
        batch: bool = False,
    ) -> None:
        """Send edits as one commit; without `batch`, a single one by itself (GraphError).

        Where there is nothing to send, the replica is asked whether the conditions hold.
        """
        if edits:
            command = edits[0] if len(edits) == 1 and not batch else Batch(edits, label)
            self.submit(
                command,
                expect=conditions.expect,
                base_rev=conditions.base_rev,
                progress=progress,
            )
        else:
            with self.replica.lock:
                check_expectations(self.replica.graph, conditions.expect)

    def carry_out(
        self,
        plan: Callable[[Graph], list[Edit]],
        *,
        label: str = "",
        conditions: Conditions = UNCONDITIONAL,
        progress: bool | None = None,
        batch: bool = False,
    ) -> None:
        """Plan against the replica and send; again when another client came in between.

        The server knows what this replica learns in a moment: if it says that an element stands
        which this replica has not seen, the plan is made anew once it has.
        """
        replica = self.replica
        while True:
            with replica.lock:
                edits, rev = plan(replica.graph), replica.rev
            try:
                self.submit_all(
                    edits,
                    label=label,
                    conditions=conditions,
                    progress=progress,
                    batch=batch,
                )
            except DuplicateIdError:
                replica.wait_beyond(rev, _CATCH_UP_S)
                if replica.rev == rev:
                    raise
            else:
                return
