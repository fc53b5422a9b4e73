"""Commands on their way through a session (rules 3.1 to 3.7), and what goes wrong on it.

Long: whatever may happen to a command happens to the same session with the same fakes.
"""

import asyncio

import pytest

from graph_ext.core.commands import Batch, DeleteNode, Redo, SetProperty, Undo, UpdateNode
from graph_ext.core.errors import (
    BadMessageError,
    DuplicateIdError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RateLimitedError,
    ReadOnlyError,
    SchemaError,
    TooLargeError,
    UnavailableError,
    UndoEmptyError,
)
from graph_ext.hub import opening
from graph_ext.hub.channel import FAR_COMMITS
from graph_ext.hub.hub import Hub
from graph_ext.hub.pace import Pace
from graph_ext.hub.session import Session
from graph_ext.protocol import Commit, Cursor, Joined, SessionUpdated, Snapshot
from tests.commits import Maker, link, many, node
from tests.fakes import FaultyStore
from tests.hub.conftest import Person


async def everything(session: Session) -> tuple[set[str], set[str]]:
    """The ids that a late joiner gets."""
    late = await Person(session, "late").join()
    messages = await late.sink.until(
        lambda messages: any(isinstance(m, Snapshot) and not m.more for m in messages)
    )
    session.leave(late.client)
    pages = [message for message in messages if isinstance(message, Snapshot)]
    nodes = {each.node_id for page in pages for each in page.nodes}
    return nodes, {each.link_id for page in pages for each in page.links}


async def test_the_sender_gets_its_own_commit_stamped(session: Session) -> None:
    ada = await Person(session, "ada").join()
    assert await ada.send(node("a"), "k1") == 1
    (commit,) = ada.commits
    assert (commit.rev, commit.command_id, commit.client_id) == (1, "k1", "ada")
    assert (commit.actor.actor_id, commit.at) == ("user:ada", 1000.0)
    assert commit.epoch == ada.epoch


async def test_revs_are_dense_and_everybody_sees_one_order(session: Session) -> None:
    people = [await Person(session, name).join() for name in ("ada", "bob", "eve")]
    done = [person.send(node(f"{person.name}{i}")) for i in range(100) for person in people]
    assert await asyncio.gather(*done) == list(range(1, 301))
    orders = [[commit.command_id for commit in person.commits] for person in people]
    assert [commit.rev for commit in people[0].commits] == list(range(1, 301))
    assert orders[0] == orders[1] == orders[2]


async def test_nothing_is_sent_before_it_is_durable(session: Session, store: FaultyStore) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    done = ada.send(node("a"))
    while not store.appended:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    assert ada.commits == []
    assert not done.done()
    store.held.set()
    await done
    assert len(ada.commits) == 1


async def test_what_waits_for_the_disk_goes_into_one_transaction(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    first = ada.send(node("first"))
    while not store.appended:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    rest = [ada.send(node(f"n{i}")) for i in range(30)]
    store.held.set()
    await asyncio.gather(first, *rest)
    assert store.appended == [[1], list(range(2, 32))]


async def test_a_refusal_changes_nothing_and_is_for_its_sender(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a"))
    with pytest.raises(DuplicateIdError):
        await ada.send(node("a"))
    with pytest.raises(NotFoundError):
        await ada.send(Batch([node("b"), SetProperty("x", 1, node_id="nobody")]))
    assert await ada.send(node("b")) == 2
    assert [commit.rev for commit in bob.commits] == [1, 2]


async def test_a_long_batch_is_one_commit_and_others_wait_in_line(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    first = bob.send(node("before"))
    long = ada.send(many(3000, 1000))
    after = bob.send(SetProperty("seen", True, node_id="n2999"))
    assert [await first, await long, await after] == [1, 2, 3]
    parts = [commit for commit in bob.commits if commit.rev == 2]
    assert len(parts) > 5
    assert sum(len(part.events) for part in parts) == 4000
    nodes, links = await everything(session)
    assert len(nodes) == 3001
    assert len(links) == 1000


async def test_a_long_batch_that_is_refused_leaves_no_trace(session: Session) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(DuplicateIdError) as caught:
        await ada.send(Batch([*many(1000).commands, node("n0")]))
    assert caught.value.path == "commands[1000].node_id"
    assert await ada.send(node("n0")) == 1
    assert await everything(session) == ({"n0"}, set())


async def test_a_batch_in_parts_happens_when_the_last_is_there(session: Session) -> None:
    ada = await Person(session, "ada").join()
    assert await ada.send(Batch([node("a")], "Import"), "k", more=True) == 0
    assert await ada.send(Batch([node("b")]), "k", more=True) == 0
    await ada.send(node("between"))
    assert await ada.send(Batch([link("ab", "a", "b")]), "k") == 2
    assert [event.node_id for event in ada.commits[0].events] == ["between"]  # type: ignore[union-attr]
    assert len(ada.commits[1].events) == 3
    assert ada.commits[1].label == "Import"


async def test_a_batch_over_its_limit_is_refused_once(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for i in range(5):
        await ada.send(Batch([node(f"{i}-{j}") for j in range(1000)]), "k", more=True)
    with pytest.raises(TooLargeError, match="5000 commands"):
        await ada.send(Batch([node("one more")]), "k", more=True)
    assert await ada.send(Batch([node("and another")]), "k", more=True) == 0
    assert await ada.send(Batch([node("last")]), "k") == 0
    with pytest.raises(TooLargeError, match="bytes"):
        await ada.send(Batch([node("heavy")]), "k2", more=True, size=100_001)
    with pytest.raises(TooLargeError, match="5000 commands"):
        await ada.send(many(5001))
    assert await ada.send(node("small")) == 1
    assert await everything(session) == ({"small"}, set())


async def test_only_a_batch_comes_in_parts(session: Session) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(BadMessageError):
        await ada.send(node("a"), "k", more=True)


async def test_a_batch_of_which_a_part_was_refused_is_never_done(
    hub: Hub, session: Session
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a")]), "k", more=True)
    session.set_role(ada.client, "viewer")
    with pytest.raises(ForbiddenError):
        await ada.send(Batch([node("b")]), "k", more=True)
    with pytest.raises(ForbiddenError):
        await ada.send(Batch([node("d")]), "k2", more=True)
    session.set_role(ada.client, "owner")
    assert await ada.send(Batch([node("c")]), "k") == 0
    assert await ada.send(Batch([node("e")]), "k2") == 0
    await ada.send(Batch([node("f")]), "k3", more=True)
    session.set_role(ada.client, "viewer")
    with pytest.raises(ForbiddenError):
        await ada.send(Batch([node("g")]), "k3")
    session.set_role(ada.client, "owner")
    assert await ada.send(node("last")) == 1
    assert await everything(session) == ({"last"}, set())


async def test_parts_of_a_batch_count_as_one_command(hub: Hub) -> None:
    hub._pace = Pace(1.0, lambda: 0.0)
    session = await hub.open((await hub.create("slow")).session_id)
    ada = await Person(session, "ada").join()
    for i in range(10):
        await ada.send(Batch([node(f"{i}")]), "k", more=True)
    assert await ada.send(Batch([node("last")]), "k") == 1
    await ada.send(Batch([node("x")]), "k2", more=True)
    with pytest.raises(RateLimitedError):
        await ada.send(Batch([node("y")]), "k2")
    hub._pace._now = lambda: 5.0
    assert await ada.send(Batch([node("z")]), "k2") == 2, "the whole may come again"
    nodes, _ = await everything(session)
    assert "x" not in nodes


async def test_a_client_with_too_many_unfinished_batches_sends_none_any_more(
    session: Session,
) -> None:
    ada = await Person(session, "ada").join()
    for i in range(1000):
        await ada.send(Batch([]), f"k{i}", more=True, size=1)
    with pytest.raises(TooLargeError, match="unfinished"):
        await ada.send(Batch([node("lost")]), "one more", more=True)
    for batch, command_id in ((Batch([node("rest")]), "one more"), (Batch([node("x")]), "other")):
        with pytest.raises(TooLargeError, match="unfinished") as caught:
            await ada.send(batch, command_id)
    assert "join again" in (caught.value.fix or "")
    assert await ada.send(node("single")) == 1
    assert await ada.send(Batch([node("a")]), "k7") == 2, "those that were begun can be finished"
    again = await Person(session, "ada").join()
    assert await again.send(Batch([node("b")])) == 3


async def test_what_was_staged_goes_with_its_client(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a")]), "k", more=True)
    session.leave(ada.client)
    ada = await Person(session, "ada").join()
    assert await ada.send(Batch([node("b")]), "k") == 1
    assert await everything(session) == ({"b"}, set())


# --- idempotency (rule 3.5) -------------------------------------------------------------------


async def test_a_command_that_comes_again_is_not_done_again(session: Session) -> None:
    ada = await Person(session, "ada").join()
    first, second = ada.send(node("a"), "k"), ada.send(node("a"), "k")
    assert [await first, await second] == [1, 1], "while it is in flight"
    assert await ada.send(node("a"), "k") == 1, "when it is done"
    await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    again = ada.commits[-1]
    assert (again.rev, again.command_id, again.events) == (1, "k", [])
    assert session.info().rev == 1


async def test_a_refused_command_is_refused_again(session: Session) -> None:
    ada = await Person(session, "ada").join()
    with pytest.raises(NotFoundError):
        await ada.send(DeleteNode("a"), "k")
    await ada.send(node("a"))
    with pytest.raises(NotFoundError):
        await ada.send(DeleteNode("a"), "k")


async def test_another_actors_command_id_never_matches(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    assert await ada.send(node("a"), "k") == 1
    assert await bob.send(node("b"), "k") == 2


async def test_outcomes_are_told_on_joining(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"), "done")
    with pytest.raises(DuplicateIdError):
        await ada.send(node("a"), "refused")
    back = await Person(session, "ada").join(pending=["done", "refused", "unheard"])
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.outcomes["done"].rev == 1
    assert joined.outcomes["refused"].code == "DUPLICATE_ID"
    assert set(joined.outcomes) == {"done", "refused"}


async def test_commands_forgotten_by_memory_are_looked_up(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 10)
    session = await hub.open((await hub.create("small")).session_id)
    ada = await Person(session, "ada").join()
    await asyncio.gather(*(ada.send(node(f"n{i}"), f"k{i}") for i in range(50)))
    fresh = [ada.send(node(f"m{i}"), f"m{i}") for i in range(300)]
    old = ada.send(node("n0"), "k0")
    assert await asyncio.gather(*fresh, old) == [*range(51, 351), 1]
    back = await Person(session, "ada").join(pending=["k3"])
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.outcomes["k3"].rev == 4


async def test_new_commands_of_a_long_session_need_no_look_up(
    hub: Hub, store: FaultyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 10)
    session = await hub.open((await hub.create("long")).session_id)
    ada = await Person(session, "ada").join()
    await asyncio.gather(*(ada.send(node(f"n{i}"), f"k{i}") for i in range(50)))
    session.leave(ada.client)
    await hub._close(session.session_id)
    session = await hub.open(session.session_id)
    ada = await Person(session, "ada").join()
    first = ada.send(node("at once"), "k50")
    assert session._pipeline._held is not None, "what is old is not known yet"
    assert await first == 51
    await asyncio.wait(session._background)
    store.reads_failing = "the disk can't be read"
    assert await asyncio.gather(*(ada.send(node(f"m{i}"), f"m{i}") for i in range(50))) == list(
        range(52, 102)
    )
    for command_id in ("k0", "k45", "m0"):
        with pytest.raises(UnavailableError):
            await ada.send(node("again"), command_id)
    store.reads_failing = ""
    assert [await ada.send(node("again"), name) for name in ("k0", "k45", "m0")] == [1, 46, 52]


async def test_old_commands_are_known_whatever_memory_can_not_read(
    hub: Hub, store: FaultyStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opening, "_KNOWN_COMMANDS", 10)
    session = await hub.open((await hub.create("long")).session_id)
    ada = await Person(session, "ada").join()
    await asyncio.gather(*(ada.send(node(f"n{i}"), f"k{i}") for i in range(50)))
    session.leave(ada.client)
    await hub._close(session.session_id)
    session = await hub.open(session.session_id)
    store.reads_failing = "the disk can't be read"
    await asyncio.wait(session._background)
    assert "can't be read" in caplog.text
    store.reads_failing = ""
    ada = await Person(session, "ada").join()
    assert await ada.send(node("again"), "k3") == 4
    assert await ada.send(node("new"), "new") == 51


# --- a disk that refuses (DESIGN, 8) ----------------------------------------------------------


async def test_what_the_disk_refuses_is_taken_back_and_writing_resumes(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(Batch([node("a", effort=1), node("b")]))
    store.failing = "disk full"
    lost = [
        ada.send(SetProperty("effort", 2, node_id="a")),
        ada.send(UpdateNode("a", name="A")),
        ada.send(link("ab", "a", "b")),
        bob.send(DeleteNode("b")),
    ]
    outcomes = await asyncio.gather(*lost, return_exceptions=True)
    assert all(isinstance(outcome, UnavailableError) for outcome in outcomes)
    assert len(bob.commits) == 1, "nobody sees what is not durable"
    store.failing = ""
    assert await ada.send(SetProperty("effort", 3, node_id="a")) == 2
    assert ada.commits[-1].events[0].old_value == 1  # type: ignore[union-attr]
    assert await everything(session) == ({"a", "b"}, set())


async def test_a_command_refused_by_the_disk_may_come_again(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.failing = "disk full"
    with pytest.raises(UnavailableError):
        await ada.send(node("a"), "k")
    store.failing = ""
    assert await ada.send(node("a"), "k") == 1


async def test_commands_behind_a_failed_write_are_judged_by_what_is_durable(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    store.failing = "disk full"
    long = ada.send(many(1000))
    while not store.appended:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    # planned while the batch is in flight, so lost with it
    with_it = ada.send(SetProperty("x", 1, node_id="n1"))
    store.held.set()
    outcomes = await asyncio.gather(long, with_it, return_exceptions=True)
    assert all(isinstance(outcome, UnavailableError) for outcome in outcomes)
    store.failing = ""
    with pytest.raises(NotFoundError):
        await ada.send(SetProperty("x", 1, node_id="n1"))
    assert await ada.send(node("n1")) == 1


async def test_a_long_command_waits_until_what_is_in_flight_is_durable_or_taken_back(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    store.held = asyncio.Event()
    store.failing = "disk full"
    short, long = ada.send(node("a")), ada.send(many(1000))
    # as long as it would take, several times over
    await asyncio.to_thread(Maker(), many(5000))
    assert store.appended == [[1]]
    store.held.set()
    with pytest.raises(UnavailableError):
        await short
    store.failing = ""
    assert await long == 1
    nodes, _ = await everything(session)
    assert nodes == {f"n{i}" for i in range(1000)}


async def test_an_error_of_ours_is_answered_and_the_graph_is_read_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("graph_ext.hub.pipeline.draft", broken)
        with pytest.raises(UnavailableError, match="failed"):
            await ada.send(node("b"))
    assert "ZeroDivisionError" in caplog.text
    assert await ada.send(node("b")) == 2


async def test_a_damaged_log_is_read_but_not_written(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    session._store.damaged = "damaged from rev 1"
    with pytest.raises(ReadOnlyError):
        await ada.send(node("b"))
    with pytest.raises(ReadOnlyError):
        await ada.send(many(500))
    assert session.info().read_only == "damaged from rev 1"


# --- undo, from the log -----------------------------------------------------------------------


async def test_undo_takes_back_the_actors_own_last_command(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a"))
    await bob.send(node("b"))
    assert await ada.send(Undo()) == 3
    assert ada.commits[-1].undoes == 1
    assert await everything(session) == ({"b"}, set())
    assert await ada.send(Redo()) == 4
    assert ada.commits[-1].redoes == 3
    assert await everything(session) == ({"a", "b"}, set())
    with pytest.raises(UndoEmptyError):
        await ada.send(Redo())


async def test_undo_of_a_commit_in_parts_over_a_long_log(session: Session) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(many(2000, 500))
    await asyncio.gather(*(bob.send(node(f"bob{i}")) for i in range(50)))
    await bob.send(many(2000, prefix="m"))
    assert await ada.send(Undo()) == 53
    nodes, links = await everything(session)
    assert len(nodes) == 2050
    assert links == set()
    assert await ada.send(Redo()) == 54
    nodes, links = await everything(session)
    assert (len(nodes), len(links)) == (4050, 500)


async def test_undo_of_an_unknown_rev_is_said(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    with pytest.raises(NotFoundError, match="rev 7"):
        await ada.send(Undo(rev=7))
    with pytest.raises(NotFoundError):
        await ada.send(Undo(rev=0))


async def test_undo_survives_a_restart(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await ada.send(node("b"))
    session.leave(ada.client)
    await hub._close(session.session_id)
    session = await hub.open(session.session_id)
    ada = await Person(session, "ada").join()
    assert await ada.send(Undo()) == 3
    assert await everything(session) == ({"a"}, set())


# --- joining (rules 2.2 to 2.5) ---------------------------------------------------------------


async def test_a_client_resumes_where_it_was(session: Session) -> None:
    ada = await Person(session, "ada").join()
    for name in "abc":
        await ada.send(node(name))
    epoch = ada.commits[0].epoch
    back = await Person(session, "ada").join(since=Cursor(epoch, 1))
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert (joined.mode, joined.rev, joined.floor) == ("resume", 3, 0)
    assert [commit.rev for commit in back.commits] == [2, 3]


@pytest.mark.parametrize("since", [Cursor("another", 1), Cursor("", 0), None])
async def test_another_history_needs_a_snapshot(session: Session, since: Cursor | None) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    back = await Person(session, "ada").join(since=since)
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.mode == "snapshot"


async def test_a_rev_that_never_was_needs_a_snapshot(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    epoch = ada.commits[0].epoch
    back = await Person(session, "ada").join(since=Cursor(epoch, 2))
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.mode == "snapshot"


async def test_who_comes_back_from_far_behind_gets_a_snapshot(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await asyncio.gather(
        ada.send(node("a"), "first"),
        *(ada.send(SetProperty("x", i, node_id="a"), f"k{i}") for i in range(FAR_COMMITS)),
    )
    near = await Person(session, "ada").join(since=Cursor(ada.epoch, 1))
    far = await Person(session, "ada").join(since=Cursor(ada.epoch, 0), pending=["first", "k7"])
    modes = [message.mode for message in (near.sink.messages[0], far.sink.messages[0])]  # type: ignore[union-attr]
    assert modes == ["resume", "snapshot"]
    joined = far.sink.messages[0]
    assert isinstance(joined, Joined)
    assert {name: found.rev for name, found in joined.outcomes.items()} == {"first": 1, "k7": 9}


async def test_a_large_graph_is_resumed_from_further_behind(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(FAR_COMMITS + 10))
    await asyncio.gather(
        *(ada.send(SetProperty("x", i, node_id="n1")) for i in range(FAR_COMMITS + 5))
    )
    back = await Person(session, "ada").join(since=Cursor(ada.epoch, 1))
    assert back.sink.messages[0].mode == "resume"  # type: ignore[union-attr]


async def test_who_does_not_read_for_long_sees_a_gap_and_mends_it(session: Session) -> None:
    ada = await Person(session, "ada").join()
    slow = await Person(session, "slow").join()
    await slow.sink.until(lambda messages: isinstance(messages[-1], Snapshot))
    slow.sink.room = 0
    mine = slow.send(node("mine"), "mine")
    await asyncio.gather(
        ada.send(node("a")),
        *(ada.send(SetProperty("x", i, node_id="a")) for i in range(FAR_COMMITS + 5)),
    )
    assert await mine == 1
    slow.sink.drain()
    last = FAR_COMMITS + 7
    assert [commit.rev for commit in slow.commits] == [last], "a gap"
    since = Cursor(ada.epoch, 0)
    session.leave(slow.client)
    back = await Person(session, "slow").join(since=since, pending=["mine"])
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert (joined.mode, joined.rev, joined.outcomes["mine"].rev) == ("snapshot", last, 1)


@pytest.mark.parametrize("credit", [0, -1, 10**6])
async def test_credit_is_a_sensible_number(session: Session, credit: int) -> None:
    with pytest.raises(SchemaError, match="from 1 to"):
        await Person(session, "ada").join(credit=credit)
    ada = await Person(session, "ada").join(credit=1)
    with pytest.raises(SchemaError, match="from 1 to"):
        session.grant(ada.client, credit)


async def test_a_client_grants_pages_as_it_takes_them(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(2000))
    late = await Person(session, "late").join(credit=1)
    seen: list[Snapshot] = []
    while not seen or seen[-1].more:
        messages = await late.sink.until(
            lambda messages: any(isinstance(message, Snapshot) for message in messages)
        )
        seen += [message for message in messages if isinstance(message, Snapshot)]
        late.sink.frames.clear()
        session.grant(late.client, 1)
    assert len(seen) > 3
    assert sum(len(page.nodes) for page in seen) == 2000


# --- roles ------------------------------------------------------------------------------------


async def test_a_viewer_reads_and_is_refused_at_that_moment(session: Session) -> None:
    ada = await Person(session, "ada").join()
    eve = await Person(session, "eve").join(role="viewer")
    with pytest.raises(ForbiddenError, match="viewer"):
        await eve.send(node("a"))
    session.set_role(eve.client, "editor")
    assert eve.sink.messages[-1] == SessionUpdated(
        session_id=session.session_id, name="plan", role="editor"
    )
    assert await eve.send(node("a")) == 1
    told = len(eve.sink.frames)
    session.set_role(eve.client, "editor")
    assert len(eve.sink.frames) == told, "nothing has changed"
    assert not any(isinstance(message, SessionUpdated) for message in ada.sink.messages)


async def test_who_has_no_role_any_more_is_out_at_once(session: Session) -> None:
    ada = await Person(session, "ada").join()
    eve = await Person(session, "eve").join(role="editor")
    session.set_role(eve.client, None)
    assert [error.code for error in eve.failures] == ["FORBIDDEN"]
    assert list(session.clients) == [ada.client]
    with pytest.raises(ForbiddenError, match="stranger"):
        await eve.send(node("b"))
    await ada.send(node("b"))
    assert eve.commits == []
    session.set_role(eve.client, "owner")
    with pytest.raises(ForbiddenError):
        await eve.send(node("b"))


# --- how fast (rule 3.12) ---------------------------------------------------------------------


async def test_a_client_that_is_too_fast_is_refused_and_told_how_long_to_wait(hub: Hub) -> None:
    hub._pace = Pace(5.0, lambda: 0.0)
    session = await hub.open((await hub.create("slow")).session_id)
    other = await hub.open((await hub.create("other")).session_id)
    ada = await Person(session, "ada").join()
    for i in range(4):
        await ada.send(Batch([node(f"{i}-{j}") for j in range(20)]))
    ada = await Person(other, "ada").join()
    await ada.send(node("a"))
    with pytest.raises(RateLimitedError, match="5 commands a second") as caught:
        await ada.send(node("b"), "k")
    assert "in 0.200 s" in (caught.value.fix or "")
    with pytest.raises(RateLimitedError):
        await session.execute("k", node("b"), ada.client.actor, client_id="ada")
    bob = await Person(other, "bob").join()
    assert await bob.send(node("b")) == 2
    hub._pace._now = lambda: 1.0
    assert await ada.send(node("c"), "k") == 3, "it may come again"


# --- the end ----------------------------------------------------------------------------------


async def test_deletion_is_told_and_ends_everything(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await hub.delete(session.session_id)
    assert ada.sink.messages[-1] == SessionUpdated(
        session_id=session.session_id, name="plan", ended=True
    )
    with pytest.raises(GoneError):
        await ada.send(node("b"))
    with pytest.raises(GoneError):
        await Person(session, "bob").join()


async def test_closing_finishes_what_is_in_line(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    done = [ada.send(node(f"n{i}")) for i in range(200)]
    done.append(ada.send(many(1000, prefix="m")))
    await hub._close(session.session_id)
    assert [future.result() for future in done] == list(range(1, 202))
    with pytest.raises(UnavailableError):
        await ada.send(node("late"))
    session = await hub.open(session.session_id)
    assert session.info().nodes == 1200


async def test_a_rename_is_told_to_those_in_it(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await hub.rename(session.session_id, "  goal ")
    assert ada.sink.messages[-1] == SessionUpdated(session_id=session.session_id, name="goal")
    back = await Person(session, "bob").join()
    joined = back.sink.messages[0]
    assert isinstance(joined, Joined)
    assert joined.name == "goal"


async def test_commits_carry_what_the_sender_sent_back(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a", text="lone € 💥"))
    (commit,) = ada.commits
    assert isinstance(commit, Commit)
    assert commit.events[0].properties == {"text": "lone € 💥"}  # type: ignore[union-attr]
