"""Conditions and dry runs of commands, in their order in the session (rules 3.8 to 3.11)."""

import asyncio

import pytest

from graph_ext.core.commands import (
    Batch,
    Command,
    DeleteNode,
    Redo,
    SetProperty,
    Undo,
)
from graph_ext.core.errors import (
    ConflictError,
    DuplicateIdError,
    ForbiddenError,
    GraphError,
    NotFoundError,
    ReadOnlyError,
    UndoEmptyError,
    UndoNothingLeftError,
)
from graph_ext.core.expectations import Expectation
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from graph_ext.protocol import PAGE_BYTES, Actor, Planned, encode
from tests.commits import link, many, node, state_of
from tests.fakes import FaultyStore
from tests.hub.conftest import Person


async def dry(person: Person, command: Command) -> Planned:
    """Run a command dry, and see that the graph is the same after it."""
    session = person.session
    before = state_of(session._journal.graph)
    done = await person.submit(command, dry_run=True)
    nodes, links, blueprint = state_of(session._journal.graph)
    assert sorted(nodes, key=str) == sorted(before[0], key=str)  # type: ignore[call-overload]
    assert sorted(links, key=str) == sorted(before[1], key=str)  # type: ignore[call-overload]
    assert blueprint == before[2]
    assert done.planned is not None
    assert done.planned.rev == done.rev == session.info().rev + 1
    return done.planned


# --- base_rev and expect ----------------------------------------------------------------------


async def test_a_command_on_an_older_rev_is_a_conflict(session: Session) -> None:
    ada = await Person(session, "ada").join()
    assert await ada.send(node("a"), base_rev=0) == 1
    with pytest.raises(ConflictError, match="at rev 1, not at 0") as caught:
        await ada.send(node("b"), base_rev=0)
    assert caught.value.path == "base_rev"
    assert await ada.send(node("b"), base_rev=1) == 2
    for command in (many(500), Undo()):
        with pytest.raises(ConflictError, match="at rev 2"):
            await ada.send(command, base_rev=1)


async def test_base_rev_is_that_of_the_graph_with_what_is_in_flight(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    first = ada.send(node("a"))
    second, third = ada.send(node("b"), base_rev=0), ada.send(node("c"), base_rev=1)
    store.held.set()
    assert await first == 1
    with pytest.raises(ConflictError):
        await second
    assert await third == 2


async def test_of_two_who_expect_the_same_one_succeeds(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a", owner=None))
    free = [Expectation(node_id="a", property_name="owner", value=None)]
    both = [
        person.send(SetProperty("owner", person.name, node_id="a"), expect=free)
        for person in (ada, bob)
    ]
    won, lost = await asyncio.gather(*both, return_exceptions=True)
    assert won == 2
    assert isinstance(lost, ConflictError)
    assert lost.message == "owner of node 'a' is 'ada', not None"


async def test_long_commands_have_conditions_too(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    with pytest.raises(ConflictError):
        await ada.send(node("b"), expect=[Expectation(node_id="x")])
    with pytest.raises(ConflictError):
        await ada.send(many(500), expect=[Expectation(node_id="x")])
    with pytest.raises(ConflictError):
        await ada.send(Undo(), expect=[Expectation(node_id="a", exists=False)])
    assert await ada.send(Undo(), expect=[Expectation(node_id="a")]) == 2


async def test_many_conditions_are_checked_away_from_the_event_loop(session: Session) -> None:
    ada = await Person(session, "ada").join()
    expect = [Expectation(node_id=f"n{i}", exists=False) for i in range(1000)]
    done = ada.send(node("a"), expect=expect)
    assert session._pipeline._held is not None
    assert await done == 1


async def test_a_repeated_command_has_its_old_outcome_whatever_it_carries(
    session: Session,
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"), "k", base_rev=0)
    again = await ada.submit(node("a"), "k", base_rev=0)
    assert (again.rev, again.repeated) == (1, True)
    assert await ada.send(node("a"), "k", expect=[Expectation(node_id="x")]) == 1
    with pytest.raises(ConflictError):
        await ada.send(node("b"), "k2", base_rev=0)
    with pytest.raises(ConflictError):
        await ada.send(node("b"), "k2", base_rev=1)


async def test_the_last_part_of_a_batch_has_the_conditions(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a")]), "k", more=True, base_rev=7)
    assert await ada.send(Batch([node("b")]), "k", base_rev=0) == 1


async def test_commands_without_a_socket_have_conditions_and_a_client(session: Session) -> None:
    ada = await Person(session, "ada").join()
    actor = Actor("user:eve", "Eve")
    done = await session.execute("k", node("a"), actor, client_id="tab", base_rev=0)
    assert (done.rev, done.repeated, done.planned) == (1, False, None)
    (commit,) = ada.commits
    assert (commit.client_id, commit.actor) == ("tab", actor)
    with pytest.raises(ConflictError):
        await session.execute("k2", node("b"), actor, base_rev=0)
    absent = [Expectation(node_id="a", exists=False)]
    with pytest.raises(ConflictError):
        await session.execute("k3", node("b"), actor, expect=absent)
    done = await session.execute("k4", node("b"), actor, dry_run=True)
    assert (done.rev, done.planned is not None) == (2, True)
    assert (await session.execute("k", node("a"), actor)).repeated


# --- dry runs ---------------------------------------------------------------------------------


async def test_a_dry_run_says_what_would_happen_and_changes_nothing(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(Batch([node("a", effort=1), node("b"), link("ab", "a", "b")]))
    seen = len(ada.sink.frames), len(bob.sink.frames)
    planned = await dry(ada, DeleteNode("a"))
    assert planned.count == 2
    assert [type(event).__name__ for event in planned.events] == ["NodeUnlinked", "NodeDeleted"]
    planned = await dry(ada, Batch([node("c"), SetProperty("effort", 2, node_id="a")]))
    assert planned.events[1].old_value == 1  # type: ignore[union-attr]
    assert (len(ada.sink.frames), len(bob.sink.frames)) == seen, "nobody hears of it"
    assert session.info().rev == 1
    assert await ada.send(node("c")) == 2


async def test_a_long_dry_run_changes_nothing_and_shows_a_page(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(300, 100))
    planned = await dry(ada, many(3000, prefix="m"))
    assert planned.count == 3000
    assert 0 < len(planned.events) < 1000
    assert len(encode(planned)) < PAGE_BYTES + 1000
    planned = await dry(ada, Batch([node(f"x{i}") for i in range(2000)]))
    assert (planned.count, len(planned.events)) == (2000, 1000)
    assert await ada.send(many(3000, prefix="m")) == 2


async def test_undo_and_redo_can_be_run_dry(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(Batch([node("a"), node("b", effort=1)]))
    await ada.send(Batch([SetProperty("effort", 2, node_id="b"), SetProperty("x", 2, node_id="a")]))
    await bob.send(SetProperty("effort", 3, node_id="b"))
    for _ in range(2):
        planned = await dry(ada, Undo())
        assert (planned.count, planned.skipped[0].by) == (1, "bob")
    with pytest.raises(UndoEmptyError):
        await ada.submit(Redo(), dry_run=True)
    assert await ada.send(Undo()) == 4
    planned = await dry(ada, Redo())
    assert planned.count == 1
    assert await ada.send(Redo()) == 5


async def test_a_dry_undo_of_nothing_left_drops_nothing(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a"))
    await bob.send(node("b", x=0))
    await ada.send(SetProperty("x", 1, node_id="b"))
    await bob.send(DeleteNode("b"))
    for _ in range(2):
        with pytest.raises(UndoNothingLeftError):
            await ada.submit(Undo(), dry_run=True)
    with pytest.raises(UndoNothingLeftError):
        await ada.send(Undo())
    planned = await dry(ada, Undo())
    assert planned.events[0].node_id == "a"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (node("a"), DuplicateIdError),
        (Batch([*many(500).commands, node("n0")]), DuplicateIdError),
        (DeleteNode("x"), NotFoundError),
        (Redo(), UndoEmptyError),
    ],
)
async def test_what_would_be_refused_is_and_is_not_remembered(
    hub: Hub, session: Session, command: Command, error: type[GraphError]
) -> None:
    heard: list[dict[str, object]] = []
    hub.broadcaster.subscribe("command-executed", heard.append)
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    before = state_of(session._journal.graph)
    with pytest.raises(error):
        await ada.submit(command, "k", dry_run=True)
    assert state_of(session._journal.graph) == before
    assert await ada.send(node("b"), "k") == 2
    assert all(event["success"] for event in heard), "nobody hears of the refusal"


async def test_a_dry_run_is_no_outcome_of_its_command(session: Session) -> None:
    ada = await Person(session, "ada").join()
    done = [
        ada.submit(node("a"), "k", dry_run=True),
        ada.submit(node("a"), "k"),
        ada.submit(many(300), "k2", dry_run=True),
        ada.submit(many(300), "k2"),
    ]
    outcomes = await asyncio.gather(*done)
    assert [each.rev for each in outcomes] == [1, 1, 2, 2]
    assert [each.planned is None for each in outcomes] == [False, True, False, True]
    with pytest.raises(DuplicateIdError):
        await ada.submit(node("a"), "k", dry_run=True)


async def test_conditions_hold_for_dry_runs(session: Session) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(ConflictError):
        await ada.submit(node("a"), dry_run=True, base_rev=1)
    with pytest.raises(ConflictError):
        await ada.submit(node("a"), dry_run=True, expect=[Expectation(node_id="a")])


async def test_who_may_not_do_it_may_not_try_it(session: Session) -> None:
    eve = await Person(session, "eve").join(role="viewer")
    with pytest.raises(ForbiddenError):
        await eve.submit(node("a"), dry_run=True)
    session._store.damaged = "damaged from rev 1"
    eve.client.role = "editor"
    with pytest.raises(ReadOnlyError):
        await eve.submit(node("a"), dry_run=True)
