"""A graph in this process alone, with a session's rules and no server: what networkx hands over.

networkx gives a backend other graphs beside a session (``nx.compose(g, h)``). They become no
sessions behind people's backs, but take the same commands, planned by the server's own code.
"""

from __future__ import annotations

from collections.abc import Iterable

from graph_ext.client.ids import new_id
from graph_ext.client.networkx.methods import GraphForNetworkX
from graph_ext.client.session.pending import Receipt
from graph_ext.client.session.replica import Replica
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Command, Redo, Undo, execute
from graph_ext.core.errors import ConflictError, UndoEmptyError
from graph_ext.core.expectations import Expectation, check_expectations

__all__ = ["UnsharedGraph"]


class UnsharedGraph(GraphForNetworkX):
    """A graph that nobody else has, and that ends with its last reference.

    Parameters
    ----------
    blueprint : Blueprint, optional
        Its schema.
    name : str
        For people.
    """

    def __init__(self, blueprint: Blueprint | None = None, name: str = "") -> None:
        self._name = name
        self._replica = Replica()
        if blueprint is not None:
            self._replica.graph.blueprint = blueprint

    @property
    def name(self) -> str:
        """What people see."""
        return self._name

    @property
    def session_id(self) -> str:
        """None: it is no session."""
        return ""

    @property
    def replica(self) -> Replica:
        """The graph itself."""
        return self._replica

    def submit(
        self,
        command: Command,
        *,
        expect: Iterable[Expectation] = (),
        base_rev: int | None = None,
        progress: bool | None = None,  # noqa: ARG002 (nothing takes long here)
    ) -> Receipt:
        """Do a command, or refuse it as a server would; it keeps no history to undo.

        Raises
        ------
        GraphError
            The refusal; nothing was changed.
        """
        if isinstance(command, Undo | Redo):
            raise UndoEmptyError("a graph without a server keeps no history")
        replica = self._replica
        with replica.lock:
            check_expectations(replica.graph, expect)
            if base_rev is not None and base_rev != replica.rev:
                raise ConflictError(f"the graph stands at rev {replica.rev}, not {base_rev}")
            try:
                events = execute(replica.graph, command, new_id)
            except BaseException:
                replica.cast(None)  # what was taken back are other objects now
                raise
            replica.rev += 1
            replica.cast(events)
            return Receipt(replica.rev)
