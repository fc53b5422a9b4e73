"""``g.at(rev)``: the graph as it was. A replica that never moves, and refuses every command."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from graph_ext.client.blueprint.check import CheckableGraph
from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.rest import stream
from graph_ext.client.elements.find import FindingGraph
from graph_ext.client.elements.tree import TreeOfNodes
from graph_ext.client.elsewhere import no_attribute
from graph_ext.client.files.write import GraphToFiles
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.networkx.methods import GraphForNetworkX
from graph_ext.client.pandas.methods import GraphToTables
from graph_ext.client.session.replica import Replica
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Command
from graph_ext.core.errors import BadMessageError, ReadOnlyError
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Link, Node
from graph_ext.protocol import Snapshot

__all__ = ["PastGraph", "load_past"]

_NODES, _LINKS = b',"nodes":[', b'],"links":['


class PastGraph(
    TreeOfNodes,
    FindingGraph,
    CheckableGraph,
    GraphForNetworkX,
    GraphToFiles,
    GraphToTables,
):
    """A graph as it was at a rev. Made by ``g.at(rev)``; only an archive needs its server again.

    Parameters
    ----------
    name, session_id : str
        Of the session.
    replica : Replica
        Loaded; nothing changes it.
    connection : Connection
        The way to its server.
    """

    def __init__(
        self, name: str, session_id: str, replica: Replica, connection: Connection
    ) -> None:
        self._name = name
        self._session_id = session_id
        self._replica = replica
        self._connection = connection

    @property
    def name(self) -> str:
        """The session's name, as it was called when this was read."""
        return self._name

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self._session_id

    @property
    def replica(self) -> Replica:
        """The graph in this process."""
        return self._replica

    @property
    def blueprint(self) -> Blueprint:
        """The schema of then."""
        return self._replica.graph.blueprint

    def submit(
        self,
        command: Command,  # noqa: ARG002 (whatever it is)
        *,
        expect: Iterable[Expectation] = (),  # noqa: ARG002
        base_rev: int | None = None,  # noqa: ARG002
        progress: bool | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refuse a command: what was can't be changed (ReadOnlyError)."""
        raise ReadOnlyError(
            f"this is {self.name!r} as it was at rev {self.rev}, which can't be changed",
            fix=f'g.fork("a new name", at={self.rev}) makes a graph of it that can',
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            from graph_ext.client.graph import SharedGraph  # noqa: PLC0415 (it knows this class)

            hint = ""
            if not name.startswith("_") and hasattr(SharedGraph, name):
                hint = f'what was can\'t be changed: g.fork("a new name", at={self.rev})'
            raise no_attribute(self, name, hint)

    def _archive(self) -> tuple[Connection, int]:
        return self._connection, self.rev

    def __repr__(self) -> str:
        return f"<{self.name!r} as it was: {self._summary()}>"

    def _repr_html_(self) -> str:
        return f"<b>{escape(self.name)}</b> <span>as it was ({escape(self._summary())})</span>"

    def _summary(self) -> str:
        graph = self._replica.graph
        return f"{len(graph.nodes)} nodes, {len(graph.links)} links, rev {self.rev}, read-only"


async def load_past(graph: FollowedGraph, rev: int) -> PastGraph:
    """Read a graph as it was at a rev, on the I/O thread, piece by piece.

    Raises
    ------
    GraphError
        NOT_FOUND (no such rev yet), GONE (the log no longer reaches back to it), or the server
        can't be reached.
    """
    pages = _Pages(graph.session_id)
    path = graph.address(f"graph?rev={rev}")
    try:
        await stream(graph.connection.server, path, graph.timeout_s, pages.take)
        return PastGraph(graph.name, graph.session_id, pages.end(), graph.connection)
    except msgspec.DecodeError as error:
        raise _no_graph(str(error)) from error


class _Head(msgspec.Struct):
    epoch: str
    rev: int
    blueprint: Blueprint


class _Pages:
    """Reads ``GraphAtRev`` line by line, as it comes: line breaks stand only between elements.

    So neither the text nor its elements are ever in memory as a whole, besides the graph.
    """

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._replica = Replica()
        # the line that has begun
        self._begun: list[bytes] = []
        self._head: _Head | None = None
        # whether the links have begun
        self._in_links = False
        self._nodes = msgspec.json.Decoder(list[Node])
        self._links = msgspec.json.Decoder(list[Link])

    def take(self, chunk: bytes) -> None:
        """Take what came."""
        lines = chunk.split(b"\n")
        for line in lines[:-1]:
            self._begun.append(line)
            whole, self._begun = b"".join(self._begun), []
            self._line(whole)
        self._begun.append(lines[-1])

    def end(self) -> Replica:
        """Return what was read (BadMessageError: it is not whole)."""
        rest = b"".join(self._begun)
        if self._head is None or not rest.endswith(b"]}"):
            raise _no_graph("it is not whole")
        self._load(more=False)
        return self._replica

    def _line(self, line: bytes) -> None:
        if self._head is None:
            self._head = msgspec.json.decode(line + b"}", type=_Head)
            return
        if line.startswith(_NODES):
            line = line.removeprefix(_NODES)
            if line.startswith(_LINKS):
                self._in_links = True
                line = line.removeprefix(_LINKS)
        elif line.startswith(_LINKS):
            self._in_links = True
            line = line.removeprefix(_LINKS)
        items = b"[%b]" % line.removeprefix(b",")
        if self._in_links:
            self._load(links=self._links.decode(items))
        else:
            self._load(nodes=self._nodes.decode(items))

    def _load(self, *, more: bool = True, **elements: Any) -> None:
        head = self._head
        if head is None:
            return
        self._replica.load(
            Snapshot(
                session_id=self._session_id,
                epoch=head.epoch,
                rev=head.rev,
                blueprint=head.blueprint,
                more=more,
                **elements,
            )
        )


def _no_graph(why: str) -> BadMessageError:
    return BadMessageError(
        f"the server's answer is no graph: {why}",
        fix="are graph_ext's versions here and at the server the same?",
    )
