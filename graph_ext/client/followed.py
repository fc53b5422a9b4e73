"""What follows a session and changes it: the part of a shared graph that all its views stand on."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlencode

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.rest import fetch
from graph_ext.client.editing.batch import GraphBatch
from graph_ext.client.editing.conditions import Conditions
from graph_ext.client.editing.dry_run import DryRun
from graph_ext.client.editing.scope import innermost
from graph_ext.client.readable import ReadableGraph
from graph_ext.client.session.pending import PendingChange, Receipt
from graph_ext.client.session.replica import Replica
from graph_ext.client.session.sender import send
from graph_ext.client.session.session import SessionClient, SessionFact, Status
from graph_ext.core.commands import Command
from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.core.expectations import Expectation

__all__ = ["FollowedGraph"]

T = TypeVar("T")


class FollowedGraph(ReadableGraph):
    """A session that is followed, and takes commands.

    Parameters
    ----------
    connection : Connection
        The way to its server.
    session : SessionClient
        The session, as that connection follows it.
    timeout_s : float
        How long a change waits for a server that is away.
    """

    def __init__(self, connection: Connection, session: SessionClient, timeout_s: float) -> None:
        self._connection = connection
        self._session = session
        # how long a change waits for a server that is away, in seconds; may be changed
        self.timeout_s = timeout_s
        # gives the session back: by `close`, or when nobody holds this object any more
        self._release = weakref.finalize(self, _release, connection, session)
        self._release.atexit = False

    @property
    def name(self) -> str:
        """The session's name."""
        return self._session.name

    @property
    def session_id(self) -> str:
        """The session's id, which stays when it is renamed."""
        return self._session.session_id

    @property
    def status(self) -> Status:
        """``connecting``, ``loading``, ``live``, ``offline`` (it will be back) or ``ended``."""
        return self._session.status if self._release.alive else "ended"

    @property
    def trouble(self) -> str:
        """Why it is not live: what the server said, or why it can't be reached; "" for nothing."""
        failure = self._session.failure
        if failure is not None:
            return str(failure)
        return self._connection.trouble if self.status in {"offline", "connecting"} else ""

    @property
    def failure(self) -> GraphError | None:
        """Why it has ended; None while it has not, and where :meth:`close` has ended it."""
        return self._session.failure if self._release.alive else None

    @property
    def pending(self) -> list[PendingChange]:
        """The changes on their way: handed over by some thread, and not known to be durable yet.

        All sessions of this process that are this one count. ``sent`` says whether the server may
        have it already; what has become of those is asked when it is back, none is done twice.
        """
        return self._session.pending

    @property
    def role(self) -> str:
        """What you are here: ``owner``, ``editor`` or ``viewer``; follows when it is changed."""
        return self._session.role

    @property
    def connection(self) -> Connection:
        """The way to its server."""
        return self._connection

    @property
    def replica(self) -> Replica:
        """The graph in this process; reading it takes its lock. In a batch, the batch's draft."""
        batch = innermost(self, GraphBatch)
        return self._session.replica if batch is None else batch.draft.replica

    @property
    def live_replica(self) -> Replica:
        """The graph as the server has it, also in a batch."""
        return self._session.replica

    def close(self) -> None:
        """Follow the session no longer; it lives on at the server."""
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def submit(
        self,
        command: Command,
        *,
        expect: Iterable[Expectation] = (),
        base_rev: int | None = None,
        progress: bool | None = None,
    ) -> Receipt:
        """Send a command, and wait until its commit is in this replica.

        Parameters
        ----------
        command : Command
            One of :mod:`graph_ext.core.commands`; all other changes are made of these.
        expect : iterable of Expectation
            What must hold of the graph at the moment of the change.
        base_rev : int, optional
            The rev that the session must stand at then: nobody has changed anything since.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 edits.

        Returns
        -------
        Receipt
            Its ``rev``, in a batch the one that it began at; within :meth:`dry_run`, what is
            ``planned``.

        Raises
        ------
        GraphError
            The refusal; CONFLICT where a condition does not hold.
        """
        if not self._release.alive:
            raise UnavailableError("this graph was closed", fix="open it again: gx.open(name)")
        conditions = Conditions(tuple(expect), base_rev)
        batch, dry_run = innermost(self, GraphBatch), innermost(self, DryRun)
        if batch is not None:
            return batch.submit(command, conditions, progress)
        receipt = send(
            self._session,
            command,
            self.timeout_s,
            conditions=conditions,
            dry_run=dry_run is not None,
            progress=progress,
        )
        if dry_run is not None and receipt.planned is not None:
            dry_run.plans.append(receipt.planned)
        return receipt

    def batch(self, label: str = "", *, progress: bool | None = None) -> GraphBatch:
        """Make many changes as one commit: all or nothing, and one step to undo.

        Within the block, in this thread, reads of this graph see what the block has changed so
        far, on the graph as it stood when the block began; what others do meanwhile is seen after
        it. Each change is checked at its line, by the server's own rules, and one that is refused
        there is no part of the batch. Nothing is sent before the end of the block, and nothing at
        all where that ends with an error.

        At the end the server checks everything against the graph as it stands by then. It
        refuses the batch where that no longer goes together (a node that was changed is gone,
        one that was made exists), or where something that a change of the batch had to
        ``expect`` is no longer so. Who must not overwrite what others have done meanwhile says so
        with ``expect`` or ``base_rev``.

        A batch within a batch of the same graph joins it; ends it with an error, only its own
        changes are taken back. Other threads are not drawn in, and go on as always; tasks and
        threads that get a copy of this context (asyncio's) are. In a :meth:`dry_run` the batch is
        planned as a whole, and a dry run in a batch plans on what the batch has so far.

        Parameters
        ----------
        label : str
            What the history calls it; by default as the first change in it that has a label.
        progress : bool, optional
            Whether to show a progress bar; by default from 10,000 edits.

        Returns
        -------
        context manager of GraphBatch
            ``len`` is how many edits it has, ``rev`` what it became, once it is over.

        Raises
        ------
        GraphError
            At the end of the block: the refusal. Nothing was changed then.

        Examples
        --------
        >>> rev = g.rev
        >>> with g.batch("Plan the painting") as b:
        ...     g.add_node("Paint", effort=1)
        ...     g.add_edge("Roof", "Paint", key=0)
        ...     g.nodes["Paint"]["effort"] += g.nodes["Roof"]["effort"]
        'Paint'
        0
        >>> b
        <batch 'Plan the painting': 3 edits, rev 7>
        >>> g.nodes["Paint"]["effort"], g.rev - rev
        (3, 1)
        >>> g.undo()
        []
        >>> "Paint" in g
        False
        """
        return GraphBatch(self, label, progress)

    def dry_run(self) -> AbstractContextManager[DryRun]:
        """Ask what changes would do, instead of making them.

        Each change of this graph within the block, in this thread, is planned by the server as
        if it came next, and not made: it does not see those before it in the block. One that
        would be refused raises as always.

        Returns
        -------
        context manager of DryRun
            ``print`` it, or look at its ``events``.

        Examples
        --------
        >>> with g.dry_run() as plan:
        ...     g.remove_node("Build")
        >>> print(plan)
        would delete 2 links, delete 3 nodes
        >>> "Build" in g
        True
        """
        return DryRun(self)

    # --- for the graph's methods -----------------------------------------------------------------

    def witness(self, witness: Callable[[SessionFact], None]) -> None:
        """Have a function told, on the I/O thread, of what stands in no log."""
        with self.live_replica.lock:
            self._session.witnesses = (*self._session.witnesses, witness)

    def witness_no_longer(self, witness: Callable[[SessionFact], None]) -> None:
        """Tell it no more."""
        with self.live_replica.lock:
            self._session.witnesses = tuple(
                each for each in self._session.witnesses if each != witness
            )

    def ask(
        self,
        method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
        path: str,
        kind: type[T],
        body: Mapping[str, Any] | None = None,
    ) -> T:
        """Ask something about this session over HTTP: an operation's path below it (GraphError)."""
        return self._connection.io.run(
            partial(self.asking, method, path, kind, body),
            f"a request for the {path.partition('/')[0].partition('?')[0]} of a graph",
        )

    async def asking(
        self,
        method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
        path: str,
        kind: type[T],
        body: Mapping[str, Any] | None = None,
    ) -> T:
        """Ask as :meth:`ask` does, on the I/O thread (GraphError)."""
        server = self._connection.server
        return await fetch(server, method, self.address(path), self.timeout_s, kind, body)

    def address(self, path: str) -> str:
        """Return the path of an operation below this session, asked for by this very client."""
        connection = self._connection
        client = urlencode({"client_id": connection.client_id, "label": connection.label[:200]})
        joint = "&" if "?" in path else "?"
        return f"sessions/{self.session_id}/{path}{joint}{client}"


def _release(connection: Connection, session: SessionClient) -> None:
    """Give a session back; may be called anywhere, and after the connection has ended."""
    if connection.io.usable:
        try:
            connection.io.call(connection.detach, session)
        except UnavailableError:
            return
