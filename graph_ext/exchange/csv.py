"""CSV: an edge list, and a table of the nodes beside it.

Read: any of the usual delimiters and column names, with or without a header, and Gephi's tables;
the type of a column is what all its cells look like. Written: so that this finds it again; where
it would not, the header says it, as in ``code:text`` or ``tags:json``. Reading and writing stand
together, over 350 lines, because each such header is agreed between the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast, get_args

from msgspec import Struct

from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import shown
from graph_ext.exchange.collector import Collector
from graph_ext.exchange.forest import nodes_in_order
from graph_ext.exchange.graph_file import GraphFile, Limits, Note, Notes
from graph_ext.exchange.text import decoded
from graph_ext.exchange.values import Kind, columns_of, kind_of, parsed, text_of

__all__ = ["read", "write"]

_SOURCE = ("source", "from", "source_id", "sourceid", "src", "start", "u", ":start_id")
_TARGET = ("target", "to", "target_id", "targetid", "dst", "end", "v", ":end_id")
_ID = ("id", "node_id", "nodeid", "node", "key", ":id")
_NAME = ("label", "name")
_LINK_ID = ("id", "link_id", "edge_id", "key")
_LINK_TYPE = ("link_type", "type", "kind", ":type")
_PARENT = ("parent_id", "parent")
_NODE_TYPE = ("node_type",)
_EDGE_WORDS = frozenset({*_SOURCE, *_TARGET, *_LINK_ID, *_LINK_TYPE})
_NODE_WORDS = frozenset({*_ID, *_NAME, *_PARENT, *_NODE_TYPE, "x", "y"})
_DIRECTIONS = {"directed": True, "undirected": False, "mutual": True}

_SUFFIX = re.compile(rf"(.+):({'|'.join(get_args(Kind))})\Z", re.DOTALL)
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]")
_TO_QUOTE = re.compile('[",;|\t\r\n#%]|^ | $')
# as edge lists of SNAP, KONECT and networkx begin
_COMMENTS = re.compile(r"\ufeff?[\r\n]*(?:[#%][^\n]*\n?)*")
_PYTHON_DATA = re.compile(r"[^\s,]+ [^\s,]+ \{.*\}\s*\Z")  # networkx's "a b {'weight': 3}"
_QUOTED = re.compile('"[^"]*"')
_MAX_COLUMNS = 4096


class _Table(Struct):
    """Rows of cells, and what the columns are called; ``header`` None: nothing tells."""

    header: list[str] | None
    rows: list[list[str]]

    def find(self, words: tuple[str, ...]) -> int | None:
        """Return the column of the first of these names that there is."""
        lowered = [cell.strip().lower() for cell in self.header or ()]
        return next((lowered.index(word) for word in words if word in lowered), None)

    def column(self, index: int | None) -> list[str]:
        """Return the cells of a column; "" where a row is short."""
        if index is None:
            return [""] * len(self.rows)
        return [row[index] if index < len(row) else "" for row in self.rows]


def read(body: bytes, limits: Limits, nodes: bytes | None = None) -> GraphFile:
    """Read an edge list or a table of nodes.

    Parameters
    ----------
    body : bytes
        The edge list, or a table of nodes alone.
    limits : Limits
        How much is taken.
    nodes : bytes, optional
        The table of nodes that belongs to the edge list.

    Raises
    ------
    BadMessageError
        It is neither.
    TooLargeError
        It is over a limit.
    """
    collector = Collector(limits)
    if nodes is not None:
        table = _table(decoded(nodes, collector.notes), collector.notes, limits)
        if table.find(_ID) is None:
            raise BadMessageError('a table of nodes must have a column "id"')
        _read_nodes(table, collector)
    table = _table(decoded(body, collector.notes), collector.notes, limits)
    directed = True
    has_ends = table.find(_SOURCE) is not None and table.find(_TARGET) is not None
    if table.header is not None and not has_ends:
        _read_nodes(table, collector)
    else:
        directed = _read_links(table, collector)
    return collector.finish("csv", directed=directed, ends_declared=nodes is not None)


def _table(text: str, notes: Notes, limits: Limits) -> _Table:
    comments = _COMMENTS.match(text)
    lines = text[comments.end() :] if comments else text
    first = lines.partition("\n")[0]
    if _PYTHON_DATA.match(first):
        notes.add("Python data behind the ends of links was left out")
        lines = "\n".join(line.partition("{")[0].rstrip() for line in lines.split("\n"))
        first = lines.partition("\n")[0]
    bare = _QUOTED.sub("", first)
    counted = {mark: bare.count(mark) for mark in ",\t;|"}
    delimiter = max(counted, key=lambda mark: counted[mark])
    if not counted[delimiter]:
        delimiter = " "
    rows: list[list[str]] = []
    for row in _rows(lines, delimiter):
        if any(row):
            rows.append(row)
        if len(rows) > limits.max_elements + 1 or len(row) > _MAX_COLUMNS:
            raise TooLargeError(
                f"the file has more than {limits.max_elements} lines, or {_MAX_COLUMNS} columns"
            )
    if not rows:
        return _Table(None, [])
    table = _Table(rows[0], rows[1:])
    if (table.find(_SOURCE) is not None and table.find(_TARGET) is not None) or (
        table.find(_ID) is not None
    ):
        return table
    if len(rows[0]) < 2:
        raise BadMessageError(
            f"a CSV file must have columns source and target, or id; its first line is "
            f"{shown(first)}"
        )
    return _Table(None, rows)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    mark = re.escape(delimiter)
    gap = " +" if delimiter == " " else mark
    cell = re.compile(
        rf'(?:"([^"]*(?:""[^"]*)*)"([^{mark}\r\n]*)|([^{mark}\r\n]*))({gap}|\r\n|\n|\r|\Z)'
    )
    row: list[str] = []
    place = 0
    while place < len(text) and (found := cell.match(text, place)):
        quoted, rest, plain, closer = found.groups()
        row.append(plain if quoted is None else quoted.replace('""', '"') + rest)
        place = found.end()
        if closer in ("\n", "\r\n", "\r", ""):
            yield row
            row = []
    if row:  # the file ends with a delimiter
        yield [*row, ""]


def _inferred(cells: Iterable[str]) -> Kind:
    """Return what all cells of a column look like; empty ones do not count."""
    found: Kind = "text"
    for cell in cells:
        if not cell:
            continue
        kind = _looks_like(cell)
        if kind == "text" or (found not in ("text", kind) and "boolean" in (found, kind)):
            return "text"
        found = kind if found in ("text", kind) else "number"
    return found


def _looks_like(cell: str) -> Kind:
    if cell.strip().lower() in ("true", "false"):
        return "boolean"
    if _LEADING_ZERO.match(cell.strip()):  # a code such as 007
        return "text"
    try:
        number = parsed(cell, "integer")
        return "integer" if "." not in cell and "e" not in cell.lower() else kind_of(float(number))
    except (ValueError, OverflowError):
        pass
    try:
        parsed(cell, "number")
    except ValueError:
        return "text"
    return "number"


def _properties(
    table: _Table, taken: Iterable[int | None], collector: Collector
) -> list[dict[str, Any]]:
    """Return the properties of each row: all columns that have no meaning of their own."""
    properties: list[dict[str, Any]] = [{} for _ in table.rows]
    header = table.header or []
    # row by row, so that the work is that of the cells there are, however wide the header
    columns: list[list[tuple[int, str]]] = [[] for _ in header]
    for number, row in enumerate(table.rows):
        for column, text in zip(columns, row, strict=False):
            if text:
                column.append((number, text))
    for index, (cell, column) in enumerate(zip(header, columns, strict=True)):
        if index in taken:
            continue
        if declared := _SUFFIX.match(cell):
            name, kind = declared[1], cast("Kind", declared[2])
        else:
            name, kind = cell.strip(), _inferred(text for _, text in column)
        if not name:
            collector.notes.add("columns have no name and were left out")
            continue
        what = shown(name)
        for number, text in column:
            value = text if kind == "text" else collector.value(text, kind, what)
            properties[number][name] = value
    return properties


def _read_nodes(table: _Table, collector: Collector) -> None:
    columns = [table.find(words) for words in (_ID, _NAME, _NODE_TYPE, _PARENT, ("x",), ("y",))]
    node_id, name, type_id, parent, x, y = (table.column(index) for index in columns)
    for row, properties in enumerate(_properties(table, columns, collector)):
        collector.add_node(
            node_id[row] or None,
            name=name[row],
            type_id=type_id[row],
            parent=parent[row] or None,
            position=(x[row], y[row]) if x[row] and y[row] else None,
            properties=properties,
        )


def _read_links(table: _Table, collector: Collector) -> bool:
    """Read links; return whether they are directed."""
    if table.header is None:
        width = max(map(len, table.rows), default=0)
        weights = _inferred(row[2] for row in table.rows if len(row) > 2)
        third = "weight" if weights in ("integer", "number") else "column 3"
        names = [f"column {number + 1}" for number in range(width)]
        table.header = ["source", "target", third, *names[3:]][: max(width, 2)]
    type_column = next(
        (found for word in _LINK_TYPE if (found := table.find((word,))) is not None), None
    )
    columns = [table.find(_SOURCE), table.find(_TARGET), table.find(_LINK_ID), type_column]
    directions = table.find(("type",))  # Gephi's, beside a link type of our own
    types = [cell.strip().lower() for cell in table.column(directions)]
    directed = True
    if directions is not None and all(cell in _DIRECTIONS for cell in types) and types:
        directed = any(_DIRECTIONS[cell] for cell in types)
        if directed and not all(_DIRECTIONS[cell] for cell in types):
            collector.notes.add("undirected edges are read as directed links")
        columns.append(directions)
        if type_column == directions:
            columns[3] = None
    source, target, link_id, type_id = (table.column(index) for index in columns[:4])
    for row, properties in enumerate(_properties(table, columns, collector)):
        if source[row] and target[row]:
            collector.add_link(
                source[row],
                target[row],
                link_id=link_id[row] or None,
                type_id=type_id[row],
                properties=properties,
            )
        else:
            collector.notes.add("lines lack a source or a target and were left out")
    return directed


def write(graph: Graph) -> tuple[bytes, bytes, list[Note]]:
    """Write a graph as an edge list and a table of nodes.

    Returns
    -------
    (edges, nodes, notes)
        Both files, UTF-8, and what they could not carry as it stood.
    """
    notes = Notes()
    if graph.blueprint.node_types or graph.blueprint.link_types:
        notes.add("blueprint is not carried")
    links, nodes = list(graph.links.values()), list(nodes_in_order(graph))
    head = ["source", "target", "id", "link_type"]
    columns = [
        [link.source_id for link in links],
        [link.target_id for link in links],
        [link.link_id for link in links],
        [link.link_type_id for link in links],
    ]
    if not graph.blueprint.directed:
        head.append("Type")
        columns.append(["Undirected"] * len(links))
    edges = _written(head, columns, links, _EDGE_WORDS)
    table = _written(
        ["id", "label", "node_type", "parent_id", "x", "y"],
        [
            [node.node_id for node in nodes],
            [_clean(node.name, notes) for node in nodes],
            [node.blueprint_type_id for node in nodes],
            [node.parent_id or "" for node in nodes],
            ["" if node.position is None else repr(node.position[0]) for node in nodes],
            ["" if node.position is None else repr(node.position[1]) for node in nodes],
        ],
        nodes,
        _NODE_WORDS,
    )
    return edges, table, notes.listed()


def _clean(name: str, notes: Notes) -> str:
    if "\0" not in name:
        return name
    notes.add("names have NUL characters, which were left out", shown(name))
    return name.replace("\0", "")


def _written(
    head: list[str],
    columns: list[list[str]],
    elements: list[Node] | list[Link],
    words: frozenset[str],
) -> bytes:
    for name, kinds in columns_of(elements).items():
        kind, cells = _column(name, kinds, elements)
        plain = (
            kind == _inferred(cells)
            and name.strip() == name
            and name.lower() not in words
            and not _SUFFIX.match(name)
        )
        head.append(name if plain else f"{name}:{kind}")
        columns.append(cells)
    lines = [",".join(map(_quoted, head))]
    lines.extend(",".join(map(_quoted, row)) for row in zip(*columns, strict=True))
    return ("\n".join(lines) + "\n").encode()


def _column(
    name: str, kinds: set[Kind], elements: list[Node] | list[Link]
) -> tuple[Kind, list[str]]:
    """Return the kind and the cells of a property; "" where an element has none."""
    kind: Kind = next(iter(kinds)) if len(kinds) == 1 else "json"
    if kind == "text" and any(
        not (value := element.properties.get(name, "-")) or "\0" in value for element in elements
    ):
        kind = "json"  # an empty cell is no text, and a NUL would make the file binary
    return kind, [
        text_of(element.properties[name], kind) if name in element.properties else ""
        for element in elements
    ]


def _quoted(cell: str) -> str:
    if _TO_QUOTE.search(cell) or cell.startswith("\ufeff"):
        return '"' + cell.replace('"', '""') + '"'
    return cell
