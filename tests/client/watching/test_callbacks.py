"""Changes are heard as they come: callbacks."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Any

import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.client.session import recent_commits
from graph_ext.core.errors import NotFoundError, SchemaError, UnavailableError
from graph_ext.protocol import EVENT_TYPES
from tests.client.conftest import OpenGraph

PATIENCE_S = 30


class Heard:
    """A callback that keeps what it gets."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Any] = SimpleQueue()

    def __call__(self, event: Any) -> None:
        self.events.put(event)

    def next(self) -> Any:
        return self.events.get(timeout=PATIENCE_S)


def test_a_callback_gets_each_event_with_its_keys_and_values(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    heard = Heard()
    other = open_graph()
    g.on([kind for kind in EVENT_TYPES if not kind.startswith("session-")])(heard)
    other.add_node(1, type="Task", effort=3)
    other.nodes[1]["effort"] = [4]
    other.add_edge(1, "b", key="k", type="blocks")
    events = [heard.next() for _ in range(3)]
    assert [event.type for event in events] == [
        "command-executing",
        "node-created",
        "command-executed",
    ]
    made = events[1]
    assert (made.node, made.edge, made.rev, made.mine) == (1, None, 1, False)
    assert (made.type_id, made.properties) == ("Task", {"effort": 3})
    assert made.at > 1e9
    assert abs(made.when.timestamp() - made.at) < 1e-3
    assert made.actor.actor_id.startswith("client:")
    changed = [heard.next() for _ in range(3)][1]
    assert (changed.type, changed.node, changed.property_name) == ("property-changed", 1, "effort")
    assert (changed.old_value, changed.new_value) == (3, [4])
    changed.new_value.append(5)  # a copy: the graph has its own
    assert g.nodes[1]["effort"] == [4]
    linked = [heard.next() for _ in range(4)][2]
    assert (linked.type, linked.edge) == ("node-linked", (1, "b", "k"))
    assert repr(changed).startswith("<property-changed rev=2, actor=")
    with pytest.raises(AttributeError, match="a node-created event has no 'old_value', but"):
        _ = made.old_value


def test_filters_let_through_what_is_meant(g: SharedGraph, open_graph: OpenGraph) -> None:
    kinds: dict[str, Heard] = {}
    asked: dict[str, dict[str, Any]] = {
        "task": {"events": "property-changed", "type": "Task"},
        "node": {"events": ["property-changed", "node-linked"], "node": "a"},
        "effort": {"property": "effort", "events": "property-changed"},
        "theirs": {"events": "property-changed", "mine": False},
        "ours": {"events": "property-changed", "mine": True},
        "hers": {"events": "property-changed", "actor": "client 1"},
        "link": {"events": "property-changed", "type": "blocks"},
    }
    for kind, filters in asked.items():
        kinds[kind] = Heard()
        g.on(**filters)(kinds[kind])
    other = open_graph()  # client 1
    g.add_node("a", type="Task")
    g.add_node("b", type="Phase")
    g.add_edge("a", "b", key=0, type="blocks")
    g.nodes["a"]["effort"] = 1
    other.replica.wait_until(lambda: other.rev == 4, PATIENCE_S)
    other.nodes["b"]["note"] = "x"
    other.edges["a", "b"]["weight"] = 2
    other.nodes["a"]["end"] = True
    last = Heard()
    g.replica.wait_until(lambda: g.rev == 7, PATIENCE_S)
    g.on("node-created")(last)
    g.add_node("end")
    assert last.next().node == "end"  # by now the others have had theirs
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    for kind, heard in kinds.items():
        while not heard.events.empty():
            event = heard.next()
            found[kind].append(event.property_name if hasattr(event, "new_value") else event.type)
    assert found == {
        "task": ["effort", "end"],
        "node": ["node-linked", "effort", "weight", "end"],
        "effort": ["effort"],
        "theirs": ["note", "weight", "end"],
        "ours": ["effort"],
        "hers": ["note", "weight", "end"],
        "link": ["weight"],
    }


def test_the_type_of_what_was_deleted_meanwhile_is_known(g: SharedGraph) -> None:
    heard, gate = Heard(), threading.Event()
    g.on("node-created")(lambda _: gate.wait(PATIENCE_S))
    g.on(["property-changed", "reset"], type="Task")(heard)
    g.on("property-changed", type="blocks")(heard)
    g.add_node("gate")
    g.add_node("a", type="Task")
    g.add_edge("a", "gate", key="k", type="blocks")
    g.nodes["a"]["x"] = 1
    g.edges["a", "gate"]["y"] = 2
    g.remove_node("a")
    gate.set()
    assert heard.next().node == "a"
    assert heard.next().edge == ("a", "gate", "k")


def test_an_error_is_shown_and_counted_and_the_next_event_comes(
    g: SharedGraph, capfd: pytest.CaptureFixture[str]
) -> None:
    heard = Heard()

    @g.on("node-created")
    def clumsy(event: Any) -> None:
        if event.node == "a":
            raise SystemExit
        raise ValueError(f"no {event.node}")

    g.on("node-created")(heard)
    for key in "abc":
        g.add_node(key)
    assert [heard.next().node for _ in range(3)] == ["a", "b", "c"]
    watch = g.watches[0]
    assert (watch.calls, watch.errors, str(watch.last_error)) == (3, 3, "no c")
    assert "clumsy: node-created; 3 calls, 3 failed" in repr(watch)
    shown = capfd.readouterr().err
    assert "clumsy failed (failure 2) at <node-created rev=2" in shown
    assert "ValueError: no c" in shown
    assert 'raise ValueError(f"no {event.node}")' in shown


def test_a_callback_may_change_the_graph_and_itself(g: SharedGraph) -> None:
    done = threading.Event()

    @g.on("node-created", mine=True)
    def number(event: Any) -> None:
        g.nodes[event.node]["number"] = event.rev
        if event.node == "b":
            g.off(number)
            done.set()

    g.add_node("a")
    g.add_node("b")
    assert done.wait(PATIENCE_S)
    assert [g.nodes[key]["number"] for key in "ab"] in ([1, 2], [1, 3])
    assert g.watches == []
    with pytest.raises(NotFoundError, match=r"g\.watches lists all"):
        g.off(number)


def test_a_callback_hears_nothing_from_before_it_was_registered_nor_after_off(
    g: SharedGraph,
) -> None:
    first, second, third = Heard(), Heard(), Heard()
    g.add_node("before")
    g.on("node-created")(first)
    g.add_node("a")
    g.on("node-created")(second)
    g.add_node("b")
    assert [first.next().node for _ in range(2)] == ["a", "b"]
    assert second.next().node == "b"
    g.off(first)
    g.off(second)
    g.add_node("c")
    g.on("node-created")(third)
    g.add_node("d")
    assert third.next().node == "d"
    assert first.events.empty()
    assert second.events.empty()


def test_all_callbacks_run_on_one_thread_and_closing_ends_it(g: SharedGraph) -> None:
    threads: SimpleQueue[threading.Thread] = SimpleQueue()
    for _ in range(2):
        g.on("node-created")(lambda _: threads.put(threading.current_thread()))
    g.add_node("a")
    one, two = (threads.get(timeout=PATIENCE_S) for _ in range(2))
    assert one is two
    g.close()
    one.join(PATIENCE_S)
    assert not one.is_alive()
    with pytest.raises(UnavailableError, match="this graph was closed"):
        g.on("all")(print)


def test_a_slow_callback_holds_nobody_up_and_misses_nothing(
    g: SharedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_commits, "MAX_COMMITS", 5)
    heard, gate = Heard(), threading.Event()

    @g.on("node-created")
    def slow(event: Any) -> None:
        gate.wait(PATIENCE_S)
        heard(event)

    for number in range(50):
        g.add_node(number)
    assert len(g.replica.recent._commits) <= 5  # the rest is read from the log
    gate.set()
    assert [heard.next().node for _ in range(50)] == list(range(50))


def test_what_can_not_be_heard_is_refused(g: SharedGraph) -> None:
    with pytest.raises(SchemaError, match="did you mean 'node-created'"):
        g.on("node-create")

    async def coroutine(_: Any) -> None: ...

    with pytest.raises(TypeError, match="async for commit in"):
        g.on("all")(coroutine)
