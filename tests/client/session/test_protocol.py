"""What a session sends and how it takes what comes, message by message (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph_ext.client.editing.conditions import Conditions
from graph_ext.client.session.sender import send
from graph_ext.core.commands import DeleteNode
from graph_ext.core.errors import ConflictError, ForbiddenError
from graph_ext.core.events import NodeCreated, NodeDeleted
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Node
from graph_ext.protocol import (
    Actor,
    ClientInfo,
    Commit,
    Credit,
    JoinSession,
    Left,
    Outcome,
    Planned,
    Presence,
    PresenceChanged,
    Rejected,
    SessionUpdated,
    Snapshot,
    SubmitCommand,
)
from tests.client.wire import SESSION, FakeWire, joined

DELETE = DeleteNode("a")
TIMEOUT_S = 30


@pytest.fixture
def wire() -> Iterator[FakeWire]:
    """A session that has asked to join."""
    made = FakeWire()
    made.settle()
    yield made
    made.io.close()


def page(*node_ids: str, more: bool, rev: int = 3) -> Snapshot:
    """Make a snapshot's page."""
    nodes = [Node(node_id) for node_id in node_ids]
    return Snapshot(session_id=SESSION, epoch="e1", rev=rev, total=100, nodes=nodes, more=more)


def client(client_id: str, **more: object) -> ClientInfo:
    """Make somebody in a session."""
    return ClientInfo(client_id=client_id, actor=Actor(f"client:{client_id}"), **more)  # type: ignore[arg-type]


def test_2_4_pages_are_granted_as_they_are_applied(wire: FakeWire) -> None:
    credit = wire.of(JoinSession)[0].credit
    assert credit is not None
    wire.give(joined(rev=3))
    came = 0
    # as long as there is credit, pages come: enough of them lead to more
    while came < 3 * credit:
        assert came < credit + sum(grant.pages for grant in wire.of(Credit))
        wire.give(page(f"n{came}", more=True))
        came += 1
    assert sum(grant.pages for grant in wire.of(Credit)) <= came
    wire.give(page("last", more=False))
    assert wire.session.status == "live"
    assert len(wire.session.replica.graph.nodes) == came + 1


def test_2_4_a_snapshot_that_begins_anew_is_granted_anew(wire: FakeWire) -> None:
    credit = wire.of(JoinSession)[0].credit or 0
    wire.give(joined(rev=3), *(page(f"n{n}", more=True) for n in range(credit // 2 - 1)))
    wire.io.call(wire.session.join)
    wire.give(joined(rev=3), page("a", more=True))
    # the pages before do not count for this one
    assert wire.of(Credit) == []


def test_3_8_a_dry_run_gives_what_is_planned(wire: FakeWire) -> None:
    wire.go_live()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            send, wire.session, DELETE, TIMEOUT_S, conditions=Conditions((), 0), dry_run=True
        )
        wire.until(lambda: bool(wire.of(SubmitCommand)))
        sent = wire.of(SubmitCommand)[0]
        assert (sent.dry_run, sent.base_rev) == (True, 0)
        planned = Planned(
            session_id=SESSION,
            command_id=sent.command_id,
            rev=1,
            count=1,
            events=[NodeDeleted("a")],
        )
        wire.give(planned)
        receipt = asked.result(TIMEOUT_S)
    assert (receipt.rev, receipt.planned, receipt.commit) == (1, planned, None)
    assert wire.session.replica.rev == 0


def test_3_9_conditions_go_with_the_command_and_a_conflict_is_raised(wire: FakeWire) -> None:
    wire.go_live()
    expectation = Expectation(node_id="a", property_name="state", value="todo")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            send, wire.session, DELETE, TIMEOUT_S, conditions=Conditions((expectation,))
        )
        wire.until(lambda: bool(wire.of(SubmitCommand)))
        sent = wire.of(SubmitCommand)[0]
        assert sent.expect == [expectation]
        wire.give(
            Rejected(
                session_id=SESSION,
                command_id=sent.command_id,
                code="CONFLICT",
                message="state of node a is 'done'",
            )
        )
        with pytest.raises(ConflictError, match="is 'done'"):
            asked.result(TIMEOUT_S)


def test_a_role_that_is_changed_is_the_role_from_then_on(wire: FakeWire) -> None:
    wire.go_live()
    assert wire.session.role == "editor"
    wire.give(SessionUpdated(session_id=SESSION, role="viewer"))
    assert wire.session.role == "viewer"
    wire.give(SessionUpdated(session_id=SESSION, name="new name", members=True))
    assert (wire.session.role, wire.session.name) == ("viewer", "new name")


def test_who_loses_access_is_told_why_and_asks_no_more(wire: FakeWire) -> None:
    wire.go_live()
    why = "Ann has removed you from this session"
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(send, wire.session, DELETE, TIMEOUT_S)
        wire.until(lambda: bool(wire.of(SubmitCommand)))
        wire.give(Left(session_id=SESSION, code="FORBIDDEN", message=why))
        with pytest.raises(ForbiddenError, match=why):
            asked.result(TIMEOUT_S)
    assert wire.session.status == "ended"
    assert str(wire.session.failure) == why
    joins = len(wire.of(JoinSession))
    wire.io.call(wire.session.offline)
    wire.io.call(wire.session.join)
    wire.settle()
    assert (wire.session.status, len(wire.of(JoinSession))) == ("ended", joins)


def test_the_roster_follows_who_comes_moves_and_goes(wire: FakeWire) -> None:
    wire.give(
        joined(clients=[client("me", role="editor"), client("ann", role="owner", kind="ui")]),
        Snapshot(session_id=SESSION, epoch="e1", rev=0),
    )
    assert [(p.client_id, p.me, p.role) for p in wire.session.roster.people] == [
        ("me", True, "editor"),
        ("ann", False, "owner"),
    ]
    wire.give(
        PresenceChanged(session_id=SESSION, client=client("ann", selection=["a"], editing="a")),
        PresenceChanged(session_id=SESSION, client=client("bob", cursor=(1.0, 2.0))),
    )
    assert [
        (p.client_id, p.selection, p.editing, p.cursor) for p in wire.session.roster.people
    ] == [
        ("me", [], None, None),
        ("ann", ["a"], "a", None),
        ("bob", [], None, (1.0, 2.0)),
    ]
    wire.give(PresenceChanged(session_id=SESSION, client=client("ann", gone=True)))
    assert [p.client_id for p in wire.session.roster.people] == ["me", "bob"]
    wire.io.call(wire.session.offline)
    wire.settle()
    assert wire.session.roster.people == ()


def test_presence_goes_out_at_once_and_then_only_the_newest(wire: FakeWire) -> None:
    wire.go_live(presence_per_s=50)

    async def move() -> None:
        for x in range(100):
            wire.session.presenting.show({"cursor": (float(x), 0.0)})

    wire.io.run(move, "a test")
    wire.until(lambda: len(wire.of(Presence)) > 1)
    assert [sent.cursor for sent in wire.of(Presence)] == [(0.0, 0.0), (99.0, 0.0)]


def test_presence_keeps_what_is_not_said_anew_and_is_said_again_after_a_reconnect(
    wire: FakeWire,
) -> None:
    wire.session.present({"selection": ["a"]})
    wire.settle()
    assert wire.of(Presence) == []  # not before the session is joined
    wire.go_live(presence_per_s=1000)
    wire.session.present({"cursor": (1.0, 2.0)})
    state = Presence(session_id=SESSION, selection=["a"], cursor=(1.0, 2.0))
    wire.until(lambda: wire.of(Presence)[-1:] == [state])
    wire.io.call(wire.session.offline)
    wire.io.call(wire.session.join)
    wire.sent.clear()
    wire.give(joined(mode="resume", presence_per_s=1000))
    wire.until(lambda: wire.of(Presence) == [state])


def test_who_shows_nothing_sends_no_presence(wire: FakeWire) -> None:
    wire.go_live()
    assert wire.of(Presence) == []


@pytest.mark.parametrize("mode", ["resume", "snapshot"])
def test_2_5_after_falling_far_behind_each_command_has_its_own_outcome(
    wire: FakeWire, mode: str
) -> None:
    wire.go_live()
    with ThreadPoolExecutor(3) as pool:
        asked = {}
        for node_id in ("done", "refused", "unknown"):
            known = len(wire.of(SubmitCommand))
            asked[node_id] = pool.submit(send, wire.session, DeleteNode(node_id), TIMEOUT_S)
            wire.until(lambda known=known: len(wire.of(SubmitCommand)) > known)  # type: ignore[misc]
        ids = [sent.command_id for sent in wire.of(SubmitCommand)]
        # the server has left out what lies between
        wire.give(commit(9, "x"))
        again = wire.of(JoinSession)[-1]
        assert again.pending == ids
        assert again.since is not None
        wire.sent.clear()
        outcomes = {ids[0]: Outcome(rev=2), ids[1]: Outcome(code="NOT_FOUND", message="no node")}
        wire.give(joined(rev=9, mode=mode, outcomes=outcomes))
        if mode == "snapshot":
            assert wire.of(SubmitCommand) == []
            wire.give(page("a", more=False, rev=9))
        else:
            wire.give(*(commit(rev, ids[0] if rev == 2 else "x") for rev in range(1, 10)))
        assert asked["done"].result(TIMEOUT_S).rev == 2
        with pytest.raises(KeyError, match="no node"):
            asked["refused"].result(TIMEOUT_S)
        assert [sent.command_id for sent in wire.of(SubmitCommand)] == [ids[2]]
        wire.give(commit(10, ids[2]))
        assert asked["unknown"].result(TIMEOUT_S).rev == 10
    assert wire.session.status == "live"


def test_2_5_what_only_another_history_has_is_sent_again(wire: FakeWire) -> None:
    wire.go_live()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(send, wire.session, DELETE, TIMEOUT_S)
        wire.until(lambda: bool(wire.of(SubmitCommand)))
        (sent,) = wire.of(SubmitCommand)
        wire.io.call(wire.session.join)
        wire.give(joined(rev=9, mode="resume", outcomes={sent.command_id: Outcome(rev=2)}))
        # the server was put back to what it had before
        wire.io.call(wire.session.join)
        wire.sent.clear()
        wire.give(joined(rev=5), page("a", more=False, rev=5))
        assert [each.command_id for each in wire.of(SubmitCommand)] == [sent.command_id]
        wire.give(commit(6, sent.command_id))
        assert asked.result(TIMEOUT_S).rev == 6


def commit(rev: int, command_id: str) -> Commit:
    """Make a commit that adds a node."""
    return Commit(
        session_id=SESSION,
        epoch="e1",
        rev=rev,
        command_id=command_id,
        client_id="me",
        actor=Actor("client:me"),
        at=0.0,
        events=[NodeCreated(f"node of {rev}")],
    )
