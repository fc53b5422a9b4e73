"""Whose turn it is to be undone or redone: the stacks of each actor, derived from the log."""

from __future__ import annotations

import pytest

from graph_ext.core.commands import (
    CreateNode,
    SetProperty,
)
from graph_ext.core.errors import (
    UndoEmptyError,
    UndoNothingLeftError,
)
from graph_ext.core.events import PropertyChanged
from graph_ext.core.undo_stacks import UNDO_DEPTH, UndoStacks
from tests.core.undo_session import Logged, Session, Who, value


def test_redo_takes_back_what_the_undo_really_did() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("x", 1, "n"), SetProperty("y", 1, "n"))
    session.do("Ben", SetProperty("x", 2, "n"))
    session.undo("Ada")
    session.redo("Ada")
    assert session.graph.nodes["n"].properties == {"x": 2, "y": 1}
    events = session.log[-1].events
    assert [type(event) for event in events] == [PropertyChanged]


def test_undo_goes_back_step_by_step_and_redo_forward_again() -> None:
    session = Session(CreateNode("n"))
    for number in range(1, 5):
        session.do("Ada", SetProperty("x", number, "n"))
    seen = []
    for step in "uuururruuurrrr":
        if step == "u":
            session.undo("Ada")
        else:
            session.redo("Ada")
        seen.append(value(session))
    assert seen == [3, 2, 1, 2, 1, 2, 3, 2, 1, None, 1, 2, 3, 4]


def test_there_is_nothing_to_undo_before_the_first_and_to_redo_after_the_last() -> None:
    session = Session(CreateNode("n"))
    with pytest.raises(UndoEmptyError):
        session.undo("Ada")
    session.do("Ada", SetProperty("x", 1, "n"))
    with pytest.raises(UndoEmptyError):
        session.redo("Ada")
    session.undo("Ada")
    with pytest.raises(UndoEmptyError):
        session.undo("Ada")


def test_a_new_command_clears_only_its_actors_redo() -> None:
    session = Session(CreateNode("n"))
    for who in ("Ada", "Ben"):
        session.do(who, SetProperty(who, 1, "n"))
        session.undo(who)
    session.do("Ada", SetProperty("x", 1, "n"))
    with pytest.raises(UndoEmptyError):
        session.redo("Ada")
    session.redo("Ben")
    assert session.graph.nodes["n"].properties == {"x": 1, "Ben": 1}


def test_nothing_left_drops_the_entry_and_does_not_run_on_to_the_next() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("y", 1, "n"))
    session.do("Ada", SetProperty("x", 1, "n"))
    session.do("Ben", SetProperty("x", 2, "n"))
    with pytest.raises(UndoNothingLeftError):
        session.undo("Ada")
    assert session.graph.nodes["n"].properties == {"x": 2, "y": 1}
    session.undo("Ada")
    assert session.graph.nodes["n"].properties == {"x": 2}


def test_a_session_undo_takes_the_last_command_of_anybody() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("x", 1, "n"))
    ben = session.do("Ben", SetProperty("y", 1, "n"))
    assert session.stacks.undo_target(None) == ben
    session.undo("Ada", ben)
    assert session.stacks.undo_target(None) == 2
    with pytest.raises(UndoEmptyError):
        session.stacks.undo_target("ben")
    session.redo("Ada")
    assert value(session, "y") == 1


def test_a_commit_that_is_undone_already_has_nothing_left() -> None:
    session = Session(CreateNode("n"))
    rev = session.do("Ada", SetProperty("x", 1, "n"))
    session.undo("Ada")
    with pytest.raises(UndoNothingLeftError):
        session.undo("Ben", rev)


def test_the_stacks_are_the_same_when_derived_from_the_log_again() -> None:
    session = Session(CreateNode("n"))
    for number in range(4):
        session.do("Ada", SetProperty("x", number, "n"))
        session.do("Ben", SetProperty("y", number, "n"))
    for who in ("Ada", "Ben", "Ada"):
        session.undo(who)
    session.redo("Ada")
    again = UndoStacks()
    for commit in session.log:
        again.add(commit)
    for actor_id in ("ada", "ben"):
        assert again.undo_target(actor_id) == session.stacks.undo_target(actor_id)
        assert again.redo_target(actor_id) == session.stacks.redo_target(actor_id)


def test_the_stacks_have_a_bound() -> None:
    stacks = UndoStacks()
    for rev in range(1, UNDO_DEPTH + 10):
        stacks.add(Logged(rev, Who("ada", "Ada"), []))
    for _ in range(UNDO_DEPTH):
        stacks.drop(stacks.undo_target("ada"))
    with pytest.raises(UndoEmptyError):
        stacks.undo_target("ada")
