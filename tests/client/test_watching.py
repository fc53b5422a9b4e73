"""Changes are heard as they come: callbacks, and commits one after another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import networkx as nx
import pytest

from graph_ext.client import recent
from graph_ext.client.connection import Connection
from graph_ext.client.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.core.errors import GoneError, NotFoundError, SchemaError, UnavailableError
from graph_ext.protocol import Commit
from tests.client.conftest import OpenGraph
from tests.client.line import Line
from tests.client.requests import delete_session
from tests.servers import JupyterServer

PATIENCE_S = 30


class Heard:
    """A callback that keeps what it gets."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Any] = SimpleQueue()

    def __call__(self, event: Any) -> None:
        self.events.put(event)

    def next(self) -> Any:
        return self.events.get(timeout=PATIENCE_S)


# --- callbacks --------------------------------------------------------------------------------


def test_a_callback_gets_each_event_with_its_keys_and_values(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    heard = Heard()
    g.on("all")(heard)
    other = open_graph()
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
        raise ValueError(f"no {event.node}")

    g.on("node-created")(heard)
    for key in "abc":
        g.add_node(key)
    assert [heard.next().node for _ in range(3)] == ["a", "b", "c"]
    watch = g.watches[0]
    assert (watch.calls, watch.errors, str(watch.last_error)) == (3, 3, "no c")
    assert "clumsy: node-created; 3 calls, 3 failed" in repr(watch)
    shown = capfd.readouterr().err
    assert "clumsy failed, the 2. time, at <node-created rev=2" in shown
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
    monkeypatch.setattr(recent, "MAX_COMMITS", 5)
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
    with pytest.raises(SchemaError, match=r"is in no log .*g\.people"):
        g.on("session-connected")

    async def coroutine(_: Any) -> None: ...

    with pytest.raises(TypeError, match="async for commit in"):
        g.on("all")(coroutine)


# --- commits ----------------------------------------------------------------------------------


def revs(commits: Iterator[Commit], count: int) -> list[int]:
    return [next(commits).rev for _ in range(count)]


def test_commits_come_from_a_rev_on_and_then_live(g: SharedGraph, open_graph: OpenGraph) -> None:
    for key in "abc":
        g.add_node(key)
    commits = g.follow(since=1)
    assert revs(commits, 2) == [2, 3]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, commits)
        open_graph().add_node("d")
        commit = waiting.result(PATIENCE_S)
    assert (commit.rev, commit.events[0].node_id) == (4, "d")  # type: ignore[union-attr]
    assert repr(commits).endswith("after rev 4>")
    assert list(g.follow(timeout_s=0)) == []
    assert [each.rev for each in g.follow(since=0, timeout_s=0)] == [1, 2, 3, 4]
    with pytest.raises(NotFoundError, match="there is no rev 5 to follow from, the last is 4"):
        g.follow(since=5)


def test_a_long_commit_comes_whole_from_the_log_and_live(g: SharedGraph) -> None:
    live = g.follow()
    g.update(nx.path_graph(3000))
    g.add_node("after")
    events = len(next(live).events)
    assert events >= 3000 + 2999
    commits = g.follow(since=0, timeout_s=0)
    assert [len(commit.events) for commit in commits] == [events, 1]


def test_following_ends_at_once_when_it_or_the_graph_is_closed(g: SharedGraph) -> None:
    for whole in (False, True):
        commits = g.follow()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(list, commits)
            (g if whole else commits).close()
            assert waiting.result(PATIENCE_S) == []
        assert commits.closed


def test_nobody_keeps_commits_for_readers_that_are_gone(g: SharedGraph) -> None:
    def one() -> int:
        for commit in g.follow():
            return commit.rev
        return 0

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(one)
        while not g.replica.recent._readers:
            pass
        g.add_node("a")
        assert waiting.result(PATIENCE_S) == 1
    g.add_node("b")
    assert not g.replica.recent._commits


def test_a_deleted_session_ends_with_an_error(g: SharedGraph, jupyter: JupyterServer) -> None:
    commits = g.follow()
    delete_session(jupyter, g.session_id)
    with pytest.raises(GoneError, match="was deleted"):
        next(commits)
    assert next(commits, None) is None


def test_nothing_is_missed_or_told_twice_over_lost_connections(
    open_graph: OpenGraph, jupyter: JupyterServer, connections: list[Connection]
) -> None:
    there = open_graph()
    with Line(jupyter.port) as line:
        connection = Connection(Server(line.url, jupyter.token), kind="agent", label="away")
        connections.append(connection)
        here = open_over(connection, there.name, timeout_s=PATIENCE_S)
        commits = here.follow(timeout_s=PATIENCE_S)
        for number in range(30):
            there.add_node(number)
            if number % 10 == 5:
                line.cut()
        assert revs(commits, 30) == list(range(1, 31))
        connection.io.close()


def test_nothing_is_missed_where_the_replica_was_loaded_anew(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    commits = g.follow()
    other = open_graph()
    with g.replica.lock:  # nothing is taken meanwhile
        g.connection.io.call(g.replica.forget)
        g.connection.io.call(g._session.join)
        for key in "abc":
            other.add_node(key)
    g.replica.wait_beyond(2, PATIENCE_S)
    other.add_node("d")
    assert revs(commits, 4) == [1, 2, 3, 4]


def test_coroutines_follow_too(g: SharedGraph, open_graph: OpenGraph) -> None:
    g.add_node("a")
    other = open_graph()

    async def story() -> list[int]:
        found = []
        async with asyncio.timeout(PATIENCE_S):
            async for commit in g.follow(since=0):
                found.append(commit.rev)
                if commit.rev == 1:
                    await asyncio.to_thread(other.add_node, "b")
                if commit.rev == 2:
                    break
            async for commit in g.follow(timeout_s=0.01):
                found.append(commit.rev)
            live = g.follow()
            waiting = asyncio.ensure_future(anext(live, None))
            await asyncio.sleep(0)
            await live.aclose()
            assert await waiting is None
        return found

    assert asyncio.run(story()) == [1, 2]


def test_a_reader_hears_of_what_the_log_has_let_go_of(
    g: SharedGraph, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log's end is met as the server says it: asked for a history that is not this one."""
    heard, gate = Heard(), threading.Event()

    @g.on("node-created")
    def deaf(_: Any) -> None:
        gate.wait(PATIENCE_S)

    g.on("reset")(heard)
    commits = g.follow()
    g.add_node("a")
    g.add_node("b")
    with g.replica.lock:
        g.replica.epoch = "another"
    gate.set()
    reset = heard.next()
    assert (reset.type, reset.since_rev, reset.rev, reset.count) == ("reset", 1, 2, None)
    g.close()
    assert "deaf missed what happened in" in capfd.readouterr().err
    with pytest.raises(StopIteration):
        next(commits)
