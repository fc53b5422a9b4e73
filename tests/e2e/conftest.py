"""A real JupyterLab in a process of its own, and pages of Debian's Chromium on it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

import graph_ext as gx
from tests.servers import JupyterServer

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",  # in a container we are root
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",  # WebGL in software
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
PATIENCE_MS = 60_000  # software rendering on a loaded machine
RESULTS = Path(__file__).parents[2] / "test-results"

OpenPage = Callable[..., Page]
OpenGraph = Callable[[str], gx.Graph]

_failed = pytest.StashKey[bool]()
_numbers = count()
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
    # last, because playwright's loop runs in this thread from its first test on
    items[:] = [item for item in items if item not in here] + here


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_failed] = report.failed
    return report


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Keep pytest-jupyter's loop away: playwright's runs in this thread."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nor is there a server of pytest-jupyter's to clean up."""


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with JupyterServer(
        tmp_path_factory.mktemp("lab"), "lab", "--LabApp.expose_app_in_browser=True"
    ) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(
    chromium: Browser, lab: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """Open JupyterLab in a browser of its own: no cookies, storage or workspace shared."""
    contexts: list[BrowserContext] = []

    def open_page(path: str = "", theme: str = "JupyterLab Light") -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        workspace = f"test-{next(_numbers)}"
        page.goto(f"{lab.url}lab/workspaces/{workspace}{path}?token={lab.token}&reset")
        page.wait_for_selector("#jp-main-dock-panel")
        page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        return page

    yield open_page
    for number, context in enumerate(contexts):
        if request.node.stash.get(_failed, True):
            RESULTS.mkdir(exist_ok=True)
            for page in context.pages:
                name = re.sub(r"\W+", "-", request.node.name)
                page.screenshot(path=RESULTS / f"{name}-{number}.png")
        context.close()


@pytest.fixture
def open_graph(lab: JupyterServer) -> Iterator[OpenGraph]:
    """Open a graph as a script on another machine does: by the server's address and token."""
    graphs: list[gx.Graph] = []

    def open_graph(name: str) -> gx.Graph:
        graphs.append(gx.open(name, url=lab.url, token=lab.token))
        return graphs[-1]

    yield open_graph
    for graph in graphs:
        graph.close()
