"""What the two XML writers share: ids, names and values as XML can hold them."""

from __future__ import annotations

from graph_ext.core.json_values import shown
from graph_ext.exchange.graph_file import Notes
from graph_ext.exchange.values import Kind, kind_of, text_of
from graph_ext.exchange.xml_events import XML_UNFIT, escaped

__all__ = ["XmlTexts"]


class XmlTexts:
    """Escapes what a graph holds, and counts what XML can't hold.

    Parameters
    ----------
    notes : Notes
        Where losses are counted.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        # ids that XML can't hold -> what stands for them
        self._stand_ins: dict[str, str] = {}

    def text(self, text: str) -> str:
        """Return a text, its unfit characters replaced by U+FFFD."""
        if XML_UNFIT.search(text):
            self._notes.add("names have characters that XML can't hold", shown(text))
            text = XML_UNFIT.sub("\ufffd", text)
        return escaped(text)

    def node_id(self, node_id: str) -> str:
        """Return the id of a node; two that differ stay different."""
        return self._id(node_id, "ids of nodes")

    def link_id(self, link_id: str) -> str:
        """Return the id of a link; two that differ stay different."""
        return self._id(link_id, "ids of links")

    def value(self, name: str, value: object) -> tuple[Kind, str]:
        """Return the kind in which a property is written, and its text."""
        kind = kind_of(value)
        if kind == "text":
            if not XML_UNFIT.search(text := str(value)):
                return "text", escaped(text)
            self._notes.add(
                "texts have characters that XML can't hold and were written as JSON", shown(name)
            )
            kind = "json"
        elif kind == "json":
            self._notes.add(
                "values are lists, objects or null and were written as JSON text", shown(name)
            )
        return kind, escaped(text_of(value, kind))

    def _id(self, element_id: str, what: str) -> str:
        if not XML_UNFIT.search(element_id):
            return escaped(element_id)
        if element_id not in self._stand_ins:
            self._notes.add(f"{what} have characters that XML can't hold", shown(element_id))
            number = len(self._stand_ins) + 1
            fit = XML_UNFIT.sub("\ufffd", element_id)
            self._stand_ins[element_id] = f"{fit}-{number}"
        return escaped(self._stand_ins[element_id])
