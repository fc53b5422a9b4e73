"""Values that functions of people's make of nodes, kept up with the graph.

All are computed once where the function is given, and an error raises there. From then on a thread
reads the commits (client/watching/cursor.py) and computes the nodes that changed, or whose links
did, a few times a second at most; what it says goes to the page. A function that fails for a node
is shown on stderr, and the node has no value.
"""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graph_ext.client.elements.nodes import NodeView
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.watching.callback import say
from graph_ext.client.watching.cursor import Following
from graph_ext.core.errors import GoneError, GraphError, NotFoundError
from graph_ext.core.events import (
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.widget.arguments import ByFunction, ChannelName, value_for

__all__ = ["Computed", "Tell", "put"]

Tell = Callable[[ChannelName, dict[str, Any]], None]
"""Told of a channel's new values by node_id; None where a node has none any more."""

_GAP_S = 0.1  # from one computation to the next
_MOST_NODES = 5_000  # in one computation


class Computed:
    """The values of some channels, by functions.

    Parameters
    ----------
    graph : FollowedGraph
        Whose nodes.
    functions : mapping of channel to function
        Each takes a node's view.
    tell : callable
        Called on this object's thread, after each change.

    Raises
    ------
    Exception
        Whatever a function raises.
    """

    def __init__(
        self, graph: FollowedGraph, functions: Mapping[ChannelName, ByFunction], tell: Tell
    ) -> None:
        self._graph = graph
        self._functions = dict(functions)
        self._tell = tell
        self._closed = threading.Event()
        # channels whose function has failed, and the error was shown
        self._failed: set[ChannelName] = set()
        self._commits = Following(graph, graph.rev)
        try:
            # by channel and node_id; only nodes that have a value
            self.values = {
                name: _present(self._compute(name, graph.node_ids())) for name in self._functions
            }
        except BaseException:
            self._commits.close()
            raise

    def start(self) -> None:
        """Follow the graph from here on."""
        threading.Thread(target=self._run, name="graph_ext widget", daemon=True).start()

    def close(self) -> None:
        """Compute no more."""
        self._closed.set()
        self._commits.close()

    # --- on its thread --------------------------------------------------------------------------

    def _run(self) -> None:
        # the graph was closed or has ended: it says so itself
        with contextlib.suppress(GraphError, StopIteration):
            while not self._closed.is_set():
                self._refresh(self._changed())
                self._closed.wait(_GAP_S)

    def _changed(self) -> Iterable[str]:
        """Wait for commits, and return the nodes that they have changed."""
        changed: dict[str, None] = {}
        try:
            while True:
                commit = next(self._commits)
                for event in commit.events:
                    changed.update(dict.fromkeys(_nodes_of(event)))
                if self._graph.rev <= self._commits.rev or len(changed) >= _MOST_NODES:
                    return changed
        except GoneError:
            if self._graph.status == "ended":
                raise
            # the log does not have them any more
            self._commits.skip()
            return dict.fromkeys((*self._graph.node_ids(), *self._known()))

    def _known(self) -> Iterable[str]:
        return {node_id for values in self.values.values() for node_id in values}

    def _refresh(self, node_ids: Iterable[str]) -> None:
        node_ids = list(node_ids)
        for name, old in self.values.items():
            found = self._compute_safely(name, node_ids)
            new = {node_id: v for node_id, v in found.items() if v != old.get(node_id)}
            if new and not self._closed.is_set():
                put(old, new)
                self._tell(name, new)

    def _compute_safely(self, name: ChannelName, node_ids: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for node_id in node_ids:
            try:
                found |= self._compute(name, [node_id])
            except NotFoundError:
                found[node_id] = None  # it was deleted, or a property that the function needs
            except Exception:  # noqa: BLE001 (a function of somebody's)
                found[node_id] = None
                if name not in self._failed:
                    self._failed.add(name)
                    say(
                        f"the function for {name} of a widget failed; other failures of it are "
                        f"not shown\n{traceback.format_exc()}"
                    )
        return found

    def _compute(self, name: ChannelName, node_ids: Iterable[str]) -> dict[str, Any]:
        function = self._functions[name]
        return {
            node_id: value_for(name, function(NodeView(self._graph, node_id)))
            for node_id in node_ids
        }


def _nodes_of(event: Event) -> tuple[str, ...]:
    match event:
        case NodeLinked() | NodeUnlinked():
            return (event.source_id, event.target_id)
        case NodeCreated() | NodeDeleted() | NodeUpdated():
            return (event.node_id,)
        case PropertyChanged() | PropertyDeleted() if event.node_id is not None:
            return (event.node_id,)
    return ()


def put(values: dict[str, Any], new: Mapping[str, Any]) -> None:
    """Put new values among others, in place: there may be many others."""
    for node_id, value in new.items():
        if value is None:
            values.pop(node_id, None)
        else:
            values[node_id] = value


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {node_id: value for node_id, value in values.items() if value is not None}
