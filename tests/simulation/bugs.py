"""Bugs to be found: each puts a plausible mistake in the place of one function of the product.

test_bugs.py shows that the simulation finds every one of them. A bug is a function from the
original to its broken replacement; its docstring says what is wrong. Long: it is a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from graph_ext.client.connection.connection import Connection
from graph_ext.client.session.pending import PendingCommands
from graph_ext.client.session.replica import Replica
from graph_ext.client.session.session import SessionClient
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.change import Change
from graph_ext.core.errors import GraphError, UndoConflictError
from graph_ext.core.graph import Graph
from graph_ext.core.standing import Since
from graph_ext.core.undo_stacks import UndoStacks
from graph_ext.hub.access import Watch
from graph_ext.hub.channel import Follower
from graph_ext.hub.events_view import EventsView
from graph_ext.hub.hub import Hub
from graph_ext.hub.intake import Intake
from graph_ext.hub.journal import InFlight, Journal
from graph_ext.hub.outcomes import CommandKey, Outcomes
from graph_ext.hub.pipeline import Pipeline
from graph_ext.hub.ports import LAST, Place
from graph_ext.hub.presence import PresenceLog
from graph_ext.hub.request import Done, Request
from graph_ext.hub.session import Session
from graph_ext.hub.tail import Tail
from graph_ext.hub.undo import UndoHistory
from graph_ext.protocol import Commit, Cursor, Outcome
from graph_ext.transports.sink import SocketSink

__all__ = ["BUGS", "planted"]

Breaking = Callable[[Any], Any]

BUGS: dict[str, tuple[type, str, Breaking]] = {}
"""By name: whose attribute is replaced, and what makes the replacement."""


def _bug(owner: type, attribute: str) -> Callable[[Breaking], Breaking]:
    def register(breaking: Breaking) -> Breaking:
        BUGS[breaking.__name__] = (owner, attribute, breaking)
        return breaking

    return register


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Have one of the bugs for a while."""
    owner, attribute, breaking = BUGS[name]
    original = owner.__dict__[attribute]
    function = original.fget if isinstance(original, property) else original
    broken = breaking(function)
    setattr(owner, attribute, property(broken) if isinstance(original, property) else broken)
    try:
        yield
    finally:
        setattr(owner, attribute, original)


# --- durability -------------------------------------------------------------------------------


@_bug(Journal, "send")
def published_before_it_is_durable(original: Any) -> Any:
    """Followers get a commit as soon as it is in the graph."""

    def send(self: Journal, commit: InFlight) -> None:
        self._publish([commit.append])
        self.settled([commit], None)
        original(self, commit)

    return send


@_bug(Journal, "_take_back")
def what_the_disk_refused_stays_in_the_graph(original: Any) -> Any:
    """Only the number is taken back."""

    async def take_back(self: Journal, lost: Sequence[InFlight], error: GraphError) -> None:
        self._queue = []
        self.rev = self._store.rev
        self.settled(lost, error)

    return take_back


@_bug(Pipeline, "_take_long")
def long_commands_do_not_wait_for_the_disk(original: Any) -> Any:
    """A write that fails is taken back while a thread is at work on the graph."""

    async def take_long(self: Pipeline, request: Request) -> None:
        written, self._journal.written = self._journal.written, _at_once  # type: ignore[method-assign]
        try:
            await original(self, request)
        finally:
            self._journal.written = written  # type: ignore[method-assign]

    return take_long


async def _at_once() -> None: ...


@_bug(Session, "idle")
def a_session_is_closed_while_it_is_used(original: Any) -> Any:
    """Whoever only looks on does not count."""

    def idle(self: Session) -> bool:
        return self._pipeline.idle

    return idle


@_bug(Hub, "_end")
def an_end_is_told_before_it_is_durable(original: Any) -> Any:
    """People are told that their session was deleted, and it is still to be deleted."""

    async def end(self: Hub, session_id: str) -> None:
        session = self._sessions.pop(session_id, None)
        if session is not None:
            await session.close(ended=True)
        await original(self, session_id)

    return end


# --- commands that come again -----------------------------------------------------------------


@_bug(Outcomes, "find")
def outcomes_are_kept_without_the_actor(original: Any) -> Any:
    """Another's command_id matches."""

    def find(self: Outcomes, key: CommandKey) -> int | GraphError | None:
        known = (rev for (command_id, _), rev in self._revs.items() if command_id == key[0])
        return next(known, self._refusals.get(key))

    return find


@_bug(Pipeline, "_knows")
def a_command_whose_answer_was_lost_is_done_again(original: Any) -> Any:
    """Only commands that are still open are recognised."""

    def knows(self: Pipeline, request: Request) -> bool:
        return False

    return knows


@_bug(Pipeline, "_look_up")
def what_was_looked_up_is_forgotten_again(original: Any) -> Any:
    """The answers go where the oldest are dropped for new ones, before they are used."""

    async def look_up(self: Pipeline) -> int:
        count: int = await original(self)
        self._outcomes.committed(self._looked_up.items())
        self._looked_up = {}
        return count

    return look_up


@_bug(SessionClient, "_send_pending")
def the_client_does_not_send_again(original: Any) -> Any:
    """What was on its way when the line was cut is waited for."""

    def send_pending(self: SessionClient) -> None:
        for pending in self._pending:
            if pending.rev is None and not pending.sent:
                self._send(pending)

    return send_pending


@_bug(Pipeline, "_judge")
def conditions_are_not_looked_at(original: Any) -> Any:
    """A command is done at whatever rev the session is."""

    def judge(self: Pipeline, request: Request) -> None:
        if request.refusal is not None:
            raise request.refusal

    return judge


# --- people -----------------------------------------------------------------------------------


@_bug(Watch, "ask_again")
def a_role_is_looked_at_only_when_joining(original: Any) -> Any:
    """Whoever was let in stays."""

    def ask_again(self: Watch, caller: Any = None) -> None: ...

    return ask_again


@_bug(Intake, "_answer")
def who_has_left_is_answered_all_the_same(original: Any) -> Any:
    """Whatever is done of what they had sent is told, with a role or without."""

    def answer(self: Intake, request: Request, outcome: Done | GraphError) -> None:
        client = request.client
        if client is None:
            return
        gone, client.gone = client.gone, False
        original(self, request, outcome)
        client.gone = gone

    return answer


@_bug(Connection, "_is_for_who_left")
def who_comes_after_takes_what_was_for_who_left(original: Any) -> Any:
    """The answer to a leave is taken for one to the join behind it."""

    def is_for_who_left(self: Connection, message: Any) -> bool:
        return False

    return is_for_who_left


@_bug(PresenceLog, "go")
def who_has_left_is_still_shown(original: Any) -> Any:
    """Nobody is told that somebody has gone."""

    def go(self: PresenceLog, client: Any) -> None: ...

    return go


# --- followers --------------------------------------------------------------------------------


@_bug(Session, "_place")
def resumed_one_rev_too_late(original: Any) -> Any:
    """The rev after the client's own is taken for one that it has."""

    def place(self: Session, since: Cursor | None, rev: int) -> Place | None:
        found: Place | None = original(self, since, rev)
        return None if found is None else (min(found[0] + 1, rev), LAST)

    return place


@_bug(Session, "_place")
def the_floor_is_one_rev_too_low(original: Any) -> Any:
    """Who needs the very commit that was let go of last is to resume."""

    def place(self: Session, since: Cursor | None, rev: int) -> Place | None:
        if since is None or since.epoch != self._store.epoch:
            return None
        return (since.rev, LAST) if self._store.floor - 1 <= since.rev <= rev else None

    return place


@_bug(Session, "_place")
def another_history_is_gone_on_with(original: Any) -> Any:
    """A rev is a rev, whatever its epoch."""

    def place(self: Session, since: Cursor | None, rev: int) -> Place | None:
        found: Place | None = original(self, since and replace(since, epoch=self.epoch), rev)
        return found

    return place


@_bug(PendingCommands, "learn")
def what_another_history_had_counts(original: Any) -> Any:
    """A command that was done, as the server said once, is not sent again."""

    def learn(self: PendingCommands, outcomes: Mapping[str, Outcome]) -> None:
        revs = {command.command_id: command.rev for command in self}
        original(self, outcomes)
        for command in self:
            command.rev = command.rev or revs[command.command_id]

    return learn


@_bug(EventsView, "place_after")
def events_of_another_history_are_gone_on_with(original: Any) -> Any:
    """Who comes back to the events view is told what follows their rev, whatever its epoch."""

    def place_after(self: EventsView, since: Cursor) -> Place:
        found: Place = original(self, replace(since, epoch=self.channel.store.epoch))
        return found

    return place_after


@_bug(Graph, "load")
def a_blueprint_is_lost_with_a_snapshot(original: Any) -> Any:
    """The rules that came with its first page are not those of the graph that is loaded."""

    def load(self: Graph, *elements: Any) -> None:
        self.blueprint = Blueprint()
        original(self, *elements)

    return load


@_bug(Replica, "restart")
def two_snapshots_are_mixed(original: Any) -> Any:
    """What has come of the first is not dropped when the second begins."""

    def restart(self: Replica) -> None: ...

    return restart


@_bug(Replica, "take")
def gaps_go_unnoticed(original: Any) -> Any:
    """The client takes whatever comes."""

    def take(self: Replica, commit: Commit) -> bool:
        if commit.rev > self.rev + 1:
            self.rev = commit.rev - 1
            self.epoch = commit.epoch
        taken: bool = original(self, commit)
        return taken

    return take


@_bug(Follower, "_resume")
def a_slow_reader_is_not_woken(original: Any) -> Any:
    """What was published while the socket was full waits for the next commit."""

    def resume(self: Follower) -> None:
        self._waiting = False

    return resume


@_bug(Follower, "_send_snapshot")
def a_snapshot_counts_as_newer_than_it_is(original: Any) -> Any:
    """What was published while it was read is not sent."""

    async def send_snapshot(self: Follower) -> None:
        await original(self)
        self.place = self._channel.end

    return send_snapshot


@_bug(SocketSink, "write")
def what_piles_up_is_not_counted(original: Any) -> Any:
    """However much waits for a client, more is written behind it."""

    def write(self: SocketSink, frame: bytes) -> None:
        self.piled_bytes = 0
        original(self, frame)

    return write


@_bug(SocketSink, "writable")
def a_socket_takes_more_while_it_is_full(original: Any) -> Any:
    """Followers write what is next before what they wrote has left."""

    def writable(self: SocketSink) -> bool:
        return True

    return writable


@_bug(EventsView, "place_after")
def events_go_on_one_commit_too_late(original: Any) -> Any:
    """Who comes back to the events view is not told the commit after the last that they had."""

    def place_after(self: EventsView, since: Cursor) -> Place:
        rev, _ = original(self, since)
        return min(rev + 1, self.channel.end[0]), LAST

    return place_after


@_bug(Session, "rename")
def another_name_is_told_to_nobody(original: Any) -> Any:
    """Only who joins later hears of it."""

    def rename(self: Session, name: str) -> None:
        self.name = name

    return rename


@_bug(Tail, "_trim")
def the_tail_forgets_where_it_begins(original: Any) -> Any:
    """Who is behind gets what is there."""

    def trim(self: Tail) -> None:
        before = self._before
        original(self)
        self._before = before

    return trim


# --- the graph and undo -----------------------------------------------------------------------


@_bug(Change, "rollback")
def a_refused_batch_is_not_rolled_back(original: Any) -> Any:
    """What was done before the edit that was refused stays."""

    def rollback(self: Change) -> None: ...

    return rollback


@_bug(Since, "last")
def undo_takes_the_values_of_others(original: Any) -> Any:
    """What others have laid over a value counts for nothing."""

    def last(self: Since, place: Any) -> Any:
        return original(self, place) if not place.field else None

    return last


@_bug(UndoHistory, "plan")
def an_undo_that_is_refused_is_dropped(original: Any) -> Any:
    """Who is told that others have built on it, and forces it, undoes something else."""

    def plan(self: UndoHistory, graph: Any, rev: int, *, force: bool) -> Any:
        try:
            return original(self, graph, rev, force=force)
        except UndoConflictError:
            if self._stacks is not None:
                self._stacks.drop(rev)
            raise

    return plan


@_bug(UndoHistory, "add")
def undo_stacks_are_not_told_of_new_commits(original: Any) -> Any:
    """They are as they were when somebody first asked for an undo."""

    def add(self: UndoHistory, entry: Any) -> None: ...

    return add


@_bug(UndoStacks, "add")
def a_new_command_leaves_redo_as_it_was(original: Any) -> Any:
    """What was undone before can be redone on top of it."""

    def add(self: UndoStacks, commit: Any) -> None:
        redo = self._redo.get(commit.actor_id)
        original(self, commit)
        if redo is not None:
            self._redo.setdefault(commit.actor_id, redo)

    return add
