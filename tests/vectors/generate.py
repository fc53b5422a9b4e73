"""Writes the vectors: see README.md beside it. ``--check`` compares them with what is there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from graph_ext.core.blueprint import Blueprint  # noqa: E402 - needs the path
from graph_ext.core.commands import execute  # noqa: E402 - needs the path
from graph_ext.core.errors import GraphError  # noqa: E402 - needs the path
from graph_ext.core.graph import Graph  # noqa: E402 - needs the path
from graph_ext.core.json_schema import json_schema  # noqa: E402 - needs the path
from tests.core.reference import Reference  # noqa: E402 - needs the path
from tests.core.states import RandomEdits, ids, plain  # noqa: E402 - needs the path

Case = dict[str, Any]


def case(name: str, events: list[Case], start: Case | None = None) -> Case:
    """Return a case with what the reference makes of it."""
    reference = Reference()
    for row in (start or {}).get("nodes", []):
        reference.apply({"type": "node-created", **row})
    for row in (start or {}).get("links", []):
        reference.apply({"type": "node-linked", **row})
    reference.blueprint = (start or {}).get("blueprint", {})
    for event in events:
        reference.apply(event)
    # through JSON once, so that nothing is shared with the events
    expect = json.loads(json.dumps(reference.state()))
    return {"name": name, **({"start": start} if start else {}), "events": events, "expect": expect}


def node(node_id: str, **more: Any) -> Case:
    return {"type": "node-created", "node_id": node_id, **more}


def link(link_id: str, source_id: str, target_id: str, **more: Any) -> Case:
    ends = {"source_id": source_id, "target_id": target_id}
    return {"type": "node-linked", "link_id": link_id, **ends, **more}


def update(node_id: str, field: str, old: Any, new: Any) -> Case:
    values = {"old_value": old, "new_value": new}
    given = {key: value for key, value in values.items() if value is not None}
    return {"type": "node-updated", "node_id": node_id, "field": field, **given}


def event_cases() -> list[Case]:
    """Every event by itself, with what is easily got wrong about it."""
    full = {
        "parent_id": "p",
        "blueprint_type_id": "Task",
        "name": "Design",
        "order": 2.5,
        "position": [1.5, -2.0],
        "properties": {"effort": 3, "tags": ["a", {"b": None}]},
    }
    abc = [node("a"), node("b", order=1.0), node("c", order=2.0)]
    typed = {"node_types": {"Task": {"label": "Task"}}, "directed": False}
    return [
        case("nothing", []),
        case("node-created with defaults and with everything", [node("p"), node("n", **full)]),
        case("node-deleted", [*abc, {"type": "node-deleted", "node_id": "b", "order": 1.0}]),
        case(
            "node-deleted, then the same id again",
            [*abc, {"type": "node-deleted", "node_id": "a"}, node("a", name="again", order=3.0)],
        ),
        case(
            "node-updated: name, to text, to none",
            [
                *abc,
                update("a", "name", "", "A"),
                update("a", "name", "A", ""),
                update("b", "name", "", "B"),
            ],
        ),
        case(
            "node-updated: position, to a point, to none",
            [
                *abc,
                update("a", "position", None, [0.0, 0.5]),
                update("b", "position", None, [1, 2]),
                update("b", "position", [1, 2], None),
            ],
        ),
        case("node-updated: order within siblings", [*abc, update("a", "order", 0.0, 1.5)]),
        case(
            "node-updated: below another parent, and back to the top",
            [
                *abc,
                update("a", "parent_id", None, "b"),
                update("c", "parent_id", None, "b"),
                update("c", "order", 2.0, -1.0),
                update("a", "parent_id", "b", None),
            ],
        ),
        case(
            "a subtree moves with its root",
            [
                node("r"),
                node("s", order=1.0),
                node("r1", parent_id="r"),
                node("r2", parent_id="r1"),
                update("r", "parent_id", None, "s"),
            ],
        ),
        case(
            "siblings of one order sort by node_id, by code points",
            [
                node("b"),
                node("a"),
                node("\U0001f600"),
                node("\uff5e"),
                node("Z"),
                node("é"),
                node("10"),
                node("9"),
            ],
        ),
        case(
            "siblings of one order: one moves out and in again",
            [
                node("b"),
                node("a"),
                node("c"),
                update("b", "order", 0.0, 1.0),
                update("b", "order", 1.0, 0.0),
                update("c", "order", 0.0, -0.5),
            ],
        ),
        case(
            "a parent comes later than its children",
            [
                node("leaf", parent_id="branch", order=1.0),
                node("bud", parent_id="branch"),
                node("branch", parent_id="root"),
                node("root"),
            ],
        ),
        case(
            "links: parallel, opposite, to itself, typed",
            [
                *abc,
                link("l1", "a", "b"),
                link("l2", "a", "b"),
                link("l3", "b", "a"),
                link("l4", "c", "c", link_type_id="blocks", properties={"w": 0.5}),
                link("l5", "c", "c"),
            ],
        ),
        case(
            "node-unlinked: one of parallel ones, and one to itself",
            [
                *abc,
                link("l1", "a", "b"),
                link("l2", "a", "b"),
                link("l3", "c", "c"),
                {"type": "node-unlinked", "link_id": "l1", "source_id": "a", "target_id": "b"},
                {"type": "node-unlinked", "link_id": "l3", "source_id": "c", "target_id": "c"},
            ],
        ),
        case(
            "property-changed: new, other, null; of a node and of a link",
            [
                *abc,
                link("l", "a", "b"),
                {"type": "property-changed", "property_name": "x", "new_value": 1, "node_id": "a"},
                {
                    "type": "property-changed",
                    "property_name": "x",
                    "new_value": {"y": [1]},
                    "old_value": 1,
                    "node_id": "a",
                },
                {"type": "property-changed", "property_name": "none", "node_id": "a"},
                {
                    "type": "property-changed",
                    "property_name": "w",
                    "new_value": 0.25,
                    "link_id": "l",
                },
            ],
        ),
        case(
            "property-deleted: of a node and of a link",
            [
                node("a", properties={"x": 1, "y": None}),
                link("l", "a", "a", properties={"w": 1}),
                {"type": "property-deleted", "property_name": "x", "old_value": 1, "node_id": "a"},
                {"type": "property-deleted", "property_name": "w", "old_value": 1, "link_id": "l"},
            ],
        ),
        case(
            "ids and names that are special in a language",
            [
                node("__proto__", name="constructor"),
                node("toString", order=1.0),
                link("hasOwnProperty", "__proto__", "toString"),
                {
                    "type": "property-changed",
                    "property_name": "__proto__",
                    "new_value": "p",
                    "node_id": "__proto__",
                },
                {
                    "type": "property-changed",
                    "property_name": "constructor",
                    "new_value": 0,
                    "node_id": "__proto__",
                },
                {
                    "type": "property-deleted",
                    "property_name": "__proto__",
                    "old_value": "p",
                    "node_id": "__proto__",
                },
            ],
        ),
        case(
            "unicode everywhere",
            [
                node("日本", name="e\u0301 \U0001f469\u200d\U0001f680", blueprint_type_id="Größe"),
                link("→", "日本", "日本", link_type_id="אב", properties={"ключ": "\u2028\u0000"}),
            ],
        ),
        case(
            "numbers at the edge of what is safe",
            [
                node(
                    "a",
                    order=-(2.0**52),
                    position=[1e308, -1e-308],
                    properties={"most": 2**53 - 1, "least": -(2**53 - 1), "tiny": 5e-324},
                )
            ],
        ),
        case(
            "blueprint-updated, twice",
            [
                {"type": "blueprint-updated", "new_value": typed, "old_value": {}},
                {
                    "type": "blueprint-updated",
                    "new_value": {"multigraph": False},
                    "old_value": typed,
                },
            ],
        ),
        case(
            "a snapshot, then events",
            [
                update("b", "parent_id", "a", None),
                node("c", parent_id="b"),
                {"type": "node-unlinked", "link_id": "l", "source_id": "b", "target_id": "a"},
            ],
            {
                "nodes": [{"node_id": "b", "parent_id": "a", "order": 4.0}, {"node_id": "a"}],
                "links": [{"link_id": "l", "source_id": "b", "target_id": "a"}],
                "blueprint": {"self_links": False},
            },
        ),
    ]


def random_cases(seeds: range, commands: int) -> list[Case]:
    """What random commands make; the events come from execute(), ``expect`` from the reference."""
    cases = []
    for seed in seeds:
        graph, edits, new_id = Graph(), RandomEdits(Random(seed)), ids("made")
        events: list[Case] = []
        for _ in range(commands):
            try:
                # one edit at first: a batch that is refused for one of its edits leads nowhere
                command = edits.batch(graph, 2) if graph.nodes else edits.edit(graph)
                made = execute(graph, command, new_id)
            except GraphError:
                continue
            events.extend(plain(event) for event in made)
        cases.append(case(f"random commands, seed {seed}", events))
    return cases


def schema_cases() -> list[Case]:
    """Blueprints and the schema of one of their types, written out by hand in part."""
    every: dict[str, Case] = {
        "text": {"pattern": "^[A-Z]+$", "description": "a code"},
        "number": {"minimum": 0, "maximum": 1.5, "default": 0.5},
        "integer": {"minimum": -3},
        "boolean": {"default": False},
        "date": {},
        "datetime": {},
        "duration": {},
        "url": {"label": "Home page"},
        "currency": {"currency": "EUR", "required": True, "maximum": 1e6},
        "select": {"options": ["open", "done"], "default": "open", "required": True},
        "multi-select": {"options": ["a", "b"]},
        "reference": {},
        "json": {"default": {"a": [1]}},
    }
    properties = {kind: {"type": kind, **more} for kind, more in every.items()}
    written: Case = {
        "node_types": {
            "Task": {"label": "A task", "description": "Work", "properties": properties},
            "Note": {},
        },
        "link_types": {"blocks": {"properties": {"weight": {"type": "number", "required": True}}}},
    }
    blueprint = Blueprint.from_mapping(written)
    return [
        {
            "blueprint": plain(blueprint),
            "type_id": one,
            "schema": plain(json_schema(blueprint, one)),
        }
        for one in ("Task", "Note", "blocks")
    ]


def undo_cases(seeds: range) -> list[Case]:
    """Logs of three people, and what each of them can undo and redo after the last commit."""
    return [undo_case(Random(seed)) for seed in seeds]


def undo_case(random: Random) -> Case:
    """Return a log of commits as the history tells of them; some undo what others did."""
    log: list[Case] = []
    people = ("ada", "bob", "cleo")
    for rev in range(1, random.randrange(2, 40)):
        who = random.choice(people)
        kind = random.choice(("plain", "undo", "undo", "redo", "undo-any"))
        undo, redo = undo_targets(log, who)
        commit: Case = {"rev": rev, "actor": {"actor_id": who}}
        if kind == "undo" and undo is not None:
            commit["undoes"] = undo
        elif kind == "redo" and redo is not None:
            commit["redoes"] = redo
        elif kind == "undo-any" and log:
            commit["undoes"] = random.randrange(1, rev)
        log.append(commit)
    tops = {who: dict(zip(("undo", "redo"), undo_targets(log, who), strict=True)) for who in people}
    return {"commits": log, "expect": tops}


def undo_targets(log: list[Case], who: str) -> tuple[int | None, int | None]:
    """Return the rev that undo and the rev that redo would take back, from the log's end."""
    taken_back: set[int] = set()
    undo: int | None = None
    redo: int | None = None
    is_new = False  # they have done something since
    for commit in reversed(log):
        stands = commit["rev"] not in taken_back
        if commit["actor"]["actor_id"] == who:
            if "undoes" in commit:
                redo = commit["rev"] if redo is None and stands and not is_new else redo
            else:
                undo = commit["rev"] if undo is None and stands else undo
                is_new = is_new or "redoes" not in commit
        taken_back.update(commit[key] for key in ("undoes", "redoes") if key in commit)
    return undo, redo


def main() -> int:
    """Write the vectors, or compare them."""
    wanted = {
        "events.json": event_cases(),
        "random.json": random_cases(range(1, 9), 80),
        "schemas/json_schema.json": schema_cases(),
        "undo/stacks.json": undo_cases(range(1, 41)),
    }
    for name, cases in wanted.items():
        # one case a line, and ASCII: nothing is lost in an editor
        text = "[\n" + ",\n".join(json.dumps(one) for one in cases) + "\n]\n"
        target = HERE / name
        if "--check" not in sys.argv:
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
        elif target.read_text(encoding="utf-8") != text:
            print(f"tests/vectors/{name} is not what generate.py makes: run it", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
