"""``g.write``: a graph into a file of any format, or into an archive with its whole history.

Reading is in :mod:`graph_ext.client.files.read`; the formats themselves are in graph_ext/exchange.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from io import TextIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

from graph_ext.client.connection.connection import Connection
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.errors import BadMessageError
from graph_ext.core.json_values import shown

if TYPE_CHECKING:
    from graph_ext.exchange import Format, Note

__all__ = [
    "ARCHIVE_ENDINGS",
    "ArchivedGraph",
    "FileFormat",
    "GraphToFiles",
    "NotCarriedWarning",
    "is_archive_name",
    "warn_of_losses",
]

FileFormat: TypeAlias = "Format | Literal['archive']"
"""The formats of files; archive: the session's own, with blueprint and history."""

ARCHIVE_ENDINGS = (".graph.gz", ".graph")
"""How the names of archives end; both mean compressed."""


class NotCarriedWarning(UserWarning):
    """Something did not fit from a file into a graph, or the other way round.

    Attributes
    ----------
    notes : tuple of Note
        What, how often, and where first.
    """

    def __init__(self, message: str, notes: Sequence[Note] = ()) -> None:
        super().__init__(message)
        self.notes = tuple(notes)


def warn_of_losses(what: str, notes: Sequence[Note], stacklevel: int = 3) -> None:
    """Say in one warning what could not be carried; nothing, where everything was."""
    if notes:
        lines = "".join(f"\n- {note}" for note in notes)
        warnings.warn(
            NotCarriedWarning(f"{what}, with this difference:{lines}", notes),
            stacklevel=stacklevel,
        )


def is_archive_name(path: Path) -> bool:
    """Tell whether a name is one of an archive."""
    return path.name.lower().endswith(ARCHIVE_ENDINGS)


class GraphToFiles(ReadableGraph):
    """A graph that can be written to files."""

    def write(
        self,
        file: str | os.PathLike[str] | IO[Any],
        format: FileFormat | None = None,  # noqa: A002 (the word that users expect)
        *,
        timeout_s: float = 600.0,
    ) -> list[Note]:
        """Write the graph to a file, as it stands now.

        Parameters
        ----------
        file : path or file object
            Where. What stands at a path is replaced at once when all is written; ``.gz`` behind
            its name means compressed. For CSV, ``a.csv`` gets the links and ``a.nodes.csv``, beside
            it, the nodes; a file object gets the links only.
        format : str, optional
            graphml, gexf, gml, node-link, cytoscape, csv, dot, or archive (``.graph.gz``), which
            alone keeps the blueprint and the history. Left out, the name tells it.
        timeout_s : float
            How long the server may take for an archive, in seconds.

        Returns
        -------
        list of Note
            What the format could not carry as it stands; a warning says the same.

        Raises
        ------
        BadMessageError
            The name tells no format, or the graph has no history to be archived.
        GraphError
            The server's refusal of an archive, or it can't be reached.
        OSError
            The file can't be written.

        Examples
        --------
        >>> g.write("plan.json")  # node-link JSON
        []
        >>> g.write("plan.graph.gz")  # with its blueprint and history
        []
        """
        from graph_ext.exchange import encoded, write_file  # noqa: PLC0415 (used by few kernels)

        path = Path(file) if isinstance(file, str | os.PathLike) else None
        if format is None:
            format = _told_by(path, file)  # noqa: A001
        if format == "archive":
            self._write_archive(path, file, timeout_s)
            return []
        graph = self.copied()
        if path is not None:
            notes = write_file(graph, path, format)
            what = f"{path.name} holds the graph"
        else:
            body, notes = encoded(graph, format)
            _hand(file, body)
            what = f"the {format} file holds the graph"
        warn_of_losses(what, notes)
        return notes

    def _archive(self) -> tuple[Connection, int | None] | None:
        """Who gives the archive of this graph, and of which rev (None: the last)."""
        return None

    def _write_archive(self, path: Path | None, file: Any, timeout_s: float) -> None:
        source = self._archive()
        if source is None:
            raise BadMessageError(
                "this graph has no history that could be archived: it is a file's",
                fix="write it in another format, or make a session of it first",
            )
        from graph_ext.client.files.archive import download  # noqa: PLC0415
        from graph_ext.exchange.placing import placed  # noqa: PLC0415

        connection, rev = source
        if path is None:
            download(connection, self.session_id, rev, file, timeout_s)
        else:
            with placed(path) as place:
                download(connection, self.session_id, rev, place, timeout_s)


class ArchivedGraph(GraphToFiles, FollowedGraph):
    """A followed session: its server gives its history."""

    def _archive(self) -> tuple[Connection, int | None]:
        return self.connection, None


def _told_by(path: Path | None, file: object) -> FileFormat:
    """Return the format that a path, or the name of a file object, tells (BadMessageError)."""
    if path is None:
        name = getattr(file, "name", None)
        path = Path(name) if isinstance(name, str) else None
        if path is None:
            raise BadMessageError(
                f"a file object must come with a format, got {shown(file)} without one",
                fix='for example g.write(file, "graphml")',
            )
    if is_archive_name(path):
        return "archive"
    from graph_ext.exchange import format_of  # noqa: PLC0415

    told = format_of(path)
    if told is None:
        raise BadMessageError(
            f"the name {shown(path.name)} tells no format",
            fix="end it in .graphml, .gexf, .gml, .json, .cyjs, .csv, .dot or .graph.gz, "
            "or give the format",
        )
    return told


def _hand(file: Any, body: bytes) -> None:
    if isinstance(file, TextIOBase):
        file.write(body.decode())
    else:
        file.write(body)
