"""Undoing the creation of elements, on which others may have built, and their deletion."""

from __future__ import annotations

import pytest

from graph_ext.core.commands import (
    CreateNode,
    DeleteNode,
    Edit,
    LinkNodes,
    SetProperty,
    UnlinkNodes,
    UpdateNode,
)
from graph_ext.core.errors import (
    UndoConflictError,
)
from graph_ext.core.history import Skipped
from tests.core.states import state
from tests.core.undo_session import Session

# --- undoing a creation -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (LinkNodes("n", "m"), "link n -> m"),
        (CreateNode("c", "m"), "node c below node m"),
        (UpdateNode("n", parent_id="m"), "node n below node m"),
        (SetProperty("x", 1, "m"), "Ben's edit of node m"),
        (UpdateNode("m", name="M"), "Ben's edit of node M"),
    ],
)
def test_a_creation_that_others_have_built_on_is_not_undone_without_force(
    build: Edit, message: str
) -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", CreateNode("m"))
    session.do("Ben", build)
    with pytest.raises(UndoConflictError) as raised:
        session.undo("Ada")
    assert message in str(raised.value)
    assert raised.value.by == "Ben"
    session.undo("Ada", force=True)
    assert "m" not in session.graph.nodes
    session.redo("Ada")
    assert "m" in session.graph.nodes


def test_what_was_built_and_taken_away_again_is_no_conflict() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", CreateNode("m"))
    session.do("Ben", LinkNodes("n", "m", link_id="l"))
    session.do("Cem", UnlinkNodes("l"))
    session.do("Ben", SetProperty("x", 1, "m"))
    session.undo("Ben")
    session.undo("Ada")
    assert set(session.graph.nodes) == {"n"}


def test_ones_own_edits_do_not_keep_a_creation_but_links_do() -> None:
    session = Session(CreateNode("n"))
    first = session.do("Ada", CreateNode("m"))
    session.do("Ada", SetProperty("x", 1, "m"))
    session.undo("Ada", first)
    assert "m" not in session.graph.nodes
    second = session.do("Ada", CreateNode("m"))
    session.do("Ada", LinkNodes("n", "m"))
    with pytest.raises(UndoConflictError):
        session.undo("Ada", second)


def test_siblings_that_are_renumbered_for_another_are_not_edited() -> None:
    session = Session(CreateNode("a"))
    session.do("Ada", CreateNode("b"))
    for number in range(60):
        session.do("Ben", CreateNode(f"c{number}", before="b"))
    session.undo("Ada")
    assert "b" not in session.graph.nodes


def test_a_link_that_another_has_edited_is_not_undone_without_force() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", LinkNodes("n", "n", link_id="l"))
    session.do("Ben", SetProperty("w", 1, link_id="l"))
    with pytest.raises(UndoConflictError, match="Ben's edit of link n -> n"):
        session.undo("Ada")
    session.undo("Ada", force=True)
    assert not session.graph.links


def test_force_deletes_the_whole_subtree_once() -> None:
    session = Session(CreateNode("n"))
    session.do("Ada", CreateNode("p"), CreateNode("q", "p"), LinkNodes("q", "p", link_id="l"))
    session.do("Ben", CreateNode("r", "q"), LinkNodes("r", "n"), LinkNodes("n", "p"))
    session.undo("Ada", force=True)
    assert set(session.graph.nodes) == {"n"}
    session.redo("Ada")
    assert set(session.graph.nodes) == {"n", "p", "q", "r"}
    assert len(session.graph.links) == 3


# --- undoing a deletion -----------------------------------------------------------------------


def test_a_deletion_comes_back_with_its_ids_properties_and_links() -> None:
    session = Session(
        CreateNode("n"),
        CreateNode("p", properties={"x": [1]}),
        CreateNode("q", "p", name="Q", position=(1.0, 2.0)),
        LinkNodes("q", "n", "blocks", "l", {"w": 1}),
        LinkNodes("q", "q", link_id="self"),
    )
    before = state(session.graph)
    session.do("Ada", DeleteNode("p"))
    assert session.undo("Ada") == []
    assert state(session.graph) == before


def test_links_come_back_only_where_the_far_end_still_stands() -> None:
    session = Session(CreateNode("a"), CreateNode("b"), CreateNode("c"))
    session.do("setup", LinkNodes("a", "b", link_id="ab"), LinkNodes("a", "c", link_id="ac"))
    session.do("Ada", DeleteNode("a"))
    session.do("Ben", DeleteNode("b"))
    assert session.undo("Ada") == [Skipped("deleted", 4, "Ben", link_id="ab")]
    assert set(session.graph.links) == {"ac"}


def test_a_node_whose_parent_is_gone_comes_back_at_the_top() -> None:
    session = Session(CreateNode("p"), CreateNode("a", "p"))
    session.do("Ada", DeleteNode("a"))
    session.do("Ben", DeleteNode("p"))
    assert session.undo("Ada") == [Skipped("deleted", 3, "Ben", node_id="a", field="parent_id")]
    assert session.graph.nodes["a"].parent_id is None


def test_a_node_whose_id_is_taken_by_another_does_not_come_back() -> None:
    session = Session(CreateNode("a"), CreateNode("b"))
    session.do("Ada", DeleteNode("a"), DeleteNode("b"))
    session.do("Ben", CreateNode("a", name="Ben's"))
    assert session.undo("Ada") == [Skipped("overwritten", 3, "Ben", node_id="a")]
    assert session.graph.nodes["a"].name == "Ben's"
    assert "b" in session.graph.nodes


def test_nothing_is_attached_to_another_node_under_the_id_of_a_lost_one() -> None:
    session = Session(CreateNode("p"), CreateNode("a", "p"), CreateNode("b"))
    session.do("setup", LinkNodes("a", "p", link_id="ap"), LinkNodes("a", "b", link_id="ab"))
    session.do("Ada", DeleteNode("a"))
    session.do("Ben", DeleteNode("p"), CreateNode("p", name="Ben's"))
    assert session.undo("Ada") == [
        Skipped("deleted", 4, "Ben", node_id="a", field="parent_id"),
        Skipped("deleted", 4, "Ben", link_id="ap"),
    ]
    assert session.graph.nodes["a"].parent_id is None
    assert set(session.graph.links) == {"ab"}


def test_an_id_that_another_used_and_left_is_free_for_what_comes_back() -> None:
    session = Session(CreateNode("p"), CreateNode("a", "p"), LinkNodes("a", "p", link_id="l"))
    before = state(session.graph)
    session.do("Ada", DeleteNode("p"))
    session.do("Ben", CreateNode("p"))
    session.do("Cem", DeleteNode("p"))
    assert session.undo("Ada") == []
    assert state(session.graph) == before


def test_a_parent_that_was_deleted_and_brought_back_is_the_same() -> None:
    session = Session(CreateNode("p"), CreateNode("a", "p"))
    before = state(session.graph)
    session.do("Ada", DeleteNode("a"))
    session.do("Ben", DeleteNode("p"))
    session.undo("Ben")
    assert session.undo("Ada") == []
    assert state(session.graph) == before
