"""The way of a command through its session: in line, checked, applied, numbered, given to the disk.

Commands are handled one at a time. A short one goes from its check to its rev without an await; a
long one has the graph for itself and works in a thread (docs/decisions/002). Owned by
hub/session.py.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any

from msgspec import Struct

from graph_ext.core.commands import (
    Batch,
    Command,
    Redo,
    Undo,
    execute,
)
from graph_ext.core.errors import GraphError, ReadOnlyError, UnavailableError
from graph_ext.core.events import Event
from graph_ext.hub.draft import draft
from graph_ext.hub.effort import is_long
from graph_ext.hub.journal import InFlight, Journal
from graph_ext.hub.outcomes import CommandKey, Outcomes
from graph_ext.hub.ports import SessionStore
from graph_ext.hub.quiet import discard_here, in_thread
from graph_ext.hub.undo import UndoHistory
from graph_ext.protocol import Actor, Commit, Outcome

__all__ = ["Pipeline", "Request"]

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
        Called with each command that is refused, and why.
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
        # every command that has no outcome yet
        self._open: dict[CommandKey, Request] = {}
        # has the graph for itself, over awaits; nobody else may touch it meanwhile
        self._held: asyncio.Task[None] | None = None
        # whether the loop is going to call _advance
        self._turning = False

    @property
    def idle(self) -> bool:
        """Whether every command has its outcome."""
        return not self._open and self._held is None and self._journal.idle

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
            waiting: list[asyncio.Future[Any]] = [request.done for request in self._open.values()]
            if self._held is not None:
                waiting.append(self._held)
            if waiting:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            await self._journal.written()

    # --- taking commands from the line --------------------------------------------------------

    def _advance(self) -> None:
        """Handle the commands in line, as many as one turn of the loop allows."""
        self._turning = False
        if self._held is not None or self._journal.taking_back:
            return  # whoever is at it calls again
        for _ in range(_TURN_COMMANDS):
            if not self._line:
                return
            known = self._outcomes.complete and not self._journal.suspect
            if not known or is_long(self._journal.graph, self._line[0].command):
                self._held = asyncio.get_running_loop().create_task(self._hold())
                return
            self._take(self._line.popleft())
        if self._line:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._advance)

    async def _hold(self) -> None:
        """Handle what needs the store or a thread."""
        try:
            if self._journal.suspect:
                await self._journal.reload()
            looked_up = await self._look_up()
            if self._journal.taking_back:
                await self._journal.written()
            if self._line and is_long(self._journal.graph, self._line[0].command):
                await self._take_long(self._line.popleft())
                return
            while looked_up and not is_long(self._journal.graph, self._line[0].command):
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
            self._journal.send(self._execute(request))
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
            self._check_writable()
            command = request.command
            if isinstance(command, Undo | Redo):
                rev = await self._history.target(command, request.actor.actor_id)
                work = partial(self._undo, request, command, rev)
            else:
                work = partial(self._execute, request)
            self._journal.send(await in_thread(work))
        except GraphError as error:
            self._refuse(request, error)
        except Exception:  # noqa: BLE001 - the root of a command
            self._fail(request)

    def _execute(self, request: Request) -> InFlight:
        """Apply a command to the graph, and encode what that made."""
        command = request.command
        events = execute(self._journal.graph, command, self._new_id)  # type: ignore[arg-type]
        label = ""
        if isinstance(command, Batch):
            label = command.label
            discard_here(command.commands)
        return self._in_flight(request, events, self._head(request, label=label))

    def _undo(self, request: Request, command: Undo | Redo, rev: int) -> InFlight:
        """Take a commit back, in a thread, and encode what that made."""
        force = isinstance(command, Undo) and command.force
        undone = self._history.plan(self._journal.graph, rev, force=force)
        named = {"undoes" if isinstance(command, Undo) else "redoes": rev}
        head = self._head(request, skipped=undone.skipped, **named)
        return self._in_flight(request, undone.events, head)

    def _in_flight(self, request: Request, events: list[Event], head: Commit) -> InFlight:
        append = draft(head, events, self._journal.graph)
        return InFlight(append, events, partial(self._written, request, append.entry.rev))

    def _head(self, request: Request, **fields: Any) -> Commit:
        return Commit(
            session_id=self._session_id,
            epoch=self._store.epoch,
            rev=self._journal.rev + 1,
            command_id=request.command_id,
            client_id=request.client_id,
            actor=request.actor,
            at=self._clock(),
            events=[],
            **fields,
        )

    def _check_writable(self) -> None:
        if self._store.damaged:
            raise ReadOnlyError(self._store.damaged)

    # --- outcomes -----------------------------------------------------------------------------

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

    def _written(self, request: Request, rev: int, error: GraphError | None) -> None:
        """Hear from the journal that a commit is durable, or was taken back."""
        if error is None:
            self._outcomes.committed(request.key, rev)
            self._settle(request, rev)
        else:
            self._refuse(request, error)
            if self._held is None and not self._turning:
                self._turning = True
                asyncio.get_running_loop().call_soon(self._advance)

    def _settle(self, request: Request, rev: int) -> None:
        self._open.pop(request.key, None)
        if not request.done.done():
            request.done.set_result(rev)

    def _refuse(self, request: Request, error: GraphError) -> None:
        self._open.pop(request.key, None)
        self._outcomes.refused(request.key, error)
        self._refused(request, error)
        if not request.done.done():
            request.done.set_exception(error)

    def _fail(self, request: Request) -> None:
        """Refuse a command over an error of ours, and trust the graph no longer."""
        _log.exception("Session %s", self._session_id)
        self._journal.suspect = True
        self._refuse(request, UnavailableError("The server failed at this; nothing was changed"))


def _pass_on(to: asyncio.Future[int], of: asyncio.Future[int]) -> None:
    """Give a command that came twice the outcome of the first."""
    if to.done():
        return
    error = of.exception()
    if error is None:
        to.set_result(of.result())
    else:
        to.set_exception(error)
