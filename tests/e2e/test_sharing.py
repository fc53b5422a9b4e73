"""Several people at one graph, each with a browser and a role of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import networkx as nx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import graph_ext as gx
from tests import named
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.panel import Panel
from tests.servers import JupyterServer
from tests.waiting import wait_until

OpenAs = Callable[..., Panel]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A JupyterLab that knows people by name."""
    arguments = ("--LabApp.expose_app_in_browser=True", *named.PEOPLE)
    with JupyterServer(tmp_path_factory.mktemp("people"), "lab", *arguments) as server:
        yield server


@pytest.fixture
def open_as(chromium: Browser, lab: JupyterServer) -> Iterator[OpenAs]:
    """Open JupyterLab in a browser of somebody's own."""
    contexts: list[BrowserContext] = []

    def open_as(who: str, fragment: str = "", theme: str = "JupyterLab Light") -> Panel:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page: Page = context.new_page()
        page.goto(f"{lab.url}lab?token={named.token_of(who)}&reset{fragment}")
        page.wait_for_selector("#jp-main-dock-panel")
        page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        return Panel(page)

    yield open_as
    for context in contexts:
        context.close()


@pytest.fixture
def open_graph_as(lab: JupyterServer) -> Iterator[Callable[[str, str], gx.Graph]]:
    """Open a graph as somebody's script."""
    graphs: list[gx.Graph] = []

    def open_graph_as(who: str, name: str) -> gx.Graph:
        graphs.append(gx.open(name, url=lab.url, token=named.token_of(who)))
        return graphs[-1]

    yield open_graph_as
    for graph in graphs:
        graph.close()


def invite(panel: Panel, role: str = "editor") -> str:
    """Make a link in the Share dialog, and close that; return the link's fragment."""
    panel.press("share")
    panel.page.locator("select[data-testid=graphext-invite-role]").select_option(role)
    panel.at("invite").click()
    link = panel.at("invite-link").input_value()
    panel.accept()
    expect(panel.at("share-dialog")).to_have_count(0)
    return "#" + link.partition("#")[2]


def test_people_come_by_a_link_see_each_other_and_follow_their_roles(
    open_as: OpenAs, open_graph_as: Callable[[str, str], gx.Graph]
) -> None:
    graph = open_graph_as("ann", "Shared")
    graph.update(nx.path_graph(12))
    graph.add_node("Design", type="Task", effort=3)

    ann = open_as("ann")
    ann.open("Shared")
    fragment = invite(ann)

    bob = open_as("bob", fragment)
    expect(bob.at("join-dialog")).to_contain_text("editor")
    bob.accept()
    bob.expect_live()
    assert "graph-ext-invitation" not in bob.page.url

    # each sees the other, and what they have selected
    expect(ann.tab.locator('[data-testid=graphext-person][data-name="Bob"]')).to_be_visible()
    expect(bob.tab.locator('[data-testid=graphext-person][data-name="Ann"]')).to_be_visible()
    bob.select("Design")
    assert graph.replica.wait_until(
        lambda: any(p.selection == ["Design"] for p in graph.people if p.name == "Bob"), 60
    )
    ann.tab.locator('[data-testid=graphext-person][data-name="Bob"]').click()
    expect(ann.tab.get_by_test_id("graphext-node-id")).to_have_text("Design")
    bob.value("effort").focus()
    expect(ann.tab.get_by_test_id("graphext-editing")).to_contain_text("Bob")
    bob.set("effort", "8")
    wait_until(graph, lambda: graph.nodes["Design"]["effort"] == 8)

    # a role that is changed holds at once
    ann.press("share")
    role = ann.page.locator('[data-name="Bob"] select')
    role.select_option("viewer")
    expect(bob.tab.get_by_test_id("graphext-status")).to_contain_text("View only")
    expect(bob.value("effort")).to_have_attribute("readonly", "")
    role.select_option("editor")
    expect(bob.tab.get_by_test_id("graphext-status")).to_contain_text("Live")

    # and who is removed is shut out at once, and told what to do
    row = ann.page.locator('[data-testid=graphext-member][data-name="Bob"]')
    row.get_by_test_id("graphext-member-remove").click()
    row.get_by_test_id("graphext-member-confirm").click()
    expect(row).to_have_count(0)
    expect(bob.tab.get_by_test_id("graphext-ended")).to_contain_text("no access")
    expect(bob.row("Shared")).to_have_count(0)
    expect(ann.tab.locator('[data-testid=graphext-person][data-name="Bob"]')).to_have_count(0)


def test_a_link_that_was_revoked_says_so(
    open_as: OpenAs, open_graph_as: Callable[[str, str], gx.Graph]
) -> None:
    graph = open_graph_as("ann", "Revoked")
    invitation = graph.invite("viewer")
    graph.revoke(invitation)
    eve = open_as("eve", "#" + invitation.link.partition("#")[2])
    expect(eve.at("join-refused")).to_contain_text("revoked")


def test_ownership_is_handed_over_by_keyboard(
    open_as: OpenAs, open_graph_as: Callable[[str, str], gx.Graph]
) -> None:
    graph = open_graph_as("ann", "Handed over")
    graph.set_role("user:bob", "editor")
    ann = open_as("ann")
    ann.open("Handed over")
    ann.press("share")
    # JupyterLab's dialog takes the focus once, a moment after its body is there
    expect(ann.page.locator(".jp-Dialog-footer button")).to_be_focused()
    row = ann.page.locator('[data-testid=graphext-member][data-name="bob"]')
    row.get_by_test_id("graphext-member-transfer").focus()
    ann.page.keyboard.press("Enter")
    expect(row.get_by_test_id("graphext-member-cancel")).to_be_focused()
    ann.page.keyboard.press("Tab")
    ann.page.keyboard.press("Enter")
    expect(ann.at("invite")).to_have_count(0)
    assert graph.replica.wait_until(lambda: graph.role == "editor", 60)
    ann.page.keyboard.press("Escape")
    expect(ann.at("share-dialog")).to_have_count(0)
