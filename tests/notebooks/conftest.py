"""Notebooks run as a person runs them: in kernels that a real Jupyter server has started."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from tests.servers import JupyterServer

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
EXCERPT = ROOT / "tests/fixtures/apt-python.txt"

RunNotebook = Callable[..., NotebookNode]


class _ServersKernel(AsyncKernelManager):
    """A kernel that the Jupyter server has started and will end."""

    has_kernel = True

    def __init__(self, connection_file: Path) -> None:
        super().__init__(owns_kernel=False)
        self.load_connection_file(str(connection_file))


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server whose kernels find the excerpt of the package lists in their environment."""
    server = JupyterServer(tmp_path_factory.mktemp("server"))
    server.env["GRAPH_EXT_APT_FIXTURE"] = str(EXCERPT)
    with server:
        yield server


@pytest.fixture
def run_notebook(jupyter: JupyterServer) -> RunNotebook:
    """Run one of the project's notebooks; a cell that raises fails the test.

    ``parameters`` is code that runs after the cell of that tag.
    """

    def run(name: str, parameters: str = "") -> NotebookNode:
        notebook = read_notebook(name)
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source += f"\n{parameters}"
        session = _request(
            jupyter,
            "POST",
            "sessions",
            {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}},
        )
        try:
            runtime = Path(jupyter.env["JUPYTER_RUNTIME_DIR"])
            manager = _ServersKernel(runtime / f"kernel-{session['kernel']['id']}.json")
            client = NotebookClient(notebook, km=manager, timeout=120)
            # the folder a person's kernel would be in
            go_there = nbformat.from_dict(  # type: ignore[no-untyped-call]
                {
                    "cell_type": "code",
                    "id": "go-there",
                    "metadata": {},
                    "source": f"import os; os.chdir({str(NOTEBOOKS)!r})",
                    "outputs": [],
                    "execution_count": None,
                }
            )
            notebook.cells.insert(0, go_there)
            client.execute()
            assert client.kc is not None
            client.kc.stop_channels()
            manager.context.destroy()
        finally:
            _request(jupyter, "DELETE", f"sessions/{session['id']}")
        return notebook

    return run


@pytest.fixture
def follow(jupyter: JupyterServer) -> Iterator[Callable[[str], SharedGraph]]:
    """Open a session of the server from outside, as a colleague's kernel would."""
    opened: list[Connection] = []

    def follow(name: str) -> SharedGraph:
        server = Server(jupyter.url, jupyter.token)
        opened.append(Connection(server, kind="agent", label="test"))
        return open_over(opened[-1], name, create=False)

    yield follow
    for connection in opened:
        connection.io.close()


def read_notebook(name: str) -> NotebookNode:
    """Read one of the project's notebooks."""
    notebook: NotebookNode = nbformat.read(NOTEBOOKS / name, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def printed(notebook: NotebookNode) -> str:
    """Everything that the cells have printed or shown as text."""
    return "".join(
        # one print may come as several outputs
        output["text"] if "text" in output else output.get("data", {}).get("text/plain", "") + "\n"
        for output in outputs(notebook)
    )


def outputs(notebook: NotebookNode) -> list[Any]:
    """All outputs, in order."""
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def _request(server: JupyterServer, method: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        f"{server.url}api/{path}",
        method=method,
        headers={"Authorization": f"token {server.token}", "Content-Type": "application/json"},
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None
