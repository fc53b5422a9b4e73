"""``g.diff(a, b)``: what makes the graph at one rev of the graph at another, to read and to use."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any, Literal

from msgspec import UNSET, Struct

from graph_ext.client.elements.keys import EdgeKey, Key, key_of, link_key_of
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.diff import BlueprintChange, Diff, LinksDiff, NodesDiff, ValueChange
from graph_ext.core.graph import Link, Node
from graph_ext.core.json_values import shown

__all__ = ["ElementChange", "GraphDiff"]

_PROPERTY = "properties."
_SHOWN = 20
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


class ElementChange(Struct, frozen=True, kw_only=True):
    """What became of a node or a link.

    Attributes
    ----------
    what : {"added", "removed", "changed"}
        Seen from the first rev.
    element : {"node", "link"}
        Which.
    key : key, or (u, v, key)
        The node's key, or the link's ends and key; a link_id, where nobody knows the ends any more.
    type : str
        Of one that was added or removed, in the blueprint.
    properties : dict of str to ValueChange
        By name: ``old`` and ``new``, ``gx.UNSET`` where there was none.
    fields : dict of str to ValueChange
        Likewise what else has changed: name, parent_id, order, position.
    """

    what: Literal["added", "removed", "changed"]
    element: Literal["node", "link"]
    key: Key | tuple[Key, Key, EdgeKey]
    type: str = ""
    properties: dict[str, ValueChange] = {}
    fields: dict[str, ValueChange] = {}

    def __str__(self) -> str:
        text = f"{_SIGNS[self.what]} {self.element} {shown(self.key)}"
        if self.type:
            text += f" ({self.type})"
        if self.what == "changed":
            changes = {**self.fields, **self.properties}
            text += ": " + ", ".join(_said(name, change) for name, change in changes.items())
        return text


class GraphDiff:
    """What differs between two revs; iterate it, or print it.

    Attributes
    ----------
    from_rev, to_rev : int
        In either order.
    nodes, links : NodesDiff, LinksDiff
        ``added`` and ``removed``, whole; ``changed``, field by field.
    blueprint : BlueprintChange or None
        ``old`` and ``new``, where it is another.
    truncated : bool
        There is more than a diff may hold; what it has is right.
    """

    def __init__(self, graph: ReadableGraph, diff: Diff) -> None:
        self._name = graph.name
        self._graph = graph
        self.from_rev: int = diff.from_rev
        self.to_rev: int = diff.to_rev
        self.nodes: NodesDiff = diff.nodes
        self.links: LinksDiff = diff.links
        self.blueprint: BlueprintChange | None = diff.blueprint
        self.truncated: bool = diff.truncated

    def __iter__(self) -> Iterator[ElementChange]:
        """Go through the changes: nodes, then links; added, removed, changed."""
        for node in self.nodes.added:
            yield _whole_node("added", node)
        for node in self.nodes.removed:
            yield _whole_node("removed", node)
        for changed_node in self.nodes.changed:
            properties, fields = _split(changed_node.fields)
            yield ElementChange(
                what="changed",
                element="node",
                key=key_of(changed_node.node_id),
                properties=properties,
                fields=fields,
            )
        for link in self.links.added:
            yield self._whole_link("added", link)
        for link in self.links.removed:
            yield self._whole_link("removed", link)
        for changed_link in self.links.changed:
            properties, fields = _split(changed_link.fields)
            yield ElementChange(
                what="changed",
                element="link",
                key=self._link_key(changed_link.link_id),
                properties=properties,
                fields=fields,
            )

    def __len__(self) -> int:
        """How many elements differ."""
        return sum(
            len(changes)
            for part in (self.nodes, self.links)
            for changes in (part.added, part.removed, part.changed)
        )

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return len(self) > 0 or self.blueprint is not None

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        head, *lines = self._lines()
        return f"<b>{escape(head)}</b><pre>{escape(chr(10).join(lines))}</pre>"

    def _lines(self) -> list[str]:
        lines = [f"{self._name!r} from rev {self.from_rev} to {self.to_rev}: {self._summary()}"]
        if self.blueprint is not None:
            lines.append("~ blueprint")
        for change, _ in zip(self, range(_SHOWN), strict=False):
            lines.append(str(change))
        if len(self) > _SHOWN:
            lines.append(f"... {len(self) - _SHOWN} more")
        if self.truncated:
            lines.append("... and more than a diff may hold")
        return lines

    def _summary(self) -> str:
        parts = []
        for name, part in (("node", self.nodes), ("link", self.links)):
            for what in _SIGNS:
                count = len(getattr(part, what))
                if count:
                    parts.append(f"{count} {name}{'' if count == 1 else 's'} {what}")
        return ", ".join(parts) or ("no elements differ" if self else "nothing differs")

    def _whole_link(self, what: Literal["added", "removed"], link: Link) -> ElementChange:
        return ElementChange(
            what=what,
            element="link",
            key=self._key_of_link(link),
            type=link.link_type_id,
            properties=_whole(what, link.properties),
        )

    def _link_key(self, link_id: str) -> Key | tuple[Key, Key, EdgeKey]:
        link = self._graph.replica.link(link_id)
        return link_id if link is None else self._key_of_link(link)

    def _key_of_link(self, link: Link) -> tuple[Key, Key, EdgeKey]:
        directed = self._graph.replica.graph.blueprint.directed
        key = link_key_of(link.link_id, link.source_id, link.target_id, directed=directed)
        return key_of(link.source_id), key_of(link.target_id), key


def _whole_node(what: Literal["added", "removed"], node: Node) -> ElementChange:
    return ElementChange(
        what=what,
        element="node",
        key=key_of(node.node_id),
        type=node.blueprint_type_id,
        properties=_whole(what, node.properties),
    )


def _whole(what: str, properties: dict[str, Any]) -> dict[str, ValueChange]:
    if what == "added":
        return {name: ValueChange(new=value) for name, value in properties.items()}
    return {name: ValueChange(old=value) for name, value in properties.items()}


def _split(
    changes: dict[str, ValueChange],
) -> tuple[dict[str, ValueChange], dict[str, ValueChange]]:
    """Part what has changed of an element into its properties and the rest."""
    properties = {
        name.removeprefix(_PROPERTY): change
        for name, change in changes.items()
        if name.startswith(_PROPERTY)
    }
    fields = {name: change for name, change in changes.items() if not name.startswith(_PROPERTY)}
    return properties, fields


def _said(name: str, change: ValueChange) -> str:
    if change.new is UNSET:
        return f"{name} {shown(change.old)} removed"
    if change.old is UNSET:
        return f"{name} = {shown(change.new)}"
    return f"{name} {shown(change.old)} -> {shown(change.new)}"
