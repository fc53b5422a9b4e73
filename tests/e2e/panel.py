"""The panel as a test drives it: where things are, and what a person does to them."""

from __future__ import annotations

from typing import Literal

from playwright.sync_api import Locator, Page, expect

__all__ = ["Panel"]

Modifier = Literal["ControlOrMeta"]


class Panel:
    """The Graphs panel of one page, and the graph tab in front."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tab = page.locator(".jp-graphext-Tab:not(.lm-mod-hidden)")

    def at(self, name: str) -> Locator:
        """Find an element by the end of its test id."""
        return self.page.get_by_test_id(f"graphext-{name}")

    def show(self) -> None:
        """Click the Graphs icon in the left bar, unless its panel is open."""
        icon = self.page.locator('.jp-SideBar [data-id="graph-ext-sessions"]')
        expect(icon).to_be_visible()
        if "lm-mod-current" not in (icon.get_attribute("class") or ""):
            icon.click()

    def row(self, name: str) -> Locator:
        """Find a session in the list."""
        return self.page.locator(f'[data-session-name="{name}"]')

    def make(self, name: str) -> None:
        """Make a session in the list; its tab opens."""
        self.show()
        self.at("new").get_by_role("button").click()
        self.at("new-inline").fill(name)
        self.at("new-inline").press("Enter")
        self.expect_live()

    def open(self, name: str) -> None:
        """Open a session from the list."""
        self.show()
        self.row(name).click()
        self.expect_live()

    def expect_live(self) -> None:
        """Wait until the tab follows its session."""
        expect(self.tab.get_by_test_id("graphext-status")).to_have_attribute("data-status", "live")

    def expect_counts(self, nodes: int, links: int) -> None:
        """Wait until the toolbar counts that many."""
        counts = self.tab.get_by_test_id("graphext-counts")
        expect(counts).to_have_attribute("data-nodes", str(nodes))
        expect(counts).to_have_attribute("data-links", str(links))

    def press(self, button: str) -> None:
        """Press a button of the tab's toolbar."""
        self.tab.get_by_test_id(f"graphext-{button}").get_by_role("button").click()

    def choose(self, menu: str, item: str) -> None:
        """Choose an item of JupyterLab's menu bar, by the start of its label."""
        self.page.locator(".lm-MenuBar-item").get_by_text(menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item).first.click()

    def expect_enabled(self, **buttons: bool) -> None:
        """Wait until buttons of the tab's toolbar can be pressed, or can not."""
        for name, enabled in buttons.items():
            item = self.tab.get_by_test_id(f"graphext-{name}").get_by_role("button")
            expect(item).to_be_enabled(enabled=enabled)

    def add_node(self, name: str, type_: str = "") -> None:
        """Add a node in the dialog."""
        self.press("add-node")
        dialog = self.at("element-dialog")
        # the dialog moves the focus there when it has opened
        expect(dialog.get_by_test_id("graphext-dialog-name")).to_be_focused()
        dialog.get_by_test_id("graphext-dialog-name").fill(name)
        if type_:
            dialog.get_by_test_id("graphext-dialog-type").fill(type_)
        self.accept()
        expect(dialog).to_have_count(0)
        # what was made is selected when its commit has come, and not before
        expect(self.tab.get_by_test_id("graphext-node-name")).to_have_value(name)

    def accept(self) -> None:
        """Press a dialog's main button."""
        self.page.locator(".jp-Dialog-button.jp-mod-accept").click()

    def node(self, label: str) -> Locator:
        """Find a node in the outline."""
        return (
            self.tab.get_by_test_id("graphext-outline")
            .get_by_role("treeitem")
            .filter(has_text=label)
        )

    def select(self, *labels: str) -> None:
        """Select nodes in the outline."""
        self.node(labels[0]).click()
        for label in labels[1:]:
            self.node(label).click(modifiers=["ControlOrMeta"])
        # the inspector follows in the next frame
        heading = labels[0] if len(labels) == 1 else str(len(labels))
        expect(self.tab.get_by_test_id("graphext-inspector")).to_contain_text(heading)
        if len(labels) == 1:
            expect(self.tab.get_by_test_id("graphext-node-name")).to_be_visible()

    def value(self, name: str) -> Locator:
        """Find the field of a property of what is selected."""
        return self.tab.get_by_test_id(f"graphext-property-value-{name}")

    def set(self, name: str, value: str) -> None:
        """Type into a property's field and leave it with Enter."""
        self.value(name).fill(value)
        self.value(name).press("Enter")
