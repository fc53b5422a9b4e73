"""Reading GML (Himsolt 1997), leniently.

Files of yEd, Cytoscape, igraph, Gephi and networkx, with duplicate edges, missing ids, repeated
keys and texts of several lines. Where ``Creator`` is ``graph_ext``, blocks ``graph_ext`` hold what
GML itself can't. gml_write.py is the other half.
"""

from __future__ import annotations

import json
import re
from html.entities import html5
from typing import Any

from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.core.json_values import shown
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.graph_file import GraphFile, Limits
from graph_ext.exchange.text import decoded, refuse_crowds

__all__ = ["read"]

MAX_GML_DEPTH = 64
"""How deep blocks may be nested."""

_Block = dict[str, Any]

_TOKEN = re.compile(
    r"""[\s,;]*(?:
      ([A-Za-z_][\w.:-]*)
      (?: \s*
        (?: "([^"]*)"
          | (\[)
          | ([+-]?\d+)(?![\w.])
          | ([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])
          | ([+-]?(?i:infinity|inf|nan)|true|false)\b )
        | [ \t]+([^\s"\[\]#,;]+)(?=[ \t\r]*(?:\n|\]|\Z)) )  # no GML, but in use
      | (\])
      | (\Z)
      | (.)  # nothing of these: it matches, so that none of them is looked for further on
    )""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_KEY_GROUP, _TEXT, _OPEN, _INTEGER, _REAL, _SPECIAL, _BARE, _CLOSE, _END, _BAD = range(1, 11)
_COMMENT = re.compile(r"^[ \t]*\#.*$", re.MULTILINE)
_UNQUOTED = re.compile(r'"[^"]*"|^[ \t]*\#[^\n]*', re.MULTILINE)
_REFERENCE = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
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
    refuse_crowds(body, limits)
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
        self._numbers: dict[str, str] = {}  # id in the file -> node_id, in files of our own
        self._early: list[_Block] = []  # edges that stand before a node they name, in such files

    def run(self, text: str) -> None:
        blocks: list[_Block] = [{}]
        keys: list[str] = []
        place = 0
        for found in _TOKEN.finditer(text):
            kind = found.lastindex
            if kind == _BAD:
                raise _bad(text, place, "expected a key and a value")
            place = found.end()
            if kind == _CLOSE:
                if not keys:
                    raise _bad(text, place - 1, "a ] closes no block")
                self._close(keys, blocks)
                continue
            if kind == _END:
                break
            key: str = found[_KEY_GROUP]
            if kind == _OPEN:
                if len(blocks) > MAX_GML_DEPTH:
                    raise TooLargeError(f"the file is nested more than {MAX_GML_DEPTH} deep")
                keys.append(key)
                blocks.append({})
                if keys == ["graph"] and self._graph is None:
                    self._graph = blocks[-1]
                    self._exact = blocks[0].get("Creator") == "graph_ext"
                continue
            value = _value(found[kind], kind) if kind else None
            if kind == _BARE:
                self._notes.add("texts stand without quotes", shown(value))
            if key in (block := blocks[-1]):
                _put(block, key, value)
            else:
                block[key] = value
        if keys:
            raise BadMessageError(f"the file ends inside of the block {shown(keys[-1])}")
        if self._graph is None:
            raise BadMessageError("the file has no graph [ ... ]: it is no GML, or damaged")

    def finish(self) -> GraphFile:
        graph = self._graph or {}
        for edge in self._early:
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
            elif self._exact and not self._are_known(block.get("source"), block.get("target")):
                self._early.append(block)
            else:
                self._add_edge(block)
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
            node_id = _id(own.get("node_id")) or file_id
            if file_id is not None and node_id is not None:
                self._numbers[file_id] = node_id
            self._collector.add_node(
                node_id,
                name=_id(own.get("name")) or "",
                type_id=_id(own.get("type")) or "",
                parent=_id(own.get("parent_id")),
                position=position,
                properties={**block, **self._more(own)},
            )
            return
        name = _id(block.pop("label", None)) or ""
        if not name and isinstance(block.get("name"), str):  # as igraph has it
            name = block.pop("name")
        if not name and isinstance(looks := block.get("LabelGraphics"), dict):
            name = _id(looks.get("text")) or ""
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
            link_id, type_id = _id(own.get("link_id")), _id(own.get("type")) or ""
            block = {**block, **self._more(own)}
            source, target = self._numbers.get(source, source), self._numbers.get(target, target)
        else:
            if link_id is not None:
                del block["id"]
            block = self._without_looks(block)
        self._collector.add_link(source, target, link_id=link_id, type_id=type_id, properties=block)

    def _are_known(self, *ends: object) -> bool:
        return all(_id(end) in self._numbers for end in ends)

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


_SPECIAL_VALUES: dict[str, float] = {
    "true": True,
    "false": False,
    **{sign + word: float(sign + word) for sign in ("", "+", "-") for word in ("inf", "nan")},
    **{sign + "infinity": float(sign + "inf") for sign in ("", "+", "-")},
}


def _bad(text: str, place: int, what: str) -> BadMessageError:
    rest = text[place : place + 1000].lstrip()
    line = text.count("\n", 0, text.find(rest[:40], place)) + 1
    return BadMessageError(f"the file is no GML: line {line}: {what}, got {shown(rest[:40])}")


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


def _value(text: str, kind: int) -> Any:
    if kind == _TEXT:
        return _unescaped(text) if "&" in text else text
    if kind == _BARE:
        return text
    if kind == _SPECIAL:
        return _SPECIAL_VALUES[text.lower()]
    if len(text) > 400:  # no number that anybody means; endless digits cost quadratic time
        return text
    return int(text) if kind == _INTEGER else float(text)


def _id(value: object) -> str | None:
    """Return an id or a name as text; the first where the key was repeated."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        value = value[0]
    return str(value) if isinstance(value, str | int | float) else None
