"""Looks, legend, tooltips and the pointer in the notebook widget; the picture without a page."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from playwright.sync_api import expect

from tests.e2e.conftest import OpenGraph, OpenPage
from tests.e2e.notebooks import run_all, write_notebook
from tests.servers import JupyterServer

# in the middle of what is seen is Task 1
STORY = """
import graph_ext as gx
g = gx.open({name!r})
places = [(-10, -6), (0, 0), (10, 6), (10, -6)]
states = ["todo", "doing", "done", "<b>bold</b>"]
for number, (place, state) in enumerate(zip(places, states)):
    g.add_node(f"Task {{number}}", position=place, state=state, effort=number * 3)
g.add_edge("Task 0", "Task 1"); g.add_edge("Task 1", "Task 2"); g.add_edge("Task 3", "Task 1")
w = g.show(color="state", size=60, label=lambda node: node.key.upper(), height=360)
w.on_click(lambda element: g.nodes["Task 0"].update(clicked=element.key))
w
"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_looks_follow_the_graph_and_clicks_come_to_python(
    lab: JupyterServer, open_page: OpenPage, open_graph: OpenGraph, tmp_path: Path, theme: str
) -> None:
    name = f"Looks {theme}"
    write_notebook(lab, f"{name}.ipynb", STORY.format(name=name))
    page = open_page(f"/tree/{name}.ipynb", theme=theme)
    run_all(page)
    widget = page.locator(".gx-widget")
    legend = widget.locator(".gx-legend")
    expect(legend.locator(".gx-legend-text")).to_have_text(["<b>bold</b>", "doing", "done", "todo"])
    graph = open_graph(name)
    graph.nodes["Task 3"]["state"] = "done"
    expect(legend.locator(".gx-legend-text")).to_have_text(["done", "doing", "todo"])

    box = widget.locator(".gx-canvas").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tooltip = widget.locator(".gx-tooltip")
    page.mouse.move(middle[0] + 3, middle[1])
    page.mouse.move(*middle)
    expect(tooltip).to_have_text("statedoingeffort3")
    page.screenshot(path=tmp_path / "widget.png")
    page.mouse.click(*middle)
    expect(tooltip).to_be_hidden()
    expect(widget.locator("[aria-live]")).to_contain_text("Task 1")
    assert graph.replica.wait_until(lambda: graph.nodes["Task 0"].get("clicked") == "Task 1", 30)


def test_an_executed_notebook_shows_the_picture_without_a_kernel(lab: JupyterServer) -> None:
    source = (
        f"import graph_ext as gx\n"
        f"g = gx.open('Converted', url={lab.url!r}, token={lab.token!r})\n"
        "g.add_edge('from here', 'to there')\ng"
    )
    cell = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    run = ExecutePreprocessor(store_widget_state=False)  # type: ignore[no-untyped-call]
    run.preprocess(notebook)
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(notebook)
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert [">from here</text>" in b64decode(picture).decode() for picture in pictures] == [True]
