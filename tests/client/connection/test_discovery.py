"""The server is found where Jupyter says it is, and if not, the error says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph_ext.client.connection.discovery import Server, find_server
from graph_ext.core.errors import ForbiddenError, UnavailableError


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def write_server(runtime: Path, pid: int, **fields: object) -> None:
    """Write what a Jupyter server writes about itself."""
    info = {
        "url": "http://localhost:8888/",
        "hostname": "localhost",
        "token": "t",
        "sock": "",
        "password": False,
        "pid": pid,
        **fields,
    }
    (runtime / f"jpserver-{pid}.json").write_text(json.dumps(info))


def test_a_given_url_and_token_are_taken(runtime: Path) -> None:
    assert find_server("http://host:1/user/ann", "s", {}) == Server("http://host:1/user/ann/", "s")


@pytest.mark.parametrize(
    "url",
    [
        "http://host:1/base/lab?token=s",
        "http://host:1/base/lab/tree/a.ipynb?token=s",
        "http://host:1/base/?token=s",
        "http://host:1/base/tree?token=s",
    ],
)
def test_a_url_as_the_browser_shows_it_will_do(url: str, runtime: Path) -> None:
    assert find_server(url, None, {}) == Server("http://host:1/base/", "s")


def test_the_token_of_a_given_url_is_read_from_the_servers_file(runtime: Path) -> None:
    write_server(runtime, os.getpid(), url="http://host:1/", token="from-file")
    assert find_server("http://host:1", None, {}).token == "from-file"


def test_no_server_gets_the_token_of_another(runtime: Path) -> None:
    write_server(runtime, os.getpid(), url="http://host:1/", token="from-file")
    tokens = {"JUPYTER_TOKEN": "mine", "JUPYTERHUB_API_TOKEN": "mine"}
    assert find_server("http://host:2", None, tokens).token == ""


@pytest.mark.parametrize("url", ["localhost:8888", "ftp://host/", "", "http://"])
def test_what_is_no_url_is_refused(url: str, runtime: Path) -> None:
    with pytest.raises(UnavailableError, match="must begin with http"):
        find_server(url, None, {})


def test_a_kernel_finds_the_server_that_started_it(runtime: Path) -> None:
    write_server(runtime, os.getpid(), url="http://localhost:1/", token="other")
    write_server(runtime, 999_999, url="http://localhost:2/base/", token="mine")
    found = find_server(environ={"JPY_PARENT_PID": "999999"})
    assert found == Server("http://localhost:2/base/", "mine", parent=True)
    assert found.base_url == "/base/"
    assert found.websocket == "ws://localhost:2/base/graph-ext/api/v1/ws"


def test_a_kernel_whose_server_was_killed_finds_the_one_in_its_place(runtime: Path) -> None:
    write_server(runtime, 999_999, token="old")
    write_server(runtime, os.getpid(), token="new")
    write_server(runtime, os.getppid(), url="http://localhost:7/", token="other")
    found = find_server(environ={"JPY_PARENT_PID": "999999"})
    assert found == Server("http://localhost:8888/", "new", parent=True)


def test_a_server_on_all_addresses_is_reached_over_the_loopback(runtime: Path) -> None:
    write_server(runtime, os.getpid(), url="http://some-container:8888/", hostname="0.0.0.0")
    assert find_server(environ={}).url == "http://127.0.0.1:8888/"


def test_under_jupyterhub_its_variables_count_first(runtime: Path) -> None:
    write_server(runtime, os.getpid())
    hub = {
        "JUPYTERHUB_API_TOKEN": "hub",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ann/",
        "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:9999/user/ann/",
        "JPY_PARENT_PID": str(os.getpid()),
    }
    assert find_server(environ=hub) == Server("http://127.0.0.1:9999/user/ann/", "hub", parent=True)


def test_a_script_finds_the_only_server_that_runs(runtime: Path) -> None:
    write_server(runtime, os.getpid())
    assert find_server(environ={}) == Server("http://localhost:8888/", "t")
    assert find_server(token="given", environ={}).token == "given"


def test_a_server_that_was_killed_does_not_count(runtime: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    write_server(runtime, gone.pid)
    with pytest.raises(UnavailableError, match=r"no Jupyter server was found.*jupyter lab"):
        find_server(environ={})


def test_of_several_servers_one_must_be_named(runtime: Path) -> None:
    write_server(runtime, os.getpid(), url="http://localhost:1/")
    write_server(runtime, os.getppid(), url="http://localhost:2/")
    with pytest.raises(UnavailableError, match=r"2 Jupyter servers .*localhost:1.*say which"):
        find_server(environ={})


def test_a_unix_socket_is_said_to_be_unsupported(runtime: Path) -> None:
    write_server(runtime, os.getpid(), url="http+unix://%2Fsocket", sock="/socket")
    with pytest.raises(UnavailableError, match=r"Unix socket.*ServerApp.ip"):
        find_server(environ={})


def test_a_server_with_only_a_password_needs_a_token(runtime: Path) -> None:
    write_server(runtime, os.getpid(), token="", password=True)
    with pytest.raises(ForbiddenError, match=r"password.*IdentityProvider.token"):
        find_server(environ={})


def test_a_file_that_is_just_being_written_is_passed_over(runtime: Path) -> None:
    (runtime / f"jpserver-{os.getpid()}.json").write_text('{"url": "http')
    with pytest.raises(UnavailableError, match="no Jupyter server was found"):
        find_server(environ={"JPY_PARENT_PID": str(os.getpid())})


def test_the_client_loads_nothing_of_the_server() -> None:
    code = (
        "import graph_ext as gx, sys; gx.open; gx.sessions; gx.Graph; "
        "bad = [m for m in sys.modules if m.split('.')[0] == 'jupyter_server' "
        "or m.startswith(('graph_ext.hub', 'graph_ext.stores', 'graph_ext.transports'))]; "
        "assert not bad, bad; "
        "assert 'anywidget' not in sys.modules and 'networkx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
