"""What stands in no log is heard, too: who comes and goes, a rename, an end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from graph_ext.client.graph import SharedGraph
from graph_ext.client.watching import watcher
from graph_ext.protocol import EVENT_TYPES
from tests.client.conftest import OpenGraph, until
from tests.client.requests import delete_session, rename_session
from tests.client.watching.test_callbacks import PATIENCE_S, Heard
from tests.servers import JupyterServer

MOVEMENTS = ["session-connected", "session-disconnected"]


def test_who_comes_and_goes_is_heard_between_the_commits(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    heard = Heard()
    g.on([*MOVEMENTS, "node-created"])(heard)
    other = open_graph()
    client_id = other.connection.client_id
    come = heard.next()
    other.add_node("a")
    made = heard.next()
    other.close()
    gone = heard.next()
    types = [event.type for event in (come, made, gone)]
    assert types == [MOVEMENTS[0], "node-created", MOVEMENTS[1]]
    assert (come.client_id, gone.client_id) == (client_id, client_id)
    assert (come.actor.name, come.rev, come.mine, come.node) == ("client 1", 0, False, None)
    assert gone.at >= come.at > 1e9


def test_a_rename_and_an_end_are_heard(g: SharedGraph, jupyter: JupyterServer, name: str) -> None:
    heard = Heard()
    g.on("session-updated")(heard)
    rename_session(jupyter, g.session_id, f"{name} renamed")
    renamed = heard.next()
    assert (renamed.type, renamed.name, renamed.ended) == (
        "session-updated",
        f"{name} renamed",
        False,
    )
    delete_session(jupyter, g.session_id)
    assert heard.next().ended


def test_all_are_the_15_event_types_and_a_filter_for_elements_lets_no_session_event_through(
    g: SharedGraph, open_graph: OpenGraph
) -> None:
    everything, of_tasks, of_people = Heard(), Heard(), Heard()
    g.on()(everything)
    g.on(type="Task")(of_tasks)
    g.on(actor="client 1")(of_people)
    assert g.watches[0].types == {*EVENT_TYPES, "reset"}
    assert len(EVENT_TYPES) == 15
    other = open_graph()
    assert everything.next().type == of_people.next().type == "session-connected"
    other.add_node("a", type="Task")
    assert of_tasks.next().type == "node-created"


def test_who_came_and_went_while_the_server_was_away_is_told_afterwards(
    open_graph: OpenGraph, mortal: JupyterServer
) -> None:
    g = open_graph(server=mortal, timeout_s=PATIENCE_S)
    heard = Heard()
    g.on(MOVEMENTS)(heard)
    other = open_graph(server=mortal, timeout_s=PATIENCE_S)
    assert heard.next().client_id == other.connection.client_id
    mortal.kill()
    until(g, "offline")
    until(other, "offline")
    other.close()
    mortal.start()
    until(g, "live")
    late = open_graph(server=mortal)
    gone, come = heard.next(), heard.next()
    assert (gone.type, gone.client_id) == (MOVEMENTS[1], other.connection.client_id)
    assert (come.type, come.client_id) == (MOVEMENTS[0], late.connection.client_id)


def test_of_more_session_events_than_are_kept_the_oldest_go_and_that_is_said(
    g: SharedGraph,
    jupyter: JupyterServer,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(watcher, "_FACTS", 3)
    heard, at_work, gate = Heard(), threading.Event(), threading.Event()

    @g.on(["session-updated", "node-created"])
    def slow(event: Any) -> None:
        at_work.set()
        gate.wait(PATIENCE_S)
        heard(event)

    g.add_node("a")
    assert at_work.wait(PATIENCE_S)
    for number in range(5):
        rename_session(jupyter, g.session_id, f"{name} {number}")
    assert g.replica.wait_until(lambda: g.name == f"{name} 4", PATIENCE_S)
    gate.set()
    assert heard.next().node == "a"
    names = [heard.next().name for _ in range(3)]
    assert [name.split()[-1] for name in names] == ["2", "3", "4"]
    assert "2 session events are lost" in capfd.readouterr().err
