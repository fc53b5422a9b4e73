"""Widgets of graphs at a real server, with a page at the other end of their comm."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from tests.servers import JupyterServer
from tests.widget import page

_names = count(1)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(autouse=True)
def pages() -> Iterator[None]:
    restore = page.install()
    yield
    restore()


@pytest.fixture
def g(jupyter: JupyterServer) -> Iterator[SharedGraph]:
    connection = Connection(Server(jupyter.url, jupyter.token), kind="agent", label="test")
    yield open_over(connection, f"widget-{next(_names)}")
    connection.io.close()
