"""Who has last changed what of an element: found by going back through the log's events.

Fields are called as in a diff (diff.py): a property ``properties.<name>``; ``exists`` is whether
the element stands at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

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

__all__ = ["EXISTS", "FieldChange", "LastChanges"]

EXISTS = "exists"

_PROPERTY = "properties."
_FIELDS = {
    "node": ("name", "parent_id", "blueprint_type_id", "order", "position"),
    "link": ("source_id", "target_id", "link_type_id"),
}


class FieldChange(Struct, frozen=True, omit_defaults=True):
    """What one event did to one field; a value is absent where there was none."""

    field: str
    old: Any | UnsetType = UNSET
    new: Any | UnsetType = UNSET


class LastChanges:
    """The last change of each field of one element.

    Parameters
    ----------
    kind, element_id : str
        Which element.
    field : str, optional
        Which field of it; None: each.
    """

    def __init__(
        self, kind: Literal["node", "link"], element_id: str, field: str | None = None
    ) -> None:
        self._kind = kind
        self._element_id = element_id
        self._field = field
        # fields whose last change was found
        self._found: set[str] = set()
        # whether there is nothing more to be found before the events noted so far
        self.complete = False

    def note(self, event: Event) -> Iterator[FieldChange]:
        """Take the event before those so far; yield what is the last change of a field."""
        for change in self._changes(event):
            if change.field in self._found or self._field not in {None, change.field}:
                continue
            self._found.add(change.field)
            self.complete = self.complete or self._field is not None
            yield change

    def _changes(self, event: Event) -> list[FieldChange]:
        match event:
            case NodeUpdated() if self._is_it("node", event.node_id):
                return [FieldChange(event.field, event.old_value, event.new_value)]
            case PropertyChanged() if self._is_owner(event):
                name = _PROPERTY + event.property_name
                return [FieldChange(name, event.old_value, event.new_value)]
            case PropertyDeleted() if self._is_owner(event):
                return [FieldChange(_PROPERTY + event.property_name, event.old_value)]
            case NodeCreated() if self._is_it("node", event.node_id):
                return self._whole(event, made=True)
            case NodeLinked() if self._is_it("link", event.link_id):
                return self._whole(event, made=True)
            case NodeDeleted() if self._is_it("node", event.node_id):
                return self._whole(event, made=False)
            case NodeUnlinked() if self._is_it("link", event.link_id):
                return self._whole(event, made=False)
        return []

    def _whole(
        self, event: NodeCreated | NodeDeleted | NodeLinked | NodeUnlinked, *, made: bool
    ) -> list[FieldChange]:
        """Return what the making or the end of the element did: nothing before it counts."""
        self.complete = True
        values = {name: getattr(event, name) for name in _FIELDS[self._kind]}
        values = {name: value for name, value in values.items() if value not in {None, ""}}
        values.update((_PROPERTY + name, value) for name, value in event.properties.items())
        if made:
            changes = [FieldChange(name, UNSET, value) for name, value in values.items()]
        else:
            changes = [FieldChange(name, value) for name, value in values.items()]
        return [FieldChange(EXISTS, not made, made), *changes]

    def _is_owner(self, event: PropertyChanged | PropertyDeleted) -> bool:
        if event.node_id is not None:
            return self._is_it("node", event.node_id)
        return self._is_it("link", event.link_id)

    def _is_it(self, kind: str, element_id: str | None) -> bool:
        return kind == self._kind and element_id == self._element_id
