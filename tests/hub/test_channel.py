"""A follower gets every record once, in order, at whatever speed it reads (rules 2.3, 3.6, 4.5)."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from graph_ext.core.errors import GoneError, GraphError
from graph_ext.hub.channel import FAR_COMMITS, Channel, Follower, Terms
from graph_ext.hub.ports import LAST, Append, Place, Record, SessionStore
from graph_ext.hub.tail import FRAME_BYTES
from graph_ext.protocol import Commit, ServerMessage, Snapshot
from graph_ext.stores.memory import MemoryStore
from tests.commits import SESSION_ID, Maker, append, many, node
from tests.fakes import FakeSink, FaultyStore
from tests.loop_time import LoopTime

_TAIL_BYTES = 100_000
ALL = Terms()
FAR = Terms(is_far=lambda rev: rev >= 0)


@pytest.fixture
def store() -> FaultyStore:
    return FaultyStore(MemoryStore())


@pytest.fixture
def session(store: FaultyStore, jp_asyncio_loop: asyncio.AbstractEventLoop) -> SessionStore:
    async def make() -> SessionStore:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        return await store.open(SESSION_ID)

    return jp_asyncio_loop.run_until_complete(make())


class Log:
    """A session whose commits are durable, then published."""

    def __init__(self, session: SessionStore) -> None:
        self.make = Maker(session)
        self.session = session
        self.channel = Channel(SESSION_ID, session, _TAIL_BYTES)
        self.errors: list[GraphError] = []

    async def add(self, *commits: Append) -> None:
        await append(self.session, commits)
        self.publish(commits)

    def publish(self, commits: Sequence[Append]) -> None:
        self.channel.publish([record for commit in commits for record in commit.records])

    def follow(
        self, sink: FakeSink, place: Place | None = (0, LAST), terms: Terms = ALL
    ) -> Follower:
        return self.channel.follow(sink, place, self.errors.append, terms)

    async def add_many(self, count: int) -> None:
        await self.add(*(self.make(node(f"single-{i}")) for i in range(count)))


@pytest.fixture
def log(session: SessionStore) -> Log:
    return Log(session)


def revs(sink: FakeSink) -> list[int]:
    """The revs of whole commits, their parts checked."""
    found: list[int] = []
    began = True
    for message in sink.messages:
        if isinstance(message, Commit):
            assert began or message.rev == found[-1]
            if began:
                found.append(message.rev)
            began = not message.more
    assert began, "the last commit is not whole"
    return found


def has(rev: int) -> Callable[[list[ServerMessage]], bool]:
    return lambda messages: any(
        isinstance(m, Commit) and m.rev == rev and not m.more for m in messages
    )


async def test_an_idle_follower_is_written_to_at_once(log: Log) -> None:
    sink = FakeSink()
    log.follow(sink)
    await append(log.session, [commit := log.make(node("a"))])
    log.publish([commit])
    assert revs(sink) == [1], "before anything else has run"


async def test_all_idle_followers_get_the_very_same_frame(log: Log) -> None:
    sinks = [FakeSink() for _ in range(3)]
    for sink in sinks:
        log.follow(sink)
    await log.add(log.make(node("a")), log.make(node("b")))
    assert len({id(sink.frames[0]) for sink in sinks}) == 1
    assert revs(sinks[0]) == [1, 2]
    assert len(sinks[0].frames) == 1, "what is published together goes out together"


async def test_of_two_who_catch_up_at_one_socket_one_writes_at_a_time(log: Log) -> None:
    await log.add_many(3)
    sink = FakeSink()
    for _ in range(2):
        log.follow(sink, None)
    sink.room = 0  # when they have begun to read
    while len(sink._waiting) < 2:
        await asyncio.sleep(0)
    sink.drain(room=1)
    while len(sink._waiting) < 1:
        await asyncio.sleep(0)
    assert len(sink.frames) == 1
    sink.drain()
    await sink.until(lambda messages: len(messages) == 2)


async def test_a_follower_behind_in_the_tail_catches_up(log: Log) -> None:
    await log.add(*(log.make(node(f"n{i}")) for i in range(10)))
    sink = FakeSink()
    log.follow(sink, (4, LAST))
    assert revs(sink) == [5, 6, 7, 8, 9, 10]


async def test_a_follower_behind_the_tail_reads_the_store(log: Log) -> None:
    for i in range(8):
        await log.add(log.make(many(300, prefix=f"n{i}-")))
    sink = FakeSink()
    log.follow(sink)
    await sink.until(has(8))
    await log.add(log.make(node("after")))
    assert revs(sink) == list(range(1, 10))


async def test_what_is_longer_than_the_tail_reaches_even_idle_followers(log: Log) -> None:
    sink = FakeSink()
    log.follow(sink)
    await log.add(log.make(many(3000)))
    await log.add(log.make(node("after")))
    await sink.until(has(2))
    assert revs(sink) == [1, 2]
    assert not log.errors


async def test_a_snapshot_then_every_commit_after_it(log: Log) -> None:
    await log.add(log.make(many(1500, 300)))
    sink = FakeSink()
    log.follow(sink, None)
    await sink.until(bool)
    await log.add(log.make(node("after")))
    messages = await sink.until(has(2))
    pages = [message for message in messages if isinstance(message, Snapshot)]
    rev = pages[0].rev
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    assert pages[0].total == sum(len(page.nodes) + len(page.links) for page in pages)
    assert revs(sink) == list(range(rev + 1, 3))
    assert isinstance(messages[0], Snapshot)


async def test_a_snapshot_that_is_ahead_of_what_is_published_sends_nothing_twice(log: Log) -> None:
    await append(log.session, [first := log.make(node("a"))])
    sink = FakeSink()
    log.follow(sink, None)
    await sink.until(bool)
    log.publish([first])
    await log.add(log.make(node("b")))
    await sink.until(has(2))
    assert revs(sink) == [2]


async def test_a_full_sink_gets_nothing_and_costs_nothing_while_others_go_on(log: Log) -> None:
    slow, quick = FakeSink(full=True), FakeSink()
    log.follow(slow)
    log.follow(quick)
    for i in range(50):
        await log.add(log.make(node(f"n{i}")))
    assert slow.frames == []
    assert revs(quick) == list(range(1, 51))
    slow.drain()
    assert revs(slow) == list(range(1, 51))
    assert len(slow.frames) == 1, "what has waited goes out together"


async def test_a_slow_sink_is_overtaken_by_the_log_and_misses_nothing(log: Log) -> None:
    slow = FakeSink(full=True)
    log.follow(slow)
    for i in range(20):
        await log.add(log.make(many(200, prefix=f"n{i}-")))
    loop = asyncio.get_running_loop()
    while not slow.frames or revs(slow)[-1:] != [20]:
        before = len(slow.frames)
        slow.drain(1)
        # let its task read from the store
        done = loop.create_future()
        loop.call_soon(done.set_result, None)
        await done
        assert len(slow.frames) <= before + 1
        assert all(len(frame) <= FRAME_BYTES + 100 for frame in slow.frames)
    assert revs(slow) == list(range(1, 21))


async def test_a_follower_that_stopped_gets_no_more(log: Log) -> None:
    sink = FakeSink()
    follower = log.follow(sink)
    await log.add(log.make(node("a")))
    follower.stop()
    await log.add(log.make(node("b")))
    assert revs(sink) == [1]
    assert follower.place == (1, LAST)


async def test_a_follower_whose_store_fails_is_told_once(log: Log, store: FaultyStore) -> None:
    for i in range(8):
        await log.add(log.make(many(300, prefix=f"n{i}-")))
    store.reads_failing = "the disk is gone"
    sink = FakeSink()
    log.follow(sink)
    log.follow(healthy := FakeSink(), (8, LAST))
    while not log.errors:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    assert [str(error) for error in log.errors] == ["the disk is gone"]
    await log.add(log.make(node("after")))
    assert sink.frames == []
    assert revs(healthy) == [9]


# --- far behind (rule 4.6) --------------------------------------------------------------------


async def test_who_is_far_behind_skips_to_the_end_and_sees_a_gap(log: Log) -> None:
    slow, near, patient = FakeSink(full=True), FakeSink(full=True), FakeSink(full=True)
    log.follow(slow, terms=FAR)
    log.follow(near, terms=Terms(is_far=lambda rev: rev < 0))
    log.follow(patient)
    await log.add_many(FAR_COMMITS)
    await log.add(log.make(many(700)))
    slow.drain()
    assert [m.rev for m in slow.messages if isinstance(m, Commit)] == [FAR_COMMITS + 1]
    await log.add(log.make(node("after")))
    assert [m.rev for m in slow.messages if isinstance(m, Commit)][-1] == FAR_COMMITS + 2
    for sink in (near, patient):
        sink.drain()
        await sink.until(has(FAR_COMMITS + 2))
        assert revs(sink) == list(range(1, FAR_COMMITS + 3))


async def test_who_is_a_little_behind_gets_everything(log: Log) -> None:
    slow = FakeSink(full=True)
    log.follow(slow, terms=FAR)
    await log.add_many(FAR_COMMITS)
    slow.drain()
    await slow.until(has(FAR_COMMITS))
    assert revs(slow) == list(range(1, FAR_COMMITS + 1))


async def test_who_falls_far_behind_while_reading_the_store_skips_too(log: Log) -> None:
    for i in range(8):
        await log.add(log.make(many(300, prefix=f"m{i}-")))
    slow = FakeSink(full=True)
    slow.room = 1
    log.follow(slow, terms=FAR)
    await slow.until(bool)
    await log.add_many(FAR_COMMITS + 10)
    slow.drain()
    await slow.until(has(FAR_COMMITS + 18))
    found = [message.rev for message in slow.messages if isinstance(message, Commit)]
    assert found[-1] == FAR_COMMITS + 18
    assert len(set(found)) < 10


async def test_who_is_overtaken_by_the_floor_skips(log: Log) -> None:
    for i in range(8):
        await log.add(log.make(many(300, prefix=f"m{i}-")))
    cut = CutLog(log)
    sink, other = FakeSink(), FakeSink()
    log.follow(sink, terms=FAR)
    log.follow(other)
    await sink.until(has(8))
    assert {m.rev for m in sink.messages if isinstance(m, Commit)} == {8}
    while not log.errors:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    assert [error.code for error in log.errors] == ["GONE"]
    assert other.frames == []
    assert cut.asked == 2


class CutLog:
    """A log that was cut: nothing can be read of it."""

    def __init__(self, log: Log) -> None:
        self.asked = 0
        log.channel.store.records = self.records  # type: ignore[method-assign]

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        self.asked += 1
        raise GoneError(f"the log no longer has what comes after {after}")


# --- credit (rule 2.6) ------------------------------------------------------------------------


def pages(sink: FakeSink) -> list[Snapshot]:
    return [message for message in sink.messages if isinstance(message, Snapshot)]


async def test_no_more_pages_come_than_there_is_credit_for(log: Log) -> None:
    await log.add(log.make(many(3000)))
    sink = FakeSink()
    follower = log.follow(sink, None, Terms(credit=2, patience_s=60.0))
    await sink.until(lambda messages: len(messages) == 2)
    await log.add(log.make(node("after")))
    while follower._granted is None:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    assert len(pages(sink)) == len(sink.frames) == 2
    follower.grant(1)
    await sink.until(lambda messages: len(messages) == 3)
    follower.grant(1000)
    await sink.until(has(2))
    assert not pages(sink)[-1].more
    assert sum(len(page.nodes) for page in pages(sink)) == 3000
    assert revs(sink) == [2], "commits need no credit"


async def test_a_snapshot_that_waits_too_long_is_given_up(log: Log, loop_time: LoopTime) -> None:
    await log.add(log.make(many(3000)))
    sink = FakeSink()
    follower = log.follow(sink, None, Terms(credit=1, patience_s=60.0))
    await sink.until(bool)
    while follower._granted is None:
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
    await loop_time.pass_by(59.0)
    assert log.errors == []
    await loop_time.pass_by(2.0)
    assert [error.code for error in log.errors] == ["UNAVAILABLE"]
    assert "join again" in (log.errors[0].fix or "")
    assert follower not in log.channel.followers
    follower.grant(10)
    await log.add(log.make(node("after")))
    assert len(sink.frames) == 1


async def test_a_trickle_of_credit_does_not_hold_a_snapshot_for_ever(
    log: Log, loop_time: LoopTime
) -> None:
    await log.add(log.make(many(10_000)))
    sink = FakeSink()
    follower = log.follow(sink, None, Terms(credit=1, patience_s=60.0))
    for count in range(1, 20):
        if log.errors:
            break
        await sink.until(lambda messages, count=count: len(messages) == count)  # type: ignore[misc]
        while follower._granted is None or follower._granted.done():
            await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(int))])
        await loop_time.pass_by(55.0)
        follower.grant(1)
    assert [error.code for error in log.errors] == ["UNAVAILABLE"]
    assert len(sink.frames) == 11
