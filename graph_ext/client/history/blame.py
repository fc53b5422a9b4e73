"""``g.blame``: who has last changed what of a node or a link, as the server's log has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any, Literal
from urllib.parse import urlencode

from msgspec import UNSET

from graph_ext.client.elements.keys import link_id_of, node_id_of
from graph_ext.client.elements.links import LinkView, find_links
from graph_ext.client.elements.nodes import find_node
from graph_ext.client.elements.values import own_copy
from graph_ext.client.elements.view import ElementView
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.history.log import local_time
from graph_ext.core.blame import EXISTS
from graph_ext.core.errors import ConflictError, GoneError, NotFoundError, SchemaError
from graph_ext.core.json_values import did_you_mean, shown
from graph_ext.protocol import Actor
from graph_ext.protocol.http import Blame, BlamedChange

__all__ = ["ElementBlame", "LastChange", "find_blame"]

_PROPERTY = "properties."

_Element = tuple[Literal["node", "link"], str]


class LastChange:
    """The last change of a property or field.

    Attributes
    ----------
    name : str
        The property's; of a field name, parent_id, order, position; ``exists``: it was made or
        deleted.
    rev, at, label : int, float, str
        Of the commit; ``at`` in Unix seconds, UTC, and ``when`` as a datetime.
    actor : Actor
        Who: ``actor.name``, ``actor.actor_id``.
    """

    __slots__ = ("_change", "name")

    def __init__(self, change: BlamedChange) -> None:
        self._change = change
        self.name = change.field.removeprefix(_PROPERTY)

    @property
    def rev(self) -> int:
        """Of the commit."""
        return self._change.rev

    @property
    def at(self) -> float:
        """When, Unix seconds, UTC."""
        return self._change.at

    @property
    def when(self) -> datetime:
        """When, in this machine's time zone."""
        return local_time(self._change.at)

    @property
    def actor(self) -> Actor:
        """Who has done it."""
        return self._change.actor

    @property
    def label(self) -> str:
        """What the commit is called."""
        return self._change.label

    @property
    def old_value(self) -> Any:
        """What it was before; ``gx.UNSET`` where it was not set."""
        return own_copy(self._change.old)

    @property
    def new_value(self) -> Any:
        """What it became; ``gx.UNSET`` where it was deleted."""
        return own_copy(self._change.new)

    def row(self) -> tuple[str, str, str, str, str]:
        """Return it as a table shows it: name, value, rev, when, who."""
        return (
            self.name,
            self._said(),
            str(self.rev),
            f"{self.when:%Y-%m-%d %H:%M:%S}",
            self.actor.name or self.actor.actor_id,
        )

    def __repr__(self) -> str:
        name, said, rev, when, who = self.row()
        label = f" ({self.label})" if self.label else ""
        return f"<{name} {said}: rev {rev}, {when}, {who}{label}>"

    def _said(self) -> str:
        change = self._change
        if change.field == EXISTS:
            return "made" if change.new else "deleted"
        was = "" if change.old is UNSET else shown(change.old)
        if change.new is UNSET:
            return f"deleted, was {was}"
        return f"= {shown(change.new)}" + (f", was {was}" if was else "")


class ElementBlame(Mapping[str, LastChange]):
    """The last change of every property of an element, by the properties' names.

    Attributes
    ----------
    fields : dict of str to LastChange
        Likewise its other fields: name, parent_id, order, position.
    existence : LastChange or None
        Who has made or deleted it; None where the log does not reach back to that.
    """

    def __init__(self, named: str, changes: Iterable[BlamedChange]) -> None:
        self._named = named
        self._properties: dict[str, LastChange] = {}
        self.fields: dict[str, LastChange] = {}
        self.existence: LastChange | None = None
        for change in changes:
            last = LastChange(change)
            if change.field == EXISTS:
                self.existence = last
            elif change.field.startswith(_PROPERTY):
                self._properties[last.name] = last
            else:
                self.fields[last.name] = last

    def __getitem__(self, name: str) -> LastChange:
        if name not in self._properties:
            raise NotFoundError(
                f"the log knows of no property {shown(name)} of {self._named}",
                fix=did_you_mean(str(name), self._properties),
            )
        return self._properties[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._properties)

    def __len__(self) -> int:
        return len(self._properties)

    def __repr__(self) -> str:
        rows = [change.row() for change in self._all()]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([f"{self._named}:", *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in change.row())}</tr>"
            for change in self._all()
        )
        return f"<b>{escape(self._named)}</b><table><tbody>{rows}</tbody></table>"

    def _all(self) -> list[LastChange]:
        existence = [self.existence] if self.existence is not None else []
        return [*existence, *self.fields.values(), *self._properties.values()]


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
