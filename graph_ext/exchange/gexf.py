"""Reading GEXF (gexf.net), the format of Gephi, in all its versions.

The format knows labels, parents (``pid``), positions (``viz:position``), kinds of edges and typed
attributes. Colours, sizes and shapes become properties of those names; of values that change over
time the last is kept. gexf_write.py is the other half.
"""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec import Struct, field

from graph_ext.core.errors import BadMessageError
from graph_ext.core.json_values import shown
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.graph_file import GraphFile, Limits
from graph_ext.exchange.values import Kind, parsed
from graph_ext.exchange.xml_events import parse_xml
from graph_ext.exchange.xml_text import JSON, TYPE

__all__ = ["read"]

_KINDS: dict[str, Kind] = {
    "boolean": "boolean",
    "integer": "integer",
    "int": "integer",
    "long": "integer",
    "short": "integer",
    "byte": "integer",
    "biginteger": "integer",
    "float": "number",
    "double": "number",
    "bigdecimal": "number",
}
_LIST_ITEM = re.compile(
    r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^,|;]*))\s*(?:[,|;]|\Z)"""
)
_TIMES = ("start", "end", "startopen", "endopen", "timestamp", "timestamps", "intervals")


class _Attribute(Struct, gc=False):
    """A declared attribute of nodes or of edges; ``is_list`` where its values are lists."""

    id: str
    title: str
    kind: Kind
    what: str  # the title as messages show it
    is_list: bool = False
    default: Any = None


class _Declared(Struct):
    """The attributes of nodes, or those of edges."""

    by_id: dict[str, _Attribute] = field(default_factory=dict)
    in_order: list[_Attribute] = field(default_factory=list)
    with_default: list[_Attribute] = field(default_factory=list)


class _Element(Struct):
    """A node or edge whose end tag has not come yet."""

    is_node: bool
    attributes: dict[str, str]
    node_id: str | None = None
    type_id: str = ""
    parent: str | None = None
    position: tuple[str, str] | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    looks: dict[str, Any] = field(default_factory=dict)


def read(body: bytes, limits: Limits) -> GraphFile:
    """Read a GEXF file.

    Raises
    ------
    BadMessageError
        It is no GEXF.
    TooLargeError
        It is over a limit.
    """
    reader = _Reader(limits)
    parse_xml(body, reader.start, reader.end)
    return reader.finish()


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._collector = Collector(limits)
        self._notes = self._collector.notes
        self._declared = {True: _Declared(), False: _Declared()}  # of nodes, of edges
        self._declaring: _Declared | None = None  # inside <attributes>
        self._attribute: _Attribute | None = None  # whose <attribute> is open
        self._open: list[_Element] = []  # nodes around the current place, and a last edge
        self._root = ""
        self._directed_default = False  # as the specification has it
        self._kinds_of_link = {True: 0, False: 0}  # directed or not -> how many

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._root:
            self._root = tag
            if tag != "gexf":
                raise BadMessageError(f"a GEXF file must begin with <gexf>, got <{tag}>")
        elif tag == "attvalue":
            if self._open:
                self._value(self._open[-1], attributes)
        elif tag == "node":
            self._start_node(attributes)
        elif tag == "edge":
            self._open.append(_Element(False, attributes))
        elif self._open:
            self._start_detail(self._open[-1], tag, attributes)
        elif tag == "graph":
            self._directed_default = attributes.get("defaultedgetype", "undirected") != "undirected"
            if attributes.get("mode") == "dynamic":
                self._notes.add("graph is dynamic: of values that change the last is kept")
        elif tag == "attributes":
            self._declaring = self._declared[attributes.get("class", "node") != "edge"]
        elif tag == "attribute" and self._declaring:
            self._start_attribute(attributes)

    def end(self, tag: str, text: str) -> None:
        if tag == "node":
            self._end_node(self._open.pop())
        elif tag == "edge":
            self._end_edge(self._open.pop())
        elif tag == "attributes":
            self._declaring = None
        elif tag == "attribute" and self._declaring and self._attribute:
            attribute, self._attribute = self._attribute, None
            if attribute.id in self._declaring.by_id:
                self._notes.add("attributes are declared twice: the first is used", attribute.id)
                return
            self._declaring.by_id[attribute.id] = attribute
            self._declaring.in_order.append(attribute)
            if attribute.default is not None:
                self._declaring.with_default.append(attribute)
        elif tag == "default" and self._attribute and text:
            self._attribute.default = self._typed(self._attribute, text)

    def finish(self) -> GraphFile:
        directed, undirected = self._kinds_of_link[True], self._kinds_of_link[False]
        if directed and undirected:
            self._notes.add("undirected edges are read as directed links", count=undirected)
        is_directed = bool(directed) or (self._directed_default and not undirected)
        return self._collector.finish("gexf", directed=is_directed)

    # --- attributes

    def _start_attribute(self, attributes: dict[str, str]) -> None:
        attribute_id = attributes.get("id", "")
        type_name = attributes.get("type", "string").lower()
        item_type = type_name.removeprefix("list")
        kind = _KINDS.get(item_type, "text")
        if attribute_id.startswith(JSON):
            kind = "json"
        title = attributes.get("title") or attribute_id
        self._attribute = _Attribute(
            attribute_id,
            title,
            kind,
            shown(title),
            is_list=item_type != type_name,
        )

    def _value(self, element: _Element, attributes: dict[str, str]) -> None:
        declared = self._declared[element.is_node]
        key = attributes.get("for")
        attribute = declared.by_id.get(key) if key is not None else None
        if key is None:  # the earliest versions number the attributes instead
            key = attributes.get("id", "")
            attribute = declared.by_id.get(key)
            if attribute is None and key.isdecimal() and len(key) < 9:
                index = int(key)
                attribute = declared.in_order[index] if index < len(declared.in_order) else None
        value = attributes.get("value")
        if value is None or not key:
            self._notes.add("values are incomplete and were left out")
            return
        if key == TYPE:
            element.type_id = value
            return
        if attribute is None:
            self._notes.add(
                "values have attributes that are not declared and were read as text", key
            )
            attribute = declared.by_id[key] = _Attribute(key, key, "text", shown(key))
        if attribute.title in element.properties:
            self._notes.add(
                "values stand twice at an element, or change over time: the last is kept"
            )
        if attribute.kind != "text" and not value.strip():
            self._notes.add("values are empty where a number was declared, and were left out")
            return
        element.properties[attribute.title] = self._typed(attribute, value)

    def _typed(self, attribute: _Attribute, text: str) -> Any:
        what = attribute.what
        if attribute.is_list:
            return [self._collector.value(item, attribute.kind, what) for item in _items(text)]
        if attribute.kind == "text":
            return text
        return self._collector.value(text, attribute.kind, what)

    # --- elements

    def _start_node(self, attributes: dict[str, str]) -> None:
        element = _Element(True, attributes)
        # taken at once, so that it stands before the nodes that it holds
        parent = self._open[-1].node_id if self._open else None
        element.node_id = self._collector.add_node(attributes.get("id"), parent=parent)
        element.parent = attributes.get("pid")
        self._open.append(element)

    def _start_detail(self, element: _Element, tag: str, attributes: dict[str, str]) -> None:
        """Take what stands inside a node or an edge, most of it of the viz namespace."""
        if tag == "position" and "x" in attributes and "y" in attributes:
            element.position = (attributes["x"], attributes["y"])
            if attributes.get("z", "").strip("-0. "):
                self._notes.add("positions have a z, which was left out")
        elif tag == "color":
            colour = _colour(attributes)
            if colour is None:
                self._notes.add("colours can't be read and were left out")
            else:
                element.looks["color"] = colour
        elif tag in ("size", "thickness", "shape") and "value" in attributes:
            text = attributes["value"]
            kind: Kind = "text" if tag == "shape" else "number"
            element.looks[tag] = self._collector.value(text, kind, tag)
        elif tag in ("spell", "slice"):
            self._notes.add("times at which an element exists were left out")
        elif tag == "parent" and "for" in attributes:
            if element.parent is None:
                element.parent = attributes["for"]
            else:
                self._notes.add("nodes have several parents: the first is kept")

    def _properties(self, element: _Element) -> dict[str, Any]:
        properties = element.properties
        for attribute in self._declared[element.is_node].with_default:
            properties.setdefault(attribute.title, attribute.default)
        for name, value in element.looks.items():
            properties.setdefault(name, value)
        for name in _TIMES:
            if name in element.attributes:
                properties.setdefault(name, element.attributes[name])
        return properties

    def _end_node(self, element: _Element) -> None:
        self._collector.add_details(
            element.node_id or "",
            name=element.attributes.get("label", ""),
            type_id=element.type_id,
            parent=element.parent,
            position=element.position,
            properties=self._properties(element),
        )

    def _end_edge(self, element: _Element) -> None:
        attributes, properties = element.attributes, self._properties(element)
        if "source" not in attributes or "target" not in attributes:
            self._notes.add("edges lack a source or a target and were left out")
            return
        declared = attributes.get("type")
        if declared == "mutual":
            self._notes.add("mutual edges are read as one link")
        self._kinds_of_link[
            self._directed_default if not declared else declared != "undirected"
        ] += 1
        if "weight" in attributes and "weight" not in properties:
            properties["weight"] = _weight(attributes["weight"])
        if attributes.get("label"):
            properties.setdefault("label", attributes["label"])
        self._collector.add_link(
            attributes["source"],
            attributes["target"],
            link_id=attributes.get("id"),
            type_id=attributes.get("kind", ""),
            properties=properties,
        )


def _weight(text: str) -> Any:
    for kind in ("integer", "number"):
        try:
            number = parsed(text, kind)
        except ValueError:
            continue
        return number if kind == "number" or "." not in text else float(text)
    return text


def _items(text: str) -> list[str]:
    """Split a list: ``a|b``, ``a, b``, ``[a, b]`` and ``['a', "b"]`` are all in use."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return found
        text = text[1:-1].strip()
    items: list[str] = []
    place = 0
    while place < len(text) and (match := _LIST_ITEM.match(text, place)):
        quoted = match[1] if match[1] is not None else match[2]
        items.append(match[3].strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        place = match.end()
    return items


def _colour(attributes: dict[str, str]) -> str | None:
    """Return ``#rrggbb``; how transparent it is does not count."""
    if (text := attributes.get("hex", "")) and re.fullmatch("#[0-9A-Fa-f]{3,8}", text):
        return text
    try:
        parts = [float(attributes[name]) for name in ("r", "g", "b")]
    except (KeyError, ValueError):
        return None
    if not all(0 <= part <= 255 for part in parts):
        return None
    return "#" + "".join(f"{round(part):02x}" for part in parts)
