"""Undo and redo of several people in any order, compared with models that are told otherwise."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph_ext.core.commands import (
    CreateNode,
    SetProperty,
)
from graph_ext.core.errors import (
    GraphError,
    UndoEmptyError,
    UndoNothingLeftError,
)
from graph_ext.core.events import PropertyChanged
from graph_ext.core.graph import Graph
from tests.core.states import RandomEdits, state
from tests.core.undo_session import Session


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_undoing_everything_of_one_person_alone_leads_back_and_redo_forward(seed: int) -> None:
    session, edits = Session(), RandomEdits(Random(seed))
    states = [state(session.graph)]
    for _ in range(12):
        try:
            session.do("Ada", *edits.batch(session.graph, 3).commands)
        except GraphError:
            continue
        states.append(state(session.graph))
    for expected in reversed(states[:-1]):
        session.undo("Ada")
        assert state(session.graph) == expected
    for expected in states[1:]:
        session.redo("Ada")
        assert state(session.graph) == expected


class Layer:
    """A value that somebody has laid over others; ``rev`` is the commit that can take it off."""

    def __init__(self, rev: int, value: int) -> None:
        self.rev = rev
        self.value = value


class Layers:
    """Undo of values, told as layers: only the uppermost can be taken off, and put back on it."""

    def __init__(self) -> None:
        self.of: dict[str, list[Layer]] = {}
        # rev of an undo -> (key, the layer it took off, the one that lay below)
        self.taken_off: dict[int, list[tuple[str, Layer, Layer | None]]] = {}

    def lay(self, rev: int, values: dict[str, int]) -> None:
        for key, new in values.items():
            self.of.setdefault(key, []).append(Layer(rev, new))

    def take_off(self, rev: int, target: int) -> bool:
        taken: list[tuple[str, Layer, Layer | None]] = []
        for key, layers in self.of.items():
            if layers and layers[-1].rev == target:
                layer = layers.pop()
                taken.append((key, layer, layers[-1] if layers else None))
        self.taken_off[rev] = taken
        return bool(taken)

    def put_back(self, rev: int, target: int) -> bool:
        put = False
        for key, layer, below in self.taken_off[target]:
            layers = self.of[key]
            if (layers[-1] if layers else None) is below:
                layer.rev = rev
                layers.append(layer)
                put = True
        return put

    def values(self) -> dict[str, int]:
        return {key: layers[-1].value for key, layers in self.of.items() if layers}


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_undo_and_redo_of_many_people_do_what_layers_of_values_would(seed: int) -> None:
    random = Random(seed)
    session, model = Session(CreateNode("n")), Layers()
    for number in range(60):
        who, rev = random.choice(("Ada", "Ben", "Cem")), len(session.log) + 1
        step = random.randrange(5)
        if step < 2:
            values = dict.fromkeys(random.sample("abcd", random.randint(1, 3)), number)
            session.do(who, *(SetProperty(key, new, "n") for key, new in values.items()))
            model.lay(rev, values)
        else:
            stacks = session.stacks
            try:
                target = (
                    stacks.undo_target(who.lower()) if step < 4 else stacks.redo_target(who.lower())
                )
            except UndoEmptyError:
                continue
            does = model.take_off(rev, target) if step < 4 else model.put_back(rev, target)
            if does:
                session.undo(who) if step < 4 else session.redo(who)
            else:
                with pytest.raises(UndoNothingLeftError):
                    session.undo(who) if step < 4 else session.redo(who)
        assert session.graph.nodes["n"].properties == model.values()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
@example(seed=553)  # a value that came back because its successor was taken back
def test_undo_among_others_never_breaks_the_graph_or_touches_the_values_of_others(
    seed: int,
) -> None:
    random = Random(seed)
    session, edits = Session(CreateNode("n0")), RandomEdits(random)
    people = ("Ada", "Ben", "Cem")
    for _ in range(50):
        who = random.choice(people)
        mine = values_by(session, who)
        before = values_of(session.graph)
        try:
            match random.randrange(6):
                case 0 | 1:
                    session.undo(who)
                case 2:
                    session.redo(who)
                case _:
                    session.do(who, edits.edit(session.graph))
                    continue
        except GraphError:
            assert values_of(session.graph) == before
            continue
        # of what stands before and after, an undo changes only values that its actor has set
        after = values_of(session.graph)
        changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
        assert changed <= mine


def values_of(graph: Graph) -> dict[tuple[str, str], Any]:
    return {
        (node.node_id, name): value
        for node in graph.nodes.values()
        for name, value in node.properties.items()
    }


def values_by(session: Session, who: str) -> set[tuple[str, str]]:
    """Return the properties of nodes whose present value is somebody's doing.

    That of others whose undo has taken it back again counts for nothing.
    """
    # (rev, actor, whether it was taken back), oldest first
    doings: dict[tuple[str, str], list[tuple[int, str, bool]]] = {}
    for commit in session.log:
        again = commit.undoes if commit.undoes is not None else commit.redoes
        if again is not None:
            now = (commit.rev, commit.actor.name, commit.undoes is not None)
            for done in doings.values():
                done[:] = [now if doing[0] == again else doing for doing in done]
            continue
        for event in commit.events:
            if isinstance(event, PropertyChanged) and event.node_id is not None:
                key = event.node_id, event.property_name
                doings.setdefault(key, []).append((commit.rev, commit.actor.name, False))
    mine = set()
    for key, done in doings.items():
        last = next((name for _, name, back in reversed(done) if name == who or not back), None)
        if last == who:
            mine.add(key)
    return mine
