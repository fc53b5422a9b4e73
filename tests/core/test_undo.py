"""Undo (docs/protocol.md, 4.4): only what still stands is taken back, all or nothing."""

from __future__ import annotations

import pytest

from graph_ext.core.blueprint import Blueprint, LinkType, NodeType, PropertyType
from graph_ext.core.commands import (
    CreateNode,
    DeleteNode,
    LinkNodes,
    SetProperty,
    UnlinkNodes,
    UpdateBlueprint,
    UpdateNode,
)
from graph_ext.core.errors import (
    GraphError,
    UndoConflictError,
    UndoNothingLeftError,
)
from graph_ext.core.history import Skipped
from tests.core.states import state
from tests.core.undo_session import Session, value

# --- what is taken back -----------------------------------------------------------------------


def test_what_nobody_has_touched_since_is_taken_back() -> None:
    session = Session(CreateNode("n"))
    before = state(session.graph)
    session.do(
        "Ada",
        CreateNode("m", "n", name="M"),
        LinkNodes("n", "m", link_id="l"),
        SetProperty("x", 1, "n"),
        UpdateNode("n", name="N", position=(1.0, 2.0)),
        SetProperty("w", 1, link_id="l"),
    )
    session.do("Ben", CreateNode("other"))
    session.undo("Ben")
    assert session.undo("Ada") == []
    assert state(session.graph) == before


def test_4_4_a_value_that_another_has_overwritten_stays_and_is_reported() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("x", 1, "n"), SetProperty("y", 1, "n"))
    session.do("Ben", SetProperty("x", 2, "n"))
    assert session.undo("Ada") == [
        Skipped("overwritten", 3, "Ben", node_id="n", field="properties.x")
    ]
    assert session.graph.nodes["n"].properties == {"x": 2}


def test_a_value_that_another_set_to_the_same_stays_too() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("x", 1, "n"))
    session.do("Ben", SetProperty("x", 1, "n"))
    with pytest.raises(
        UndoNothingLeftError, match=r"Ben has overwritten properties.x of 'n' since"
    ):
        session.undo("Ada")
    assert value(session) == 1


def test_a_value_whose_overwriting_was_undone_is_taken_back() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("x", 1, "n"))
    session.do("Ben", SetProperty("x", 2, "n"))
    session.undo("Ben")
    assert session.undo("Ada") == []
    assert value(session) is None


def test_what_another_has_deleted_once_more_is_not_brought_back_by_the_first_deletion() -> None:
    session = Session(CreateNode("n"), CreateNode("m"), LinkNodes("n", "m", link_id="l"))
    of_link = session.do("Ada", UnlinkNodes("l"))
    session.undo("Ada")
    session.do("Ben", UnlinkNodes("l"))
    of_node = session.do("Ada", DeleteNode("n"))
    session.undo("Ada")
    session.do("Ben", DeleteNode("n"))
    for rev in (of_link, of_node):
        with pytest.raises(UndoNothingLeftError, match="Ben has deleted"):
            session.undo("Ada", rev)


def test_an_overwriting_that_was_undone_and_redone_counts() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("x", 1, "n"))
    session.do("Ben", SetProperty("x", 2, "n"))
    session.undo("Ben")
    session.redo("Ben")
    with pytest.raises(UndoNothingLeftError):
        session.undo("Ada")
    assert value(session) == 2


def test_4_4_an_element_that_another_has_deleted_is_not_resurrected() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", CreateNode("m"), SetProperty("x", 1, "n"))
    session.do("Ben", DeleteNode("m"))
    assert session.undo("Ada") == [Skipped("deleted", 3, "Ben", node_id="m")]
    assert set(session.graph.nodes) == {"n"}
    session.do("Ada", SetProperty("x", 1, "n"))
    session.do("Ben", DeleteNode("n"))
    with pytest.raises(UndoNothingLeftError, match=r"Ben has deleted properties.x of 'n'"):
        session.undo("Ada")


def test_another_element_under_the_id_of_a_deleted_one_is_left_alone() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", SetProperty("x", 1, "n"))
    session.do("Ben", DeleteNode("n"), CreateNode("n", properties={"x": 1}))
    with pytest.raises(UndoNothingLeftError):
        session.undo("Ada")
    assert value(session) == 1


def test_names_moves_and_positions_are_taken_back() -> None:
    session = Session(CreateNode("p"), CreateNode("q"), CreateNode("a", "p"), CreateNode("b", "p"))
    before = state(session.graph)
    session.do("Ada", UpdateNode("a", parent_id="q", name="A", position=(0.0, 1.0)))
    session.undo("Ada")
    assert state(session.graph) == before
    session.do("Ada", UpdateNode("a", parent_id="q", name="A"))
    session.do("Ben", UpdateNode("a", parent_id=None))
    skipped = session.undo("Ada")
    assert {one.field for one in skipped} == {"parent_id", "order"}
    assert (session.graph.nodes["a"].parent_id, session.graph.nodes["a"].name) == (None, "")


def test_a_node_whose_old_parent_is_gone_stays_where_it_is() -> None:
    session = Session(CreateNode("p"), CreateNode("a", "p"))
    session.do("Ada", UpdateNode("a", parent_id=None, name="A"))
    session.do("Ben", DeleteNode("p"))
    assert session.undo("Ada") == [Skipped("deleted", 3, "Ben", node_id="a", field="parent_id")]
    assert state(session.graph)["children"] == {"": ["a"]}


# --- the blueprint ----------------------------------------------------------------------------


def test_a_blueprint_is_taken_back_unless_the_graph_would_not_fit() -> None:
    session = Session(UpdateBlueprint(Blueprint(node_types={"T": NodeType()})))
    session.do("Ada", UpdateBlueprint(Blueprint()))
    session.do("Ben", CreateNode("free", None, "Any"))
    with pytest.raises(UndoConflictError, match="can't be undone any more: the graph does not fit"):
        session.undo("Ada")
    session.do("Ben", DeleteNode("free"))
    session.undo("Ada")
    assert "T" in session.graph.blueprint.node_types


def test_a_blueprint_that_another_has_replaced_stays() -> None:
    session = Session()
    session.do("Ada", UpdateBlueprint(Blueprint(self_links=False)))
    session.do("Ben", UpdateBlueprint(Blueprint(multigraph=False)))
    with pytest.raises(UndoNothingLeftError, match="Ben has overwritten the blueprint since"):
        session.undo("Ada")


def test_what_no_longer_fits_the_blueprint_does_not_come_back() -> None:
    acyclic = Blueprint(link_types={"t": LinkType(acyclic=True)})
    session = Session(CreateNode("a"), CreateNode("b"), LinkNodes("a", "b", "t", "ab"))
    session.do("Ada", UnlinkNodes("ab"))
    session.do("Ben", LinkNodes("b", "a", "t", "ba"))
    session.do("Ben", UpdateBlueprint(acyclic))
    with pytest.raises(UndoConflictError, match="must not make a cycle"):
        session.undo("Ada")
    session.do("Ada", SetProperty("x", 1, "a"))
    strict = NodeType(properties={"x": PropertyType(type="json", required=True)})
    required = Blueprint(node_types={"": strict})
    with pytest.raises(GraphError):
        session.do("Ben", UpdateBlueprint(required))
