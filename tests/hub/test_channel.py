"""A follower gets every record once, in order, at whatever speed it reads (rules 2.3, 3.6, 4.5)."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from graph_ext.core.errors import GraphError
from graph_ext.hub.channel import FRAME_BYTES, Channel
from graph_ext.hub.ports import LAST, Append, Place, SessionStore
from graph_ext.protocol import Commit, ServerMessage, Snapshot
from graph_ext.stores.memory import MemoryStore
from tests.commits import SESSION_ID, Maker, many, node
from tests.fakes import FakeSink, FaultyStore

_TAIL_BYTES = 100_000


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
        await self.session.append(commits)
        self.publish(commits)

    def publish(self, commits: Sequence[Append]) -> None:
        self.channel.publish([record for commit in commits for record in commit.records])

    def follow(self, sink: FakeSink, place: Place | None = (0, LAST)) -> None:
        self.channel.follow(sink, place, self.errors.append)


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
    await log.session.append([commit := log.make(node("a"))])
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
    await log.session.append([first := log.make(node("a"))])
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
    follower = log.channel.follow(sink, (0, LAST), log.errors.append)
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
