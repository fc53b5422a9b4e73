"""Undo, said as layers: a commit lays values over those that stand, and an undo takes its own off.

A *place* is one thing that can change: whether an element exists, or one of its values. What may
be taken off is only the uppermost layer of a place; what others have laid over it stays. Used by
invariants.py.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Layers", "place_of", "value_of"]

Event = dict[str, Any]
Place = tuple[str, str]
"""(element, field): field "" is whether the element exists."""


class _Layer:
    """A value somebody has laid; ``revs``: the commits whose undoing takes it off."""

    __slots__ = ("revs", "value")

    def __init__(self, value: Any, revs: set[int]) -> None:
        self.value = value
        self.revs = revs


def place_of(event: Event) -> Place:
    """Return what an event (as JSON) changes."""
    match event["type"]:
        case "node-created" | "node-deleted":
            return "n:" + event["node_id"], ""
        case "node-linked" | "node-unlinked":
            return "l:" + event["link_id"], ""
        case "node-updated":
            return "n:" + event["node_id"], event["field"]
        case "property-changed" | "property-deleted":
            node_id = event.get("node_id")
            element = "l:" + event["link_id"] if node_id is None else "n:" + node_id
            return element, "." + event["property_name"]
        case _:
            return "blueprint", ""


def value_of(event: Event) -> Any:
    """Return what stands at an event's place after it."""
    match event["type"]:
        case "node-deleted" | "node-unlinked":
            return "gone"
        case "node-created" | "node-linked":
            return "there"
        case "property-deleted":
            return None, "unset"
        case _:
            return event.get("new_value")


class Layers:
    """All layers of a session, fed with its commits in order."""

    def __init__(self) -> None:
        # place -> its layers, the first of which nobody can take off
        self._of: dict[Place, list[_Layer]] = {}
        # rev -> the layers that it took off, by place
        self._taken_off: dict[int, dict[Place, _Layer]] = {}
        # elements that a command has made, and those whose id was used again:
        # to tell their lives apart is not worth the words
        self._made: set[str] = set()
        self._reused: set[str] = set()

    def commit(self, rev: int, events: list[Event]) -> None:
        """Lay what a command did over the rest."""
        for event in events:
            place = place_of(event)
            layers = self._of.get(place)
            if layers is None:
                layers = self._of[place] = [_Layer(_before(event), set())]
            if event["type"] in {"node-created", "node-linked"}:
                if place[0] in self._made:
                    self._reused.add(place[0])
                self._made.add(place[0])
            if layers[-1].revs == {rev}:
                layers[-1].value = value_of(event)
            else:
                layers.append(_Layer(value_of(event), {rev}))

    def take_back(self, rev: int, target: int, events: list[Event], *, forced: bool) -> str:
        """Check and do an undo or redo; return what is wrong with it."""
        values = {place_of(event): event for event in events}
        taken_off = self._taken_off[rev] = {}
        put_back = self._taken_off.get(target, {})
        deleted = {place[0] for place, event in values.items() if value_of(event) == "gone"}
        wrong = ""
        for place, event in values.items():
            layers = self._of.setdefault(place, [_Layer(_before(event), set())])
            new = value_of(event)
            if target in layers[-1].revs and len(layers) > 1:
                taken_off[place] = layers.pop()
            elif place in put_back:
                put_back[place].revs.add(rev)
                layers.append(put_back[place])
            elif place[0] in self._reused or forced:
                layers.append(_Layer(new, {rev}))
            else:
                wrong = wrong or f"rev {rev} takes back rev {target} and touches {place}, not its"
                layers.append(_Layer(new, {rev}))
            if layers[-1].value != new:
                if place[0] not in self._reused:
                    wrong = wrong or (
                        f"rev {rev} takes back rev {target} and leaves {new!r} at {place} "
                        f"where {layers[-1].value!r} stood before"
                    )
                layers[-1].value = new
            if event["type"] == "node-created":
                self._adopt(event)
        return wrong or self._left_standing(rev, target, deleted)

    def _left_standing(self, rev: int, target: int, deleted: set[str]) -> str:
        """Say which value of the target stands uppermost still, and should not."""
        for (element, field), layers in self._of.items():
            if field and field not in {"parent_id", "order"} and element not in deleted:
                there = self._of.get((element, ""))
                alive = there is None or there[-1].value != "gone"
                if alive and target in layers[-1].revs and element not in self._reused:
                    return f"rev {rev} takes back rev {target} and leaves its {(element, field)}"
        return ""

    def _adopt(self, event: Event) -> None:
        """Note where a node comes back: not below its parent where that is gone."""
        layers = self._of.get(("n:" + event["node_id"], "parent_id"))
        if layers is not None:
            layers[-1].value = event.get("parent_id")


def _before(event: Event) -> Any:
    match event["type"]:
        case "node-created" | "node-linked":
            return "gone"
        case "node-deleted" | "node-unlinked":
            return "there"
        case "property-changed" if "old_value" not in event:
            return None, "unset"
        case _:
            return event.get("old_value")
