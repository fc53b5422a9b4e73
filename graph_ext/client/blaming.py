"""Finds out who is to blame: which element is meant, and what the server's log says of it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

from graph_ext.client.blame import ElementBlame, LastChange
from graph_ext.client.elements import ElementView
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.keys import link_id_of, node_id_of
from graph_ext.client.links import LinkView, find_links
from graph_ext.client.nodes import find_node
from graph_ext.core.errors import ConflictError, GoneError, NotFoundError, SchemaError
from graph_ext.core.json_values import did_you_mean, shown
from graph_ext.protocol.http import Blame, BlamedChange

__all__ = ["find_blame"]

_Element = tuple[Literal["node", "link"], str]


def find_blame(
    graph: FollowedGraph, element: object, name: str | None, field: str | None
) -> ElementBlame | LastChange:
    """Tell who has last changed what of an element; see ``g.blame``."""
    if name is not None and field is not None:
        raise TypeError("a property or a field is asked for, not both")
    wanted = field if name is None else f"properties.{name}"
    candidates = _meant(graph, element)
    floor = 0
    for kind, element_id in candidates:
        changes, floor = _read(graph, kind, element_id, wanted)
        if changes:
            named = f"{kind} {shown(element)}"
            return ElementBlame(named, changes) if wanted is None else LastChange(changes[0])
    if floor:
        raise GoneError(
            f"the log of {graph.name!r} begins at rev {floor + 1}, and knows nothing of "
            f"{_asked(element, name or field)} since",
        )
    raise NotFoundError(
        f"the log of {graph.name!r} knows nothing of {_asked(element, name or field)}",
        fix=_hint(graph, candidates, name),
    )


def _read(
    graph: FollowedGraph, kind: str, element_id: str, field: str | None
) -> tuple[list[BlamedChange], int]:
    """Read the last change of each field, and where the log begins."""
    found: dict[str, BlamedChange] = {}
    before_rev: int | None = None
    while True:
        query = {f"{kind}_id": element_id, "field": field, "before_rev": before_rev}
        asked = urlencode({key: value for key, value in query.items() if value is not None})
        answer = graph.ask("GET", f"blame?{asked}", Blame)
        for change in answer.changes:
            # the newest comes first
            found.setdefault(change.field, change)
        before_rev = answer.before_rev
        if before_rev is None:
            return list(found.values()), answer.floor


def _meant(graph: FollowedGraph, element: object) -> list[_Element]:
    """Return which element it is; several, the likelier first, where it stands no more."""
    if isinstance(element, ElementView):
        return [("link" if isinstance(element, LinkView) else "node", element.element_id)]
    replica = graph.replica
    with replica.lock:
        node_id = find_node(replica.graph, element)
        if node_id is not None:
            return [("node", node_id)]
        if isinstance(element, str) and element in replica.graph.links:
            return [("link", element)]
        ends = element if isinstance(element, tuple) and len(element) in {2, 3} else None
        links = [] if ends is None else _links(graph, ends)
        directed = replica.graph.blueprint.directed
    if links:
        return [("link", link_id) for link_id in links]
    gone: list[_Element] = [("node", node_id_of(element))]
    if isinstance(element, str):
        gone.append(("link", element))
    elif ends is not None and len(ends) == 3:
        source_id, target_id = node_id_of(ends[0]), node_id_of(ends[1])
        gone.append(("link", link_id_of(source_id, target_id, ends[2], directed=directed)))
    return gone


def _links(graph: FollowedGraph, ends: tuple[object, ...]) -> list[str]:
    try:
        found = find_links(graph.replica.graph, *ends)
    except SchemaError:
        return []
    if len(found) > 1:
        raise ConflictError(
            f"{len(found)} links lead from {shown(ends[0])} to {shown(ends[1])}",
            fix="say which: (u, v, key)",
        )
    return [link.link_id for link in found]


def _asked(element: object, name: str | None) -> str:
    return shown(element) if name is None else f"{shown(name)} of {shown(element)}"


def _hint(graph: FollowedGraph, elements: list[_Element], name: str | None) -> str | None:
    kind, element_id = elements[0]
    replica = graph.replica
    if name is None or kind == "link":
        return None
    node = replica.node(element_id)
    return None if node is None else did_you_mean(name, node.properties)
