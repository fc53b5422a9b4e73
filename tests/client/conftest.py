"""A real server for the client's tests, and clients of it that know nothing of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from tests.servers import JupyterServer

OpenGraph = Callable[..., SharedGraph]

_names = count(1)
_PATIENCE_S = 60


def until(g: SharedGraph, status: str) -> None:
    """Wait until a graph has a status."""
    assert g.replica.wait_until(lambda: g.status == status, _PATIENCE_S), g.status


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """The server that the tests of one process share; a test that kills one starts its own."""
    with JupyterServer(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server that the test may kill and start again, on the same port and folders."""
    with JupyterServer(tmp_path_factory.mktemp("mortal")) as server:
        yield server


@pytest.fixture
def name() -> str:
    """The name of a session that no other test uses."""
    return f"session-{next(_names)}"


@pytest.fixture
def connections() -> Iterator[list[Connection]]:
    """What to close when the test is over."""
    opened: list[Connection] = []
    yield opened
    for connection in opened:
        connection.io.close()


@pytest.fixture
def open_graph(jupyter: JupyterServer, name: str, connections: list[Connection]) -> OpenGraph:
    """Open the test's session; every call is another client, as if in another process."""

    def open_one(
        session: str = name, *, server: JupyterServer = jupyter, **options: object
    ) -> SharedGraph:
        connection = Connection(
            Server(server.url, server.token), kind="agent", label=f"client {len(connections)}"
        )
        connections.append(connection)
        return open_over(connection, session, **options)  # type: ignore[arg-type]

    return open_one


@pytest.fixture
def g(open_graph: OpenGraph) -> SharedGraph:
    """One client's graph."""
    return open_graph()
