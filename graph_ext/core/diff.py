"""What differs between two revs, told by the events between them; neither graph is needed.

Pure: the hub reads the log (hub/past.py). What was changed and changed back drops out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from msgspec import UNSET, Struct, UnsetType, field

from graph_ext.core.blueprint import Blueprint
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
from graph_ext.core.graph import Link, Node
from graph_ext.core.json_values import equal_values, value_size

__all__ = [
    "BlueprintChange",
    "Diff",
    "LinkChanges",
    "LinksDiff",
    "NodeChanges",
    "NodesDiff",
    "ValueChange",
    "diff_between",
]

_PROPERTY = "properties."
_ELEMENT_BYTES = 200  # about what an element takes, its properties aside


class ValueChange(Struct, frozen=True, omit_defaults=True):
    """A value at the one rev and at the other; absent where it was not set."""

    old: Any | UnsetType = UNSET
    new: Any | UnsetType = UNSET


class NodeChanges(Struct, frozen=True):
    """What has changed of a node: by field, properties as ``properties.<name>``."""

    node_id: str
    fields: dict[str, ValueChange]


class LinkChanges(Struct, frozen=True):
    """What has changed of a link: by field, properties as ``properties.<name>``."""

    link_id: str
    fields: dict[str, ValueChange]


class NodesDiff(Struct, frozen=True):
    """The nodes that stand at the second rev alone, at the first alone, or at both but changed."""

    added: list[Node] = field(default_factory=list)
    removed: list[Node] = field(default_factory=list)
    changed: list[NodeChanges] = field(default_factory=list)


class LinksDiff(Struct, frozen=True):
    """The links that stand at the second rev alone, at the first alone, or at both but changed."""

    added: list[Link] = field(default_factory=list)
    removed: list[Link] = field(default_factory=list)
    changed: list[LinkChanges] = field(default_factory=list)


class BlueprintChange(Struct, frozen=True):
    """The blueprint at the one rev and at the other."""

    old: Blueprint
    new: Blueprint


class Diff(Struct, frozen=True, kw_only=True):
    """What makes the graph at ``to_rev`` of the one at ``from_rev``.

    ``truncated``: there is more than a diff may hold; what it has is right.
    """

    from_rev: int
    to_rev: int
    nodes: NodesDiff
    links: LinksDiff
    blueprint: BlueprintChange | None = None
    truncated: bool = False


def diff_between(
    from_rev: int,
    to_rev: int,
    events: Iterable[Event],
    *,
    max_elements: int,
    max_bytes: int,
) -> Diff:
    """Tell what differs between two revs.

    Parameters
    ----------
    from_rev, to_rev : int
        In either order.
    events : iterable of Event
        Those of all commits between the two, in the order of the log: after the lower rev, up to
        and including the higher.
    max_elements, max_bytes : int
        Of how many elements, and of how large ones in all, is kept track.
    """
    between = _Between(max_elements, max_bytes)
    for event in events:
        between.note(event)
    return between.diff(from_rev, to_rev, backwards=from_rev > to_rev)


_Values = dict[str, Any]
"""Field -> value; UNSET: not set."""


class _Element:
    """One element, as far as the events tell of it."""

    __slots__ = ("existed", "exists", "known", "new", "old", "remade")

    def __init__(self, existed: bool) -> None:
        # whether it stood at the lower rev, and whether it stands now
        self.existed = self.exists = existed
        # what it was at the lower rev: every field where `known`, else those that were changed
        self.old: _Values = {}
        self.known = False
        # what it is now: every field where `remade`, else those that were changed
        self.new: _Values = {}
        self.remade = False


class _Between:
    """Folds events, ascending."""

    def __init__(self, max_elements: int, max_bytes: int) -> None:
        self._room = max_elements
        self._bytes_left = max_bytes
        # ("node" or "link", id) -> what is known of it, in the order of the first change
        self._elements: dict[tuple[str, str], _Element] = {}
        self._blueprints: tuple[Blueprint, Blueprint] | None = None
        # once true nothing new is taken: what came in between would be missing from it
        self._truncated = False

    def note(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case NodeCreated():
                self._made(("node", event.node_id), event)
            case NodeLinked():
                self._made(("link", event.link_id), event)
            case NodeDeleted():
                self._gone(("node", event.node_id), event)
            case NodeUnlinked():
                self._gone(("link", event.link_id), event)
            case NodeUpdated():
                self._changed(
                    ("node", event.node_id), event.field, event.old_value, event.new_value
                )
            case PropertyChanged():
                key = _owner(event)
                self._changed(
                    key, _PROPERTY + event.property_name, event.old_value, event.new_value
                )
            case PropertyDeleted():
                self._changed(
                    _owner(event), _PROPERTY + event.property_name, event.old_value, UNSET
                )
            case BlueprintUpdated():
                first = event.old_value if self._blueprints is None else self._blueprints[0]
                self._blueprints = (first, event.new_value)
            case _:
                assert_never(event)

    def diff(self, from_rev: int, to_rev: int, *, backwards: bool) -> Diff:
        """Return what all of it comes to."""
        nodes, links = NodesDiff(), LinksDiff()
        for (kind, element_id), element in self._elements.items():
            was, now = (element.existed, element.exists)
            if was and now:
                fields = _differing(element, backwards)
                if not fields:
                    continue
                if kind == "node":
                    nodes.changed.append(NodeChanges(element_id, fields))
                else:
                    links.changed.append(LinkChanges(element_id, fields))
                continue
            values = element.old if was else element.new
            if kind == "node":
                (nodes.removed if was != backwards else nodes.added).append(
                    _node(element_id, values)
                )
            else:
                (links.removed if was != backwards else links.added).append(
                    _link(element_id, values)
                )
        blueprint = None
        if self._blueprints is not None and self._blueprints[0] != self._blueprints[1]:
            first, last = self._blueprints
            blueprint = BlueprintChange(*((last, first) if backwards else (first, last)))
        return Diff(
            from_rev=from_rev,
            to_rev=to_rev,
            nodes=nodes,
            links=links,
            blueprint=blueprint,
            truncated=self._truncated,
        )

    def _made(self, key: tuple[str, str], event: NodeCreated | NodeLinked) -> None:
        element = self._known(key, existed=False)
        if element is not None:
            element.exists = element.remade = True
            element.new = _values(event)
            self._bytes_left -= _ELEMENT_BYTES + value_size(event.properties)

    def _gone(self, key: tuple[str, str], event: NodeDeleted | NodeUnlinked) -> None:
        element = self._known(key, existed=True)
        if element is None:
            return
        if not element.existed:
            # made and deleted in between: room for another
            del self._elements[key]
            self._room += 1
            return
        if not element.known:
            element.old = {**_values(event), **element.old}
            element.known = True
            self._bytes_left -= _ELEMENT_BYTES + value_size(event.properties)
        element.exists = element.remade = False
        element.new = {}

    def _changed(self, key: tuple[str, str], field: str, old: Any, new: Any) -> None:
        element = self._known(key, existed=True)
        if element is None:
            return
        if not element.remade and field not in element.old:
            element.old[field] = old
            self._bytes_left -= _size(old) + _size(new)
        element.new[field] = new

    def _known(self, key: tuple[str, str], *, existed: bool) -> _Element | None:
        """Return what is known of an element; None where there is no room for it."""
        element = self._elements.get(key)
        if element is None and not self._truncated:
            if self._room <= 0 or self._bytes_left <= 0:
                self._truncated = True
                return None
            self._room -= 1
            element = self._elements[key] = _Element(existed)
        return element


def _owner(event: PropertyChanged | PropertyDeleted) -> tuple[str, str]:
    if event.node_id is not None:
        return ("node", event.node_id)
    return ("link", event.link_id or "")


def _values(event: NodeCreated | NodeDeleted | NodeLinked | NodeUnlinked) -> _Values:
    """Return an element's fields, its properties among them."""
    names = _NODE_FIELDS if isinstance(event, NodeCreated | NodeDeleted) else _LINK_FIELDS
    values = {name: getattr(event, name) for name in names}
    values.update((_PROPERTY + name, value) for name, value in event.properties.items())
    return values


_NODE_FIELDS = ("parent_id", "blueprint_type_id", "name", "order", "position")
_LINK_FIELDS = ("source_id", "target_id", "link_type_id")


def _node(node_id: str, values: _Values) -> Node:
    fields = {name: values[name] for name in _NODE_FIELDS}
    return Node(node_id, **fields, properties=_properties(values))


def _link(link_id: str, values: _Values) -> Link:
    fields = {name: values[name] for name in _LINK_FIELDS}
    return Link(link_id, **fields, properties=_properties(values))


def _properties(values: _Values) -> dict[str, Any]:
    return {
        name.removeprefix(_PROPERTY): value
        for name, value in values.items()
        if name.startswith(_PROPERTY) and value is not UNSET
    }


def _differing(element: _Element, backwards: bool) -> dict[str, ValueChange]:
    fields: dict[str, ValueChange] = {}
    for name in {**element.old, **element.new}:
        old, new = element.old.get(name, UNSET), element.new.get(name, UNSET)
        if not equal_values(old, new):
            fields[name] = ValueChange(new, old) if backwards else ValueChange(old, new)
    return fields


def _size(value: Any) -> int:
    return 0 if value is UNSET else value_size(value)
