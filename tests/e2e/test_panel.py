"""The JupyterLab panel as people use it, in a real browser, with a Python client beside it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenGraph, OpenPage
from tests.e2e.panel import Panel
from tests.servers import JupyterServer
from tests.waiting import wait_until


def test_a_person_makes_a_graph_and_edits_it_by_hand(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    panel = Panel(open_page())
    panel.make("By hand")
    expect(panel.at("empty-graph")).to_be_visible()

    panel.add_node("Design", "Task")
    panel.add_node("Build", "Task")
    panel.select("Design", "Build")
    panel.press("add-link")
    panel.at("dialog-type").fill("blocks")
    panel.accept()
    panel.expect_counts(2, 1)

    panel.select("Design")
    panel.tab.get_by_test_id("graphext-property-add").fill("effort")
    panel.tab.get_by_test_id("graphext-property-add").press("Enter")
    panel.tab.get_by_test_id("graphext-property-kind-effort").select_option("number")
    expect(panel.value("effort")).to_have_attribute("type", "number")
    panel.set("effort", "5")

    graph = open_graph("By hand")
    design = next(node for node in graph.nodes.values() if node.name == "Design")
    wait_until(graph, lambda: design.get("effort") == 5)
    assert design.type == "Task"
    assert [link.type for link in graph.edges.values()] == ["blocks"]

    panel.press("undo")
    expect(panel.value("effort")).not_to_have_value("5")
    panel.press("redo")
    expect(panel.value("effort")).to_have_value("5")

    panel.select("Build")
    panel.press("delete")
    panel.expect_counts(1, 0)
    wait_until(graph, lambda: len(graph) == 1)


def test_what_one_does_the_others_show_at_once(open_page: OpenPage, open_graph: OpenGraph) -> None:
    graph = open_graph("Together")
    graph.add_node("Design", type="Task", effort=3)
    ann, bob = Panel(open_page()), Panel(open_page())
    ann.open("Together")
    bob.open("Together")
    ann.select("Design")
    bob.select("Design")
    ann.set("effort", "8")
    expect(bob.value("effort")).to_have_value("8")
    wait_until(graph, lambda: graph.nodes["Design"]["effort"] == 8)

    graph.nodes["Design"]["effort"] = 13
    expect(ann.value("effort")).to_have_value("13")
    expect(bob.value("effort")).to_have_value("13")
    bob.add_node("Build")
    ann.expect_counts(2, 0)


def test_a_value_that_does_not_fit_the_blueprint_is_refused_at_its_field(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    graph = open_graph("Typed")
    graph.blueprint = {
        "node_types": {"Task": {"properties": {"effort": {"type": "number", "maximum": 10}}}}
    }
    graph.add_node("Design", type="Task", effort=3)
    rev = graph.rev
    panel = Panel(open_page())
    panel.open("Typed")
    panel.select("Design")
    panel.set("effort", "11")
    field = panel.tab.locator('[data-property="effort"]')
    expect(field.get_by_role("alert")).to_contain_text("10")
    expect(panel.value("effort")).to_have_attribute("aria-invalid", "true")
    assert graph.rev == rev
    assert graph.nodes["Design"]["effort"] == 3


def test_search_finds_nodes_by_their_properties(open_page: OpenPage, open_graph: OpenGraph) -> None:
    graph = open_graph("Searched")
    for name, place in (("Orca", "Iceland"), ("Beluga", "Canada"), ("Narwhal", "Canada")):
        graph.add_node(name, place=place)
    panel = Panel(open_page())
    panel.open("Searched")
    panel.at("search").fill("canada")
    expect(panel.at("search-count")).to_contain_text("2")
    panel.at("search").press("Enter")
    expect(panel.tab.get_by_test_id("graphext-node-id")).to_have_text("Beluga")


def test_a_layout_is_one_change_for_everybody(open_page: OpenPage, open_graph: OpenGraph) -> None:
    graph = open_graph("Arranged")
    graph.update([(f"n{i}", f"n{i // 2}") for i in range(1, 8)])
    rev = graph.rev
    panel = Panel(open_page())
    panel.open("Arranged")
    panel.press("layout")
    panel.page.get_by_role("menuitem", name="Circle").click()
    wait_until(graph, lambda: all(node.position is not None for node in graph.nodes.values()))
    assert graph.rev == rev + 1
    panel.press("undo")
    wait_until(graph, lambda: all(node.position is None for node in graph.nodes.values()))


def test_a_link_is_made_by_keyboard_alone(open_page: OpenPage, open_graph: OpenGraph) -> None:
    graph = open_graph("By keyboard")
    graph.blueprint = {"node_types": {"Task": {}}, "link_types": {"blocks": {}, "follows": {}}}
    graph.add_nodes_from(["Design", "Build"], type="Task")
    panel = Panel(open_page())
    panel.open("By keyboard")
    panel.select("Design", "Build")
    panel.tab.get_by_role("application").press("l")
    kind = panel.page.locator("select[data-testid=graphext-dialog-type]")
    expect(kind).to_be_focused()
    kind.press("f")
    kind.press("Enter")
    panel.expect_counts(2, 1)
    wait_until(graph, lambda: [link.type for link in graph.edges.values()] == ["follows"])


def test_where_the_system_chooses_the_colours_one_sees_what_is_selected(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    graph = open_graph("High contrast")
    graph.add_nodes_from(["Design", "Build"], type="Task")
    panel = Panel(open_page())
    panel.page.emulate_media(forced_colors="active")
    panel.open("High contrast")
    panel.select("Design")
    # selection and types are colours, which the system would take away
    expect(panel.node("Design")).to_have_css("forced-color-adjust", "none")
    expect(panel.node("Build")).to_have_css("forced-color-adjust", "auto")
    expect(panel.node("Build").locator(".jp-graphext-Dot")).to_have_css(
        "forced-color-adjust", "none"
    )


def test_undo_and_redo_are_offered_while_there_is_something(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    graph = open_graph("Taken back")
    graph.add_node("Design", effort=3)
    panel = Panel(open_page())
    panel.open("Taken back")
    panel.select("Design")
    panel.expect_enabled(undo=False, redo=False)
    graph.add_node("Build")
    panel.expect_counts(2, 0)
    panel.expect_enabled(undo=False)

    # by the key in the field, and by the menu
    panel.set("effort", "8")
    panel.expect_enabled(undo=True, redo=False)
    panel.value("effort").press("Control+z")
    expect(panel.value("effort")).to_have_value("3")
    panel.expect_enabled(undo=False, redo=True)
    panel.choose("Edit", "Redo")
    expect(panel.value("effort")).to_have_value("8")
    panel.expect_enabled(undo=True, redo=False)

    # the tab is the same person after a reload, and the log says what it has done
    panel.page.reload()
    panel.page.wait_for_selector("#jp-main-dock-panel")
    panel.page.evaluate("() => jupyterapp.restored.then(() => null)")
    panel.open("Taken back")
    panel.expect_enabled(undo=True, redo=False)
    panel.choose("Edit", "Undo")
    wait_until(graph, lambda: graph.nodes["Design"]["effort"] == 3)
    panel.expect_enabled(undo=False, redo=True)


def test_an_undo_asks_before_it_deletes_what_others_have_built(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    graph = open_graph("Built on")
    panel = Panel(open_page())
    panel.open("Built on")
    panel.add_node("Design")
    wait_until(graph, lambda: len(graph) == 1)
    (design,) = graph.nodes.values()
    graph.add_node("Draft", parent=design.key)
    panel.expect_counts(2, 0)
    panel.press("undo")
    dialog = panel.page.locator(".jp-Dialog", has_text="below")
    expect(dialog).to_contain_text("Draft")
    dialog.get_by_role("button", name="Undo and delete").click()
    panel.expect_counts(0, 0)
    panel.press("redo")
    panel.expect_counts(2, 0)


def test_sessions_are_renamed_and_deleted_for_everybody(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    open_graph("Old name")
    ann, bob = Panel(open_page()), Panel(open_page())
    ann.open("Old name")
    bob.open("Old name")
    ann.row("Old name").hover()
    ann.row("Old name").get_by_test_id("graphext-session-rename").click()
    ann.at("rename-inline").fill("New name")
    ann.at("rename-inline").press("Enter")
    expect(bob.row("New name")).to_be_visible()
    expect(bob.page.locator(".lm-TabBar-tab.lm-mod-current", has_text="New name")).to_be_visible()

    ann.row("New name").hover()
    ann.row("New name").get_by_test_id("graphext-session-delete").click()
    ann.accept()
    expect(bob.row("New name")).to_have_count(0)
    expect(bob.tab.get_by_test_id("graphext-ended")).to_be_visible()


def test_where_the_server_gives_the_roles_sharing_says_so_and_offers_nothing(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    open_graph("Everybody's")
    panel = Panel(open_page())
    panel.open("Everybody's")
    panel.press("share")
    expect(panel.at("share-dialog")).to_contain_text("knows nobody by name")
    expect(panel.at("invite")).to_have_count(0)
    expect(panel.at("members")).to_have_count(0)


def test_a_name_that_is_taken_is_refused_where_it_is_typed(
    open_page: OpenPage, open_graph: OpenGraph
) -> None:
    open_graph("Taken")
    panel = Panel(open_page())
    panel.show()
    expect(panel.row("Taken")).to_be_visible()
    panel.at("new").get_by_role("button").click()
    panel.at("new-inline").fill("Taken")
    panel.at("new-inline").press("Enter")
    expect(panel.page.get_by_role("alert").filter(has_text="Taken")).to_be_visible()


def test_after_a_crash_of_the_server_everybody_goes_on_by_themselves(
    lab: JupyterServer, open_page: OpenPage, open_graph: OpenGraph
) -> None:
    graph = open_graph("Crash")
    panel = Panel(open_page())
    panel.open("Crash")
    for number in range(20):
        graph.add_node(f"n{number}")
    # on a slow machine JupyterLab itself says that the server is away, in a dialog over everything
    notice = panel.page.locator(".jp-Dialog", has_text="Server Connection Error")
    panel.page.add_locator_handler(notice, notice.get_by_role("button").last.click)
    lab.kill()
    expect(panel.tab.get_by_test_id("graphext-status")).to_have_attribute("data-status", "offline")
    lab.start()
    panel.expect_live()
    panel.expect_counts(20, 0)
    graph.add_edge("n0", "n1")
    panel.expect_counts(20, 1)
    panel.add_node("after the crash")
    wait_until(graph, lambda: len(graph) == 21)
