"""A browser's own EventSource, on a page of the server's origin, with the login cookie (rule 10).

The page comes over a line that the test can cut.
"""

from __future__ import annotations

from playwright.sync_api import Browser, Page, Request

from tests.client.line import Line
from tests.e2e.conftest import PATIENCE_MS, OpenGraph
from tests.servers import JupyterServer

FOLLOW = """
path => {
  window.heard = [];
  window.source = new EventSource(path);
  for (const type of ['node-created', 'reset', 'left']) {
    window.source.addEventListener(type, event => {
      window.heard.push([event.type, JSON.parse(event.data).node_id]);
    });
  }
  return new Promise(resolve => { window.source.onopen = () => resolve(); });
}
"""


def wait_to_hear(page: Page, *node_ids: str) -> None:
    """Wait until as many events have come; they have to be these."""
    page.wait_for_function("count => window.heard.length >= count", arg=len(node_ids))
    assert page.evaluate("window.heard") == [["node-created", each] for each in node_ids]


def test_10_2_an_eventsource_resumes_when_its_connection_was_cut(
    lab: JupyterServer, chromium: Browser, open_graph: OpenGraph
) -> None:
    graph = open_graph("followed by a browser")
    with Line(lab.port) as line, chromium.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{line.url}lab?token={lab.token}")
        page.wait_for_selector("#jp-main-dock-panel")
        path = f"/graph-ext/api/v1/sessions/{graph.session_id}/events"
        asked: list[Request] = []
        page.on("request", lambda each: asked.append(each) if path in each.url else None)
        page.evaluate(FOLLOW, f"{path}?types=node-created")
        graph.add_node("a")
        graph.add_node("b")
        wait_to_hear(page, "a", "b")
        line.cut()
        # the browser waits for as long as the stream's retry says before it comes again
        graph.add_node("c")
        wait_to_hear(page, "a", "b", "c")
        graph.add_node("d")
        wait_to_hear(page, "a", "b", "c", "d")
        headers = [each.all_headers() for each in asked]
        assert [each.get("last-event-id", "") for each in headers] == [
            "",
            f"{graph.replica.epoch}:2",
        ]
        assert all("authorization" not in each and each["cookie"] for each in headers)
        page.evaluate("window.source.close()")
