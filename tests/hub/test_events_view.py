"""Following the events view: one translation for all, places, types, slow ones (protocol, 9)."""

import asyncio
import json
from collections.abc import Iterable

import pytest

from graph_ext.broadcaster import EVENT_TYPES
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import (
    Batch,
    DeleteNode,
    DeleteProperty,
    Redo,
    SetProperty,
    Undo,
    UnlinkNodes,
    UpdateBlueprint,
    UpdateNode,
)
from graph_ext.core.errors import GoneError, NotFoundError, SchemaError, UnavailableError
from graph_ext.hub.event_slices import ALL_TYPES
from graph_ext.hub.events_view import EventsFollower, check_types
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.ports import LAST
from graph_ext.hub.session import Session
from graph_ext.protocol import Cursor, JoinSession, encode
from tests.commits import counter, link, many, node
from tests.fakes import FakeClock, FakeTarget, FaultyStore
from tests.hub.conftest import Person


def follow(
    session: Session,
    target: FakeTarget,
    since: Cursor | None = None,
    types: Iterable[str] = ALL_TYPES,
) -> EventsFollower:
    return session.follow_events(target, since, check_types(types), target.end)


async def test_9_1_every_event_type_is_seen_through_a_real_session(
    hub: Hub, session: Session
) -> None:
    target = FakeTarget()
    follow(session, target)
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a"), node("b"), link("ab", "a", "b")]))
    await ada.send(UpdateNode("a", name="A"))
    await ada.send(SetProperty("effort", 5, node_id="a"))
    await ada.send(DeleteProperty("effort", node_id="a"))
    await ada.send(UnlinkNodes("ab"))
    await ada.send(DeleteNode("b"))
    await ada.send(Undo())
    await ada.send(Redo())
    await ada.send(UpdateBlueprint(Blueprint()))
    await hub.rename(session.session_id, "goal")
    session.leave(ada.client)
    assert set(target.types) == set(EVENT_TYPES)
    assert {event["session_id"] for event in target.events} == {session.session_id}
    revs = [event.rev for each in target.slices for event in each.events]
    assert revs == [event.get("rev") for event in target.events]


async def test_9_2_events_reach_only_followers_of_their_session(hub: Hub, session: Session) -> None:
    other = await hub.open((await hub.create("other")).session_id)
    here, there = FakeTarget(), FakeTarget()
    follow(session, here)
    follow(other, there)
    ada, bob = await Person(session, "ada").join(), await Person(other, "bob").join()
    await ada.send(node("a"))
    await bob.send(node("b"))
    with pytest.raises(NotFoundError):
        await bob.send(DeleteNode("nobody"))
    assert [e["node_id"] for e in here.events if e["type"] == "node-created"] == ["a"]
    assert [e["node_id"] for e in there.events if e["type"] == "node-created"] == ["b"]
    assert {e["session_id"] for e in here.events} == {session.session_id}
    assert {e["session_id"] for e in there.events} == {other.session_id}


async def test_9_3_who_wants_some_types_gets_only_these_and_all_places(session: Session) -> None:
    target = FakeTarget()
    follow(session, target, types=["node-linked"])
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a"), node("b"), link("ab", "a", "b")]))
    await ada.send(node("c"))
    assert target.types == ["node-linked"]
    assert [each.place[0] for each in target.slices if each.place] == [1, 2]


def test_9_3_an_unknown_type_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(SchemaError, match="node-created"):
        check_types(["node-created", "node-made"])


async def test_9_4_a_follower_goes_on_after_the_commit_it_names(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for name in "abc":
        await ada.send(node(name))
    target = FakeTarget()
    follow(session, target, Cursor(ada.epoch, 1))
    assert [e["rev"] for e in target.events] == [2, 2, 2, 3, 3, 3]
    assert target.slices[-1].place is not None
    assert target.slices[-1].place[0] == 3


@pytest.mark.parametrize("since", [Cursor("another", 1), Cursor("", 0), Cursor("here", 9)])
async def test_9_5_a_place_that_can_not_be_had_is_gone_and_says_what_to_do(
    session: Session, since: Cursor
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    if since.epoch == "here":
        since = Cursor(ada.epoch, since.rev)
    with pytest.raises(GoneError, match="read the graph as it is now"):
        follow(session, FakeTarget(), since)


async def test_9_6_a_thousand_followers_cost_one_translation(session: Session) -> None:
    targets = [FakeTarget() for _ in range(1000)]
    for index, target in enumerate(targets):
        follow(session, target, types=["node-created"] if index % 2 else ALL_TYPES)
    ada = await Person(session, "ada").join()
    for name in "abc":
        await ada.send(node(name))
    assert {len(target.types) for target in targets} == {3, 10}
    encoded = {id(event) for target in targets for each in target.slices for event in each.events}
    assert len(encoded) == 10
    assert targets[0].slices[1].frame is targets[2].slices[1].frame


async def test_9_7_a_slow_follower_holds_one_slice_and_catches_up_in_order(
    session: Session,
) -> None:
    target = FakeTarget(full=True)
    follower = follow(session, target)
    ada = await Person(session, "ada").join()
    await ada.send(many(450))
    for i in range(20):
        await ada.send(node(f"after{i}"))
    with pytest.raises(NotFoundError):
        await ada.send(DeleteNode("nobody"))
    assert target.slices == []
    target.drain(room=1)
    await target.until_events(100)
    assert len(target.types) == 100, "no more than it has room for"
    assert follower.place == (0, LAST), "the commit has not been had as a whole"
    target.drain()
    events = await target.until_events(2 + 450 + 60)
    assert [e["rev"] for e in events] == [1] * 452 + [2 + i // 3 for i in range(60)]
    assert max(len(each.events) for each in target.slices) <= 100
    assert "success" in events[-1], "the refusal was dropped, for it is in no log"
    assert events[-1]["success"] is True


async def test_9_7_events_are_handed_on_a_hundred_a_turn(session: Session) -> None:
    target = FakeTarget()
    ada = await Person(session, "ada").join()
    await ada.send(many(1000))
    turns: list[int] = []

    def count() -> None:
        turns.append(len(target.types))
        if len(target.types) < 1002:
            asyncio.get_running_loop().call_soon(count)

    follow(session, target, Cursor(ada.epoch, 0))
    count()
    await target.until_events(1002)
    count()
    # two: the follower's turn, and that of who reads from the store
    assert max(b - a for a, b in zip([0, *turns], turns, strict=False)) <= 200


async def test_9_8_refusals_and_comings_are_told_to_those_at_the_end(session: Session) -> None:
    target = FakeTarget()
    follow(session, target, types=["command-executed", "session-connected"])
    ada = await Person(session, "ada").join()
    with pytest.raises(NotFoundError):
        await ada.send(DeleteNode("nobody"), "k")
    assert target.types == ["session-connected", "command-executed"]
    refusal = target.events[1]
    assert (refusal["command_id"], refusal["success"]) == ("k", False)
    assert [each.place for each in target.slices] == [None, None]


async def test_who_stops_gets_no_more_and_keeps_the_session_open_no_longer(
    hub: Hub, session: Session
) -> None:
    target, quiet = FakeTarget(), FakeTarget()
    follower = follow(session, target)
    session.follow_events(quiet, None, ALL_TYPES, quiet.end, keeps_open=False)
    idle = [session.idle]
    follower.stop()
    follower.stop()
    assert [*idle, session.idle] == [False, True]
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    assert not target.slices
    assert not target.ended
    assert len(quiet.types) == 4


async def test_the_end_of_a_session_is_told_once(hub: Hub, session: Session) -> None:
    target = FakeTarget()
    follow(session, target)
    await hub.delete(session.session_id)
    (event,) = target.events
    assert (event["type"], event["ended"]) == ("session-updated", True)
    assert [type(error) for error in target.ended] == [GoneError]
    with pytest.raises(GoneError):
        follow(session, FakeTarget())


async def test_a_follower_whose_log_can_not_be_read_is_told(
    store: FaultyStore, clock: FakeClock
) -> None:
    hub = Hub(store, HubLimits(tail_bytes=0), clock, counter("0" * 31))
    session = await hub.open((await hub.create("plan")).session_id)
    ada = await Person(session, "ada").join()
    for name in "abc":
        await ada.send(node(name))
    target = FakeTarget()
    store.reads_failing = "the disk is gone"
    follow(session, target, Cursor(ada.epoch, 0))
    await asyncio.wait_for(target.told.wait(), 30)
    (error,) = target.ended
    assert isinstance(error, UnavailableError)
    store.reads_failing = ""
    await hub.close()
    assert target.ended == [error], "told once"


async def test_a_long_commit_in_parts_is_spelled_out_once_for_late_readers(
    session: Session,
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(2000, 100))
    late = FakeTarget()
    follow(session, late, Cursor(ada.epoch, 0))
    events = await late.until_events(2102)
    assert [e["type"] for e in events].count("command-executing") == 1
    assert events[-1]["type"] == "command-executed"
    assert [each.place for each in late.slices if each.place] == [(1, LAST)]


# --- over the protocol ------------------------------------------------------------------------


async def test_9_9_a_client_of_the_events_view_gets_no_snapshot(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    target = FakeTarget()
    message = JoinSession(
        session_id=session.session_id, client_id="bob", view="events", events=["node-created"]
    )
    bob = await session.join(message, ada.client.actor, lambda: "viewer", target, lambda *_: None)
    await ada.send(node("b"))
    joined, event = (json.loads(frame) for frame in target.frames)
    assert (joined["type"], joined["mode"], joined["rev"]) == ("joined", "resume", 1)
    assert (event["type"], event["node_id"], event["rev"]) == ("node-created", "b", 2)
    session.leave(bob)
    await ada.send(node("c"))
    assert len(target.frames) == 2


async def test_9_9_joining_with_an_unknown_event_type_is_refused(session: Session) -> None:
    ada = await Person(session, "ada").join()
    message = JoinSession(
        session_id=session.session_id, client_id="bob", view="events", events=["x"]
    )
    with pytest.raises(SchemaError, match="no event type 'x'"):
        await session.join(
            message, ada.client.actor, lambda: "viewer", FakeTarget(), lambda *_: None
        )
    assert encode(message)
