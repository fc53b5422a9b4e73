"""The way of a command through its session: checked, applied, numbered, durable, published.

Commands are handled one at a time. A short one goes from its check to its rev without an await; a
long one has the graph for itself and works in a thread (docs/decisions/002). The graph in memory
is ahead of the disk by what is in flight; where the disk refuses that, it is taken back.
Owned by hub/session.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from msgspec import Struct

from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    DeleteNode,
    Redo,
    Undo,
    UpdateBlueprint,
    UpdateNode,
    execute,
)
from graph_ext.core.errors import GraphError, ReadOnlyError, UnavailableError
from graph_ext.core.events import Event
from graph_ext.core.graph import Graph
from graph_ext.hub.draft import draft
from graph_ext.hub.outcomes import CommandKey, Outcomes
from graph_ext.hub.ports import Append, Record, SessionStore
from graph_ext.protocol import Actor, Commit, Outcome, Skipped

__all__ = ["Pipeline", "Request"]

_LONG = 200  # edits, children, links or events from which on work goes to a thread
_TURN_COMMANDS = 64  # short commands handled before others on the event loop have their turn
_LOOKUP_COMMANDS = 256  # commands looked up in the store at once

_log = logging.getLogger(__name__)


class Request(Struct, eq=False):
    """A command on its way. ``done`` gets its rev, or the GraphError of its refusal.

    ``repeated`` is set where the command had been done before it came.
    """

    command_id: str
    command: Command
    actor: Actor
    client_id: str
    done: asyncio.Future[int]
    repeated: bool = False

    @property
    def key(self) -> CommandKey:
        """By what it is known when it comes again."""
        return (self.command_id, self.actor.actor_id)


class _InFlight(Struct, eq=False):
    """A commit that is in the graph and not yet durable."""

    request: Request
    append: Append
    events: Sequence[Event]


class Planned(Struct):
    """What a command makes, applied to the graph already."""

    events: Sequence[Event]
    label: str = ""
    undoes: int | None = None
    redoes: int | None = None
    skipped: list[Skipped] = []


class Pipeline:
    """One session's commands, in order.

    Parameters
    ----------
    session_id : str
        Stamped on its commits.
    store : SessionStore
        Where commits become durable.
    graph : Graph
        At the store's rev; nobody else changes or reads it.
    outcomes : Outcomes
        Of the store's newest commands.
    publish : callable
        Called with the records of durable commits, in order.
    clock, new_id : callable
        Unix seconds; a fresh id.

    Attributes
    ----------
    graph : Graph
        Ahead of the disk by what is in flight.
    nodes, links : int
        How many there are at the last durable rev.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the composition root of a session
        self,
        session_id: str,
        store: SessionStore,
        graph: Graph,
        outcomes: Outcomes,
        publish: Callable[[Sequence[Record]], None],
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self.graph = graph
        self.nodes = len(graph.nodes)
        self.links = len(graph.links)
        self._session_id = session_id
        self._store = store
        self._outcomes = outcomes
        self._publish = publish
        self._clock = clock
        self._new_id = new_id
        # the rev of the graph in memory
        self._rev = store.rev
        # commands that wait for their turn
        self._line: deque[Request] = deque()
        # every command that has no outcome yet
        self._open: dict[CommandKey, Request] = {}
        # commits for the next transaction
        self._queue: list[_InFlight] = []
        # has the graph for itself, over awaits; nobody else may touch it meanwhile
        self._held: asyncio.Task[None] | None = None
        # writes the queue, while there is one; also takes back what could not be written
        self._writer: asyncio.Task[None] | None = None
        self._taking_back = False
        # whether the loop is going to call _advance
        self._turning = False
        # whether the graph may no longer be what the log says, after an error of ours
        self._suspect = False

    @property
    def idle(self) -> bool:
        """Whether every command has its outcome."""
        return not self._open and self._held is None and self._writer is None

    def submit(self, request: Request) -> None:
        """Take a command; its outcome goes to ``request.done``."""
        key = request.key
        earlier = self._open.get(key)
        if earlier is not None:
            earlier.done.add_done_callback(partial(_pass_on, request.done))
            return
        self._open[key] = request
        self._line.append(request)
        if not self._turning:
            self._advance()

    async def outcomes(self, keys: Iterable[CommandKey]) -> dict[str, Outcome]:
        """What became of commands, by command_id; those never heard of, or open, are left out."""
        found: dict[str, Outcome] = {}
        unknown: list[CommandKey] = []
        for key in keys:
            rev = self._outcomes.rev(key)
            refusal = self._outcomes.refusal(key)
            if rev is not None:
                found[key[0]] = Outcome(rev=rev)
            elif refusal is not None:
                found[key[0]] = Outcome(code=refusal.code, message=refusal.message)
            else:
                unknown.append(key)
        if unknown and not self._outcomes.complete:
            for key, rev in (await self._store.outcomes(unknown)).items():
                found[key[0]] = Outcome(rev=rev)
        return found

    async def settled(self) -> None:
        """Wait until every command has its outcome."""
        while not self.idle:
            waiting: list[asyncio.Future[Any]] = [r.done for r in self._open.values()]
            waiting += [task for task in (self._held, self._writer) if task is not None]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)

    # --- taking commands from the line --------------------------------------------------------

    def _advance(self) -> None:
        """Handle the commands in line, as many as one turn of the loop allows."""
        self._turning = False
        if self._held is not None or self._taking_back:
            return  # whoever is at it calls again
        for _ in range(_TURN_COMMANDS):
            if not self._line:
                return
            if self._suspect or not self._outcomes.complete or self._is_long(self._line[0].command):
                self._held = asyncio.get_running_loop().create_task(self._hold())
                return
            self._take(self._line.popleft())
        if self._line:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._advance)

    async def _hold(self) -> None:
        """Handle what needs the store or a thread."""
        try:
            if self._suspect:
                await self._reload()
            looked_up = await self._look_up()
            if self._line and self._is_long(self._line[0].command):
                await self._take_long(self._line.popleft())
            else:
                if self._taking_back:
                    await self._written()
                while looked_up and not self._is_long(self._line[0].command):
                    looked_up -= 1
                    self._take(self._line.popleft())
        except GraphError as error:
            # the store can't be read: nobody's command can be judged
            while self._line:
                self._refuse(self._line.popleft(), error)
        except Exception:  # noqa: BLE001 - a task's root
            while self._line:
                self._fail(self._line.popleft())
        finally:
            self._held = None
            self._advance()

    def _take(self, request: Request) -> None:
        """Check, apply and number a short command; no await in here."""
        if self._knows(request):
            return
        try:
            self._check_writable()
            planned = self._plan(request)
            self._send(
                request, planned, draft(self._head(request, planned), planned.events, self.graph)
            )
        except GraphError as error:
            self._refuse(request, error)
        except Exception:  # noqa: BLE001 - the root of a command
            self._fail(request)

    async def _take_long(self, request: Request) -> None:
        """Check, apply and number a long command in a thread, with nothing else in flight."""
        # a write that failed would be taken back while the thread is at work
        await self._written()
        if self._knows(request):
            return
        try:
            self._check_writable()
            self._send(request, *await asyncio.to_thread(self._work, request))
        except GraphError as error:
            self._refuse(request, error)
        except Exception:  # noqa: BLE001 - the root of a command
            self._fail(request)

    def _work(self, request: Request) -> tuple[Planned, Append]:
        planned = self._plan(request)
        return planned, draft(self._head(request, planned), planned.events, self.graph)

    def _plan(self, request: Request) -> Planned:
        command = request.command
        if isinstance(command, Undo | Redo):
            raise UnavailableError("Undo is not there yet")
        label = command.label if isinstance(command, Batch) else ""
        return Planned(execute(self.graph, command, self._new_id), label)

    def _head(self, request: Request, planned: Planned) -> Commit:
        return Commit(
            session_id=self._session_id,
            epoch=self._store.epoch,
            rev=self._rev + 1,
            command_id=request.command_id,
            client_id=request.client_id,
            actor=request.actor,
            at=self._clock(),
            label=planned.label,
            undoes=planned.undoes,
            redoes=planned.redoes,
            skipped=planned.skipped,
            events=[],
        )

    def _is_long(self, command: Command) -> bool:
        """Whether a command may take more than a few milliseconds."""
        graph = self.graph
        match command:
            case Batch():
                return len(command.commands) > _LONG
            case Undo() | Redo() | UpdateBlueprint():
                return True
            case DeleteNode():
                node_id = command.node_id
                degree = graph.out_degree(node_id) + graph.in_degree(node_id)
                return degree > _LONG or bool(graph.children(node_id))
            case CreateNode():
                # siblings may have to be numbered anew
                return len(command.links) > _LONG or (
                    command.before is not None and len(graph.children(command.parent_id)) > _LONG
                )
            case UpdateNode(before=str(before)):
                sibling = graph.nodes.get(before)
                return sibling is not None and len(graph.children(sibling.parent_id)) > _LONG
        return False

    def _check_writable(self) -> None:
        if self._store.damaged:
            raise ReadOnlyError(self._store.damaged)

    def _knows(self, request: Request) -> bool:
        """Answer a command that has its outcome already."""
        rev = self._outcomes.rev(request.key)
        if rev is not None:
            request.repeated = True
            self._settle(request, rev)
            return True
        refusal = self._outcomes.refusal(request.key)
        if refusal is not None:
            self._refuse(request, refusal)
            return True
        return False

    async def _look_up(self) -> int:
        """Ask the store about commands that memory may have forgotten; return how many."""
        if self._outcomes.complete:
            return 0
        ahead = [request.key for request in islice(self._line, _LOOKUP_COMMANDS)]
        unknown = [key for key in ahead if self._outcomes.rev(key) is None]
        for key, rev in (await self._store.outcomes(unknown)).items():
            self._outcomes.committed(key, rev)
        return len(ahead)

    # --- making commits durable ---------------------------------------------------------------

    def _send(self, request: Request, planned: Planned, append: Append) -> None:
        """Number a commit and give it to the writer."""
        self._rev = append.entry.rev
        self._queue.append(_InFlight(request, append, planned.events))
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        """Write the queue, everything that waits in one transaction, until it is empty."""
        try:
            while self._queue:
                group, self._queue = self._queue, []
                try:
                    await self._store.append([commit.append for commit in group])
                except GraphError as error:
                    await self._take_back(group + self._queue, error)
                else:
                    self._durable(group)
        except Exception:  # noqa: BLE001 - a task's root
            _log.exception("Session %s", self._session_id)
            self._suspect = True
            for request in tuple(self._open.values()):
                self._refuse(request, UnavailableError("The server failed while saving"))
        finally:
            self._writer = None

    def _durable(self, group: Sequence[_InFlight]) -> None:
        self._publish([record for commit in group for record in commit.append.records])
        newest = group[-1].append
        self.nodes, self.links = newest.node_count, newest.link_count
        for commit in group:
            rev = commit.append.entry.rev
            self._outcomes.committed(commit.request.key, rev)
            self._settle(commit.request, rev)

    async def _take_back(self, lost: Sequence[_InFlight], error: GraphError) -> None:
        """Bring the graph back to what is durable, and refuse what is not."""
        self._taking_back = True
        self._queue = []
        try:
            if sum(len(commit.events) for commit in lost) > _LONG:
                await asyncio.to_thread(_undo_all, self.graph, lost)
            else:
                _undo_all(self.graph, lost)
            self._rev = self._store.rev
        finally:
            self._taking_back = False
        for commit in lost:
            self._refuse(commit.request, error)
        self._advance()

    async def _written(self) -> None:
        """Wait until nothing is in flight."""
        while self._writer is not None:
            await asyncio.wait([self._writer])

    # --- outcomes -----------------------------------------------------------------------------

    def _settle(self, request: Request, rev: int) -> None:
        self._open.pop(request.key, None)
        if not request.done.done():
            request.done.set_result(rev)

    def _refuse(self, request: Request, error: GraphError) -> None:
        self._open.pop(request.key, None)
        self._outcomes.refused(request.key, error)
        if not request.done.done():
            request.done.set_exception(error)

    def _fail(self, request: Request) -> None:
        """Refuse a command over an error of ours, and trust the graph no longer."""
        _log.exception("Session %s", self._session_id)
        self._suspect = True
        self._refuse(request, UnavailableError("The server failed at this; nothing was changed"))

    async def _reload(self) -> None:
        await self._written()
        self.graph = await self._store.load()
        self._rev = self._store.rev
        self._suspect = False


def _undo_all(graph: Graph, lost: Sequence[_InFlight]) -> None:
    for commit in reversed(lost):
        for event in reversed(commit.events):
            graph.apply(event.inverse())


def _pass_on(to: asyncio.Future[int], of: asyncio.Future[int]) -> None:
    """Give a command that came twice the outcome of the first."""
    if to.done():
        return
    error = of.exception()
    if error is None:
        to.set_result(of.result())
    else:
        to.set_exception(error)
