"""A person's connection: the product's own, which checks what it receives before it acts on it.

Used by people.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.session.session import SessionClient
from graph_ext.core.errors import GraphError
from graph_ext.protocol import (
    Commit,
    Cursor,
    Joined,
    JoinSession,
    Left,
    MessageError,
    Rejected,
    ServerMessage,
    Snapshot,
)
from tests.simulation.follow import Follow
from tests.simulation.invariants import Truth
from tests.simulation.network import Line

if TYPE_CHECKING:
    from tests.simulation.people import Person

__all__ = ["InlineThread", "SimulatedConnection"]

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
        # session_id -> from where on it was joined over it
        self._joins: dict[str, list[Cursor]] = {}
        # the sessions that it has joined over it, and not left
        self._inside: set[str] = set()

    def opened(self, line: Line) -> None:
        """Begin a new socket."""
        self.line = line
        self._follows.clear()
        self._joins.clear()
        self._inside.clear()

    def truth(self, session_id: str) -> Truth:
        """The history that it follows, or would."""
        follow = self._follows.get(session_id)
        return self._person.world.truths[session_id] if follow is None else follow.truth

    def send(self, message: bytes, sent: Callable[[], None] | None = None) -> None:
        if self.state == "open" and message.startswith(_JOIN):
            join = _client_message.decode(message)
            if join.since is not None:
                self._joins.setdefault(join.session_id, []).append(join.since)
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
        lived = session is not None and session.failure is None
        super()._receive(message)
        if session is not None and session.failure is not None and self.line is not None:
            if isinstance(message, Left) and not message.code and lived:
                person.world.fail(f"{person.name} lost {session_id} to who has left it")
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
                truth = self._person.world.truth(session_id, message.epoch)
                follow = Follow(truth, self._person.name)
                self._follows[session_id] = follow
                joins = self._joins.get(session_id, ())
                follow.joined(message, [each.rev for each in joins if each.epoch == truth.epoch])
            case Snapshot() if follow is not None:
                follow.snapshot(message)
            case Commit() if follow is not None:
                follow.commit(message, durable, floor, self._person.world.far_commits)
            case _:
                pass


def _says_nothing(message: ServerMessage) -> bool:
    """Whether a message says nothing of a session but that one is not in it."""
    if isinstance(message, Rejected):
        return message.code == "BAD_MESSAGE"
    return isinstance(message, Left | MessageError)
