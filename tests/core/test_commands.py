"""Commands become events or are refused, all or nothing (docs/protocol.md, 3.2).

Long: each command with its events and its refusals.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    DeleteNode,
    DeleteProperty,
    Edit,
    LinkNodes,
    SetProperty,
    UnlinkNodes,
    UpdateBlueprint,
    UpdateNode,
    execute,
)
from graph_ext.core.errors import (
    CycleError,
    DuplicateIdError,
    GraphError,
    NotFoundError,
    SchemaError,
    TooLargeError,
)
from graph_ext.core.events import (
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import MAX_INTEGER
from tests.core.reference import Reference
from tests.core.states import RandomEdits, graph_of, ids, plain, state


def plan() -> Graph:
    """Design and Build below Plan, Build blocks Design."""
    return graph_of(
        NodeCreated("plan", name="Plan"),
        NodeCreated("design", "plan", "Task", "Design", 0.0, None, {"effort": 3}),
        NodeCreated("build", "plan", "Task", "Build", 1.0),
        NodeLinked("l", "build", "design", "blocks", {"weight": 1}),
    )


def refused(graph: Graph, command: Any, error: type[GraphError]) -> GraphError:
    before = state(graph)
    with pytest.raises(error) as raised:
        execute(graph, command, ids())
    assert state(graph) == before
    return raised.value


def order_of(graph: Graph, parent_id: str | None) -> list[str]:
    return [child.node_id for child in graph.children(parent_id)]


# --- create-node and link-nodes ---------------------------------------------------------------


def test_create_node_makes_one_event_last_among_its_siblings() -> None:
    graph = plan()
    events = execute(graph, CreateNode("test", "plan", "Task", "Test"), ids())
    assert events == [NodeCreated("test", "plan", "Task", "Test", 2.0)]
    assert order_of(graph, "plan") == ["design", "build", "test"]


def test_create_node_without_an_id_gets_one_and_its_links_may_leave_it_out() -> None:
    graph = plan()
    command = CreateNode(links=[LinkNodes("", "design", "near"), LinkNodes("build", "")])
    events = execute(graph, command, ids())
    assert events == [
        NodeCreated("id0", order=1.0),
        NodeLinked("id1", "id0", "design", "near"),
        NodeLinked("id2", "build", "id0"),
    ]


def test_create_node_before_a_sibling_takes_the_place_between() -> None:
    graph = plan()
    execute(graph, CreateNode("x", "plan", before="build"), ids())
    execute(graph, CreateNode("first", "plan", before="design"), ids())
    assert order_of(graph, "plan") == ["first", "design", "x", "build"]


@pytest.mark.parametrize(
    ("command", "error", "message", "path"),
    [
        (CreateNode("design"), DuplicateIdError, "a node 'design' exists already", "node_id"),
        (CreateNode("x", "desing"), NotFoundError, "no node 'desing'", "parent_id"),
        (CreateNode(""), SchemaError, "a node_id must have 1 to 256 bytes", "node_id"),
        (CreateNode("é" * 129), SchemaError, "a node_id must have 1 to 256 bytes", "node_id"),
        (CreateNode("a\nb"), SchemaError, "no control characters, got 'a\\nb'", "node_id"),
        (CreateNode("a\x9f"), SchemaError, "no control characters", "node_id"),
        (CreateNode("\ud800"), SchemaError, "lone surrogate", "node_id"),
        (CreateNode("x", name="\udc00"), SchemaError, "a name must be valid Unicode", "name"),
        (CreateNode("x", name="é" * 513), SchemaError, "at most 1024 bytes", "name"),
        (CreateNode("x", blueprint_type_id="\t"), SchemaError, "control", "blueprint_type_id"),
        (CreateNode("x", before="design"), SchemaError, "a node at the top", "before"),
        (CreateNode("x", "plan", before="plan"), SchemaError, "below 'plan'", "before"),
        (CreateNode("x", properties={"": 1}), SchemaError, "name of a property", "properties"),
        (
            CreateNode("x", blueprint_type_id="Task", properties={"effort": float("nan")}),
            SchemaError,
            "Task.effort must be finite, got nan (node x)",
            "properties.effort",
        ),
        (
            CreateNode("x", links=[LinkNodes("", "nobody")]),
            NotFoundError,
            "no node 'nobody'",
            "links[0].target_id",
        ),
        (LinkNodes("plan", "x"), NotFoundError, "no node 'x'", "target_id"),
        (LinkNodes("plan", "plan", "", "l"), DuplicateIdError, "a link 'l' exists", "link_id"),
        (LinkNodes("plan", "plan", "", ""), SchemaError, "a link_id must have", "link_id"),
        (UnlinkNodes("m"), NotFoundError, "no link 'm'", "link_id"),
        (DeleteNode("x"), NotFoundError, "no node 'x'", "node_id"),
        (SetProperty("p", 1), SchemaError, "give node_id or link_id", "node_id"),
        (SetProperty("p", 1, "plan", "l"), SchemaError, "one of them", "node_id"),
        (SetProperty("p", 1, "x"), NotFoundError, "no node 'x'", "node_id"),
        (SetProperty("\x00", 1, "plan"), SchemaError, "control", "property_name"),
        (SetProperty("p", 2**53, "plan"), SchemaError, "between -(2**53-1)", "value"),
        (SetProperty("p", "\ud800", "plan"), SchemaError, "p must be valid Unicode", "value"),
        (SetProperty("p", {1: 2}, "plan"), SchemaError, "text for keys", "value"),
        (SetProperty("p", (1,), "plan"), SchemaError, "a JSON value", "value"),
        (SetProperty("p", b"x", link_id="l"), SchemaError, "(link build -> design)", "value"),
        (DeleteProperty("efort", "design"), NotFoundError, "no property 'efort'", "property_name"),
        (DeleteProperty("x", link_id="l"), NotFoundError, "no property 'x'", "property_name"),
        (UpdateNode("x", name=""), NotFoundError, "no node 'x'", "node_id"),
        (UpdateNode("plan"), SchemaError, "update-node must give", None),
        (UpdateNode("plan", parent_id="x"), NotFoundError, "no node 'x'", "parent_id"),
        (UpdateNode("plan", parent_id="plan"), CycleError, "below itself", "parent_id"),
        (UpdateNode("plan", parent_id="build"), CycleError, "node Build, which is", "parent_id"),
        (UpdateNode("plan", before="plan"), SchemaError, "before itself", "before"),
        (UpdateNode("design", before="plan"), SchemaError, "below 'plan'", "before"),
        (UpdateNode("plan", position=(0.0, float("inf"))), SchemaError, "finite", "position"),
        (CreateNode("x", position=(float("nan"), 0.0)), SchemaError, "two finite", "position"),
        (Batch([]), SchemaError, "at least one command", "commands"),
    ],
)
def test_3_2_a_command_that_does_not_fit_is_refused_and_changes_nothing(
    command: Command, error: type[GraphError], message: str, path: str | None
) -> None:
    refusal = refused(plan(), command, error)
    assert message in str(refusal)
    assert refusal.path == path


def test_a_refusal_hints_at_what_was_probably_meant() -> None:
    assert refused(plan(), DeleteNode("desing"), NotFoundError).fix == "did you mean 'design'?"
    named = refused(plan(), DeleteNode("Design"), NotFoundError)
    assert named.fix == "the node named 'Design' has the node_id 'design'"


def test_values_nest_at_most_32_deep_and_an_element_holds_at_most_a_mebibyte() -> None:
    graph = plan()
    value: Any = 0
    for _ in range(32):
        value = [value]
    execute(graph, SetProperty("deep", value, "plan"), ids())
    refused(graph, SetProperty("deep", [value], "plan"), SchemaError)
    execute(graph, SetProperty("long", "x" * 600_000, "plan"), ids())
    refused(graph, SetProperty("more", "x" * 600_000, "plan"), TooLargeError)
    execute(graph, SetProperty("long", "x" * 1_000_000, "plan"), ids())
    refused(graph, CreateNode(properties={"a": ["x" * 2**20]}), TooLargeError)
    refused(graph, CreateNode(properties={f"p{i}": i for i in range(1001)}), TooLargeError)


# --- update-node ------------------------------------------------------------------------------


def test_update_node_makes_one_event_for_each_field() -> None:
    graph = plan()
    events = execute(
        graph, UpdateNode("build", name="Make", parent_id=None, position=(1.0, 2.0)), ids()
    )
    assert events == [
        NodeUpdated("build", "name", "Build", "Make"),
        NodeUpdated("build", "parent_id", "plan", None),
        NodeUpdated("build", "order", 1.0, 1.0),
        NodeUpdated("build", "position", None, (1.0, 2.0)),
    ]
    assert order_of(graph, None) == ["plan", "build"]


def test_a_node_moves_before_a_sibling_and_to_the_end() -> None:
    graph = plan()
    execute(graph, UpdateNode("build", before="design"), ids())
    assert order_of(graph, "plan") == ["build", "design"]
    execute(graph, UpdateNode("build", before="design"), ids())
    assert order_of(graph, "plan") == ["build", "design"]
    execute(graph, UpdateNode("build", before=None), ids())
    assert order_of(graph, "plan") == ["design", "build"]


def test_what_stands_already_may_be_set_again_and_is_a_change_like_any_other() -> None:
    graph = plan()
    before = state(graph)
    assert execute(graph, UpdateNode("design", name="Design", parent_id="plan"), ids()) == [
        NodeUpdated("design", "name", "Design", "Design"),
        NodeUpdated("design", "parent_id", "plan", "plan"),
    ]
    assert execute(graph, SetProperty("effort", 3, "design"), ids()) == [
        PropertyChanged("effort", 3, 3, "design")
    ]
    assert state(graph) == before


def test_siblings_are_renumbered_where_no_number_lies_between_them() -> None:
    graph = graph_of(NodeCreated("a", order=1.0), NodeCreated("b", order=1.0 + 2**-52))
    events = execute(graph, CreateNode("x", before="b"), ids())
    assert [type(event) for event in events[:-1]] == [NodeUpdated] * (len(events) - 1)
    assert order_of(graph, None) == ["a", "x", "b"]
    for number in range(200):
        execute(graph, CreateNode(f"y{number}", before="b"), ids())
    inserted = [f"y{number}" for number in range(200)]
    assert order_of(graph, None) == ["a", "x", *inserted, "b"]


def test_siblings_of_one_order_make_room_for_another_between_them() -> None:
    graph = graph_of(NodeCreated("a"), NodeCreated("b"), NodeCreated("c"))
    execute(graph, UpdateNode("c", before="b"), ids())
    assert order_of(graph, None) == ["a", "c", "b"]


def test_orders_beyond_what_can_be_counted_are_renumbered() -> None:
    graph = graph_of(NodeCreated("a", order=-(2.0**60)), NodeCreated("b", order=2.0**60))
    execute(graph, CreateNode("a2"), ids())
    assert order_of(graph, None) == ["a", "b", "a2"]
    graph = graph_of(NodeCreated("a", order=-(2.0**60)), NodeCreated("b", order=2.0**60))
    execute(graph, CreateNode("first", before="a"), ids())
    assert order_of(graph, None) == ["first", "a", "b"]


# --- deletion ---------------------------------------------------------------------------------


def test_delete_node_unlinks_first_and_deletes_children_before_their_parents() -> None:
    graph = plan()
    execute(graph, LinkNodes("plan", "plan", link_id="self"), ids())
    events = execute(graph, DeleteNode("plan"), ids())
    kinds = [type(event) for event in events]
    assert kinds == [NodeUnlinked, NodeUnlinked, NodeDeleted, NodeDeleted, NodeDeleted]
    assert {event.link_id for event in events if isinstance(event, NodeUnlinked)} == {"l", "self"}
    assert [e.node_id for e in events if isinstance(e, NodeDeleted)][-1] == "plan"
    assert state(graph)["nodes"] == state(graph)["links"] == []


def test_delete_property_tells_the_value_it_had() -> None:
    graph = plan()
    assert execute(graph, DeleteProperty("effort", "design"), ids()) == [
        PropertyDeleted("effort", 3, "design")
    ]
    assert execute(graph, DeleteProperty("weight", link_id="l"), ids()) == [
        PropertyDeleted("weight", 1, None, "l")
    ]


# --- batches ----------------------------------------------------------------------------------


def test_a_batch_sees_its_own_earlier_commands() -> None:
    graph = Graph()
    batch = Batch([CreateNode("a"), CreateNode("b", "a"), LinkNodes("a", "b", link_id="l")])
    assert len(execute(graph, batch, ids())) == 3
    assert len(graph.links) == 1


def test_3_2_a_batch_with_one_bad_command_changes_nothing_and_names_it() -> None:
    edits: list[Edit] = [
        DeleteNode("plan"),
        CreateNode("a"),
        CreateNode("b", properties={"x": 2**53}),
    ]
    refusal = refused(plan(), Batch(edits), SchemaError)
    assert refusal.path == "commands[2].properties.x"
    refusal = refused(plan(), Batch([CreateNode("a", links=[LinkNodes("", "b")])]), NotFoundError)
    assert refusal.path == "commands[0].links[0].target_id"


def test_events_keep_what_they_said_when_the_element_changes_later() -> None:
    graph = Graph()
    [created] = execute(graph, CreateNode("a", properties={"x": [1]}), ids())
    execute(graph, SetProperty("x", 2, "a"), ids())
    assert isinstance(created, NodeCreated)
    assert created.properties == {"x": [1]}


# --- properties of all commands ---------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), most=st.integers(1, 5))
def test_a_command_is_refused_without_a_trace_or_its_inverses_restore_the_graph(
    seed: int, most: int
) -> None:
    graph, edits, new_id = Graph(), RandomEdits(Random(seed)), ids("made")
    reference = Reference()
    for _ in range(25):
        before = state(graph)
        command = edits.batch(graph, most) if graph.nodes else edits.edit(graph)
        try:
            events = execute(graph, command, new_id)
        except GraphError:
            assert state(graph) == before
            continue
        assert events
        after = state(graph)
        for event in events:
            reference.apply(plain(event))
        assert after == plain(reference.state())
        for event in reversed(events):
            graph.apply(event.inverse())
        assert state(graph) == before
        for event in events:
            graph.apply(event)
        assert state(graph) == after


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.text(alphabet="\ud800\udc00\x00a"),
    st.binary(max_size=3),
)


@settings(max_examples=200, deadline=None)
@given(value=st.recursive(ODD, lambda inner: st.lists(inner) | st.dictionaries(ODD, inner)))
def test_a_value_that_is_taken_is_the_same_after_a_journey_as_json(value: Any) -> None:
    graph = plan()
    try:
        execute(graph, SetProperty("x", value, "plan"), ids())
    except (SchemaError, TooLargeError):
        return
    assert plain(value) == value


def test_the_safe_integers_are_taken_up_to_the_last() -> None:
    graph = plan()
    execute(graph, SetProperty("x", [MAX_INTEGER, -MAX_INTEGER], "plan"), ids())
    refused(graph, SetProperty("x", [-MAX_INTEGER - 1], "plan"), SchemaError)


def test_a_conflict_names_the_link_that_there_is_no_room_for() -> None:
    graph = plan()
    execute(graph, UpdateBlueprint(Blueprint(multigraph=False)), ids())
    assert "at most one link" in str(refused(graph, LinkNodes("build", "design"), SchemaError))
