"""Takes what a reader finds and makes commands of it that the server will accept.

Every reader feeds one: ids, names and values are checked here once, and what does not pass is
mended or left out with a note. Only size is refused.
"""

from __future__ import annotations

from typing import Any

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import CreateNode, LinkNodes
from graph_ext.core.errors import TooLargeError
from graph_ext.core.json_values import shown
from graph_ext.exchange.fit import Fitter, is_id
from graph_ext.exchange.forest import parents_first
from graph_ext.exchange.graph_file import Format, GraphFile, Limits, Notes
from graph_ext.exchange.values import Kind, parsed

__all__ = ["Collector"]

_EMPTY: dict[str, Any] = {}


class Collector:
    """Gathers the nodes and links of one file.

    Parameters
    ----------
    limits : Limits
        How many elements are taken.
    """

    def __init__(self, limits: Limits) -> None:
        self.notes = Notes()
        self._limits = limits
        self._nodes: dict[str, CreateNode] = {}
        self._links: list[LinkNodes] = []
        self._link_ids: set[str] = set()
        # the file's id -> the node_id, only where they differ
        self._renamed: dict[str, str] = {}
        self._generated: set[str] = set()
        self._number = 0  # of the last one
        self._fit = Fitter(self.notes)

    def __contains__(self, file_id: str) -> bool:
        """Tell whether a node of that id was read."""
        return self._renamed.get(file_id, file_id) in self._nodes

    def add_node(  # noqa: PLR0913 (what a node has)
        self,
        file_id: str | None,
        *,
        name: str = "",
        type_id: str = "",
        parent: str | None = None,
        position: tuple[object, object] | None = None,
        properties: dict[str, Any] = _EMPTY,
    ) -> str:
        """Take a node; a second one of the same id adds to the first.

        Parameters
        ----------
        file_id : str or None
            As it stands in the file; None gets an id of its own.
        name, type_id : str
            Any text.
        parent : str, optional
            The file's id of a node that may come later, or never.
        position : (x, y), optional
            Numbers, or what stands for them.
        properties : dict
            Any JSON values; the dict is kept.

        Returns
        -------
        str
            The node_id.

        Raises
        ------
        TooLargeError
            The file has more elements than the limit.
        """
        node_id = self._node_id(file_id)
        if node_id in self._nodes:
            self.notes.add("nodes stand in the file twice and were joined", shown(node_id))
        else:
            self._count()
            self._nodes[node_id] = CreateNode(node_id)
        self.add_details(
            node_id,
            name=name,
            type_id=type_id,
            parent=parent,
            position=position,
            properties=properties,
        )
        return node_id

    def add_details(  # noqa: PLR0913
        self,
        node_id: str,
        *,
        name: str = "",
        type_id: str = "",
        parent: str | None = None,
        position: tuple[object, object] | None = None,
        properties: dict[str, Any] = _EMPTY,
    ) -> None:
        """Add to a node that was taken before its details were known; arguments as before."""
        known = self._nodes[node_id]
        properties = self._fit.properties(properties, "node", node_id) if properties else {}
        if known.properties:
            properties = {**known.properties, **properties}
        if name:
            name = self._fit.name(name, node_id)
        place = self._fit.position(position, node_id) if position is not None else None
        self._nodes[node_id] = CreateNode(
            node_id,
            known.parent_id if parent is None else parent,
            self._fit.type_id(type_id, node_id) if type_id else known.blueprint_type_id,
            name or known.name,
            None,
            known.position if place is None else place,
            properties,
        )

    def add_link(
        self,
        source: str,
        target: str,
        *,
        link_id: str | None = None,
        type_id: str = "",
        properties: dict[str, Any] = _EMPTY,
    ) -> None:
        """Take a link; its ends are the file's ids, and may come later or never.

        Raises
        ------
        TooLargeError
            The file has more elements than the limit.
        """
        self._count()
        if link_id is not None:
            link_id = self._fit_link_id(link_id)
        if properties:
            properties = self._fit.properties(properties, "link", f"{source} -> {target}")
        if type_id:
            type_id = self._fit.type_id(type_id, f"{source} -> {target}")
        self._links.append(LinkNodes(source, target, type_id, link_id, properties or {}))

    def finish(
        self,
        format: Format,  # noqa: A002 (the word that callers use)
        *,
        directed: bool,
        multigraph: bool = True,
        ends_declared: bool = True,
    ) -> GraphFile:
        """Return what was gathered, the ends of links and the parents put in order.

        Parameters
        ----------
        format : Format
            Of the file.
        directed, multigraph : bool
            As the file tells; parallel links overrule ``multigraph=False``.
        ends_declared : bool
            Whether a node that only links name is worth a note: in an edge list it is not.
        """
        links = self._resolved_links(ends_declared)
        if not multigraph and _has_parallel(links, directed):
            self.notes.add("file says that it has no parallel links, but it has")
            multigraph = True
        nodes = parents_first(self._nodes, self._renamed, self.notes)
        return GraphFile(
            format=format,
            nodes=nodes,
            links=links,
            blueprint=Blueprint(directed=directed, multigraph=multigraph),
            notes=self.notes.listed(),
        )

    def value(self, text: str, kind: Kind, what: str) -> Any:
        """Return what a text stands for, or the text itself with a note where it does not."""
        try:
            return parsed(text, kind)
        except ValueError:
            self.notes.add("values are not of their declared type and were kept as text", what)
            return text

    def _count(self) -> None:
        if len(self._nodes) + len(self._links) >= self._limits.max_elements:
            raise TooLargeError(
                f"the file has more than {self._limits.max_elements} nodes and links",
                fix="raise max_elements",
            )

    def _node_id(self, file_id: str | None) -> str:
        if file_id is None:
            self.notes.add("nodes have no id and were given one")
            return self._new_id()
        if self._renamed and file_id in self._renamed:
            return self._renamed[file_id]
        if file_id in self._nodes:
            if file_id not in self._generated:
                return file_id
        elif is_id(file_id):
            return file_id
        else:
            self.notes.add("ids of nodes can't be used and were replaced", shown(file_id))
        self._renamed[file_id] = self._new_id()
        return self._renamed[file_id]

    def _new_id(self) -> str:
        self._number += 1
        while (node_id := f"node-{self._number}") in self._nodes:
            self._number += 1
        self._generated.add(node_id)
        return node_id

    def _fit_link_id(self, link_id: str) -> str | None:
        if not is_id(link_id):
            self.notes.add("ids of links can't be used and were left out", shown(link_id))
            return None
        if link_id in self._link_ids:
            self.notes.add(
                "ids of links stand in the file twice: the later links get new ones",
                shown(link_id),
            )
            return None
        self._link_ids.add(link_id)
        return link_id

    def _resolved_links(self, ends_declared: bool) -> list[LinkNodes]:
        nodes, renamed = self._nodes, self._renamed
        for index, link in enumerate(self._links):
            source, target = link.source_id, link.target_id
            if source in nodes and target in nodes and not renamed:
                continue
            ends = []
            for end in (source, target):
                if end not in self:
                    if ends_declared:
                        self.notes.add("nodes are named only by links and were added", shown(end))
                    ends.append(self.add_node(end))
                else:
                    ends.append(renamed.get(end, end))
            if ends != [source, target]:
                self._links[index] = LinkNodes(
                    ends[0], ends[1], link.link_type_id, link.link_id, link.properties
                )
        return self._links


def _has_parallel(links: list[LinkNodes], directed: bool) -> bool:
    ends = {
        (link.source_id, link.target_id)
        if directed or link.source_id <= link.target_id
        else (link.target_id, link.source_id)
        for link in links
    }
    return len(ends) < len(links)
