"""People at work: the product's own client, what they do with it, and what they are told.

Used by world.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

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
from graph_ext.protocol import Actor, SubmitCommand, encode_command
from tests.core.states import RandomEdits
from tests.simulation.connection import SimulatedConnection

if TYPE_CHECKING:
    from tests.simulation.world import World

__all__ = ["Person"]


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
        self._done: list[SubmitCommand] = []

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
                done = random.choice(self._done)
                if done.session_id == session_id:
                    # with its conditions: where the session was put back, it may be done anew
                    self.submit(
                        session,
                        done.command,
                        done.command_id,
                        base_rev=done.base_rev,
                        expect=done.expect,
                    )
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
        known = self.world.is_known(session_id, key)
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
        told = partial(self._told, message, pending, known, self.world.loop.time())
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
        message: SubmitCommand,
        pending: PendingCommand,
        known: bool,
        submitted_at: float,
        result: Any,
    ) -> None:
        session_id = message.session_id
        key = (pending.command_id, self.actor.actor_id)
        truth = self.connection.truth(session_id)
        error = result.exception()
        if error is None:
            self.world.note("%s is told that %s is rev %s", self.name, key[0], result.result().rev)
            truth.told(key, result.result(), sent=pending.sent)
            if not known:
                self.world.check_right(self.actor, session_id, submitted_at)
            self._done.append(message)
            return
        self.world.note("%s is told of %s: %s", self.name, key[0], error)
        if known and (not pending.sent or isinstance(error, UnavailableError)):
            return  # of this attempt it is true
        if session_id in self.world.disk.deleted:
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


_DEEDS = (
    *("edit", "burst", "batch", "long batch", "undo", "undo other", "redo", "again", "copy"),
    *("reopen", "present", "expect", "rules"),
)
