"""A log with its graph and undo stacks, as the hub keeps them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from graph_ext.core.commands import (
    Batch,
    Edit,
    execute,
)
from graph_ext.core.conformance import misfits
from graph_ext.core.errors import (
    GraphError,
    UndoNothingLeftError,
)
from graph_ext.core.events import Event
from graph_ext.core.graph import Graph
from graph_ext.core.history import Skipped, Undone, plan_undo
from graph_ext.core.undo_stacks import UndoStacks
from tests.core.states import ids, state


class Who(Struct, frozen=True):
    actor_id: str
    name: str


class Logged(Struct, frozen=True):
    """A commit as the hub would give it back."""

    rev: int
    actor: Who
    events: list[Event]
    undoes: int | None = None
    redoes: int | None = None

    @property
    def actor_id(self) -> str:
        return self.actor.actor_id


class Session:
    """A log with its graph and stacks, as the hub keeps them."""

    def __init__(self, *setup: Edit) -> None:
        self.graph = Graph()
        self.log: list[Logged] = []
        self.stacks = UndoStacks()
        self.new_id = ids()
        if setup:
            self.do("setup", *setup)

    def do(self, who: str, *edits: Edit) -> int:
        command = edits[0] if len(edits) == 1 else Batch(list(edits))
        return self._commit(who, execute(self.graph, command, self.new_id))

    def undo(self, who: str, rev: int | None = None, *, force: bool = False) -> list[Skipped]:
        rev = self.stacks.undo_target(who.lower()) if rev is None else rev
        undone = self._take_back(rev, force)
        self._commit(who, undone.events, undoes=rev)
        return undone.skipped

    def redo(self, who: str) -> list[Skipped]:
        rev = self.stacks.redo_target(who.lower())
        undone = self._take_back(rev, force=False)
        self._commit(who, undone.events, redoes=rev)
        return undone.skipped

    def _take_back(self, rev: int, force: bool) -> Undone:
        before = state(self.graph)
        try:
            undone = plan_undo(self.graph, self.log[rev - 1], self.log[rev:], force=force)
        except GraphError as error:
            assert state(self.graph) == before
            if isinstance(error, UndoNothingLeftError):
                self.stacks.drop(rev)
            raise
        assert list(misfits(self.graph, self.graph.blueprint)) == []
        return undone

    def _commit(self, who: str, events: list[Event], **takes_back: int) -> int:
        commit = Logged(len(self.log) + 1, Who(who.lower(), who), events, **takes_back)
        self.log.append(commit)
        self.stacks.add(commit)
        return commit.rev


def value(session: Session, name: str = "x", node_id: str = "n") -> Any:
    return session.graph.nodes[node_id].properties.get(name)
