"""How a graph is shown: in a line, as a table for notebooks, and by the widget.

The widget stands above the client and tells it here. The package's ``__init__`` does that for the
widget, so that it is loaded only when it is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from graph_ext.protocol import SessionInfo

if TYPE_CHECKING:
    from graph_ext.client.elements.links import LinkView
    from graph_ext.client.elements.nodes import NodeView
    from graph_ext.client.followed import FollowedGraph

__all__ = ["GraphDisplay", "Look", "MakeDisplay", "SessionList", "as_html", "displays", "summary"]

_TYPES = 12  # so many rows

Look: TypeAlias = "str | float | Iterable[Any] | Callable[[NodeView], object] | None"
"""What a colour, size, name or the filter is taken from; a mapping and a Series are iterable."""


class GraphDisplay(Protocol):
    """What ``g.show()`` returns: :class:`graph_ext.GraphWidget`."""

    selection: Any
    status: Any
    error: Any

    def look(self, **looks: Look) -> None:
        """Change what colours, sizes, names and the filter are taken from."""

    def select(self, nodes: Iterable[Any] = (), edges: Iterable[Any] = ()) -> None:
        """Select nodes and links."""

    def on_click(
        self, callback: Callable[[NodeView | LinkView], object], *, remove: bool = False
    ) -> None:
        """Have a function called with what is clicked."""

    def on_hover(
        self, callback: Callable[[NodeView | LinkView | None], object], *, remove: bool = False
    ) -> None:
        """Have a function called with what is under the pointer, and None for nothing."""

    def save(self, path: str | PathLike[str], **options: Any) -> None:
        """Write a picture to a file."""

    def observe(self, handler: Callable[[Any], None], names: Any = ...) -> None:
        """Have a function called with each change of a trait."""

    def close(self) -> None:
        """Take it out of the page."""

    def _repr_mimebundle_(self, **options: Any) -> Any: ...


class MakeDisplay(Protocol):
    """Makes what shows a graph."""

    def __call__(
        self, graph: FollowedGraph, *, height: str | int, layout: str, looks: Mapping[str, Any]
    ) -> GraphDisplay:
        """Return it, with looks as ``SharedGraph.show`` takes them."""


displays: list[MakeDisplay] = []
"""What can show a graph, the preferred one last."""


class SessionList(list[SessionInfo]):
    """A server's sessions, shown as a table: ``name``, ``nodes``, ``links``, ``rev``, ``role``."""

    _HEAD = ("name", "nodes", "links", "rev", "clients", "changed", "role")

    def __repr__(self) -> str:
        if not self:
            return "no sessions"
        rows = [self._HEAD, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self._HEAD)
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
            for row in self._cells()
        )
        return f"<table><tr>{head}</tr>{rows}</table>" if self else "no sessions"

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                each.name,
                str(each.nodes),
                str(each.links),
                str(each.rev),
                str(each.clients),
                f"{datetime.fromtimestamp(each.updated_at).astimezone():%Y-%m-%d %H:%M:%S}",
                f"{each.role}, read-only" if each.read_only else str(each.role),
            )
            for each in self
        ]


def summary(graph: FollowedGraph) -> str:
    """Return a line about a graph: ``3 nodes, 2 links, rev 7, live``."""
    replica = graph.replica
    with replica.lock:
        nodes, links, rev = len(replica.graph.nodes), len(replica.graph.links), replica.rev
    waiting = len(graph.pending)
    pending = f", {waiting} pending" if waiting else ""
    return f"{nodes} nodes, {links} links, rev {rev}, {graph.status}{pending}"


def as_html(graph: FollowedGraph) -> str:
    """Return a graph's name, state, and how many elements of which types it has; all as text."""
    replica = graph.replica
    with replica.lock:
        node_types = Counter(node.blueprint_type_id for node in replica.graph.nodes.values())
        link_types = Counter(link.link_type_id for link in replica.graph.links.values())
    facts = [summary(graph), graph.role, graph.trouble]
    rows = [*_rows("node", node_types), *_rows("link", link_types)]
    table = f"<table>{''.join(rows)}</table>" if rows else ""
    said = " · ".join(escape(fact) for fact in facts if fact)
    return f"<div><b>{escape(graph.name)}</b> <span>{said}</span>{table}</div>"


def _rows(kind: str, counted: Mapping[str, int]) -> Iterable[str]:
    """Return a row for each type, the most frequent first."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    for type_id, count in ordered[:_TYPES]:
        named = escape(type_id) if type_id else "<i>untyped</i>"
        things = kind if count == 1 else f"{kind}s"
        yield f"<tr><td>{named}</td><td>{count} {things}</td></tr>"
    if len(ordered) > _TYPES:
        yield f"<tr><td colspan=2>and {len(ordered) - _TYPES} more {kind} types</td></tr>"
