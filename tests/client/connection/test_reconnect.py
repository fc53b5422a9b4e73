"""The server goes away and comes back: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import networkx as nx
import pytest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.elements.keys import Key
from graph_ext.client.opening import open_over
from graph_ext.core.errors import ForbiddenError, GoneError, GraphError, UnavailableError
from tests.client.conftest import OpenGraph, until
from tests.client.line import Line
from tests.client.requests import delete_session, rename_session
from tests.client.session.test_sharing import content
from tests.servers import JupyterServer

TIMEOUT_S = 60


def test_after_a_kill_everything_acknowledged_is_there_and_work_goes_on(
    open_graph: OpenGraph, mortal: JupyterServer
) -> None:
    g = open_graph(server=mortal, timeout_s=TIMEOUT_S)
    g.update(nx.path_graph(50))
    mortal.kill()
    until(g, "offline")
    assert len(g) == 50
    mortal.start()
    g.add_node("after")
    assert (g.status, g.rev, len(g)) == ("live", 2, 51)
    other = open_graph(server=mortal)
    assert list(other) == list(g)


def test_a_change_made_while_the_server_is_away_waits_for_it(
    open_graph: OpenGraph, mortal: JupyterServer
) -> None:
    g = open_graph(server=mortal, timeout_s=TIMEOUT_S)
    g.add_node("counter", n=0)
    mortal.kill()
    until(g, "offline")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(g.add_node, f"waiting-{n}") for n in range(4)]
        mortal.start()
        for task in waiting:
            task.result(TIMEOUT_S)
    assert (len(g), g.rev) == (5, 5)


def test_a_change_gives_up_after_its_time_and_is_then_never_made(
    open_graph: OpenGraph, mortal: JupyterServer
) -> None:
    g = open_graph(server=mortal)
    g.timeout_s = 0.2
    mortal.kill()
    until(g, "offline")
    with pytest.raises(UnavailableError, match=r"waited 0.2 s .*the change was not made"):
        g.add_node("late")
    mortal.start()
    g.timeout_s = TIMEOUT_S
    g.add_node("in time")
    assert list(g) == ["in time"]


@pytest.mark.parametrize("kills", [3])
def test_nothing_is_done_twice_or_lost_over_kills(
    open_graph: OpenGraph, mortal: JupyterServer, kills: int
) -> None:
    graphs = [open_graph(server=mortal, timeout_s=TIMEOUT_S) for _ in range(2)]
    made: list[str] = []
    stop = threading.Event()

    def work(index: int) -> None:
        step = 0
        while not stop.is_set():
            key = f"{index}-{step}"
            graphs[index].add_node(key)
            graphs[index].add_edge(key, f"{index}-0")
            made.append(key)
            step += 1

    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(work, index) for index in range(2)]
        for _ in range(kills):
            enough = len(made) + 30
            while len(made) < enough:
                graphs[0].replica.wait_beyond(graphs[0].rev, TIMEOUT_S)
                assert not any(task.done() for task in tasks), [t.result() for t in tasks]
            mortal.kill()
            mortal.start()
        stop.set()
        for task in tasks:
            task.result(TIMEOUT_S)
    late = open_graph(server=mortal)
    # each call that returned made one node and one link, in one commit each
    assert (len(late), len(late.edges), late.rev) == (len(made), len(made), 2 * len(made))
    for g in graphs:
        g.replica.wait_beyond(late.rev - 1, TIMEOUT_S)
        assert (list(g), list(g.edges)) == (list(late), list(late.edges))


def test_a_long_update_that_a_kill_interrupts_happens_once(
    open_graph: OpenGraph, mortal: JupyterServer
) -> None:
    g = open_graph(server=mortal, timeout_s=TIMEOUT_S)
    sent = threading.Event()
    send = g.connection.send

    def spy(message: bytes, told: object = None) -> None:
        send(message, told)  # type: ignore[arg-type]
        sent.set()

    g.connection.send = spy  # type: ignore[method-assign, assignment]
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(g.update, nx.path_graph(20_000), progress=False)
        assert sent.wait(TIMEOUT_S)
        mortal.kill()
        mortal.start()
        task.result(TIMEOUT_S)
    late = open_graph(server=mortal)
    assert (g.rev, late.rev, len(late), len(late.edges)) == (1, 1, 20_000, 19_999)


@pytest.mark.parametrize("seed", range(3))
def test_random_changes_over_lines_that_keep_breaking_converge(
    jupyter: JupyterServer, name: str, connections: list[Connection], seed: int
) -> None:
    rngs = [random.Random(seed * 10 + index) for index in range(3)]
    with ExitStack() as stack:
        lines = [stack.enter_context(Line(jupyter.port)) for _ in rngs]
        graphs = []
        for line in lines:
            connection = Connection(Server(line.url, jupyter.token), kind="agent", label="test")
            connections.append(connection)
            graphs.append(open_over(connection, name, timeout_s=TIMEOUT_S))
        made: set[Key] = set()

        def work(index: int) -> None:
            rng, g = rngs[index], graphs[index]
            for step in range(40):
                if rng.random() < 0.15:
                    lines[index].cut()
                made.add(g.add_node((index, step), x=0))
                try:
                    match rng.randrange(4):
                        case 0:
                            g.add_edge((index, step), rng.choice(list(g)))
                        case 1:
                            g.nodes[rng.choice(list(g))]["x"] = step
                        case 2:
                            g.nodes[rng.choice(list(g))].parent = rng.choice(list(g))
                        case 3:
                            g.nodes[index, step]["y"] = step
                            g.undo()
                except GraphError as error:
                    assert error.code in {"CYCLE"}, error  # noqa: PT017

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(work, range(3)))
        rev = max(g.rev for g in graphs)
        for g in graphs:
            assert g.replica.wait_beyond(rev - 1, TIMEOUT_S)
        late = open_over(connections[0], name)
        assert len(late) == len(made) == 120
        assert all(content(g) == content(late) for g in graphs)


def test_a_new_token_is_found_where_the_server_has_written_it(
    mortal: JupyterServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", mortal.env["JUPYTER_RUNTIME_DIR"])
    connection = Connection(Server(mortal.url, mortal.token), kind="agent", label="test")
    g = open_over(connection, "tokens", timeout_s=TIMEOUT_S)
    mortal.kill()
    mortal._command = [
        "--IdentityProvider.token=another" if "token=" in part else part for part in mortal._command
    ]
    mortal.start()
    g.add_node("a")
    assert (g.status, connection.server.token) == ("live", "another")
    connection.io.close()


def test_a_session_that_is_deleted_ends(open_graph: OpenGraph, jupyter: JupyterServer) -> None:
    g = open_graph()
    delete_session(jupyter, g.session_id)
    until(g, "ended")
    with pytest.raises(GoneError, match="was deleted"):
        g.add_node("a")
    again = open_graph()
    again.add_node("a")
    assert (again.rev, g.status) == (1, "ended")


def test_a_rename_reaches_who_follows(open_graph: OpenGraph, jupyter: JupyterServer) -> None:
    g = open_graph()
    rename_session(jupyter, g.session_id, f"{g.name} renamed")
    g.add_node("a")
    assert g.name.endswith(" renamed")


@pytest.mark.parametrize(
    ("token", "error", "message"),
    [("wrong", ForbiddenError, "token"), ("", ForbiddenError, "token")],
)
def test_a_wrong_token_is_said_to_be_wrong(
    jupyter: JupyterServer, token: str, error: type[GraphError], message: str
) -> None:
    connection = Connection(Server(jupyter.url, token), kind="agent", label="test")
    with pytest.raises(error, match=message):
        open_over(connection, "x")
    connection.io.close()


def test_nobody_at_the_address_is_said_at_once() -> None:
    connection = Connection(Server("http://127.0.0.1:9/"), kind="agent", label="test")
    with pytest.raises(UnavailableError, match=r"can't be reached.*does it run"):
        open_over(connection, "x")
    connection.io.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_reads_on_and_is_told_to_open_again(
    open_graph: OpenGraph, jupyter: JupyterServer
) -> None:
    g = open_graph()
    g.update(nx.path_graph(10))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - coverage does not see children
        said = "nothing"
        try:
            assert len(g) == 10
            try:
                g.add_node("child")
            except UnavailableError as error:
                said = str(error)
            connection = Connection(Server(jupyter.url, jupyter.token), kind="agent", label="child")
            again = open_over(connection, g.name)
            again.add_node("child")
            said += f"; then {len(again)} nodes"
            connection.io.close()
        except BaseException as error:  # noqa: BLE001
            said = repr(error)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    assert "fork" in said
    assert said.endswith("then 11 nodes")
    g.replica.wait_beyond(1, TIMEOUT_S)
    assert "child" in g
