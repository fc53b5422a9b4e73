"""The label and the place of a node in yEd's and yFiles' graphics inside GraphML.

yEd writes ``y:Geometry`` (x, y: the upper left corner) and ``y:NodeLabel``; yFiles for HTML writes
``y:RectD`` and ``y:Label``. A label that begins with ``<html>`` is HTML in yEd, and only there.
"""

from __future__ import annotations

import re
from html import unescape

from graph_ext.core.json_values import shown
from graph_ext.exchange.graph_file import Notes

__all__ = ["YedGraphics"]

_LABELS = {"NodeLabel", "EdgeLabel", "Label.Text"}
_TAG = re.compile(r"<[^<>]*>")


class YedGraphics:
    """Gathers what can be carried of one element's graphics.

    Attributes
    ----------
    label : str
        The first label that is not empty; "" until it comes.
    centre : (str, str) or (float, float) or None
        The middle of the first shape.
    in_data : bool
        Whether graphics stood in the ``<data>`` that is open; its reader sets it back.
    """

    def __init__(self) -> None:
        self.label = ""
        self.centre: tuple[float, float] | None = None
        self.in_data = False
        self._is_html = False
        self._elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element inside ``<data>``."""
        self.in_data = True
        self._elements += 1
        lowered = {name.lower(): value for name, value in attributes.items()}
        if tag == "Label" and "text" in lowered:
            self._take_label(lowered["text"])
        elif tag in ("Geometry", "RectD") and self.centre is None:
            try:
                x, y, width, height = (
                    float(lowered.get(name, "0")) for name in ("x", "y", "width", "height")
                )
            except ValueError:
                return
            if "x" in lowered and "y" in lowered:
                self.centre = (x + width / 2, y + height / 2)

    def end(self, tag: str, text: str) -> None:
        """Take the end of an element inside ``<data>``."""
        if tag in _LABELS:
            self._take_label(text)

    def note(self, notes: Notes) -> None:
        """Count what was not carried."""
        notes.add("elements have yEd graphics: of them only label and position were read")
        if self._is_html:
            notes.add("labels are HTML: only their text was read", shown(self.label))

    def _take_label(self, text: str) -> None:
        if self.label or not text.strip():
            return
        text = text.strip()
        if text[:6].lower() == "<html>":
            self._is_html = True
            text = " ".join(unescape(_TAG.sub(" ", text)).split())
        self.label = text
