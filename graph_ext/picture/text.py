"""Text in a picture: escaped, cut to a length, and how wide it is, roughly."""

from __future__ import annotations

import re
from html import escape
from unicodedata import combining, east_asian_width

__all__ = ["INK", "escaped", "shortened", "width_px"]

INK = "#787878"
"""What is written with: 4.4 to 1 on white, 4.3 to 1 on JupyterLab's black."""

# what XML 1.0 can't have, escaped or not
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def escaped(text: str) -> str:
    """Return text that is nothing but text in SVG."""
    return escape(_FORBIDDEN.sub("\ufffd", text))


def shortened(text: str, most: int) -> str:
    """Cut text to so many characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def width_px(text: str, size_px: float) -> float:
    """Return how wide a text is, with no font at hand: rather too wide."""
    units = 0.0
    for character in text:
        if combining(character):
            continue
        wide = east_asian_width(character) in {"W", "F"}
        units += 1.0 if wide else 0.3 if character in " .,:;'|!ijlt" else 0.58
    return units * size_px
