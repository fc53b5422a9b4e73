"""One session over a line on which things go wrong (docs/protocol.md, 2 and 4)."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading

import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.client.session.session import SessionClient, SessionMessage
from graph_ext.protocol import Commit, Credit, Cursor, Joined, Left, encode
from tests.client.conftest import OpenGraph
from tests.client.session.test_sharing import content
from tests.servers import JupyterServer

TIMEOUT_S = 30


def lose_next_commit(g: SharedGraph) -> threading.Event:
    """Drop the next commit before the session sees it, as a bad line would."""
    session = g._session
    receive = session.receive
    lost = threading.Event()

    def dropping(message: SessionMessage) -> None:
        if isinstance(message, Commit) and not lost.is_set():
            lost.set()
        else:
            receive(message)

    session.receive = dropping  # type: ignore[method-assign]
    return lost


def test_4_3_after_a_gap_the_client_joins_again_and_misses_nothing(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    lost = lose_next_commit(b)
    a.add_node("lost")
    assert lost.wait(TIMEOUT_S)
    a.add_node("seen")
    assert b.replica.wait_beyond(1, TIMEOUT_S)
    assert content(a) == content(b)
    b.add_node("still works")


def test_3_5_a_commit_that_was_lost_on_the_way_back_is_not_made_twice(g: SharedGraph) -> None:
    lost = lose_next_commit(g)
    done = threading.Thread(target=g.add_node, args=("a",))
    done.start()
    assert lost.wait(TIMEOUT_S)
    # the caller still waits: now the client joins again and asks what became of it
    g.connection.io.call(g._session.join)
    done.join(TIMEOUT_S)
    assert not done.is_alive()
    assert (g.rev, list(g)) == (1, ["a"])


def test_4_3_a_commit_that_comes_again_is_ignored(open_graph: OpenGraph) -> None:
    a, b = open_graph(), open_graph()
    session = b._session
    receive = session.receive

    def doubling(message: SessionMessage) -> None:
        receive(message)
        if isinstance(message, Commit):
            receive(message)

    session.receive = doubling  # type: ignore[method-assign]
    a.add_node("x")
    b.add_node("y")
    b.nodes["x"]["n"] = 1
    assert a.replica.wait_beyond(2, TIMEOUT_S)
    assert content(a) == content(b)


@pytest.mark.parametrize("attempt", range(10))  # a change right after `joined` was lost by chance
def test_2_3_another_epoch_empties_the_replica_and_loads_it_anew(
    g: SharedGraph, attempt: int
) -> None:
    g.add_node("a")
    with g.replica.lock:
        epoch, g.replica.epoch = g.replica.epoch, "of another history"
    assert g.replica.cursor == Cursor("of another history", 1)
    g.connection.io.call(g._session.join)
    g.add_node("b")
    assert g.replica.epoch == epoch
    assert (list(g), g.rev) == (["a", "b"], 2)


def test_2_7_who_opens_a_session_again_begins_behind_the_end_of_the_first_time(
    open_graph: OpenGraph, name: str
) -> None:
    g, other = open_graph(f"{name} other"), open_graph()
    session_id, connection = other.session_id, g.connection
    received: list[SessionMessage] = []

    async def open_twice() -> SessionClient:
        # all of it before the server has answered anything
        connection.detach(connection.attach(session_id, name))
        again = connection.attach(session_id, name)
        receive = again.receive

        def keeping(message: SessionMessage) -> None:
            received.append(message)
            receive(message)

        again.receive = keeping  # type: ignore[method-assign]
        return again

    again = connection.io.run(open_twice, "a test")
    again.ready.result(TIMEOUT_S)
    assert [type(each).__name__ for each in received[:2]] == ["Joined", "Snapshot"]
    assert sum(isinstance(each, Joined) for each in received) == 1

    async def leave() -> None:
        connection.detach(again)
        # nobody waits for what comes of this join, and nobody stays in the session
        connection.detach(connection.attach(session_id, name))

    connection.io.run(leave, "a test")
    g.add_node("after the server has read all that")
    late = open_graph()
    there = [each.client_id for each in late._session.roster.people]
    assert there == [other.connection.client_id, late.connection.client_id]


def test_2_7_who_opens_a_session_again_that_ended_begins_behind_the_answers_to_the_first_time(
    open_graph: OpenGraph, name: str
) -> None:
    g, other = open_graph(f"{name} other"), open_graph()
    session_id, connection = other.session_id, g.connection

    async def open_again() -> SessionClient:
        # as if sent while it was in the session for all it knew: answered with BAD_MESSAGE
        connection.send(encode(Credit(session_id=session_id, pages=1)))
        first = connection.attach(session_id, name)
        first.receive(Left(session_id=session_id, code="UNAVAILABLE", message="It can't be read"))
        assert first.status == "ended"
        connection.detach(first)
        return connection.attach(session_id, name)

    again = connection.io.run(open_again, "a test")
    again.ready.result(TIMEOUT_S)
    assert again.status == "live"


def test_a_commit_that_does_not_fit_is_logged_and_the_graph_loaded_anew(
    open_graph: OpenGraph, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = open_graph(), open_graph()
    a.add_node("x", n=1)
    assert b.replica.wait_beyond(0, TIMEOUT_S)
    with b.replica.lock:
        b.replica.graph._nodes.clear()
    with caplog.at_level(logging.ERROR):
        a.nodes["x"]["n"] = 2
        assert b.replica.wait_beyond(1, TIMEOUT_S)
    assert "rev 2" in caplog.text
    assert "did not fit" in caplog.text
    assert content(a) == content(b)


def test_a_call_can_be_interrupted_while_it_waits(g: SharedGraph) -> None:
    lost = lose_next_commit(g)

    def interrupt() -> None:
        if lost.wait(TIMEOUT_S):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    # a process that runs tests beside others may ignore it
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            g.add_node("a")
    finally:
        signal.signal(signal.SIGINT, before)
    thread.join()

    async def pending() -> list[object]:
        return list(g._session._pending)

    assert g.connection.io.run(pending, "a test") == []
    g.connection.io.call(g._session.join)
    g.add_node("b")
    assert list(g) == ["a", "b"]


def test_a_graph_that_nobody_holds_any_more_is_left(open_graph: OpenGraph) -> None:
    g = open_graph()
    connection = g.connection
    del g

    async def sessions() -> list[str]:
        return list(connection._sessions)

    assert connection.io.run(sessions, "a test") == []


def test_a_process_ends_cleanly_without_closing_anything(jupyter: JupyterServer) -> None:
    code = (
        "import graph_ext as gx\n"
        f"g = gx.open('at-exit', url={jupyter.url!r}, token={jupyter.token!r})\n"
        "g.add_node('a')\n"
        f"print(gx.sessions({jupyter.url!r}, {jupyter.token!r})[0].nodes >= 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S * 4,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "True\n", "")
