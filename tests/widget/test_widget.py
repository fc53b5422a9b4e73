"""What the widget and the page share: traits both ways (see graph_ext/widget/widget.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import traitlets

import graph_ext as gx
from graph_ext.client.graph import SharedGraph
from graph_ext.widget import GraphWidget
from tests.servers import JupyterServer
from tests.widget.page import Page


def test_the_page_learns_where_the_session_is_but_no_token(
    g: SharedGraph, jupyter: JupyterServer
) -> None:
    widget = GraphWidget(g, height=300, layout="tree")
    state = widget.get_state()
    assert state["session_id"] == g.session_id
    assert (state["name"], state["base_url"]) == (g.name, "/")
    assert (state["height"], state["graph_layout"]) == ("300px", "tree")
    # the server was given by its address: the page's own may be another
    assert state["transport"] == "relay"
    assert jupyter.token not in repr(state)


def test_a_selection_of_the_page_reaches_python(g: SharedGraph) -> None:
    g.add_edge(0, "Design", key="k")
    widget = GraphWidget(g)
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change["new"]), "selection")
    link_id = g.edges[0, "Design"].link_id
    Page(widget).set(selection={"nodes": ["0", "Design"], "links": [link_id]})
    assert widget.selection == {"nodes": ["0", "Design"], "links": [link_id]}
    assert seen == [widget.selection]
    assert [g.nodes[node_id].key for node_id in widget.selection["nodes"]] == [0, "Design"]
    assert g.edges[widget.selection["links"][0]].key == "k"


def test_python_selects_by_key(g: SharedGraph) -> None:
    g.add_edge(0, (1, "a"))
    widget = GraphWidget(g)
    widget.selection = {"nodes": [0, (1, "a")], "links": [(0, (1, "a"))]}
    link_id = g.edges[0, (1, "a")].link_id
    assert widget.selection == {"nodes": ["0", '[1,"a"]'], "links": [link_id]}
    sent = Page(widget).next(
        lambda m: "selection" in m.get("state", {}) and m["state"]["selection"]["nodes"]
    )
    assert sent["state"]["selection"] == widget.selection


@pytest.mark.parametrize("wrong", [{"node": []}, {"nodes": "Design"}, {"links": 3}])
def test_a_selection_that_is_none_is_refused(g: SharedGraph, wrong: dict[str, Any]) -> None:
    widget = GraphWidget(g)
    with pytest.raises(traitlets.TraitError, match="selection"):
        widget.selection = wrong
    assert widget.selection == {"nodes": [], "links": []}


def test_a_layout_that_is_none_is_refused(g: SharedGraph) -> None:
    with pytest.raises(traitlets.TraitError):
        gx.Graph.show(g, layout="spiral")


def test_the_page_tells_how_it_is(g: SharedGraph) -> None:
    widget = GraphWidget(g)
    Page(widget).set(status="offline", error="The server does not answer")
    assert (widget.status, widget.error) == ("offline", "The server does not answer")


def test_a_graph_shows_itself(g: SharedGraph) -> None:
    widget = gx.Graph.show(g, height="50vh")
    assert isinstance(widget, GraphWidget)
    assert widget.height == "50vh"
    assert widget.graph is g


def test_without_the_built_front_end_the_widget_says_so(tmp_path: Path) -> None:
    # a copy of the package as it is in a checkout that was not built
    code = (
        "import shutil, sys, pathlib, importlib\n"
        f"target = pathlib.Path({str(tmp_path)!r})\n"
        "import importlib.util\n"
        "source = pathlib.Path(importlib.util.find_spec('graph_ext').origin).parent\n"
        "ignore = shutil.ignore_patterns('static', 'labextension', '__pycache__')\n"
        "shutil.copytree(source, target / 'graph_ext', ignore=ignore)\n"
        "sys.path.insert(0, str(target))\n"
        "from graph_ext import widget\n"
        "assert str(target) in widget.__file__\n"
        "assert 'installed without its front end' in str(widget.GraphWidget._esm)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
