"""A saved notebook whose graph has no kernel any more: its picture, and the way to the graph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.notebooks import await_kernel, run_all, save, write_notebook
from tests.e2e.panel import Panel
from tests.e2e.pictures import THEMES, take_picture
from tests.servers import JupyterServer

STORY = """
import graph_ext as gx
g = gx.open("Kept")
places = {"Design": (-10, 4), "Build": (0, 0), "Launch": (10, 4), "Pilot": (4, -6)}
for node, place in places.items():
    if node not in g:
        g.add_node(node, position=place, type="Task" if node == "Pilot" else "Phase")
if not g.edges:
    g.add_edges_from([("Design", "Build"), ("Build", "Launch"), ("Build", "Pilot")])
g.show(color="type", height=320)
"""


@pytest.fixture
def kept(lab: JupyterServer, open_page: OpenPage) -> Iterator[Path]:
    """A notebook that was run and saved, on a server that was started anew since."""
    file = lab.notebooks / "kept.ipynb"
    write_notebook(lab, file.name, STORY)
    page = open_page(f"/tree/{file.name}")
    run_all(page)
    expect(page.locator(".gx-widget .gx-counts")).to_have_text("4 nodes, 3 links")
    expect(page.get_by_test_id("graphext-still")).to_have_count(0)
    save(page)
    page.context.close()
    lab.kill()
    lab.start()
    yield file
    file.unlink()


def still(page: Page) -> Locator:
    """The picture, once it is drawn."""
    image = page.get_by_test_id("graphext-still").get_by_role("img", name='graph "Kept"')
    expect(image).to_have_js_property("complete", value=True)
    expect(image).to_have_js_property("naturalWidth", 760)
    return page.get_by_test_id("graphext-still")


@pytest.mark.parametrize("theme", THEMES)
def test_without_its_kernel_a_saved_graph_is_a_picture_that_leads_to_it(
    kept: Path, open_page: OpenPage, theme: str
) -> None:
    page = open_page(f"/tree/{kept.name}", theme=theme)
    await_kernel(page)
    picture = still(page)
    expect(page.locator(".jp-OutputArea")).not_to_contain_text("widget")
    take_picture(page, theme, "still")
    picture.get_by_role("button", name='Open "Kept"').click()
    panel = Panel(page)
    panel.expect_live()
    panel.expect_counts(4, 3)


def test_run_again_the_picture_gives_way_to_the_graph(kept: Path, open_page: OpenPage) -> None:
    page = open_page(f"/tree/{kept.name}")
    still(page)
    run_all(page)
    expect(page.locator(".gx-widget .gx-counts")).to_have_text("4 nodes, 3 links")
    expect(page.get_by_test_id("graphext-still")).to_have_count(0)


def test_a_notebook_opened_with_no_kernel_at_all_shows_the_picture(
    kept: Path, open_page: OpenPage
) -> None:
    page = open_page()
    page.route("**/api/sessions*", lambda route: route.abort("failed"))
    page.evaluate("path => { jupyterapp.commands.execute('docmanager:open', {path}); }", kept.name)
    still(page)
    expect(page.locator(".jp-NotebookPanel-toolbar")).to_contain_text("No Kernel")


def test_an_untrusted_notebook_shows_the_picture_and_runs_nothing(
    kept: Path, open_page: OpenPage
) -> None:
    notebook = json.loads(kept.read_text())
    notebook["cells"][0]["source"] = "# changed by somebody else"
    kept.write_text(json.dumps(notebook))
    page = open_page(f"/tree/{kept.name}")
    still(page)
    expect(page.locator(".gx-widget")).to_have_count(0)
    expect(page.get_by_role("button", name='Open "Kept"')).to_be_visible()
