"""The way of a command through its session: in line, checked, applied, numbered, given to the disk.

Commands are handled one at a time. A short one goes from its check to its rev without an await; a
long one has the graph for itself and works in a thread (docs/decisions/002). Owned by
hub/session.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice

from msgspec.structs import replace

from graph_ext.core.commands import Batch, Redo, Undo, execute
from graph_ext.core.errors import (
    ConflictError,
    GraphError,
    ReadOnlyError,
    UnavailableError,
    UndoNothingLeftError,
)
from graph_ext.core.events import Event
from graph_ext.core.expectations import check_expectations
from graph_ext.core.history import Skipped
from graph_ext.hub.draft import draft
from graph_ext.hub.effort import is_long, is_long_to_compare
from graph_ext.hub.journal import InFlight, Journal, take_back
from graph_ext.hub.outcomes import CommandKey, Outcomes
from graph_ext.hub.ports import SessionStore
from graph_ext.hub.quiet import discard_here, in_thread
from graph_ext.hub.request import Done, Request, Told, planned
from graph_ext.hub.undo import UndoHistory
from graph_ext.protocol import Commit, Outcome, Planned

__all__ = ["Pipeline"]

_TURN_COMMANDS = 64  # short commands handled before others on the event loop have their turn
_LOOKUP_COMMANDS = 256  # commands looked up in the store at once

_log = logging.getLogger(__name__)


class Pipeline:
    """One session's commands, in order.

    Parameters
    ----------
    session_id : str
        Stamped on its commits.
    store : SessionStore
        Asked about old commands.
    journal : Journal
        Has the graph; nobody else changes or reads it.
    outcomes : Outcomes
        Of the store's newest commands.
    history : UndoHistory
        Of the same store.
    refused : callable
        Called with each command that is refused, dry runs aside, and why.
    clock, new_id : callable
        Unix seconds; a fresh id.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a session meet here
        self,
        session_id: str,
        store: SessionStore,
        journal: Journal,
        outcomes: Outcomes,
        history: UndoHistory,
        refused: Callable[[Request, GraphError], None],
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._session_id = session_id
        self._store = store
        self._journal = journal
        self._outcomes = outcomes
        self._history = history
        self._refused = refused
        self._clock = clock
        self._new_id = new_id
        # commands that wait for their turn
        self._line: deque[Request] = deque()
        # the revs of those at its head that were done already
        self._looked_up: dict[CommandKey, int] = {}
        # every command that has no outcome yet
        self._open: dict[CommandKey | Request, Request] = {}
        # has the graph for itself, over awaits; nobody else may touch it meanwhile
        self._held: asyncio.Task[None] | None = None
        # puts links by their nodes; is what holds the graph then
        self._indexing: asyncio.Task[None] | None = None
        # whether the loop is going to call _advance
        self._turning = False
        journal.settled = self._settled

    @property
    def idle(self) -> bool:
        """Whether every command has its outcome."""
        return not self._open and self._held is None and self._journal.idle

    def submit(self, request: Request) -> None:
        """Take a command; its outcome goes to ``request.told``."""
        mark = request.mark
        earlier = self._open.get(mark)
        if earlier is not None:
            # the command came twice
            earlier.told = partial(_tell_both, earlier.told, request)
            return
        self._open[mark] = request
        if self._line or self._held is not None or self._journal.taking_back:
            self._line.append(request)  # whoever is at those before it goes on with it
        elif self._is_ready(request):
            self._take(request)
        else:
            self._line.append(request)
            self._hold_on()

    def may_know(self, key: CommandKey) -> bool:
        """Whether a command is being done, was done, or may have been: the store would know."""
        return (
            key in self._open
            or isinstance(self._outcomes.find(key), int)
            or not self._outcomes.sure(key)
        )

    async def outcomes(self, keys: Iterable[CommandKey]) -> dict[str, Outcome]:
        """What became of commands, by command_id; those never heard of, or open, are left out."""
        found: dict[str, Outcome] = {}
        unsure: list[CommandKey] = []
        for key in keys:
            known = self._outcomes.find(key)
            if isinstance(known, int):
                found[key[0]] = Outcome(rev=known)
            elif known is not None:
                found[key[0]] = Outcome(code=known.code, message=known.message)
            elif not self._outcomes.sure(key):
                unsure.append(key)
        if unsure:
            for key, rev in (await self._store.outcomes(unsure)).items():
                found[key[0]] = Outcome(rev=rev)
        return found

    async def settled(self) -> None:
        """Wait until every command has its outcome."""
        while not self.idle:
            if self._held is not None:
                await asyncio.wait([self._held])
            await self._journal.written()
            # those in line have their turn
            await asyncio.sleep(0)

    async def index(self) -> None:
        """Have the graph's links at hand by their nodes, unless commands are under way."""
        if self._indexing is None:
            if self._journal.graph.indexed or not self.idle:
                return
            self._held = self._indexing = asyncio.get_running_loop().create_task(self._index())
        await asyncio.wait([self._indexing])

    async def _index(self) -> None:
        try:
            await in_thread(self._journal.graph.index)
        finally:
            self._held = self._indexing = None
            self._advance()

    # --- taking commands from the line --------------------------------------------------------

    def _advance(self) -> None:
        """Handle the commands in line, as many as one turn of the loop allows."""
        self._turning = False
        if self._held is not None or self._journal.taking_back:
            return  # whoever is at it calls again
        for _ in range(_TURN_COMMANDS):
            if not self._line:
                return
            request = self._line[0]
            if not self._is_ready(request):
                self._hold_on()
                return
            self._take(self._line.popleft())
        if self._line:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._advance)

    def _is_ready(self, request: Request) -> bool:
        """Whether a command can be handled at once."""
        return not self._journal.suspect and self._is_sure(request) and not self._is_long(request)

    def _hold_on(self) -> None:
        """Have the first in line handled by what may wait."""
        self._held = asyncio.get_running_loop().create_task(self._hold())

    async def _hold(self) -> None:
        """Handle what needs the store or a thread."""
        try:
            if self._journal.suspect:
                await self._journal.reload()
            looked_up = await self._look_up()
            if self._journal.taking_back:
                await self._journal.written()
            if self._line and self._is_long(self._line[0]):
                await self._take_long(self._line.popleft())
                return
            # what was found out holds until something is awaited
            while looked_up and not self._journal.suspect and not self._is_long(self._line[0]):
                looked_up -= 1
                self._take(self._line.popleft())
        except GraphError as error:
            # the store can't be read: nobody's command can be judged
            while self._line:
                request = self._line.popleft()
                self._refuse(request, error if self._is_sure(request) else _not_known(error))
        except Exception:  # noqa: BLE001 - a task's root
            while self._line:
                self._fail(self._line.popleft())
        finally:
            self._held = None
            self._advance()

    def _is_sure(self, request: Request) -> bool:
        """Whether it needs no look into the store to say if a command was done before."""
        return request.dry_run or self._outcomes.sure(request.key)

    def _is_long(self, request: Request) -> bool:
        graph = self._journal.graph
        return (
            is_long(graph, request.command)
            or (bool(request.expect) and is_long_to_compare(request.expect))
            # it is taken back
            or (request.dry_run and not graph.indexed)
        )

    def _take(self, request: Request) -> None:
        """Check, apply and number a short command; no await in here."""
        if self._knows(request):
            return
        try:
            self._judge(request)
            self._finish(request, self._execute(request))
        except GraphError as error:
            self._refuse(request, error)
        except Exception:  # noqa: BLE001 - the root of a command
            self._fail(request)

    async def _take_long(self, request: Request) -> None:
        """Check, apply and number a long command in a thread, with nothing else in flight."""
        # a write that failed would be taken back while the thread is at work
        await self._journal.written()
        if self._knows(request):
            return
        try:
            self._judge(request)
            command = request.command
            if isinstance(command, Undo | Redo):
                rev = await self._history.target(command, request.actor.actor_id)
                work = partial(self._undo, request, command, rev)
            else:
                work = partial(self._execute, request)
            self._finish(request, await in_thread(work))
        except GraphError as error:
            self._refuse(request, error)
        except Exception:  # noqa: BLE001 - the root of a command
            self._fail(request)

    def _judge(self, request: Request) -> None:
        """Check what needs no look at the graph (ReadOnlyError, ConflictError, its refusal)."""
        if request.refusal is not None:
            raise request.refusal
        if self._store.damaged:
            raise ReadOnlyError(self._store.damaged)
        if request.base_rev not in {None, self._journal.rev}:
            raise ConflictError(
                f"The session is at rev {self._journal.rev}, not at {request.base_rev}",
                path="base_rev",
                fix="look at what has changed, and send a new command",
            )

    def _execute(self, request: Request) -> InFlight | Planned:
        """Apply a command to the graph, and encode what that made."""
        graph, command = self._journal.graph, request.command
        if request.expect:
            check_expectations(graph, request.expect)
        events = execute(graph, command, self._new_id)  # type: ignore[arg-type]
        if type(command) is not Batch:
            return self._made(request, events)
        discard_here(command.commands)
        return self._made(request, events, command.label)

    def _undo(self, request: Request, command: Undo | Redo, rev: int) -> InFlight | Planned:
        """Take a commit back, in a thread, and encode what that made."""
        graph = self._journal.graph
        check_expectations(graph, request.expect)
        force = isinstance(command, Undo) and command.force
        try:
            undone = self._history.plan(graph, rev, force=force)
        except UndoNothingLeftError:
            if not request.dry_run:
                self._history.drop(rev)
            raise
        named = {"undoes" if isinstance(command, Undo) else "redoes": rev}
        return self._made(request, undone.events, "", undone.skipped, **named)

    def _made(  # noqa: PLR0913 - what a commit may have
        self,
        request: Request,
        events: list[Event],
        label: str = "",
        skipped: Sequence[Skipped] = (),
        *,
        undoes: int | None = None,
        redoes: int | None = None,
    ) -> InFlight | Planned:
        """Encode what a command has made of the graph, or take it back where it is a dry run."""
        journal, rev = self._journal, self._journal.rev + 1
        if request.dry_run:
            try:
                return planned(self._session_id, request.command_id, rev, events, skipped)
            finally:
                take_back(journal.graph, events)
                discard_here(events)
        commit = Commit(
            session_id=self._session_id,
            epoch=self._store.epoch,
            rev=rev,
            command_id=request.key[0],
            client_id=request.client_id,
            actor=request.actor,
            at=self._clock(),
            label=label,
            undoes=undoes,
            redoes=redoes,
            skipped=list(skipped),
            events=events,
        )
        return InFlight(draft(commit, journal.graph), events, request)

    def _finish(self, request: Request, made: InFlight | Planned) -> None:
        if isinstance(made, InFlight):
            self._journal.send(made)
        else:
            self._settle(request, Done(made.rev, planned=made))

    # --- outcomes -----------------------------------------------------------------------------

    def _knows(self, request: Request) -> bool:
        """Answer a command that has its outcome already."""
        if request.dry_run:
            return False
        key = request.key
        known = self._outcomes.find(key)
        if known is None and self._looked_up:
            known = self._looked_up.get(key)
        if known is None:
            return False
        if isinstance(known, int):
            self._settle(request, Done(known, repeated=True))
        else:
            self._refuse(request, known)
        return True

    async def _look_up(self) -> int:
        """Ask the store about commands that memory may have forgotten; return how many are known.

        They are the first in line.
        """
        ahead = list(islice(self._line, _LOOKUP_COMMANDS))
        # not left to memory, which may drop one of them before it is its turn
        self._looked_up = {
            request.key: known
            for request in ahead
            if isinstance(known := self._outcomes.find(request.key), int)
        }
        unsure = [request.key for request in ahead if not self._is_sure(request)]
        if not unsure:
            return 0
        self._looked_up.update(await self._store.outcomes(unsure))
        return len(ahead)

    def _settled(self, commits: Sequence[InFlight], error: GraphError | None) -> None:
        """Hear from the journal that commits are durable, or were taken back."""
        if error is None:
            self._outcomes.committed(
                [(commit.request.key, commit.append.entry.rev) for commit in commits]
            )
            for commit in commits:
                request = commit.request
                self._open.pop(request.key, None)
                request.told(request, Done(commit.append.entry.rev))
            return
        for commit in commits:
            self._refuse(commit.request, error)
        if self._held is None and not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._advance)

    def _settle(self, request: Request, done: Done) -> None:
        self._open.pop(request.mark, None)
        request.told(request, done)

    def _refuse(self, request: Request, error: GraphError) -> None:
        self._open.pop(request.mark, None)
        if not request.dry_run:
            self._outcomes.refused(request.key, error)
            self._refused(request, error)
        request.told(request, error)

    def _fail(self, request: Request) -> None:
        """Refuse a command over an error of ours, and trust the graph no longer."""
        _log.exception("Session %s", self._session_id)
        self._journal.suspect = True
        self._refuse(request, UnavailableError("The server failed at this; nothing was changed"))


def _tell_both(first: Told, second: Request, request: Request, outcome: Done | GraphError) -> None:
    """Tell the outcome of a command to whoever sent it again, too."""
    first(request, outcome)
    if isinstance(outcome, Done):
        # the second sender may have had the commit in a snapshot, and is told of it
        outcome = replace(outcome, repeated=True)
    second.told(second, outcome)


def _not_known(error: GraphError) -> GraphError:
    """Refuse what may have been done when it came for the first time."""
    return type(error)(
        f"{error.message}; whether the server has done this command before is not known",
        fix=error.fix,
    )
