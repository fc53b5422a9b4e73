"""The notebook widget: real JupyterLab, a real kernel, a real Chromium."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenGraph, OpenPage
from tests.e2e.notebooks import run_all, write_notebook
from tests.servers import JupyterServer


def test_the_widget_is_live_while_the_kernel_is_busy(
    lab: JupyterServer, open_page: OpenPage, open_graph: OpenGraph
) -> None:
    write_notebook(
        lab,
        "busy.ipynb",
        "import graph_ext as gx\ng = gx.open('Busy')\ng.add_edge('a', 'b')\ng",
        "import threading; threading.Event().wait()",  # busy until the kernel is shut down
    )
    page = open_page("/tree/busy.ipynb")
    run_all(page)
    widget = page.locator(".gx-widget")
    expect(widget.locator(".gx-counts")).to_have_text("2 nodes, 1 link")
    expect(page.locator(".jp-InputPrompt").nth(1)).to_have_text("[*]:")

    graph = open_graph("Busy")
    graph.add_edge("b", "c")
    expect(widget.locator(".gx-counts")).to_have_text("3 nodes, 2 links")
    expect(page.locator(".jp-InputPrompt").nth(1)).to_have_text("[*]:")


def test_without_a_server_of_the_page_the_widget_follows_through_the_kernel(
    lab: JupyterServer, open_page: OpenPage, open_graph: OpenGraph
) -> None:
    write_notebook(
        lab,
        "relay.ipynb",
        "import graph_ext as gx\ng = gx.open('Relayed')\ng.add_edge('a', 'b')\n"
        "w = g.show()\nw.transport = 'relay'\nw",
    )
    page = open_page("/tree/relay.ipynb")
    run_all(page)
    widget = page.locator(".gx-widget")
    expect(widget.locator(".gx-counts")).to_have_text("2 nodes, 1 link")
    open_graph("Relayed").add_node("c")
    expect(widget.locator(".gx-counts")).to_have_text("3 nodes, 1 link")


def test_what_is_selected_in_the_widget_is_known_in_python(
    lab: JupyterServer, open_page: OpenPage
) -> None:
    write_notebook(
        lab,
        "selection.ipynb",
        "import graph_ext as gx\ng = gx.open('Selected')\ng.add_node('only', position=(0, 0))\n"
        "w = g.show()\n"
        "def seen(change):\n    g.add_node('seen', what=w.selection['nodes'])\n"
        "w.observe(seen, 'selection')\nw",
    )
    page = open_page("/tree/selection.ipynb")
    run_all(page)
    widget = page.locator(".gx-widget")
    expect(widget.locator(".gx-counts")).to_have_text("1 node, 0 links")
    widget.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    expect(widget.locator(".gx-counts")).to_have_text("2 nodes, 0 links")


def test_after_a_crash_of_the_server_the_widget_goes_on_by_itself(
    lab: JupyterServer, open_page: OpenPage, open_graph: OpenGraph
) -> None:
    write_notebook(
        lab,
        "crash.ipynb",
        "import graph_ext as gx\ng = gx.open('Widget crash')\ng.add_node('a')\ng",
    )
    page = open_page("/tree/crash.ipynb")
    run_all(page)
    counts = page.locator(".gx-widget .gx-counts")
    expect(counts).to_have_text("1 node, 0 links")
    lab.kill()
    lab.start()
    open_graph("Widget crash").add_edge("a", "b")
    expect(counts).to_have_text("2 nodes, 1 link")
