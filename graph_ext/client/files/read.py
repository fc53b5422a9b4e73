"""``gx.read``: a file as a graph that can be looked at, and be brought into a session.

What was read is a graph like any other that does not change: nodes and edges by their keys, tables,
networkx, and writing it in another format. Only commands it refuses.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from html import escape
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Never

from graph_ext.client.elements.find import FindingGraph
from graph_ext.client.elements.tree import TreeOfNodes
from graph_ext.client.files.archive_reader import begins_archive, read_archive
from graph_ext.client.files.write import FileFormat, GraphToFiles, is_archive_name, warn_of_losses
from graph_ext.client.networkx.methods import GraphForNetworkX
from graph_ext.client.pandas.methods import GraphToTables
from graph_ext.client.session.replica import Replica
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Command
from graph_ext.core.errors import BadMessageError, ReadOnlyError
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Link, Node
from graph_ext.core.json_values import shown
from graph_ext.exchange import GraphFile, Limits, Note, read_file, told_by_name

__all__ = ["FileGraph", "read"]

_SHOWN_NOTES = 10
_LIMITS = Limits()


class FileGraph(TreeOfNodes, FindingGraph, GraphForNetworkX, GraphToFiles, GraphToTables):
    """What stands in a file. Made by :func:`graph_ext.read`; ``g.update(it)`` takes it in.

    Parameters
    ----------
    contents : GraphFile
        What the reader made of it.
    name : str
        What it is called.
    format : str
        What the file turned out to be.
    """

    def __init__(self, contents: GraphFile, name: str, format: FileFormat) -> None:  # noqa: A002
        # commands, ready to be sent
        self.contents = contents
        self.format = format
        self._name = name

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._name

    @property
    def session_id(self) -> str:
        """Nothing: it belongs to no session."""
        return ""

    @property
    def blueprint(self) -> Blueprint:
        """The kind of graph, as far as the file tells; of an archive, the whole blueprint."""
        return self.contents.blueprint

    @property
    def notes(self) -> list[Note]:
        """What could not be carried as it stood in the file."""
        return self.contents.notes

    @property
    def replica(self) -> Replica:
        """The graph, which nobody changes."""
        return self._replica

    @cached_property
    def _replica(self) -> Replica:
        replica = Replica()
        graph = replica.graph
        graph.blueprint = self.contents.blueprint
        graph.load(
            (
                Node(
                    node.node_id or "",
                    node.parent_id,
                    node.blueprint_type_id,
                    node.name,
                    float(number),
                    node.position,
                    node.properties,
                )
                for number, node in enumerate(self.contents.nodes, 1)
            ),
            [
                Link(link_id, link.source_id, link.target_id, link.link_type_id, link.properties)
                for link_id, link in zip(self._link_ids(), self.contents.links, strict=True)
            ],
        )
        return replica

    def _link_ids(self) -> Iterable[str]:
        """Return the ids of all links; those that have none in the file are counted."""
        taken = {link.link_id for link in self.contents.links}
        number = 0
        for link in self.contents.links:
            if link.link_id is not None:
                yield link.link_id
                continue
            number += 1
            while f"link-{number}" in taken:
                number += 1
            yield f"link-{number}"

    def submit(
        self,
        command: Command,  # noqa: ARG002
        *,
        expect: Iterable[Expectation] = (),  # noqa: ARG002
        base_rev: int | None = None,  # noqa: ARG002
        progress: bool | None = None,  # noqa: ARG002
    ) -> Never:
        """Refuse: a file that was read is only looked at (ReadOnlyError)."""
        raise ReadOnlyError(
            "what was read from a file can't be changed",
            fix="bring it into a session: g.update(gx.read(...))",
        )

    def __repr__(self) -> str:
        lines = [f"<graph file {self.name!r}: {self._summary()}>"]
        if self.notes:
            lines.append("read with this difference:")
            lines += [f"- {note}" for note in self.notes[:_SHOWN_NOTES]]
        if len(self.notes) > _SHOWN_NOTES:
            lines.append(f"- and {len(self.notes) - _SHOWN_NOTES} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.name)}</b> <span>({escape(self._summary())})</span>"
        items = "".join(f"<li>{escape(str(note))}</li>" for note in self.notes)
        return f"{head}<div>read with this difference:</div><ul>{items}</ul>" if items else head

    def _summary(self) -> str:
        kind = "directed" if self.blueprint.directed else "undirected"
        return (
            f"{len(self.contents.nodes)} nodes, {len(self.contents.links)} links, {kind}, "
            f"{self.format}"
        )


def read(
    file: str | os.PathLike[str] | bytes | bytearray | memoryview | IO[Any],
    format: FileFormat | None = None,  # noqa: A002 (the word that users expect)
    *,
    max_bytes: int = _LIMITS.max_bytes,
    max_elements: int = _LIMITS.max_elements,
) -> FileGraph:
    """Read a graph from a file: GraphML, GEXF, GML, JSON, Cytoscape JSON, CSV, or an archive.

    Readers are lenient: they take what can be taken. What could not is in ``notes``, in what the
    result shows, and in a warning.

    Parameters
    ----------
    file : path, bytes or file object
        The file, or what stands in it; either may be compressed by gzip. Beside ``a.csv``, a table
        of nodes ``a.nodes.csv`` is read too where there is one.
    format : str, optional
        graphml, gexf, gml, node-link, cytoscape, csv or archive; left out, the name tells it, or
        what stands in the file.
    max_bytes : int
        How much is read, and how much a compressed file may unpack to.
    max_elements : int
        How many nodes and links are read.

    Returns
    -------
    FileGraph
        Look at it, write it in another format, or ``g.update(it)``.

    Raises
    ------
    BadMessageError
        It can't be read in that format, or holds what harms (a document type, a zip archive).
    TooLargeError
        It is over a limit, or nested too deep.
    OSError
        There is no such file, or it can't be opened.

    Examples
    --------
    >>> gx.read(b"graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] ]")
    <graph file 'graph': 2 nodes, 1 links, undirected, gml>
    """
    limits = Limits(max_bytes=max_bytes, max_elements=max_elements)
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        graph = _from_path(path, format, limits)
        what = f"{path.name} was read"
    else:
        graph = _from_body(file, format, limits)
        what = "the file was read"
    warn_of_losses(what, graph.notes)
    return graph


def _from_path(path: Path, format: FileFormat | None, limits: Limits) -> FileGraph:  # noqa: A002
    with path.open("rb") as file:
        if not path.is_file():  # a pipe can't be looked at twice
            return _from_body(file, format, limits)
        if format == "archive" or (format is None and begins_archive(file)):
            file.seek(0)
            return FileGraph(read_archive(file, limits), _bare(path), "archive")
    contents = read_file(path, format, limits)
    return FileGraph(contents, _bare(path), contents.format)


def _from_body(file: Any, format: FileFormat | None, limits: Limits) -> FileGraph:  # noqa: A002
    body, name = _taken(file, limits)
    if format == "archive" or (format is None and begins_archive(BytesIO(body))):
        return FileGraph(read_archive(BytesIO(body), limits), name or "graph", "archive")
    told = format if format is not None or not name else told_by_name(name)
    contents = read_file(body, told, limits)
    return FileGraph(contents, _bare(Path(name)) if name else "graph", contents.format)


def _taken(file: Any, limits: Limits) -> tuple[bytes, str]:
    """Return what stands in a file object or bytes, a little over the limit at most; its name."""
    if isinstance(file, bytes | bytearray | memoryview):
        return bytes(file), ""
    if not hasattr(file, "read"):
        raise BadMessageError(
            f"a file must be a path, bytes or a file object, got {shown(file)}",
            fix="g.update(...) takes graphs and edges",
        )
    body = file.read(limits.max_bytes + 1)
    name = getattr(file, "name", "")
    return (body.encode() if isinstance(body, str) else body), name if isinstance(name, str) else ""


def _bare(path: Path) -> str:
    """Return a file's name without its endings."""
    if is_archive_name(path):
        return path.name.rsplit(".graph", 1)[0]
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return bare.stem
