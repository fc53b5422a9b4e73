"""A server that knows people by name."""

from __future__ import annotations

import asyncio
import copy
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer

from tests.access.people import CONFIG, People
from tests.transports.conftest import Server


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return copy.deepcopy(CONFIG)


@pytest.fixture
def people(
    jp_serverapp: ServerApp,
    http_server: HTTPServer,
    http_server_port: tuple[socket.socket, int],
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[People]:
    server = Server(jp_serverapp, http_server_port[1])
    yield People(server)
    jp_asyncio_loop.run_until_complete(server.close())
