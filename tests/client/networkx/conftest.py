"""What networkx's own tests run on, and marks on those that can't pass here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.opening import open_over
from tests.client.networkx.expected import EXPECTED
from tests.client.networkx.factories import SESSIONS
from tests.servers import JupyterServer

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        reason = EXPECTED.get("::".join(item.nodeid.split("::")[-2:]))
        if reason is not None and item.path.parent == _HERE:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.fixture(scope="module")
def networkx_server(jupyter: JupyterServer) -> Iterator[None]:
    """Let what networkx's tests make be sessions of that server, all over one socket."""
    connection = Connection(Server(jupyter.url, jupyter.token), kind="agent", label="networkx")
    # one of them is always open: else the socket would be opened anew for each test
    kept = open_over(connection, "networkx")
    SESSIONS.connection = connection
    yield
    SESSIONS.connection = None
    kept.close()
    connection.io.close()


@pytest.fixture(scope="class")
def sessions_of_class(networkx_server: None) -> Iterator[int]:
    """Count what its ``setup_class`` has made, and close that when the class is over."""
    yield len(SESSIONS)
    SESSIONS.close_from(0)


@pytest.fixture
def sessions_of_test(sessions_of_class: int) -> Iterator[None]:
    """Close what the test and its ``setup_method`` have made."""
    yield
    SESSIONS.close_from(sessions_of_class)
