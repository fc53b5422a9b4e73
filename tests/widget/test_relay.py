"""A page without a Jupyter server follows a session through the kernel (decision 004)."""

from __future__ import annotations

import json
from typing import Any

from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.widget import GraphWidget
from tests.servers import JupyterServer
from tests.widget.page import Page


def messages(page: Page) -> list[dict[str, Any]]:
    """The messages of the next frame."""
    frame = json.loads(page.next_custom("frame")["data"])
    return frame if isinstance(frame, list) else [frame]


def next_message(page: Page, type_: str) -> dict[str, Any]:
    while True:
        for message in messages(page):
            if message["type"] == type_:
                return message


def next_commit_view(page: Page) -> str:
    """The view that the next commit goes to; others' comings and goings are passed over."""
    while True:
        content = page.next_custom("frame")
        frame = json.loads(content["data"])
        types = {message["type"] for message in (frame if isinstance(frame, list) else [frame])}
        if "commit" in types:
            return str(content["view"])


def join(g: SharedGraph, page: Page, view: str, client_id: str) -> None:
    """Open a view and join, as the page's session client does."""
    page.custom({"kind": "open", "view": view})
    assert page.next_custom("open")["view"] == view
    frame = {
        "type": "join_session",
        "session_id": g.session_id,
        "client_id": client_id,
        "kind": "ui",
    }
    page.custom({"kind": "frame", "view": view, "data": json.dumps(frame)})
    joined = False
    while True:
        for message in messages(page):
            if message["type"] == "joined":
                joined = message["client_id"] == client_id
            elif joined and message["type"] == "snapshot" and not message.get("more"):
                # what is committed from now on comes as a commit
                return


def test_commits_reach_the_page_and_its_commands_the_session(g: SharedGraph) -> None:
    page = Page(GraphWidget(g))
    join(g, page, "v1", "page-1")
    rev = g.rev
    g.add_node("Design")
    assert next_message(page, "commit")["events"][0]["node_id"] == "Design"
    command = {
        "type": "command",
        "session_id": g.session_id,
        "command_id": "c1",
        "command": {"type": "create-node", "node_id": "Ünïcode"},
    }
    page.custom({"kind": "frame", "view": "v1", "data": json.dumps(command)})
    assert next_message(page, "commit")["client_id"] == "page-1"
    assert g.replica.wait_beyond(rev + 1, 30)
    assert list(g) == ["Design", "Ünïcode"]


def test_each_view_has_a_socket_of_its_own(g: SharedGraph) -> None:
    page = Page(GraphWidget(g))
    join(g, page, "v1", "page-1")
    join(g, page, "v2", "page-2")
    g.add_node("a")
    assert {next_commit_view(page), next_commit_view(page)} == {"v1", "v2"}


def test_a_closed_view_gets_no_more(g: SharedGraph, jupyter: JupyterServer) -> None:
    page = Page(GraphWidget(g))
    join(g, page, "v1", "page-1")
    join(g, page, "v2", "page-2")
    page.custom({"kind": "close", "view": "v1"})
    page.custom({"kind": "frame", "view": "v1", "data": "{}"})
    g.add_node("a")
    # the close was done on the I/O thread before this commit came there
    assert next_commit_view(page) == "v2"


def test_the_page_is_told_when_the_server_can_not_be_reached(g: SharedGraph) -> None:
    widget = GraphWidget(g)
    server = g.connection.server
    g.connection.server = Server("http://127.0.0.1:9/")
    page = Page(widget)
    page.custom({"kind": "open", "view": "v1"})
    assert "can't be reached" in page.next_custom("close")["data"]
    g.connection.server = server
    join(g, page, "v1", "page-1")


def test_messages_that_are_none_are_passed_over(g: SharedGraph) -> None:
    page = Page(GraphWidget(g))
    for content in (
        {},
        {"kind": "open"},
        {"kind": "open", "view": 3},
        {"kind": "frame", "view": "x"},
    ):
        page.custom(content)
    join(g, page, "v1", "page-1")


def test_pages_that_leave_without_a_word_do_not_pile_up(
    g: SharedGraph, jupyter: JupyterServer
) -> None:
    widget = GraphWidget(g)
    page = Page(widget)
    for index in range(12):
        join(g, page, f"v{index}", f"page-{index}")
    assert len(widget._relays) == 8
    widget.close()
    assert len(widget._relays) == 0
    connection = Connection(Server(jupyter.url, jupyter.token), kind="agent", label="test")
    assert open_over(connection, g.name).status == "live"
    connection.io.close()
