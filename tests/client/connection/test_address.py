"""Servers at unusual addresses: below a path, behind TLS."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.opening import open_over
from graph_ext.core.errors import UnavailableError
from tests.servers import JupyterServer


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody has heard of, and its key beside it."""
    path = tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(tmp_path / "key.pem"), "-out", str(path), "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return path


@pytest.fixture
def secure(tmp_path: Path, certificate: Path) -> Iterator[JupyterServer]:
    """A server as a hub would start it: TLS, and a path of its own."""
    server = JupyterServer(
        tmp_path / "server",
        "server",
        f"--ServerApp.certfile={certificate}",
        f"--ServerApp.keyfile={certificate.with_name('key.pem')}",
        "--ServerApp.base_url=/user/ann/",
    )
    with server:
        yield server


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_server_with_a_path_behind_tls(
    secure: JupyterServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"https://127.0.0.1:{secure.port}/user/ann/"
    connection = Connection(Server(url, secure.token), kind="agent", label="test")
    with pytest.raises(UnavailableError, match=r"certificate .* is not trusted: .*SSL_CERT_FILE"):
        open_over(connection, "plan")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    g = open_over(connection, "plan")
    g.add_node("a")
    assert (g.status, g.rev) == ("live", 1)
    connection.io.close()

    # and as the kernel of that server finds it
    code = "import graph_ext as gx; g = gx.open('plan'); print(list(g), g.connection.server.parent)"
    env = {**secure.env, "JPY_PARENT_PID": str(secure.pid), "SSL_CERT_FILE": str(certificate)}
    found = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    assert found.stdout == "['a'] True\n"
