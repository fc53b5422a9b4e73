"""What is on its way, and what a graph says of itself, while the server is away and after."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import UnavailableError
from tests.client.conftest import OpenGraph, until
from tests.servers import JupyterServer

TIMEOUT_S = 60


def test_what_waits_for_a_server_that_is_away_is_listed_and_said(
    open_graph: OpenGraph, mortal: JupyterServer, caplog: pytest.LogCaptureFixture
) -> None:
    g = open_graph(server=mortal, timeout_s=TIMEOUT_S)
    g.add_node("a")
    assert g.pending == []
    mortal.kill()
    until(g, "offline")
    said: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())
            g.live_replica.moved()

    logger = logging.getLogger("graph_ext.client.session.sender")
    logger.addHandler(heard := Heard())
    try:
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(g.update, [("a", "b")], label="Import")
            assert g.live_replica.wait_until(lambda: bool(g.pending and said), TIMEOUT_S)
            second = pool.submit(g.add_node, "c")
            assert g.live_replica.wait_until(lambda: len(said) > 1, TIMEOUT_S)
            assert [(change.what, change.count, change.sent) for change in g.pending] == [
                ("Import", 2, False),
                ("create-node", 1, False),
            ]
            assert ", offline, 2 pending" in repr(g)
            assert "2 pending" in g._repr_html_()
            assert g.trouble in g._repr_html_().replace("&#x27;", "'")
            mortal.start()
            first.result(TIMEOUT_S)
            second.result(TIMEOUT_S)
    finally:
        logger.removeHandler(heard)
    assert f"waiting up to {TIMEOUT_S} s for the Jupyter server" in said[0]
    assert (g.pending, g.rev, sorted(map(str, g))) == ([], 3, ["a", "b", "c"])


def test_what_was_given_up_is_no_longer_pending(
    open_graph: OpenGraph, mortal: JupyterServer
) -> None:
    g = open_graph(server=mortal)
    g.timeout_s = 0.05
    mortal.kill()
    until(g, "offline")
    with pytest.raises(UnavailableError, match=r"waited 0.05 s .*the change was not made"):
        g.add_node("a")
    assert g.pending == []


def test_a_notebook_sees_how_many_of_which_types_there_are(g: SharedGraph) -> None:
    g.add_nodes_from([(n, {"type": f"<T{n % 15}>"}) for n in range(40)])
    g.add_edge(0, 1)
    html = g._repr_html_()
    assert "40 nodes, 1 links, rev 2, live" in html
    assert "<td>&lt;T0&gt;</td><td>3 nodes</td>" in html
    assert "<td><i>untyped</i></td><td>1 link</td>" in html
    assert "and 3 more node types" in html
    assert "<T" not in html
