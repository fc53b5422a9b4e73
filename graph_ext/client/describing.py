"""What a shared graph says of itself, in a line and as a table for notebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape

from graph_ext.client.followed import FollowedGraph

__all__ = ["as_html", "summary"]

_TYPES = 12  # so many rows


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
