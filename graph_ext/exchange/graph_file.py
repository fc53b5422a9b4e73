"""What a file holds, in the project's own terms: what every reader gives and the client submits.

The commands are ready to be sent, parents before their children; batching them is the client's.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import CreateNode, LinkNodes

__all__ = ["Format", "GraphFile", "Limits", "Note", "Notes"]

Format = Literal["graphml", "gexf", "gml", "node-link", "cytoscape", "csv", "dot"]
"""The formats; all can be written, all but dot can be read."""


class Limits(Struct, frozen=True, kw_only=True):
    """How much a reader takes before it refuses.

    ``max_bytes`` counts the file, and likewise what comes out of a compressed one;
    ``max_elements`` counts nodes and links together.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_elements: int = 2_000_000


class Note(Struct, frozen=True):
    """Something that was not carried as it stood: how often, what, and the first place.

    As text: ``numbers are not finite and were left out: 3 (first: 'weight' of node 'a')``.
    """

    count: int
    what: str
    first: str = ""

    def __str__(self) -> str:
        """Return the note as a line for people."""
        how_often = f": {self.count}" if self.count > 1 else ""
        return self.what + how_often + (f" (first: {self.first})" if self.first else "")


class Notes:
    """Counts what could not be carried, one line for each kind of loss."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str]] = {}  # what -> how often, and where first

    def add(self, what: str, first: str = "", count: int = 1) -> None:
        """Count one more (or ``count`` more) of what could not be carried."""
        before, where = self._found.get(what, (0, first))
        self._found[what] = (before + count, where)

    def listed(self) -> list[Note]:
        """Every kind of loss, in the order in which they were met."""
        return [Note(count, what, first) for what, (count, first) in self._found.items()]


class GraphFile(Struct, frozen=True, kw_only=True):
    """A file that was read.

    Attributes
    ----------
    format : Format
        What it turned out to be.
    nodes : list of CreateNode
        Each has its node_id; parents come before their children, siblings in their order.
    links : list of LinkNodes
        Their ends are among ``nodes``; link_id is None where the file has none that can be used.
    blueprint : Blueprint
        Only the kind of graph: ``directed`` and ``multigraph``, as far as the format tells.
    notes : list of Note
        What could not be carried as it stood; empty: everything was.
    """

    format: Format
    nodes: list[CreateNode]
    links: list[LinkNodes]
    blueprint: Blueprint = field(default_factory=Blueprint)
    notes: list[Note] = field(default_factory=list)
