"""What GraphML and GEXF share: the ids of this project's own keys, and values as XML holds them."""

from __future__ import annotations

from collections.abc import Iterable

from graph_ext.core.graph import Link, Node
from graph_ext.core.json_values import shown
from graph_ext.exchange.graph_file import Notes
from graph_ext.exchange.values import Kind, columns_of, kind_of, text_of
from graph_ext.exchange.xml_events import XML_UNFIT, escaped

__all__ = ["JSON", "LINK_TYPE", "NAME", "OWN", "PARENT", "TYPE", "X", "XmlTexts", "Y"]

OWN = "graph_ext."
"""How the ids of this project's own keys begin."""

NAME, TYPE, PARENT, X, Y, LINK_TYPE = (
    OWN + field for field in ("name", "type", "parent", "x", "y", "link_type")
)
JSON = OWN + "json."
"""How the ids of keys begin whose values are JSON."""

_TYPES: dict[Kind, str] = {
    "boolean": "boolean",
    "integer": "long",
    "number": "double",
    "text": "string",
    "json": "string",
}


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

    def declared(
        self, elements: Iterable[Node | Link], prefix: str
    ) -> tuple[dict[tuple[str, Kind], str], list[tuple[str, str, str]]]:
        """Return the keys that properties need.

        Returns
        -------
        (keys, declarations)
            The id of each property and kind; and id, name and type of each to declare.
        """
        keys: dict[tuple[str, Kind], str] = {}
        declarations: list[tuple[str, str, str]] = []
        for name, kinds in columns_of(elements).items():
            # a text may hold what XML can't: then it is written as JSON
            for kind in sorted({*kinds, "json"} if "text" in kinds else kinds):
                key_id = f"{JSON if kind == 'json' else ''}{prefix}{len(keys)}"
                keys[name, kind] = key_id
                declarations.append((key_id, self.text(name), _TYPES[kind]))
        return keys, declarations

    def _id(self, element_id: str, what: str) -> str:
        if not XML_UNFIT.search(element_id):
            return escaped(element_id)
        if element_id not in self._stand_ins:
            self._notes.add(f"{what} have characters that XML can't hold", shown(element_id))
            number = len(self._stand_ins) + 1
            fit = XML_UNFIT.sub("\ufffd", element_id)
            self._stand_ins[element_id] = f"{fit}-{number}"
        return escaped(self._stand_ins[element_id])
