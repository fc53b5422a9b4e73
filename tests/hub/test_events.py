"""The events view: what local subscribers hear (DESIGN, 4)."""

import asyncio
import inspect
import threading
from typing import Any

import pytest

from graph_ext.broadcaster import EVENT_TYPES, Broadcaster, broadcaster_of
from graph_ext.core.commands import Batch, DeleteNode, SetProperty, Undo
from graph_ext.core.errors import NotFoundError
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from tests.commits import link, many, node
from tests.hub.conftest import Person


class Ear:
    """Hears events of all types, in order."""

    def __init__(self, broadcaster: Broadcaster, *types: str) -> None:
        self.events: list[dict[str, Any]] = []
        self._heard = asyncio.Event()
        for event_type in types or EVENT_TYPES:
            broadcaster.subscribe(event_type, self)

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self._heard.set()

    async def until(self, count: int) -> list[dict[str, Any]]:
        while len(self.events) < count:
            self._heard.clear()
            await self._heard.wait()
        return self.events

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


async def test_a_commit_is_spelled_out(hub: Hub, session: Session) -> None:
    ear = Ear(hub.broadcaster)
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a", effort=3), node("b"), link("ab", "a", "b")]), "k1")
    await ada.send(SetProperty("effort", 5, node_id="a"), "k2")
    await ada.send(DeleteNode("a"), "k3")
    await ear.until(13)
    assert ear.types == [
        "session-connected",
        "command-executing",
        "node-created",
        "node-created",
        "node-linked",
        "command-executed",
        "command-executing",
        "property-changed",
        "command-executed",
        "command-executing",
        "node-unlinked",
        "node-deleted",
        "command-executed",
    ]
    assert [e["command_type"] for e in ear.events if e["type"] == "command-executing"] == [
        "batch",
        "set-property",
        "delete-node",
    ]
    created = ear.events[2]
    assert created["session_id"] == session.session_id
    assert (created["rev"], created["command_id"], created["at"]) == (1, "k1", 1000.0)
    assert created["actor"] == {"actor_id": "user:ada", "name": "ada"}
    assert (created["node_id"], created["parent_id"], created["name"]) == ("a", None, "")
    assert created["properties"] == {"effort": 3}
    changed = ear.events[7]
    assert (changed["old_value"], changed["new_value"]) == (3, 5)


async def test_undo_is_an_event_of_its_own(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    ear = Ear(hub.broadcaster)
    await ada.send(Undo(), "u")
    await ear.until(4)
    assert ear.types == ["command-executing", "node-deleted", "undo", "command-executed"]
    assert (ear.events[2]["undoes"], ear.events[2]["skipped"]) == (1, [])
    assert ear.events[0]["command_type"] == "undo"


async def test_a_refused_command_is_executed_without_success(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    ear = Ear(hub.broadcaster, "command-executed")
    with pytest.raises(NotFoundError):
        await ada.send(DeleteNode("nobody"), "k")
    (event,) = ear.events
    assert event["command_id"] == "k"
    assert event["success"] is False
    assert "nobody" in event["error"]


async def test_comings_goings_and_renames_are_told(hub: Hub, session: Session) -> None:
    ear = Ear(hub.broadcaster)
    ada = await Person(session, "ada").join()
    await hub.rename(session.session_id, "goal")
    session.leave(ada.client)
    session.leave(ada.client)
    await hub.delete(session.session_id)
    assert ear.types == [
        "session-connected",
        "session-updated",
        "session-disconnected",
        "session-updated",
    ]
    assert ear.events[0]["client_id"] == ear.events[2]["client_id"] == "ada"
    assert (ear.events[1]["name"], "ended" in ear.events[1]) == ("goal", False)
    assert ear.events[3]["ended"] is True


async def test_a_long_commit_is_spelled_out_once_and_in_order(hub: Hub, session: Session) -> None:
    ear = Ear(hub.broadcaster)
    ada = await Person(session, "ada").join()
    await ada.send(many(2000, 100))
    await ada.send(node("after"))
    await ear.until(1 + 2 + 2100 + 3)
    assert ear.types.count("command-executing") == ear.types.count("command-executed") == 2
    assert ear.types[2:2102] == ["node-created"] * 2000 + ["node-linked"] * 100
    assert ear.events[-2]["node_id"] == "after"


async def test_a_callback_that_raises_hurts_nobody_else(
    hub: Hub, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: dict[str, Any]) -> None:
        raise ZeroDivisionError

    hub.broadcaster.subscribe("node-created", broken)
    ear = Ear(hub.broadcaster, "node-created")
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await ada.send(node("b"))
    await ear.until(2)
    assert hub.broadcaster.failures == {"node-created": 2}
    assert "ZeroDivisionError" in caplog.text
    assert [commit.rev for commit in ada.commits] == [1, 2]


async def test_who_unsubscribes_hears_no_more(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    left, stays = Ear(hub.broadcaster, "node-created"), Ear(hub.broadcaster, "node-created")
    await ada.send(node("a"))
    await stays.until(1)
    hub.broadcaster.unsubscribe("node-created", left)
    hub.broadcaster.unsubscribe("node-created", left)
    await ada.send(node("b"))
    await stays.until(2)
    assert len(left.events) == 1


async def test_subscribing_is_safe_from_any_thread(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    ears: list[Ear] = []

    def subscribe() -> None:
        for _ in range(50):
            ears.append(Ear(hub.broadcaster, "node-created"))

    threads = [threading.Thread(target=subscribe) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    await ada.send(node("a"))
    await ears[-1].until(1)
    assert [len(ear.events) for ear in ears] == [1] * 200


async def test_a_session_opened_later_is_heard_too(hub: Hub) -> None:
    ear = Ear(hub.broadcaster, "node-created")
    session = await hub.open((await hub.create("later")).session_id)
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    assert (await ear.until(1))[0]["session_id"] == session.session_id


def test_an_unknown_event_type_is_refused() -> None:
    with pytest.raises(ValueError, match="node-created"):
        Broadcaster().subscribe("node-made", print)


def test_there_is_one_emit_function_for_each_of_the_fifteen_types() -> None:
    broadcaster = Broadcaster()
    heard: list[dict[str, Any]] = []
    assert len(EVENT_TYPES) == 15
    for event_type in EVENT_TYPES:
        broadcaster.subscribe(event_type, heard.append)
        emit = getattr(broadcaster, "emit_" + event_type.replace("-", "_"))
        names = list(inspect.signature(emit).parameters)
        assert names[0] == "session_id"
        emit(*names)
        expected: dict[str, Any] = {"type": event_type, **{name: name for name in names}}
        if "skipped" in expected:
            expected["skipped"] = list("skipped")
        assert heard.pop() == expected, "the keys of the event are the names of the parameters"


def test_two_signatures_are_fixed_by_earlier_users() -> None:
    broadcaster = Broadcaster()
    heard: list[dict[str, Any]] = []
    broadcaster.subscribe("node-created", heard.append)
    broadcaster.subscribe("command-executed", heard.append)
    broadcaster.emit_node_created("s", "n", None, "Task", "Design")
    broadcaster.emit_command_executed("s", "c")
    broadcaster.emit_command_executed("s", "c", success=False, error="why")
    assert heard == [
        {
            "type": "node-created",
            "session_id": "s",
            "node_id": "n",
            "parent_id": None,
            "blueprint_type_id": "Task",
            "name": "Design",
        },
        {
            "type": "command-executed",
            "session_id": "s",
            "command_id": "c",
            "success": True,
            "error": None,
        },
        {
            "type": "command-executed",
            "session_id": "s",
            "command_id": "c",
            "success": False,
            "error": "why",
        },
    ]


async def test_other_extensions_find_the_broadcaster_in_the_settings(hub: Hub) -> None:
    assert broadcaster_of({"graph_ext_hub": hub}) is hub.broadcaster
