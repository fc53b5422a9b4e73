"""People at work: the product's own client, what they do with it, and what they are told.

Used by world.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.session.pending import PendingCommand
from graph_ext.client.session.session import SessionClient
from graph_ext.core.blueprint import Blueprint, NodeType
from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    Edit,
    LinkNodes,
    Redo,
    Undo,
    UpdateBlueprint,
)
from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.core.expectations import Expectation
from graph_ext.protocol import (
    Actor,
    Commit,
    Joined,
    JoinSession,
    Left,
    MessageError,
    Rejected,
    ServerMessage,
    Snapshot,
    SubmitCommand,
    encode_command,
)
from tests.core.states import RandomEdits
from tests.simulation.invariants import Follow, Truth
from tests.simulation.network import Line

if TYPE_CHECKING:
    from tests.simulation.world import World

__all__ = ["InlineThread", "Person"]

_JOIN = b'{"type":"join_session"'
_client_message = msgspec.json.Decoder(JoinSession)


class InlineThread:
    """In place of the client's I/O thread: the loop that all run on."""

    def __init__(self, name: str) -> None:
        self.name = name

    def on_close(self, closer: Callable[[], Any]) -> None:
        """Nobody closes it."""

    def call(self, function: Callable[..., object], *args: object) -> None:
        function(*args)


class SimulatedConnection(Connection):
    """The product's connection; what it receives is checked first."""

    def __init__(self, person: Person) -> None:
        super().__init__(Server("http://simulated/", person.name), kind="agent", label=person.name)
        self.client_id = person.name
        self.line: Line | None = None
        self._person = person
        # session_id -> what has come over the present socket
        self._follows: dict[str, Follow] = {}
        # session_id -> the revs from which on it was joined over it
        self._joins: dict[str, list[int]] = {}
        # the sessions that it has joined over it, and not left
        self._inside: set[str] = set()

    def opened(self, line: Line) -> None:
        """Begin a new socket."""
        self.line = line
        self._follows.clear()
        self._joins.clear()
        self._inside.clear()

    def send(self, message: bytes, sent: Callable[[], None] | None = None) -> None:
        if self.state == "open" and message.startswith(_JOIN):
            join = _client_message.decode(message)
            if join.since is not None:
                self._joins.setdefault(join.session_id, []).append(join.since.rev)
        super().send(message, sent)

    def _receive(self, message: ServerMessage) -> None:
        person = self._person
        session_id = getattr(message, "session_id", None)
        session = self._sessions.get(session_id or "")
        if session_id is not None and self.line is not None:
            stamp = self.line.client.stamp
            if not _says_nothing(message):
                person.world.check_access(person.actor, session_id, stamp.at)
                self._check_inside(message, session_id)
            if isinstance(message, Left):
                self._inside.discard(session_id)
            if session is not None:
                durable, floor = stamp.revs[session_id], stamp.floors.get(session_id, 0)
                self._check(message, session, durable, floor)
        super()._receive(message)
        if session is not None and session.failure is not None and self.line is not None:
            self._check_ended(session, session.failure, self.line.client.stamp.deleted)

    def _check_inside(self, message: ServerMessage, session_id: str) -> None:
        """Check that it is told of nothing that it is not in."""
        if isinstance(message, Joined):
            self._inside.add(session_id)
        elif session_id not in self._inside:
            name = self._person.name
            self._person.world.fail(f"{name} got {message} of {session_id}, and is not in it")

    def _check_ended(
        self, session: SessionClient, why: GraphError, deleted: frozenset[str]
    ) -> None:
        """Check that a session, which its person has not closed, ended for a reason."""
        world, name = self._person.world, self._person.name
        session_id, code = session.session_id, why.code
        if code in {"NOT_FOUND", "FORBIDDEN"}:
            if session_id not in deleted and world.has_had_a_role(self._person.actor, session_id):
                world.fail(f"{name} was turned out of {session_id}: {why}")
        elif code == "GONE":
            if session_id not in deleted:
                world.fail(f"{name} was told of {session_id}, which is not gone: {why}")
        elif code not in {"UNAVAILABLE", "RATE_LIMITED"}:
            world.fail(f"{name} has {session_id} no longer: {code} {why}")

    def _check(
        self, message: ServerMessage, session: SessionClient, durable: int, floor: int
    ) -> None:
        session_id = session.session_id
        follow = self._follows.get(session_id)
        match message:
            case Joined():
                follow = Follow(self._person.world.truths[session_id], self._person.name)
                self._follows[session_id] = follow
                follow.joined(message, self._joins.get(session_id, ()))
            case Snapshot() if follow is not None:
                follow.snapshot(message)
            case Commit() if follow is not None:
                follow.commit(message, durable, floor, self._person.world.far_commits)
            case _:
                pass


class Person:
    """Somebody with one client.

    Attributes
    ----------
    name : str
        Also the client_id; two people may share an actor, as two pages of one person do.
    """

    def __init__(self, world: World, name: str, actor: Actor, random: Random) -> None:
        self.world = world
        self.name = name
        self.actor = actor
        self.connection = SimulatedConnection(self)
        # session_id -> the client, while the person has it open
        self.sessions: dict[str, SessionClient] = {}
        self._random = random
        self._edits = RandomEdits(random)
        self._edits.number = world.numbers
        self._command_ids = count(1)
        # what was done for certain, to be asked for again
        self._done: list[tuple[str, str, Command]] = []

    def open(self, session_id: str) -> None:
        """Follow a session."""
        self.sessions[session_id] = self.connection.attach(session_id, "plan")

    def close(self, session_id: str) -> None:
        """Follow it no longer."""
        self.connection.detach(self.sessions.pop(session_id))

    def act(self) -> None:
        """Do something or other."""
        random = self._random
        session_id = random.choice(self.world.standing or [""])
        session = self.sessions.get(session_id)
        if session is None or session.status == "ended":
            self._open_again(session_id)
            return
        graph, mix = session.replica.graph, self.world.mix
        if not graph.nodes:
            self.submit(session, self._beginning())
            return
        match random.choices(_DEEDS, mix)[0]:
            case "edit":
                self.submit(session, self._edits.edit(graph))
            case "burst":
                for _ in range(random.randint(2, 6)):
                    self.submit(session, self._edits.edit(graph))
            case "batch":
                self.submit(session, self._edits.batch(graph, most=3))
            case "long batch":
                self.submit(session, self._beginning())
            case "undo":
                self.submit(session, Undo(force=random.random() < 0.2))
            case "undo other":
                rev = random.randint(1, session.replica.rev + 1)
                force = random.random() < 0.2
                by_rev = Undo(rev=rev, force=force)
                last = Undo(scope="session", force=force)
                self.submit(session, by_rev if random.random() < 0.5 else last)
            case "redo":
                self.submit(session, Redo())
            case "again" if self._done:
                done_in, command_id, command = random.choice(self._done)
                if done_in == session_id:
                    self.submit(session, command, command_id)
            case "copy":
                self._copy(session)
            case "present":
                shown = random.sample(sorted(graph.nodes), min(2, len(graph.nodes)))
                session.presenting.show({"selection": shown})
            case "expect":
                expect = [Expectation(node_id=random.choice(list(graph.nodes)))]
                base_rev = session.replica.rev if random.random() < 0.7 else None
                edit = self._edits.edit(graph)
                self.submit(session, edit, base_rev=base_rev, expect=expect)
            case "reopen":
                self._open_again(session_id)
            case "rules":
                self.submit(session, self._other_rules())
            case _:
                pass

    def _open_again(self, session_id: str) -> None:
        if session_id in self.sessions:
            self.close(session_id)
        if session_id:
            self.open(session_id)

    def _other_rules(self) -> UpdateBlueprint:
        types = self._random.choice(((), ("", "Task"), ("Task",)))
        loops = self._random.random() < 0.8
        node_types = {each: NodeType() for each in types}
        return UpdateBlueprint(Blueprint(node_types=node_types, self_links=loops))

    def _beginning(self) -> Batch:
        """Return several new nodes, linked and below each other."""
        random, edits = self._random, list[Edit]()
        made: list[str] = []
        for _ in range(random.randint(3, 9)):
            node_id = f"n{next(self.world.numbers)}"
            parent_id = random.choice(made) if made and random.random() < 0.5 else None
            edits.append(CreateNode(node_id, parent_id, name="new", properties={"a": len(made)}))
            made.append(node_id)
            if random.random() < 0.4:
                edits.append(LinkNodes(node_id, random.choice(made)))
        return Batch(edits, "several")

    def submit(
        self,
        session: SessionClient,
        command: Command,
        command_id: str = "",
        *,
        base_rev: int | None = None,
        expect: Sequence[Expectation] = (),
    ) -> None:
        """Send a command; what is told of it in the end is checked."""
        session_id = session.session_id
        command_id = command_id or f"{self.name}-{next(self._command_ids)}"
        key = (command_id, self.actor.actor_id)
        truth = self.world.truths[session_id]
        known = key in truth.revs
        truth.commands[key] = command
        message = SubmitCommand(
            session_id=session_id,
            command_id=command_id,
            command=command,
            base_rev=base_rev,
            expect=list(expect),
        )
        if base_rev is not None:
            truth.base_revs[key] = base_rev
        pending = PendingCommand(command_id, encode_command(message))
        told = partial(self._told, truth, command, pending, known, self.world.loop.time())
        pending.result.add_done_callback(told)
        self.world.happened["commands"] += 1
        self.world.note("%s submits %s %s", self.name, command_id, command)
        session.submit(pending, self._random.choice((5.0, 30.0)))

    def _copy(self, session: SessionClient) -> None:
        """Send a command under an id that another has used: they have nothing to do with it."""
        truth = self.world.truths[session.session_id]
        rev = min(session.replica.rev, truth.rev)
        if session.status == "live" and rev:
            entry = truth.entries[self._random.randrange(rev)]
            if (entry.command_id, self.actor.actor_id) not in truth.commands:
                edit = self._edits.edit(session.replica.graph)
                self.submit(session, edit, entry.command_id)

    def _told(
        self,
        truth: Truth,
        command: Command,
        pending: PendingCommand,
        known: bool,
        submitted_at: float,
        result: Any,
    ) -> None:
        key = (pending.command_id, self.actor.actor_id)
        error = result.exception()
        if error is None:
            self.world.note("%s is told that %s is rev %s", self.name, key[0], result.result().rev)
            truth.told(key, result.result(), sent=pending.sent)
            if not known:
                self.world.check_right(self.actor, truth.session_id, submitted_at)
            self._done.append((truth.session_id, pending.command_id, command))
            return
        self.world.note("%s is told of %s: %s", self.name, key[0], error)
        if known and (not pending.sent or isinstance(error, UnavailableError)):
            return  # of this attempt it is true
        if truth.session_id in self.world.disk.deleted:
            return  # what was done there is gone with it
        if isinstance(error, GraphError):
            truth.told(key, error, sent=pending.sent)
        else:
            truth.fail(f"{self.name} was told of {key}: {error!r}")

    @property
    def settled(self) -> bool:
        """Whether nothing is left to wait for."""
        return all(
            session.status == "ended" or (session.status == "live" and not list(session._pending))
            for session in self.sessions.values()
        )

    async def live(self, acts: int, pause_s: float) -> None:
        """Act now and then."""
        for _ in range(acts):
            await asyncio.sleep(self._random.expovariate(1 / pause_s))
            self.act()


def _says_nothing(message: ServerMessage) -> bool:
    """Whether a message says nothing of a session but that one is not in it."""
    if isinstance(message, Rejected):
        return message.code == "BAD_MESSAGE"
    return isinstance(message, Left | MessageError)


_DEEDS = (
    *("edit", "burst", "batch", "long batch", "undo", "undo other", "redo", "again", "copy"),
    *("reopen", "present", "expect", "rules"),
)
