"""What a person meets first, in the light and the dark theme; pictures go to test-results/."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import graph_ext as gx
from tests.e2e.conftest import OpenGraph, OpenPage
from tests.e2e.notebooks import run_all, write_notebook
from tests.e2e.panel import Panel
from tests.e2e.pictures import THEMES, take_picture
from tests.servers import JupyterServer

PLAN = {
    "node_types": {
        "Phase": {"colour": "#4e8fd0", "allowed_children": ["Task"]},
        "Task": {
            "colour": "#4aa564",
            "properties": {
                "effort": {
                    "type": "number",
                    "label": "Effort",
                    "description": "Person days",
                    "minimum": 0,
                    "maximum": 40,
                },
                "state": {"type": "select", "label": "State", "options": ["todo", "doing", "done"]},
                "due": {"type": "date", "label": "Due"},
                "reviewed": {"type": "boolean", "label": "Reviewed"},
            },
        },
        "Person": {"colour": "#e08a3c"},
    },
    "link_types": {"blocks": {"acyclic": True}, "works-on": {}},
}
PHASES = {
    "Design": ["Requirements", "Interviews", "Prototype"],
    "Build": ["Storage", "Protocol", "Canvas", "Panel"],
    "Launch": ["Documents", "Pilot", "Release"],
}


def fill(graph: gx.Graph) -> None:
    """Make a small plan, unless it is there."""
    if len(graph):
        return
    graph.blueprint = PLAN
    before = None
    for phase, tasks in PHASES.items():
        graph.add_node(phase, type="Phase")
        for number, task in enumerate(tasks):
            graph.add_node(task, type="Task", parent=phase, effort=number + 2, state="todo")
            if before:
                graph.add_edge(before, task, type="blocks")
            before = task
    for person, tasks in {"Ada": ["Storage", "Protocol"], "Grace": ["Canvas", "Pilot"]}.items():
        graph.add_node(person, type="Person")
        for task in tasks:
            graph.add_edge(person, task, type="works-on")


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_an_empty_panel_says_what_to_do(
    lab: JupyterServer, open_page: OpenPage, theme: str
) -> None:
    for session in gx.sessions(lab.url, lab.token):
        panel = Panel(open_page(theme=theme))
        panel.show()
        panel.row(session.name).hover()
        panel.row(session.name).get_by_test_id("graphext-session-delete").click()
        panel.accept()
    panel = Panel(open_page(theme=theme))
    panel.show()
    expect(panel.at("empty")).to_contain_text("gx.open")
    take_picture(panel.page, theme, "empty")


def test_a_session_is_open(open_page: OpenPage, open_graph: OpenGraph, theme: str) -> None:
    fill(open_graph("Plan"))
    panel = Panel(open_page(theme=theme))
    panel.open("Plan")
    panel.expect_counts(15, 13)
    panel.select("Protocol")
    expect(panel.value("effort")).to_have_value("3")
    take_picture(panel.page, theme, "session")


def test_a_refusal_is_seen(open_page: OpenPage, open_graph: OpenGraph, theme: str) -> None:
    fill(open_graph("Plan"))
    panel = Panel(open_page(theme=theme))
    panel.open("Plan")
    panel.select("Protocol")
    panel.set("effort", "99")
    expect(panel.tab.locator('[data-property="effort"]').get_by_role("alert")).to_contain_text("40")
    take_picture(panel.page, theme, "refusal")


def test_the_widget_is_in_its_notebook(
    lab: JupyterServer, open_page: OpenPage, open_graph: OpenGraph, theme: str
) -> None:
    fill(open_graph("Plan"))
    name = f"first-{theme.rsplit(maxsplit=1)[-1].lower()}.ipynb"
    write_notebook(lab, name, "import graph_ext as gx\n\ng = gx.open('Plan')\ng")
    page = open_page(f"/tree/{name}", theme=theme)
    run_all(page)
    expect(page.locator(".gx-widget .gx-counts")).to_have_text("15 nodes, 13 links")
    take_picture(page, theme, "widget")


def test_the_server_is_away(
    lab: JupyterServer, open_page: OpenPage, open_graph: OpenGraph, theme: str
) -> None:
    fill(open_graph("Plan"))
    panel = Panel(open_page(theme=theme))
    panel.open("Plan")
    lab.kill()
    try:
        expect(panel.at("status")).to_have_attribute("data-status", "offline")
        take_picture(panel.page, theme, "offline")
    finally:
        lab.start()
    panel.expect_live()
