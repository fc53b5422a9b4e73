"""What a new user gets wrong is answered in words that say what to do."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import graph_ext as gx
from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.display import SessionList
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.core.errors import ForbiddenError, NotFoundError, SchemaError
from tests.servers import JupyterServer

HINTS: list[tuple[Callable[[Any], object], type[Exception], str]] = [
    (lambda g: g.degree("a"), AttributeError, r"networkx's methods are at g\.nx: g\.nx\.degree"),
    (lambda g: g.color, AttributeError, r"'SharedGraph' object has no attribute 'color'$"),
    (lambda g: g.nodes["a"].effort, AttributeError, r'a property is read as \["effort"\]'),
    (lambda g: g.edges["b", "a"], NotFoundError, r"one leads the other way: \('a', 'b'\)"),
    (lambda g: g.find(gx.gt(3)), TypeError, r"g\.find\(effort=gx\.gt\(3\)\) says of which"),
    (lambda g: g.update(42), TypeError, r"g\.update\(edges, nodes\) or .*, got 42"),
    (lambda g: g.at(1).add_node("z"), AttributeError, r"what was can't be changed: g\.fork"),
    (lambda g: g.at(1).degree, AttributeError, r"g\.nx\.degree"),
    (lambda g: g.invite("boss"), SchemaError, "becomes editor or viewer, got 'boss'"),
    (lambda g: g.set_role("user:ada", "boss"), SchemaError, "one of owner, editor, viewer"),
    (lambda g: g.node_type("Task"), SchemaError, r"a node must have a type .*: Task \(node a\)"),
    (
        lambda g: g.add_edges_from_pandas(pd.DataFrame({"from": ["a"], "to": ["b"]})),
        SchemaError,
        r"no column 'source' for the sources \(there are 'from', 'to'\)",
    ),
]


@pytest.mark.parametrize(("wrong", "error", "hint"), HINTS)
def test_what_is_wrong_is_answered_with_what_is_right(
    g: SharedGraph, wrong: Callable[[Any], object], error: type[Exception], hint: str
) -> None:
    g.add_edge("a", "b")
    with pytest.raises(error, match=hint):
        wrong(g)
    assert g.rev == 1


def test_a_refusal_over_http_is_all_that_people_see(
    jupyter: JupyterServer, connections: list[Connection]
) -> None:
    connection = Connection(Server(jupyter.url, "wrong"), kind="agent", label="stranger")
    connections.append(connection)
    with pytest.raises(ForbiddenError, match="is the token right") as caught:
        open_over(connection, "plan")
    assert "tornado" not in "".join(traceback.format_exception_only(caught.value))
    assert "HTTPClientError" not in "".join(traceback.format_exception(caught.value))


def test_a_file_that_can_not_be_written_is_called_by_its_name(
    g: SharedGraph, tmp_path: Path
) -> None:
    path = tmp_path / "nowhere" / "plan.gexf"
    with pytest.raises(FileNotFoundError) as caught:
        g.write(path)
    assert caught.value.filename == str(path)


def test_a_column_called_id_has_the_keys_where_the_index_only_counts(g: SharedGraph) -> None:
    df = pd.DataFrame({"id": ["a", "b"], "n": [1, 2]})
    g.add_nodes_from_pandas(df)
    g.add_nodes_from_pandas(g.to_pandas().reset_index())
    assert (g.nodes(data=True), g.rev) == ([("a", {"n": 1}), ("b", {"n": 2})], 1)
    g.add_nodes_from_pandas(df.set_axis(["c", "d"]))
    g.add_nodes_from_pandas(df, properties=["id"])
    assert dict(g.nodes["c"]) == {"id": "a", "n": 1}
    assert dict(g.nodes[0]) == {"id": "a"}


def test_lists_and_blueprints_are_shown_short(g: SharedGraph, jupyter: JupyterServer) -> None:
    g.node_type("Task", {"effort": float})
    assert repr(g.blueprint.node_types) == (
        "{'Task': NodeType(properties={'effort': PropertyType(type='number')})}"
    )
    found = gx.sessions(jupyter.url, jupyter.token)
    assert isinstance(found, SessionList)
    head, *rows = repr(found).splitlines()
    assert head.split() == ["name", "nodes", "links", "rev", "clients", "changed", "role"]
    mine = next(row.split() for row in rows if row.startswith(f"{g.name} "))
    assert (mine[1:5], mine[-1]) == (["0", "0", "1", "1"], "owner")
    assert f"<td>{g.name}</td>" in found._repr_html_()
    assert repr(SessionList()) == SessionList()._repr_html_() == "no sessions"
