"""Blueprints: how they are read, what makes sense, and what of a graph fits them.

Long: a rule stands here with the elements that break it.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_ext.core.acyclic import closes_cycle, find_cycle
from graph_ext.core.blueprint import Blueprint, LinkType, NodeType, PropertyType
from graph_ext.core.blueprint_rules import check_blueprint
from graph_ext.core.commands import (
    Batch,
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
from graph_ext.core.conformance import misfits
from graph_ext.core.errors import CycleError, GraphError, NotFoundError, SchemaError
from graph_ext.core.events import NodeCreated, NodeLinked, PropertyChanged
from graph_ext.core.graph import Graph
from graph_ext.core.json_schema import json_schema
from tests.core.states import graph_of, ids, state

PLAN = Blueprint.from_mapping(
    {
        "node_types": {
            "Plan": {"allowed_children": ["Task"]},
            "Task": {
                "allowed_children": [],
                "properties": {
                    "effort": "number",
                    "status": {"type": "select", "options": ["open", "done"], "default": "open"},
                    "owner": {"type": "text", "required": True},
                    "after": "reference",
                },
            },
            "Note": None,
        },
        "link_types": {
            "blocks": {
                "source_types": ["Task"],
                "target_types": ["Task"],
                "acyclic": True,
                "properties": {"weight": {"type": "number", "minimum": 0, "default": 1}},
            },
            "about": {"source_types": ["Note"], "cardinality": "many-to-one"},
            "leads": {"cardinality": "one-to-many"},
            "is": {"cardinality": "one-to-one"},
        },
    }
)


def task(node_id: str, **more: Any) -> CreateNode:
    return CreateNode(node_id, None, "Task", node_id.title(), properties={"owner": "Ada", **more})


def plan() -> Graph:
    graph = Graph()
    commands: list[Edit] = [UpdateBlueprint(PLAN), CreateNode("plan", None, "Plan"), task("design")]
    execute(graph, Batch([*commands, task("build"), CreateNode("note", None, "Note")]), ids())
    return graph


def refused(graph: Graph, command: Any, error: type[GraphError] = SchemaError) -> GraphError:
    before = state(graph)
    with pytest.raises(error) as raised:
        execute(graph, command, ids("refused"))
    assert state(graph) == before
    return raised.value


# --- elements against the blueprint -----------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "message", "path"),
    [
        (
            SetProperty("effort", "x", "design"),
            "Task.effort must be a number, got 'x' (node Design)",
            "value",
        ),
        (SetProperty("efort", 1, "design"), "Task has no property 'efort'", "value"),
        (DeleteProperty("owner", "design"), "Task.owner is required", "property_name"),
        (
            CreateNode("x", None, "Tusk"),
            "no node type 'Tusk', only Plan, Task",
            "blueprint_type_id",
        ),
        (
            CreateNode("x"),
            "a node must have a type of the blueprint: Plan, Task",
            "blueprint_type_id",
        ),
        (CreateNode("x", None, "Task"), "Task.owner is required (node x)", "properties.owner"),
        (task("x", effort=True), "must be a number, got True", "properties.effort"),
        (CreateNode("x", "plan", "Note"), "Plan may have Task below it, not Note", "parent_id"),
        (UpdateNode("note", parent_id="design"), "may have no children below it", "parent_id"),
        (LinkNodes("design", "build", "block"), "no link type 'block'", "link_type_id"),
        (
            LinkNodes("design", "build", "blocks", None, {"weight": -1}),
            "blocks.weight must be at least 0, got -1 (link design -> build)",
            "properties.weight",
        ),
    ],
)
def test_what_does_not_fit_the_blueprint_is_refused(command: Any, message: str, path: str) -> None:
    refusal = refused(plan(), command)
    assert message in str(refusal)
    assert refusal.path == path


def test_types_and_properties_of_nearly_that_name_are_hinted_at() -> None:
    assert refused(plan(), CreateNode("x", None, "task")).fix == "did you mean 'Task'?"
    assert refused(plan(), SetProperty("efort", 1, "build")).fix == "did you mean 'effort'?"


def test_defaults_are_set_at_creation() -> None:
    graph = plan()
    assert graph.nodes["design"].properties == {"owner": "Ada", "status": "open"}
    execute(graph, task("done", status="done"), ids())
    assert graph.nodes["done"].properties["status"] == "done"
    execute(graph, LinkNodes("design", "build", "blocks", "l"), ids())
    assert graph.links["l"].properties == {"weight": 1}


def test_a_type_without_properties_and_a_blueprint_without_types_are_open() -> None:
    graph = plan()
    execute(graph, SetProperty("anything", {"a": 1}, "note"), ids())
    open_graph = Graph()
    execute(open_graph, CreateNode("x", None, "whatever", properties={"y": 1}), ids())


def test_a_link_joins_only_nodes_of_its_types() -> None:
    graph = plan()
    refusal = refused(graph, LinkNodes("note", "design", "blocks"), SchemaError)
    assert "blocks must come from Task, got Note" in str(refusal)
    refusal = refused(graph, LinkNodes("design", "plan", "blocks"), SchemaError)
    assert "blocks must go to Task, got Plan" in str(refusal)


def test_in_an_undirected_session_the_ends_of_a_link_have_no_order() -> None:
    types = {"N": NodeType(), "T": NodeType()}
    about = {"about": LinkType(source_types=("N",), target_types=("T",))}
    graph = Graph()
    blueprint = Blueprint(
        node_types=types, link_types=about, directed=False, multigraph=False, self_links=False
    )
    nodes = [CreateNode("n", None, "N"), CreateNode("t", None, "T"), CreateNode("u", None, "T")]
    execute(graph, Batch([UpdateBlueprint(blueprint), *nodes]), ids())
    execute(graph, LinkNodes("t", "n", "about"), ids())
    refused(graph, LinkNodes("n", "t", "about"), SchemaError)
    refused(graph, LinkNodes("t", "u", "about"), SchemaError)
    refused(graph, LinkNodes("t", "t", "about"), SchemaError)


@pytest.mark.parametrize(
    ("link_type", "first", "refused_too", "taken"),
    [
        ("leads", ("plan", "design"), ("build", "design"), ("plan", "build")),
        ("about", ("note", "design"), ("note", "build"), None),
        ("is", ("plan", "design"), ("plan", "build"), ("build", "plan")),
        ("is", ("plan", "design"), ("build", "design"), ("design", "note")),
    ],
)
def test_cardinality_bounds_the_links_of_a_type_at_a_node(
    link_type: str,
    first: tuple[str, str],
    refused_too: tuple[str, str],
    taken: tuple[str, str] | None,
) -> None:
    graph = plan()
    execute(graph, LinkNodes(*first, link_type, "first"), ids("a"))
    refused(graph, LinkNodes(*refused_too, link_type), SchemaError)
    if taken is not None:
        execute(graph, LinkNodes(*taken, link_type), ids("b"))
    swap = Batch([UnlinkNodes("first"), LinkNodes(*refused_too, link_type)])
    execute(graph, swap, ids("c"))


def test_acyclic_links_are_checked_at_the_end_of_a_change() -> None:
    graph = plan()
    execute(graph, LinkNodes("design", "build", "blocks", "l"), ids())
    refusal = refused(graph, LinkNodes("build", "design", "blocks"), CycleError)
    assert "(link build -> design)" in str(refusal)
    refused(graph, LinkNodes("design", "design", "blocks"), CycleError)
    turned = Batch([LinkNodes("build", "design", "blocks"), UnlinkNodes("l")])
    execute(graph, turned, ids("turned"))
    refusal = refused(
        graph,
        Batch([SetProperty("effort", 1, "build"), LinkNodes("design", "build", "blocks")]),
        CycleError,
    )
    assert refusal.path == "commands[1].target_id"


def test_a_cycle_in_a_long_batch_is_found_by_one_search() -> None:
    graph = plan()
    tasks = [task(f"t{number}") for number in range(80)]
    chain = [LinkNodes(f"t{n}", f"t{n + 1}", "blocks") for n in range(79)]
    refusal = refused(graph, Batch([*tasks, *chain, LinkNodes("t79", "t0", "blocks")]), CycleError)
    assert "-> ..." in str(refusal)
    execute(graph, Batch([*tasks, *chain]), ids())


def test_references_name_nodes_that_are_there_at_the_end_of_the_change() -> None:
    graph = plan()
    refusal = refused(graph, SetProperty("after", "desing", "build"), NotFoundError)
    assert str(refusal) == (
        "Task.after must be the node_id of a node, got 'desing' (did you mean 'design'?)"
    )
    execute(graph, Batch([task("a", after="b"), task("b", after="a")]), ids())
    refusal = refused(graph, Batch([task("c", after="d"), task("d", after="e")]), NotFoundError)
    assert refusal.path == "commands[1].properties.after"


# --- changing the blueprint -------------------------------------------------------------------


def test_a_stricter_blueprint_names_what_does_not_fit_and_changes_nothing() -> None:
    graph = Graph()
    execute(graph, Batch([CreateNode(f"n{n}", None, "T") for n in range(15)]), ids())
    execute(graph, LinkNodes("n0", "n1", "wild"), ids())
    strict = Blueprint(
        node_types={"T": NodeType(properties={"x": PropertyType(required=True)})},
        link_types={"tame": LinkType()},
    )
    message = str(refused(graph, UpdateBlueprint(strict)))
    assert "does not fit this blueprint in 16 places: T.x is required (node n0); " in message
    assert message.endswith("and 6 more")


def test_a_blueprint_that_fits_is_taken_whole() -> None:
    graph = plan()
    execute(graph, LinkNodes("design", "build", "blocks"), ids())
    assert list(misfits(graph, PLAN)) == []
    execute(graph, UpdateBlueprint(Blueprint()), ids())
    execute(graph, CreateNode("free", None, "Any"), ids())
    assert "in 1 place: the blueprint has no node type 'Any'" in str(
        refused(graph, UpdateBlueprint(PLAN))
    )


def test_a_batch_may_widen_the_blueprint_and_use_it() -> None:
    graph = plan()
    wider = Blueprint(
        node_types={**PLAN.node_types, "Risk": NodeType()}, link_types=PLAN.link_types
    )
    execute(graph, Batch([UpdateBlueprint(wider), CreateNode("r", None, "Risk")]), ids())


def test_misfits_see_types_of_children_ends_and_cycles() -> None:
    graph = graph_of(
        NodeCreated("plan", None, "Plan"),
        NodeCreated("note", "plan", "Note"),
        NodeCreated("a", "plan", "Task", properties={"owner": "Ada"}),
        NodeLinked("l", "a", "a", "blocks"),
        NodeLinked("m", "plan", "note", "about"),
    )
    assert [problem.message for problem in misfits(graph, PLAN)] == [
        "Plan may have Task below it, not Note (node note)",
        "about must come from Note, got Plan (link plan -> note)",
        "blocks links must not make a cycle, but a -> a is one",
    ]


# --- blueprints by themselves -----------------------------------------------------------------


def with_property(**fields: Any) -> Blueprint:
    return Blueprint(node_types={"T": NodeType(properties={"p": PropertyType(**fields)})})


@pytest.mark.parametrize(
    ("blueprint", "message"),
    [
        (with_property(type="select"), "T.p is a select and needs options"),
        (with_property(options=("a",)), "T.p has options, which only a select"),
        (with_property(type="select", options=("a", "a")), "T.p has the option 'a' twice"),
        (with_property(minimum=1), "minimum or maximum, which only numbers have, not a text"),
        (with_property(type="integer", minimum=2, maximum=1), "minimum above its maximum: 2 > 1"),
        (with_property(type="number", maximum=float("inf")), "finite minimum and maximum"),
        (with_property(type="number", pattern="a"), "has a pattern, which only a text has"),
        (with_property(pattern="("), "can't be checked: the pattern '(' has a group"),
        (with_property(pattern="x" * 201), "at most 200 characters"),
        (with_property(currency="EUR"), "has a currency, which only a currency has"),
        (with_property(zone="Europe/Berlin"), "has a time zone, which only a datetime has"),
        (with_property(type="datetime", zone="Here and now"), "must have a time zone such as"),
        (with_property(type="integer", default="x"), "does not fit: it must be a whole number"),
        (with_property(type="json", default=float("nan")), "must be finite"),
        (with_property(type="reference", default="n"), "can't have a default"),
        (with_property(label="\ud800"), "must be valid Unicode"),
        (Blueprint(node_types={"": NodeType()}), "the name of a node type must have 1 to 256"),
        (Blueprint(link_types={"a\n": LinkType()}), "must have no control characters"),
        (
            Blueprint(node_types={"Task": NodeType(allowed_children=("Tusk",))}),
            "no node type 'Tusk' (did you mean 'Task'?)",
        ),
        (
            Blueprint(node_types={"T": NodeType(allowed_children=("T", "T"))}),
            "'T' is there twice",
        ),
        (Blueprint(link_types={"l": LinkType(source_types=("T",))}), "no node type 'T'"),
        (Blueprint(link_types={"l": LinkType(target_types=("T",))}), "no node type 'T'"),
        (
            Blueprint(link_types={"l": LinkType(acyclic=True)}, directed=False),
            "l can't be acyclic or have a cardinality",
        ),
    ],
)
def test_a_blueprint_that_makes_no_sense_is_refused(blueprint: Blueprint, message: str) -> None:
    with pytest.raises(SchemaError) as raised:
        check_blueprint(blueprint)
    assert message in str(raised.value)
    assert message in str(refused(Graph(), UpdateBlueprint(blueprint)))


def test_a_blueprint_of_too_many_types_or_bytes_is_refused() -> None:
    many = Blueprint(node_types={f"T{n}": NodeType() for n in range(1001)})
    large = with_property(description="x" * 2**20)
    names = {f"p{n}": PropertyType() for n in range(1001)}
    for blueprint in (many, large, Blueprint(link_types={"l": LinkType(properties=names)})):
        with pytest.raises(GraphError, match=r"may (have|take) at most"):
            check_blueprint(blueprint)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"node_type": {}}, "a blueprint has no 'node_type' (did you mean 'node_types'?)"),
        ({"node_types": {"T": {"color": "red"}}}, "no 'color' in node_types.T (did you mean"),
        ({"node_types": ["T"]}, "node_types must be a mapping, got ['T']"),
        ({"node_types": {"T": {"properties": {"p": {"type": "numbr"}}}}}, "properties.p.type"),
        ({"node_types": {"T": {"properties": {"p": 3}}}}, "T.properties.p must be a mapping"),
        ({"node_types": {"T": {"label": 3}}}, "node_types.T.label: expected `str`"),
        ({"node_types": {1: {}}}, "a blueprint has no 1 in node_types"),
        ({"directed": "no"}, "directed: expected `bool`"),
        ("node_types", "a blueprint must be a mapping"),
    ],
)
def test_what_is_no_blueprint_is_refused_where_it_is_wrong(written: Any, message: str) -> None:
    with pytest.raises(SchemaError) as raised:
        Blueprint.from_mapping(written)
    assert message in str(raised.value)


def test_the_schema_of_an_unknown_type_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'Task'"):
        json_schema(PLAN, "task")


# --- cycles -----------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 8))
def test_cycles_are_found_just_where_the_links_of_a_type_cannot_be_sorted(
    seed: int, size: int
) -> None:
    random = Random(seed)
    graph = graph_of(*[NodeCreated(str(n)) for n in range(size)])
    for number in range(random.randrange(12)):
        ends = (str(random.randrange(size)), str(random.randrange(size)))
        graph.apply(NodeLinked(str(number), *ends, random.choice("ab")))
    cycle = find_cycle(graph, "a")
    left = {(x.source_id, x.target_id) for x in graph.links.values() if x.link_type_id == "a"}
    while ends_now := {s for s, _ in left} - {t for _, t in left}:
        left = {(s, t) for s, t in left if s not in ends_now}
    assert (cycle is not None) == bool(left)
    if cycle is not None:
        assert all(link.link_type_id == "a" for link in cycle)
        for one, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
            assert one.target_id == following.source_id
            assert closes_cycle(graph, one)
    else:
        assert not any(
            closes_cycle(graph, x) for x in graph.links.values() if x.link_type_id == "a"
        )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_accepted_leaves_a_graph_that_fits_its_blueprint(seed: int) -> None:
    random = Random(seed)
    graph, new_id = plan(), ids()
    for _ in range(60):
        nodes, links = list(graph.nodes), list(graph.links)
        one, other = random.choice(nodes or ["x"]), random.choice(nodes or ["x"])
        command = random.choice(
            (
                CreateNode(
                    None,
                    random.choice((None, one)),
                    random.choice(("Task", "Note", "Plan")),
                    properties=random.choice(({}, {"owner": "Ada"})),
                ),
                LinkNodes(one, other, random.choice(("blocks", "about", "leads", "is"))),
                LinkNodes(one, other, random.choice(("blocks", "about", "leads", "is"))),
                SetProperty(random.choice(("effort", "owner")), random.choice((1, "x")), one),
                DeleteProperty(random.choice(("effort", "owner")), one),
                UpdateNode(one, parent_id=other),
                UnlinkNodes(random.choice(links or ["x"])),
                DeleteNode(one) if random.random() < 0.2 else SetProperty("owner", "Bo", one),
            )
        )
        try:
            execute(graph, command, new_id)
        except GraphError:
            continue
        assert list(misfits(graph, graph.blueprint)) == []


def test_setting_a_property_tells_its_old_value() -> None:
    graph = plan()
    [event] = execute(graph, SetProperty("status", "done", "design"), ids())
    assert event == PropertyChanged("status", "done", "open", "design")
