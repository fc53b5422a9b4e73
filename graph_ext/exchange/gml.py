"""GML (Himsolt 1997): read leniently, written so that everything comes back.

Read: files of yEd, Cytoscape, igraph, Gephi and networkx, with duplicate edges, missing ids,
repeated keys and texts of several lines. Written: ids are numbers, as the format wants it, keys
are ASCII words; what does not fit into that stands once more in a block ``graph_ext``.
"""

from __future__ import annotations

import json
import re
from html.entities import html5
from typing import Any

from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.forest import nodes_in_order
from graph_ext.exchange.graph_file import GraphFile, Limits, Note, Notes
from graph_ext.exchange.text import decoded
from graph_ext.exchange.values import kind_of

__all__ = ["read", "write"]

MAX_GML_DEPTH = 64
"""How deep blocks may be nested."""

_Block = dict[str, Any]

_TOKEN = re.compile(
    r"""[\s,;]*(?:
      (?P<key>[A-Za-z_][\w.:-]*)\s*
        (?: "(?P<text>[^"]*)"
          | (?P<open>\[)
          | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
          | (?P<special>[+-]?(?i:inf|infinity|nan)\b)
          | (?P<word>true|false)\b )
      | (?P<close>\])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.ASCII,
)
_COMMENT = re.compile(r"^[ \t]*\#.*$", re.MULTILINE)
_UNQUOTED = re.compile(r'"[^"]*"|^[ \t]*\#[^\n]*', re.MULTILINE)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z", re.ASCII)
_TO_ESCAPE = re.compile(r'[^\x20-\x7e]|[&"]')
_REFERENCE = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_RESERVED = {"id", "label", "graphics", "graph_ext", "source", "target"}
_LIST_START = "_networkx_list_start"  # networkx marks lists of one item so
_LOOKS = {"graphics", "LabelGraphics", "edgeAnchor"}


def read(body: bytes, limits: Limits) -> GraphFile:
    """Read a GML file.

    Raises
    ------
    BadMessageError
        It is no GML.
    TooLargeError
        It is over a limit, or nested too deep.
    """
    collector = Collector(limits)
    reader = _Reader(collector)
    reader.run(_without_comments(decoded(body, collector.notes)))
    return reader.finish()


def _without_comments(text: str) -> str:
    if "#" not in text or not _COMMENT.search(text):
        return text
    return _UNQUOTED.sub(lambda found: found[0] if found[0].startswith('"') else "", text)


class _Reader:
    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._notes = collector.notes
        self._graph: _Block | None = None  # the first graph's own values
        self._exact = False  # whether this project wrote the file
        # a link may stand before the node it names, and yEd's groups after their members
        self._numbers: dict[str, str] = {}  # id in the file -> node_id, in files of our own
        self._edges: list[_Block] = []

    def run(self, text: str) -> None:
        match = _TOKEN.match
        blocks: list[_Block] = [{}]
        keys: list[str] = []
        place = 0
        while found := match(text, place):
            place = found.end()
            kind = found.lastgroup
            if kind == "text":
                value: Any = found["text"]
                _put(blocks[-1], found["key"], _unescaped(value) if "&" in value else value)
            elif kind == "number":
                _put(blocks[-1], found["key"], _number(found["number"]))
            elif kind == "open":
                if len(blocks) > MAX_GML_DEPTH:
                    raise TooLargeError(f"the file is nested more than {MAX_GML_DEPTH} deep")
                keys.append(found["key"])
                blocks.append({})
                if keys == ["graph"] and self._graph is None:
                    self._graph = blocks[-1]
                    self._exact = blocks[0].get("Creator") == "graph_ext"
            elif kind == "close":
                if not keys:
                    raise _bad(text, place - 1, "a ] closes no block")
                self._close(keys, blocks)
            elif kind == "end":
                break
            else:
                _put(blocks[-1], found["key"], _SPECIAL.get(found[kind or "key"].lower()))
        if place < len(text):
            raise _bad(text, place, "expected a key and a value")
        if keys:
            raise BadMessageError(f"the file ends inside of the block {shown(keys[-1])}")
        if self._graph is None:
            raise BadMessageError("the file has no graph [ ... ]: it is no GML, or damaged")

    def finish(self) -> GraphFile:
        graph = self._graph or {}
        for edge in self._edges:
            self._add_edge(edge)
        for key in graph.keys() - {"directed", "multigraph", "label", "hierarchic", "comment"}:
            self._notes.add("properties of the graph itself were left out", key)
        return self._collector.finish(
            "gml",
            directed=graph.get("directed") == 1,
            # networkx marks multigraphs; elsewhere nothing tells
            multigraph=not self._exact or graph.get("multigraph") == 1,
        )

    def _close(self, keys: list[str], blocks: list[_Block]) -> None:
        key, block = keys.pop(), blocks.pop()
        if keys == ["graph"] and blocks[-1] is self._graph and key in ("node", "edge"):
            if key == "node":
                self._add_node(block)
            else:
                self._edges.append(block)
        elif not keys and key == "graph":
            if block is not self._graph:
                self._notes.add("further graphs in the file were left out")
        else:
            _put(blocks[-1], key, block)

    def _add_node(self, block: _Block) -> None:
        file_id = _id(block.pop("id", None))
        own = block.pop("graph_ext", None)
        graphics = block.get("graphics")
        position = None
        if isinstance(graphics, dict) and "x" in graphics and "y" in graphics:
            position = (graphics["x"], graphics["y"])
        if self._exact and isinstance(own, dict):
            block.pop("label", None)
            block.pop("graphics", None)
            node_id = _text(own.get("node_id")) or file_id
            if file_id is not None and node_id is not None:
                self._numbers[file_id] = node_id
            self._collector.add_node(
                node_id,
                name=_text(own.get("name")) or "",
                type_id=_text(own.get("type")) or "",
                parent=_text(own.get("parent_id")),
                position=position,
                properties={**block, **self._more(own)},
            )
            return
        name = _text(block.pop("label", None)) or ""
        if not name and isinstance(looks := block.get("LabelGraphics"), dict):
            name = _text(looks.get("text")) or ""
        parent = _id(block.pop("gid", None)) or _id(block.pop("parent", None))
        block.pop("isGroup", None)
        self._collector.add_node(
            file_id,
            name=name,
            parent=parent,
            position=position,
            properties=self._without_looks(block),
        )

    def _add_edge(self, block: _Block) -> None:
        source, target = _id(block.pop("source", None)), _id(block.pop("target", None))
        if source is None or target is None:
            self._notes.add("edges lack a source or a target and were left out")
            return
        own = block.pop("graph_ext", None)
        link_id, type_id = _id(block.get("id")), ""
        if self._exact and isinstance(own, dict):
            link_id, type_id = _text(own.get("link_id")), _text(own.get("type")) or ""
            block = {**block, **self._more(own)}
            source, target = self._numbers.get(source, source), self._numbers.get(target, target)
        else:
            if link_id is not None:
                del block["id"]
            block = self._without_looks(block)
        self._collector.add_link(source, target, link_id=link_id, type_id=type_id, properties=block)

    def _without_looks(self, block: _Block) -> _Block:
        if not any(name in block for name in _LOOKS):
            return block
        self._notes.add("elements have graphics: of them only label and position were read")
        return {name: value for name, value in block.items() if name not in _LOOKS}

    def _more(self, own: _Block) -> _Block:
        """Return the properties that GML itself can't hold."""
        try:
            more = json.loads(own.get("json", "{}"))
        except (TypeError, ValueError, RecursionError):
            more = None
        if isinstance(more, dict):
            return more
        self._notes.add("blocks graph_ext are damaged")
        return {}


_SPECIAL = {
    "true": True,
    "false": False,
    **{sign + word: float(sign + word) for sign in ("", "+", "-") for word in ("inf", "nan")},
    **{sign + "infinity": float(sign + "inf") for sign in ("", "+", "-")},
}


def _bad(text: str, place: int, what: str) -> BadMessageError:
    line = text.count("\n", 0, place) + 1
    return BadMessageError(
        f"the file is no GML: line {line}: {what}, got {shown(text[place : place + 40])}"
    )


def _put(block: _Block, key: str, value: Any) -> None:
    """Set a key; one that comes again makes a list."""
    known = block.get(key)
    if known is None:
        block[key] = value
    elif isinstance(known, list):
        known.append(value)
    elif known == _LIST_START:
        block[key] = [value]
    else:
        block[key] = [known, value]


def _unescaped(text: str) -> str:
    """Resolve character references, each to the very character that it names."""
    return _REFERENCE.sub(_referred, text)


def _referred(found: re.Match[str]) -> str:
    name = found[1]
    if not name.startswith("#"):
        return html5.get(f"{name};", found[0])
    try:
        return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))
    except (ValueError, OverflowError):  # beyond Unicode
        return found[0]


def _number(text: str) -> int | float | str:
    if len(text) > 400:
        return text
    try:
        return int(text)
    except ValueError:
        return float(text)


def _id(value: object) -> str | None:
    """Return an id as text; the first where the key was repeated."""
    if isinstance(value, list):
        value = value[0]
    return str(value) if isinstance(value, str | int | float) else None


def _text(value: object) -> str | None:
    return _id(value)


def write(graph: Graph) -> tuple[bytes, list[Note]]:
    """Write a graph as GML.

    Returns
    -------
    (body, notes)
        The file, ASCII, and what it could not carry as it stood.
    """
    notes = Notes()
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    parts = [f'Creator "graph_ext"\ngraph [\n directed {int(graph.blueprint.directed)}\n']
    if graph.blueprint.multigraph:
        parts.append(" multigraph 1\n")
    numbers: dict[str, int] = {}
    for number, node in enumerate(nodes_in_order(graph)):
        numbers[node.node_id] = number
        parts.append(f" node [\n  id {number}\n  label {_quoted(node.name or node.node_id)}\n")
        if node.position is not None:
            x, y = map(_written, node.position)
            parts.append(f"  graphics [ x {x} y {y} ]\n")
        own = f"node_id {_quoted(node.node_id)}"
        for key, value in (
            ("name", node.name),
            ("type", node.blueprint_type_id),
            ("parent_id", node.parent_id),
        ):
            if value:
                own += f" {key} {_quoted(value)}"
        own += _write_properties(parts, node.properties, notes)
        parts.append(f"  graph_ext [ {own} ]\n ]\n")
    for link in graph.links.values():
        parts.append(
            f" edge [\n  source {numbers[link.source_id]}\n  target {numbers[link.target_id]}\n"
        )
        own = f"link_id {_quoted(link.link_id)}"
        if link.link_type_id:
            own += f" type {_quoted(link.link_type_id)}"
        own += _write_properties(parts, link.properties, notes)
        parts.append(f"  graph_ext [ {own} ]\n ]\n")
    parts.append("]\n")
    return "".join(parts).encode("ascii"), notes.listed()


def _write_properties(parts: list[str], properties: dict[str, Any], notes: Notes) -> str:
    """Write properties; return those that do not fit, as they stand in the block graph_ext."""
    more: dict[str, Any] = {}
    for name, value in properties.items():
        kind = kind_of(value)
        if not _KEY.match(name) or name in _RESERVED:
            notes.add("properties have names that other programs can't read", shown(name))
            more[name] = value
        elif kind == "json":
            notes.add(
                "values are lists, objects or null: other programs can't read them", shown(name)
            )
            more[name] = value
        elif kind == "boolean":
            more[name] = value
            parts.append(f"  {name} {int(value)}\n")
        else:
            parts.append(f"  {name} {_quoted(value) if kind == 'text' else _written(value)}\n")
    return f" json {_quoted(json.dumps(more))}" if more else ""


def _written(number: float) -> str:
    text = repr(number)
    if "e" in text:  # GML wants a point before the exponent
        digits, _, exponent = text.partition("e")
        text = f"{digits if '.' in digits else digits + '.0'}E{exponent}"
    return text


def _quoted(text: str) -> str:
    if _TO_ESCAPE.search(text):
        text = _TO_ESCAPE.sub(_entity, text)
    return f'"{text}"'


def _entity(found: re.Match[str]) -> str:
    character = found[0]
    if character == "&":
        return "&amp;"
    return "&quot;" if character == '"' else f"&#{ord(character)};"
