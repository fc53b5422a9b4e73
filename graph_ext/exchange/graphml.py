"""Reading GraphML (graphml.graphdrawing.org), leniently.

Files of yEd, yFiles, Cytoscape, igraph, Gephi and networkx, whatever their namespaces; nested
graphs become children. Where a key's id begins with ``graph_ext.`` this project wrote the file:
then every other key is a property and nothing else. graphml_write.py is the other half.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from graph_ext.core.errors import BadMessageError
from graph_ext.core.json_values import shown
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.graph_file import GraphFile, Limits
from graph_ext.exchange.values import Kind
from graph_ext.exchange.xml_events import parse_xml
from graph_ext.exchange.xml_text import JSON, LINK_TYPE, NAME, OWN, PARENT, TYPE, X, Y
from graph_ext.exchange.yed import YedGraphics

__all__ = ["read"]

_KINDS: dict[str, Kind] = {
    "boolean": "boolean",
    "bool": "boolean",
    "int": "integer",
    "integer": "integer",
    "long": "integer",
    "short": "integer",
    "float": "number",
    "double": "number",
    "real": "number",
}


class _Key(Struct, gc=False):
    """A declared property. ``scope`` is node, edge, graph, port or all."""

    id: str
    name: str
    kind: Kind
    scope: str
    what: str  # the name as messages show it
    default: Any = None


class _Element(Struct):
    """A node or edge whose end tag has not come yet."""

    noun: Literal["node", "edge"]
    attributes: dict[str, str]
    node_id: str | None = None
    own: dict[str, str] | None = None
    properties: dict[str, Any] | None = None
    graphics: YedGraphics | None = None


def read(body: bytes, limits: Limits) -> GraphFile:
    """Read a GraphML file.

    Raises
    ------
    BadMessageError
        It is no GraphML.
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
        self._keys: dict[str, _Key] = {}
        self._defaults: dict[str, list[_Key]] = {"node": [], "edge": []}
        self._exact = False  # whether this project wrote the file
        self._key: _Key | None = None  # whose <key> is open
        self._open: list[_Element] = []  # nodes around the current place, and a last edge
        self._graphs = 0  # how many <graph> are open
        self._skipped = 0  # how deep inside a further top-level graph
        self._root = ""
        self._seen_graph = False
        self._data_key: str | None = None
        self._data_depth = 0  # 1 inside <data>, more inside its elements
        self._directed_default = True
        self._ends: list[str] | None = None  # of the open <hyperedge>
        self._kinds_of_link = {True: 0, False: 0}  # directed or not -> how many

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._root:
            self._root = tag
            if tag != "graphml":
                raise BadMessageError(f"a GraphML file must begin with <graphml>, got <{tag}>")
        elif self._data_depth:
            self._data_depth += 1
            if self._open:
                self._graphics(tag, attributes)
        elif self._skipped:
            self._skipped += tag == "graph"
        elif tag == "data":
            self._data_key = attributes.get("key", "")
            self._data_depth = 1
        elif tag == "node":
            self._start_node(attributes)
        elif tag == "edge":
            self._open.append(_Element("edge", attributes))
        elif tag == "key":
            self._start_key(attributes)
        elif tag == "graph":
            self._start_graph(attributes)
        elif tag == "hyperedge":
            self._ends = []
        elif tag == "endpoint":
            if self._ends is not None and "node" in attributes:
                self._ends.append(attributes["node"])
        elif tag == "port":
            self._notes.add("ports were left out")

    def end(self, tag: str, text: str) -> None:
        if self._data_depth:
            self._data_depth -= 1
            if self._data_depth == 0:
                self._end_data(text)
            elif self._open and (graphics := self._open[-1].graphics):
                graphics.end(tag, text)
        elif self._skipped:
            self._skipped -= tag == "graph"
        elif tag == "node":
            self._end_node(self._open.pop())
        elif tag == "edge":
            self._end_edge(self._open.pop())
        elif tag == "graph":
            self._graphs -= 1
        elif tag == "key":
            self._end_key()
        elif tag == "default" and self._key:
            self._key.default = self._collector.value(text, self._key.kind, self._key.what)
        elif tag == "hyperedge" and self._ends is not None:
            if len(self._ends) == 2:
                self._collector.add_link(*self._ends)
            else:
                self._notes.add("hyperedges have more or fewer than two ends and were left out")
            self._ends = None

    def finish(self) -> GraphFile:
        directed, undirected = self._kinds_of_link[True], self._kinds_of_link[False]
        if directed and undirected:
            self._notes.add("undirected edges are read as directed links", count=undirected)
        is_directed = bool(directed) or (self._directed_default and not undirected)
        return self._collector.finish("graphml", directed=is_directed)

    # --- declarations

    def _start_key(self, attributes: dict[str, str]) -> None:
        key_id = attributes.get("id", "")
        kind = _KINDS.get(attributes.get("attr.type", "").lower(), "text")
        if key_id.startswith(OWN):
            self._exact = True
            if key_id.startswith(JSON):
                kind = "json"
        # Gephi leaves attr.name out here and there, yEd for its graphics
        name = attributes.get("attr.name") or key_id
        self._key = _Key(key_id, name, kind, attributes.get("for", "all"), shown(name))

    def _end_key(self) -> None:
        if self._key is not None:
            if self._key.id in self._keys:
                self._notes.add("keys are declared twice: the first is used", shown(self._key.id))
            else:
                self._keys[self._key.id] = self._key
                if self._key.default is not None:
                    for noun, keys in self._defaults.items():
                        if self._key.scope in (noun, "all"):
                            keys.append(self._key)
        self._key = None

    def _start_graph(self, attributes: dict[str, str]) -> None:
        if self._graphs == 0:
            if self._seen_graph:
                self._notes.add("further graphs in the file were left out")
                self._skipped = 1
                return
            self._seen_graph = True
            self._directed_default = attributes.get("edgedefault", "directed") != "undirected"
        self._graphs += 1

    # --- elements

    def _start_node(self, attributes: dict[str, str]) -> None:
        element = _Element("node", attributes)
        # taken at once, so that it stands before the nodes of a graph that it holds
        parent = self._open[-1].node_id if self._open else None
        element.node_id = self._collector.add_node(attributes.get("id"), parent=parent)
        self._open.append(element)

    def _end_data(self, text: str) -> None:
        if not self._open:
            if self._graphs or self._data_key:
                self._notes.add("properties of the graph itself were left out")
            return
        element, key_id = self._open[-1], self._data_key or ""
        if element.graphics is not None and element.graphics.in_data:
            element.graphics.in_data = False
            return
        if key_id.startswith(OWN) and not key_id.startswith(JSON):
            element.own = element.own or {}
            element.own[key_id] = text
            return
        key = self._keys.get(key_id)
        if key is None:
            if not key_id:
                self._notes.add("values name no key and were left out")
                return
            self._notes.add("values have keys that are not declared and were read as text", key_id)
            key = self._keys[key_id] = _Key(key_id, key_id, "text", "all", shown(key_id))
        if element.properties is None:
            element.properties = {}
        if key.kind == "text":
            element.properties[key.name] = text
        elif text.strip():
            element.properties[key.name] = self._collector.value(text, key.kind, key.what)
        else:
            self._notes.add("values are empty where a number was declared, and were left out")

    def _properties(self, element: _Element) -> dict[str, Any]:
        properties = element.properties or {}
        for key in self._defaults[element.noun]:
            properties.setdefault(key.name, key.default)
        return properties

    def _end_node(self, element: _Element) -> None:
        properties, own, graphics = self._properties(element), element.own or {}, element.graphics
        if not (properties or own or graphics):
            return
        name = own.get(NAME, "")
        position: tuple[object, object] | None = None
        if X in own and Y in own:
            position = (own[X], own[Y])
        if not self._exact:
            name = _taken_name(properties) or (graphics.label if graphics else "")
            position = _taken_position(properties) or (graphics.centre if graphics else None)
            if graphics:
                graphics.note(self._notes)
        self._collector.add_details(
            element.node_id or "",
            name=name,
            type_id=own.get(TYPE, ""),
            parent=own.get(PARENT),
            position=position,
            properties=properties,
        )

    def _end_edge(self, element: _Element) -> None:
        attributes, properties = element.attributes, self._properties(element)
        if "source" not in attributes or "target" not in attributes:
            self._notes.add("edges lack a source or a target and were left out")
            return
        declared = attributes.get("directed")
        self._kinds_of_link[
            self._directed_default
            if declared is None
            else declared.strip().lower() in ("true", "1")
        ] += 1
        if element.graphics:
            element.graphics.note(self._notes)
            if element.graphics.label:
                properties.setdefault("label", element.graphics.label)
        self._collector.add_link(
            attributes["source"],
            attributes["target"],
            link_id=attributes.get("id"),
            type_id=element.own.get(LINK_TYPE, "") if element.own else "",
            properties=properties,
        )

    def _graphics(self, tag: str, attributes: dict[str, str]) -> None:
        element = self._open[-1]
        if element.graphics is None:
            element.graphics = YedGraphics()
        element.graphics.start(tag, attributes)


def _taken_name(properties: dict[str, Any]) -> str:
    """Take the name out of properties: Gephi and igraph call it label, Cytoscape name."""
    for key in ("label", "Label", "name", "Name"):
        value = properties.get(key)
        if isinstance(value, str) and value:
            del properties[key]
            return value
    return ""


def _taken_position(properties: dict[str, Any]) -> tuple[float, float] | None:
    """Take the position out of properties, where both of its halves are numbers."""
    x, y = properties.get("x"), properties.get("y")
    if isinstance(x, int | float) and isinstance(y, int | float):
        del properties["x"], properties["y"]
        return (x, y)
    return None
