"""Who is there and what they look at: newest states, told as sinks can write (rules 5.3 to 5.6)."""

from typing import Any

import pytest

from graph_ext.core.errors import SchemaError
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from graph_ext.protocol import PAGE_BYTES, ClientInfo, Joined, Presence, PresenceChanged
from tests.commits import node
from tests.fakes import FakeClock
from tests.hub.conftest import Person
from tests.loop_time import LoopTime

SECOND = 1.0  # longer than any round of news takes


def seen(person: Person) -> list[ClientInfo]:
    return [m.client for m in person.sink.messages if isinstance(m, PresenceChanged)]


def roster(person: Person) -> list[ClientInfo]:
    joined = person.sink.messages[0]
    assert isinstance(joined, Joined)
    return joined.clients


def show(person: Person, **state: Any) -> None:
    message = Presence(session_id=person.session.session_id, **state)
    person.session.presence.show(person.client, message)


async def test_who_comes_moves_and_goes_is_told_and_stamped(
    session: Session, clock: FakeClock, loop_time: LoopTime
) -> None:
    ada = await Person(session, "ada").join()
    await loop_time.pass_by(SECOND)
    clock.now = 2000.0
    bob = await Person(session, "bob").join(role="viewer")
    await loop_time.pass_by(SECOND)
    show(bob, selection=["a"], cursor=(1.0, 2.0), viewport=(0.0, 0.0, 9.0, 9.0), editing="a")
    await loop_time.pass_by(SECOND)
    session.leave(bob.client)
    await loop_time.pass_by(SECOND)
    came, moved, went = seen(ada)
    assert (came.client_id, came.role, came.at) == ("bob", "viewer", 2000.0)
    assert came.actor == bob.client.actor
    assert (moved.selection, moved.cursor, moved.editing) == (["a"], (1.0, 2.0), "a")
    assert (went.client_id, went.gone, went.selection) == ("bob", True, [])
    assert [each.client_id for each in roster(bob)] == ["ada", "bob"]
    assert seen(bob) == [], "nobody is told of themselves"
    late = await Person(session, "late").join()
    assert [each.client_id for each in roster(late)] == ["ada", "late"]


async def test_only_the_newest_state_is_told_and_not_too_often(
    session: Session, loop_time: LoopTime
) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await loop_time.pass_by(SECOND)
    told = len(seen(ada))
    for x in range(100):
        show(bob, cursor=(float(x), 0.0))
    await loop_time.pass_by(0.09)
    assert [each.cursor for each in seen(ada)[told:]] == [(0.0, 0.0)], "the first at once"
    await loop_time.pass_by(0.02)
    await loop_time.pass_by(0.05)
    assert [each.cursor for each in seen(ada)[told:]] == [(0.0, 0.0), (99.0, 0.0)]
    for x in range(20):
        show(bob, cursor=(float(x), 1.0))
        await loop_time.pass_by(0.05)
    assert len(seen(ada)) - told <= 2 + 11
    await loop_time.pass_by(SECOND)
    assert seen(ada)[-1].cursor == (19.0, 1.0)
    last = len(seen(ada))
    show(bob, cursor=(19.0, 1.0))
    await loop_time.pass_by(SECOND)
    assert len(seen(ada)) == last, "nothing has changed"


async def test_a_slow_reader_gets_the_newest_when_it_can(
    session: Session, loop_time: LoopTime
) -> None:
    ada = await Person(session, "ada").join()
    others = [await Person(session, name).join() for name in ("bob", "eve", "gone")]
    await loop_time.pass_by(SECOND)
    ada.sink.room = 0
    frames = len(ada.sink.frames)
    for x in range(30):
        for other in others:
            show(other, cursor=(float(x), 0.0))
        await loop_time.pass_by(0.2)
    session.leave(others[2].client)
    await loop_time.pass_by(SECOND)
    assert len(ada.sink.frames) == frames
    ada.sink.drain()
    assert len(ada.sink.frames) == frames + 1
    newest = {each.client_id: each for each in seen(ada)[-3:]}
    assert [newest[name].cursor for name in ("bob", "eve")] == [(29.0, 0.0)] * 2
    assert newest["gone"].gone


async def test_who_gives_no_sign_is_gone_until_the_next(
    session: Session, loop_time: LoopTime
) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    show(bob, editing="a")
    for _ in range(3):
        await loop_time.pass_by(20)
        session.presence.sign(ada.client)
        session.presence.sign(bob.client)
    assert not any(each.gone for each in seen(ada))
    await loop_time.pass_by(29)
    session.presence.sign(ada.client)
    await loop_time.pass_by(2)
    await loop_time.pass_by(SECOND)
    assert (seen(ada)[-1].client_id, seen(ada)[-1].gone) == ("bob", True)
    late = await Person(session, "late").join()
    assert [each.client_id for each in roster(late)] == ["ada", "late"]
    assert bob.client in session.clients, "it is still there, and gets everything"
    session.presence.sign(bob.client)
    await loop_time.pass_by(SECOND)
    assert (seen(ada)[-1].client_id, seen(ada)[-1].gone) == ("bob", False)
    assert seen(ada)[-1].editing == "a"


async def test_an_old_connection_of_a_client_that_is_back_says_nothing_of_it(
    session: Session, loop_time: LoopTime
) -> None:
    ada = await Person(session, "ada").join()
    before = await Person(session, "bob").join()
    show(before, editing="a")
    back = await Person(session, "bob").join()
    await loop_time.pass_by(SECOND)
    assert (seen(ada)[-1].client_id, seen(ada)[-1].editing) == ("bob", None)
    told = len(seen(ada))
    show(before, editing="b")
    session.leave(before.client)
    await loop_time.pass_by(SECOND)
    assert len(seen(ada)) == told
    session.leave(back.client)
    session.presence.sign(back.client)
    await loop_time.pass_by(SECOND)
    assert seen(ada)[-1].gone
    assert list(session.presence._entries) == ["ada"], "nothing is kept of who has left"


async def test_another_role_is_told_and_who_has_none_is_gone(
    session: Session, loop_time: LoopTime
) -> None:
    ada = await Person(session, "ada").join()
    eve = await Person(session, "eve").join(role="viewer")
    await loop_time.pass_by(SECOND)
    session.set_role(eve.client, "editor")
    await loop_time.pass_by(SECOND)
    assert seen(ada)[-1].role == "editor"
    session.set_role(eve.client, None)
    told = len(eve.sink.frames)
    await loop_time.pass_by(SECOND)
    assert seen(ada)[-1].gone
    show(ada, editing="a")
    await loop_time.pass_by(SECOND)
    assert len(eve.sink.frames) == told


async def test_a_long_roster_comes_in_parts(session: Session, loop_time: LoopTime) -> None:
    many = [await Person(session, f"c{i}").join() for i in range(300)]
    for person in many:
        show(person, selection=[f"element-{i}" for i in range(20)])
    await loop_time.pass_by(SECOND)
    late = await Person(session, "late").join()
    assert len(late.sink.frames[0]) < PAGE_BYTES
    assert 0 < len(roster(late)) < 300
    await loop_time.pass_by(SECOND)
    known = [each.client_id for each in roster(late) + seen(late)]
    assert sorted({*known, "late"}) == sorted([*(f"c{i}" for i in range(300)), "late"])
    assert len(known) == len(set(known))
    assert all(len(frame) < PAGE_BYTES + 2000 for frame in late.sink.frames)


async def test_a_long_selection_is_shortened(session: Session, loop_time: LoopTime) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    show(bob, selection=[f"{i}" for i in range(5000)])
    await loop_time.pass_by(SECOND)
    assert seen(ada)[-1].selection == [f"{i}" for i in range(1000)]
    show(bob, selection=["x" * 256] * 900)
    await loop_time.pass_by(SECOND)
    assert 50 < len(seen(ada)[-1].selection) < 70


@pytest.mark.parametrize(
    "state",
    [
        {"cursor": (float("nan"), 0.0)},
        {"viewport": (0.0, float("inf"), 1.0, 1.0)},
        {"selection": ["a", ""]},
        {"selection": ["x" * 257]},
        {"editing": "a\nb"},
    ],
)
async def test_what_is_no_state_is_refused(session: Session, state: dict[str, Any]) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(SchemaError):
        show(ada, **state)


async def test_nothing_of_it_outlives_the_session(
    hub: Hub, session: Session, loop_time: LoopTime
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    show(ada, cursor=(0.0, 0.0))
    show(ada, cursor=(1.0, 0.0))
    await hub._close(session.session_id)
    told = len(ada.sink.frames)
    await loop_time.pass_by(100)
    assert len(ada.sink.frames) == told
