"""Sessions as files with their history: ``g.write("plan.graph.gz")``, ``gx.import_``."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import graph_ext as gx
from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.files.archive import import_over
from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import (
    BadMessageError,
    DuplicateIdError,
    TooLargeError,
    UnavailableError,
)
from tests.client.conftest import OpenGraph
from tests.exchange.graphs import plain
from tests.servers import JupyterServer

Import = Callable[..., SharedGraph]


@pytest.fixture
def import_graph(jupyter: JupyterServer, connections: list[Connection]) -> Import:
    """``gx.import_`` at the tests' server."""
    connection = Connection(Server(jupyter.url, jupyter.token), kind="agent", label="importer")
    connections.append(connection)
    return partial(import_over, connection)


@pytest.fixture
def plan(g: SharedGraph) -> SharedGraph:
    """A session with a blueprint and a history."""
    g.blueprint = {"node_types": {"Task": {"properties": {"effort": "number"}}}}
    g.add_node("Design", type="Task", effort=3)
    g.add_node("Build", type="Task", parent="Design", position=(1, 2), name="The building")
    g.add_edge("Design", "Build", key=1, weight=0.5)
    g.nodes["Design"]["effort"] = 5
    return g


def test_an_archive_makes_the_same_session_with_its_history(
    plan: SharedGraph, import_graph: Import, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "plan.graph.gz"
    assert plan.write(path) == []
    copy = import_graph(path, f"{name} copy")
    assert plain(copy.replica.graph) == plain(plan.replica.graph)
    assert (copy.rev, copy.blueprint) == (plan.rev, plan.blueprint)
    copy.undo(scope="session")
    assert copy.nodes["Design"]["effort"] == 3
    with pytest.raises(DuplicateIdError):
        import_graph(path, f"{name} copy")


def test_an_archive_goes_round_with_all_that_a_session_has(
    plan: SharedGraph, import_graph: Import, open_graph: OpenGraph, tmp_path: Path, name: str
) -> None:
    with plan.batch("Two at once"):
        plan.add_nodes_from([7, (0, "b")], type="Task")
    plan.save_version("before review")
    plan.undo()
    plan.write(tmp_path / "plan.graph.gz")
    copy = import_graph(tmp_path / "plan.graph.gz", f"{name} copy")
    assert copy.history[:] == plan.history[:]
    assert [commit.label for commit in copy.history[:]][5] == "Two at once"
    assert {each.name: each.rev for each in copy.versions.values()} == {"before review": 6}
    for rev in range(plan.rev + 1):
        assert plain(copy.at(rev).replica.graph) == plain(plan.at(rev).replica.graph)
    assert repr(copy.blame("Design", "effort")) == repr(plan.blame("Design", "effort"))
    copy.write(tmp_path / "again.graph.gz")
    again = import_graph(tmp_path / "again.graph.gz", f"{name} again")
    assert again.history[:] == plan.history[:]
    # of an old rev, and what was read into another session
    plan.at("before review").write(tmp_path / "old.graph.gz")
    old = gx.read(tmp_path / "old.graph.gz")
    assert list(old) == ["Design", "Build", 7, (0, "b")]
    other = open_graph(f"{name} other", blueprint=old.blueprint)
    other.update(old)
    assert plain(other.replica.graph) == plain(plan.at(6).replica.graph)


def test_an_archive_can_be_looked_at(plan: SharedGraph, tmp_path: Path) -> None:
    path = tmp_path / "plan.graph.gz"
    plan.write(path)
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        file = gx.read(source)
        assert file.format == "archive"
        assert plain(file.replica.graph) == plain(plan.replica.graph)
        assert file.blueprint == plan.blueprint
    assert gx.read(path).name == "plan"
    other = tmp_path / "renamed.json"
    path.rename(other)
    assert gx.read(other).format == "archive"


def test_an_archive_goes_into_a_file_object_too(
    plan: SharedGraph, import_graph: Import, name: str
) -> None:
    body = io.BytesIO()
    plan.write(body, "archive")
    copy = import_graph(body.getvalue(), f"{name} copy")
    assert copy.rev == plan.rev


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: [*lines[:-2], lines[-1]], "damaged"),
        (lambda lines: [*lines, lines[-1]], "goes on behind its end"),
        (lambda lines: [lines[0].replace(b'"version":1', b'"version":9'), *lines[1:]], "version 9"),
        (lambda lines: [lines[0], b'{"type":"snapshot"', *lines[2:]], "line 2"),
        (
            lambda lines: [lines[0], lines[1].replace(b"Design", b"Nobody", 1), *lines[2:]],
            "parent|damaged|missing",
        ),
    ],
)
def test_a_damaged_archive_is_refused_by_the_reader_and_by_the_server(
    plan: SharedGraph,
    import_graph: Import,
    name: str,
    damage: Callable[[list[bytes]], list[bytes]],
    said: str,
) -> None:
    body = io.BytesIO()
    plan.write(body, "archive")
    lines = damage(gzip.decompress(body.getvalue()).splitlines())
    damaged = gzip.compress(b"".join(line + b"\n" for line in lines))
    with pytest.raises(BadMessageError, match=said):
        gx.read(damaged, "archive")
    with pytest.raises(BadMessageError):
        import_graph(damaged, f"{name} copy")


def test_an_archive_that_unpacks_to_too_much_is_refused(plan: SharedGraph) -> None:
    body = io.BytesIO()
    plan.write(body, "archive")
    with pytest.raises(TooLargeError, match="raise max_bytes"):
        gx.read(body.getvalue(), max_bytes=100)
    with pytest.raises(TooLargeError, match="raise max_elements"):
        gx.read(body.getvalue(), max_elements=2)
    bomb = gzip.compress(b'{"type":"graph-ext-archive","version":1}\n' + bytes(3_000_000))
    with pytest.raises(TooLargeError, match="endless lines"):
        gx.read(bomb, max_bytes=2_000_000)


def test_any_other_file_makes_a_session_too(import_graph: Import, name: str) -> None:
    body = b'{"directed": false, "nodes": [{"id": "a"}], "links": []}'
    made = import_graph(body, name)
    assert list(made) == ["a"]
    assert not made.blueprint.directed
    with pytest.raises(DuplicateIdError):
        import_graph(body, name)
    assert list(made) == ["a"]


def test_a_refused_import_leaves_no_session(
    import_graph: Import, open_graph: OpenGraph, name: str
) -> None:
    with pytest.raises(BadMessageError):
        import_graph(b"digraph { a }", name)
    assert open_graph().rev == 0


def test_a_server_that_is_not_there_says_so(
    jupyter: JupyterServer, connections: list[Connection]
) -> None:
    connection = Connection(Server("http://127.0.0.1:9/"), kind="agent", label="lost")
    connections.append(connection)
    archive = gzip.compress(b'{"type":"graph-ext-archive","version":1}\n')
    with pytest.raises(UnavailableError, match="can't be reached"):
        import_over(connection, archive, "x")
