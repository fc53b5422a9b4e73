"""The examples in the docstrings of client/ run, each against a session of its own.

``g`` is a plan of four tasks, of which two are parts of a third; ``gx`` is the package.
"""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import graph_ext as gx
import graph_ext.client
from tests.servers import JupyterServer

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples() -> list[doctest.DocTest]:
    """Return every docstring with examples, of every module of the client there is."""
    found: dict[str, doctest.DocTest] = {}
    finder = doctest.DocTestFinder(exclude_empty=True)
    for module in pkgutil.walk_packages(graph_ext.client.__path__, "graph_ext.client."):
        for test in finder.find(importlib.import_module(module.name)):
            if test.examples:
                found[test.name] = test
    return [found[name] for name in sorted(found)]


EXAMPLES = examples()


@pytest.fixture
def server(jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> JupyterServer:
    """The server, which `gx.open` finds by itself as a kernel of it does."""
    monkeypatch.setenv("JPY_PARENT_PID", str(jupyter.pid))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", jupyter.env["JUPYTER_RUNTIME_DIR"])
    return jupyter


@pytest.mark.parametrize("test", EXAMPLES, ids=[test.name for test in EXAMPLES])
def test_an_example_of_a_docstring_is_true(
    test: doctest.DocTest, server: JupyterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with gx.open(f"example {test.name}") as g:
        g.add_node("Design", type="Task", effort=3, state="done")
        g.add_node("Build", type="Task", effort=8, state="doing")
        g.add_node("Walls", type="Task", parent="Build", effort=5, tags=["outside"])
        g.add_node("Roof", type="Task", parent="Build", effort=2, state="todo", tags=["outside"])
        g.add_edge("Design", "Build", key=0, type="blocks", days=3)
        g.add_edge("Walls", "Roof", key=0, type="blocks", days=10)
        test.globs = {"g": g, "gx": gx}
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=OPTIONS)
        failures = runner.run(test, out=said.append, clear_globs=False).failed
    assert not failures, "".join(said)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 10
