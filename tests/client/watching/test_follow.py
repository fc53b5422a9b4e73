"""Commits are followed one after another, from the log and as they come."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from queue import SimpleQueue
from typing import Any

import networkx as nx
import pytest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.client.session import recent_commits
from graph_ext.core.errors import GoneError, NotFoundError
from graph_ext.protocol import Commit
from tests.client.conftest import OpenGraph
from tests.client.line import Line
from tests.client.requests import delete_session
from tests.servers import JupyterServer

PATIENCE_S = 30


def revs(commits: Iterator[Commit], count: int) -> list[int]:
    return [next(commits).rev for _ in range(count)]


def test_commits_come_from_a_rev_on_and_then_live(g: SharedGraph, open_graph: OpenGraph) -> None:
    for key in "abc":
        g.add_node(key)
    commits = g.follow(since=1, timeout_s=PATIENCE_S)
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


def test_a_long_commit_comes_whole_from_the_log_and_live(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    live = g.follow(timeout_s=PATIENCE_S)
    g.update(nx.path_graph(3000))
    g.add_node("after")
    events = len(next(live).events)
    assert events >= 3000 + 2999
    # of another client, which nobody has followed: it has to read the log
    commits = open_graph().follow(since=0, timeout_s=0)
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


# --- where the log ends -----------------------------------------------------------------------


_KEPT = 20  # commits


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server that keeps the last commits alone."""
    folder = tmp_path_factory.mktemp("forgetful")
    with JupyterServer(folder, "server", f"--GraphExtension.log_commits={_KEPT}") as server:
        yield server


def overtake(g: SharedGraph) -> int:
    """Make commits until the log begins well above rev 1; return its first rev."""
    while g.history.floor < 10:
        for _ in range(20):
            g.nodes["counter"]["n"] = g.rev
    while g.rev - g.history.floor > _KEPT:
        # the server is at it, or waits for the log to grow a little more
        g.nodes["counter"]["n"] = g.rev
    return g.history.floor + 1


def test_what_the_log_has_let_go_of_ends_the_iteration(
    open_graph: OpenGraph, forgetful: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_commits, "MAX_COMMITS", 2)
    g = open_graph(server=forgetful)
    g.add_node("counter")
    commits = g.follow()
    first = overtake(g)
    with pytest.raises(GoneError):
        next(commits)
    with pytest.raises(GoneError):
        next(g.follow(since=1, timeout_s=PATIENCE_S))
    assert next(g.follow(since=first, timeout_s=PATIENCE_S)).rev == first + 1
    assert len(g.history) == g.rev - first + 1
    assert g.history[:][0].rev == first
    with pytest.raises(GoneError, match="no longer reaches back to rev 1"):
        _ = g.history[1]
    with pytest.raises(GoneError):
        g.at(1)
    with pytest.raises(GoneError, match=f"its first commit is rev {first}"):
        g.at(datetime(2020, 1, 1))  # noqa: DTZ001 (people write that)
    with pytest.raises(GoneError, match="knows nothing of 'exists' of 'counter' since"):
        g.blame("counter", field="exists")


def test_callbacks_that_come_too_late_are_told_how_much_they_have_missed(
    open_graph: OpenGraph,
    forgetful: JupyterServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(recent_commits, "MAX_COMMITS", 2)
    g = open_graph(server=forgetful)
    g.add_node("counter")
    gate, told = threading.Event(), SimpleQueue[Any]()

    @g.on("property-changed")
    def deaf(_: Any) -> None:
        gate.wait(PATIENCE_S)

    g.on("reset")(told.put)
    overtake(g)
    last = g.rev
    gate.set()
    reset = told.get(timeout=PATIENCE_S)
    assert (reset.type, reset.rev, reset.count) == ("reset", last, last - reset.since_rev)
    assert 2 <= reset.since_rev < last  # as many as it was given at once
    assert "no longer" in reset.reason
    g.close()
    shown = capfd.readouterr().err
    assert f"deaf missed what happened in {g.name!r} between rev 2 and {last}: " in shown
