"""The vectors, replayed by Python's reducer; vitest replays the same files."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # no stubs among our test requirements
import msgspec
import pytest

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import UndoEmptyError
from graph_ext.core.events import BlueprintUpdated, Event, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.core.json_schema import json_schema
from graph_ext.core.undo_stacks import UndoStacks
from tests.core.states import plain, state

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
CASES = [case for path in sorted(VECTORS.glob("*.json")) for case in json.loads(path.read_bytes())]


def loaded(start: dict[str, Any]) -> Graph:
    graph = Graph()
    if "blueprint" in start:
        blueprint = msgspec.convert(start["blueprint"], Blueprint)
        graph.apply(BlueprintUpdated(blueprint, graph.blueprint))
    for row in start.get("nodes", []):
        graph.apply(msgspec.convert(row, NodeCreated))
    for row in start.get("links", []):
        graph.apply(msgspec.convert(row, NodeLinked))
    return graph


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_reducer_makes_of_the_events_what_the_vector_expects(case: dict[str, Any]) -> None:
    graph = loaded(case.get("start", {}))
    for event in case["events"]:
        graph.apply(msgspec.convert(event, Event))
    assert state(graph) == case["expect"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_inverses_in_reverse_lead_back_to_the_start(case: dict[str, Any]) -> None:
    start = state(loaded(case.get("start", {})))
    graph = loaded(case.get("start", {}))
    events = [msgspec.convert(event, Event) for event in case["events"]]
    for event in events:
        graph.apply(event)
    for event in reversed(events):
        graph.apply(event.inverse())
    assert state(graph) == start


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_elements_as_stored_make_the_same_graph_as_a_snapshot(case: dict[str, Any]) -> None:
    assert state(loaded(case["expect"])) == case["expect"]


@pytest.mark.parametrize(
    "case", json.loads((VECTORS / "schemas" / "json_schema.json").read_bytes())
)
def test_a_blueprint_becomes_the_json_schema_of_the_vector(case: dict[str, Any]) -> None:
    schema = plain(json_schema(msgspec.convert(case["blueprint"], Blueprint), case["type_id"]))
    assert schema == case["schema"]
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("case", json.loads((VECTORS / "undo" / "stacks.json").read_bytes()))
def test_undo_and_redo_take_back_what_the_log_says(case: dict[str, Any]) -> None:
    stacks = UndoStacks()
    for commit in case["commits"]:
        actor_id = commit["actor"]["actor_id"]
        entry = {"undoes": None, "redoes": None, **commit, "actor_id": actor_id}
        stacks.add(SimpleNamespace(**entry))
    for actor_id, tops in case["expect"].items():
        assert tops == {
            "undo": _top(stacks.undo_target, actor_id),
            "redo": _top(stacks.redo_target, actor_id),
        }


def _top(target: Callable[[str], int], actor_id: str) -> int | None:
    try:
        return target(actor_id)
    except UndoEmptyError:
        return None


def test_the_files_are_what_the_generator_writes() -> None:
    generator = VECTORS / "generate.py"
    assert importlib.util.spec_from_file_location("generate", generator) is not None
    done = subprocess.run(
        [sys.executable, generator, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
