"""Undo and redo (docs/protocol.md, 4.4): only what still stands is taken back, all or nothing.

Long: one rule has all these cases, and they are told with the same few functions.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from graph_ext.core.blueprint import Blueprint, LinkType, NodeType, PropertyType
from graph_ext.core.commands import (
    Batch,
    CreateNode,
    DeleteNode,
    Edit,
    LinkNodes,
    SetProperty,
    UnlinkNodes,
    UpdateBlueprint,
    UpdateNode,
    execute,
)
from graph_ext.core.conformance import misfits
from graph_ext.core.errors import (
    GraphError,
    UndoConflictError,
    UndoEmptyError,
    UndoNothingLeftError,
)
from graph_ext.core.events import Event, PropertyChanged
from graph_ext.core.graph import Graph
from graph_ext.core.history import Skipped, Undone, plan_undo
from graph_ext.core.undo_stacks import UNDO_DEPTH, UndoStacks
from tests.core.states import RandomEdits, ids, state


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


# --- redo and stacks --------------------------------------------------------------------------


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


# --- under interleaving -----------------------------------------------------------------------


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
