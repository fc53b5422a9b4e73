"""How values become looks: colours for kinds of things, colours for numbers, sizes for numbers.

The page has the same in canvas/scales.ts, and both are held to tests/widget/looks.json.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct

__all__ = [
    "NEUTRAL",
    "PALETTE",
    "ColourScale",
    "SizeScale",
    "colour_scale",
    "is_colour",
    "kind_colours",
    "shows",
    "size_scale",
    "text_of",
]

# As canvas/palette.ts has them: readable on white and on near-black.
PALETTE = (
    "#4e8fd0",
    "#e08a3c",
    "#4aa564",
    "#d2606a",
    "#8f7bd0",
    "#a6793f",
    "#d078b4",
    "#a9a832",
    "#2fa8b8",
)
NEUTRAL = "#8c8c8c"
"""Of what has no value, and of kinds beyond the palette."""

_RAMP = ((63, 120, 201), (141, 121, 184), (224, 121, 58))
_SMALLEST, _LARGEST = 0.6, 2.8
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", re.ASCII)


class ColourScale(Struct, frozen=True):
    """Colours for values, and what the legend says of them."""

    kind: Literal["literal", "kinds", "numbers"]
    # text -> colour, the most frequent first; the legend's rows
    colours: dict[str, str] = {}
    # how many kinds have no colour of their own
    others: int = 0
    least: float = 0.0
    most: float = 0.0

    def colour(self, value: Any) -> str:
        """Return the colour of a value."""
        if value is None:
            return NEUTRAL
        match self.kind:
            case "literal":
                return str(value) if is_colour(value) else NEUTRAL
            case "kinds":
                return self.colours.get(text_of(value), NEUTRAL)
            case "numbers":
                return _ramp(_share(value, self.least, self.most)) if _number(value) else NEUTRAL


class SizeScale(Struct, frozen=True):
    """Sizes for values: times the size that a node has by itself, by area."""

    least: float
    most: float

    def factor(self, value: Any) -> float:
        """Return how much larger a node is drawn."""
        if not _number(value):
            return _SMALLEST
        return _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(_share(value, self.least, self.most))


def colour_scale(values: Iterable[Any], colours: Mapping[str, str] | None = None) -> ColourScale:
    """Return the scale that suits values: of colours themselves, of numbers, or of kinds.

    Parameters
    ----------
    values : iterable
        Those of the nodes that have one.
    colours : mapping of str to str, optional
        Colours of kinds, by their text; the others get some of the palette.
    """
    present = [value for value in values if value is not None]
    if colours is None:
        if present and all(map(is_colour, present)):
            return ColourScale("literal")
        if present and all(map(_number, present)):
            return ColourScale("numbers", least=min(present), most=max(present))
    counts = Counter(map(text_of, present))
    ordered = sorted(counts, key=lambda text: (-counts[text], text))
    given = dict(colours or {})
    free = [text for text in ordered if text not in given]
    shown = kind_colours(free[: len(PALETTE)])
    all_colours = {
        text: given.get(text) or shown[text] for text in ordered if text in given or text in shown
    }
    return ColourScale("kinds", all_colours, others=len(ordered) - len(all_colours))


def kind_colours(kinds: Iterable[str]) -> dict[str, str]:
    """Return colours of kinds: by their text, no two the same while there are enough."""
    slots: dict[str, int] = {}
    taken: set[int] = set()
    for kind in kinds:
        slot = _hash(kind) % len(PALETTE)
        while len(taken) < len(PALETTE) and slot in taken:
            slot = (slot + 1) % len(PALETTE)
        taken.add(slot)
        slots[kind] = slot
    return {kind: PALETTE[slot] for kind, slot in slots.items()}


def size_scale(values: Iterable[Any]) -> SizeScale | None:
    """Return the scale of the numbers among values; None where there are none."""
    numbers = [value for value in values if _number(value)]
    return SizeScale(min(numbers), max(numbers)) if numbers else None


def shows(value: Any, among: list[str] | None) -> bool:
    """Whether a filter shows a node of this value."""
    return bool(value) if among is None else value is not None and text_of(value) in among


def text_of(value: Any) -> str:
    """Return a value as people see it: text as it is, the rest as JSON writes it."""
    if isinstance(value, str):
        return value
    return json.dumps(_whole(value), ensure_ascii=False, separators=(",", ":"))


def is_colour(value: Any) -> bool:
    """Whether a value is a colour, #rgb or #rrggbb."""
    return isinstance(value, str) and _COLOUR.fullmatch(value) is not None


def _whole(value: Any) -> Any:
    """Return a value without the .0 that JavaScript does not know."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _share(value: float, least: float, most: float) -> float:
    return 0.5 if most <= least else min(1.0, max(0.0, (value - least) / (most - least)))


def _ramp(share: float) -> str:
    low, middle, high = _RAMP
    start, end = (low, middle) if share < 0.5 else (middle, high)
    part = share * 2 if share < 0.5 else share * 2 - 1
    # half up, as JavaScript rounds
    mixed = (math.floor(a + (b - a) * part + 0.5) for a, b in zip(start, end, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _hash(text: str) -> int:
    """FNV-1a, 32 bits, over UTF-16: as the page's own."""
    value = 0x811C9DC5
    units = text.encode("utf-16-le")
    for index in range(0, len(units), 2):
        value ^= units[index] | units[index + 1] << 8
        value = value * 0x01000193 & 0xFFFFFFFF
    return value
