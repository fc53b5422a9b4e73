"""Who waits for the disk, and when the file follows the slate (docs/decisions/020)."""

import asyncio
from pathlib import Path

import pytest

from graph_ext.stores import appending, quickness, slate
from graph_ext.stores.session_file import SqliteSession
from graph_ext.stores.slate import slate_of
from graph_ext.stores.sqlite import SqliteStore
from graph_ext.stores.thread import WritingThread
from tests.commits import SESSION_ID, Maker, append, many, node, state_of
from tests.stores.sqlite_files import on_slate, rev_in


@pytest.fixture
def session(
    store: SqliteStore,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
    monkeypatch: pytest.MonkeyPatch,
) -> SqliteSession:
    """A session whose file does not follow the slate by itself."""
    monkeypatch.setattr(appending, "_IDLE_S", 1e6)

    async def make() -> SqliteSession:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        return await store.open(SESSION_ID)

    return jp_asyncio_loop.run_until_complete(make())


async def test_the_file_follows_when_nothing_comes_any_more(
    session: SqliteSession, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "_IDLE_S", 0.0)
    followed = asyncio.Event()
    told = appending.Appending._followed

    def heard(self: appending.Appending, size: int, error: BaseException | None) -> None:
        told(self, size, error)
        followed.set()

    monkeypatch.setattr(appending.Appending, "_followed", heard)
    await on_slate(session, Maker(session))
    while rev_in(file) < 4:
        await followed.wait()
        followed.clear()
    assert session._writer.slate.commits() == ()


async def test_a_slate_with_much_on_it_is_followed_while_commits_come(
    session: SqliteSession, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    monkeypatch.setattr(appending, "_MUCH_BYTES", 5000)
    await on_slate(session, make, 100)
    assert rev_in(file) > 50


async def test_a_full_slate_leaves_a_commit_to_the_file(
    session: SqliteSession, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slate, "_BYTES", 4000)
    make = Maker(session)
    await on_slate(session, make, 20)
    assert 1 < rev_in(file) < session.rev == 21
    assert slate_of(file).stat().st_size == 4000, "it keeps its length"
    assert state_of(await session.load()) == state_of(make.graph)


async def test_a_long_commit_goes_into_the_file_behind_what_is_on_the_slate(
    session: SqliteSession, file: Path
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    await append(session, [make(many(500))])
    assert rev_in(file) == session.rev == 5
    assert session._writer.slate.commits() == ()
    await on_slate(session, make)
    assert await session.verify() == ""
    assert state_of(await session.load()) == state_of(make.graph)


# --- who waits for the disk -------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is quick, however much else this machine does."""
    monkeypatch.setattr(quickness, "_QUICK_S", 1e6)
    monkeypatch.setattr(quickness, "_WRITES", 2)


async def test_on_a_quick_disk_a_short_commit_is_told_of_at_once(
    session: SqliteSession, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker(session)
    await on_slate(session, make)
    assert session.prompt
    told: list[BaseException | None] = []
    with monkeypatch.context() as patch:
        patch.delattr(WritingThread, "call")
        session.append([make(node("prompt"))], told.append)
    assert told == [None]
    assert session.rev == 5
    session.append([make(node("longer", text="x" * 5000))], told.append)
    assert len(told) == 1, "the thread has it"
    await session._writing.run(int)


@pytest.mark.parametrize(
    ("slow", "expected"),
    [
        ([], True),
        ([quickness._WRITES - 1], False),
        ([0], False),
        ([0, quickness._WRITES // 2], False),
    ],
)
async def test_one_slow_write_leaves_the_disk_to_the_thread(
    slow: list[int], expected: bool
) -> None:
    disk = quickness.Quickness()
    for write in range(quickness._WRITES):
        disk.took(0.02 if write in slow else 0.0001)
    assert disk.is_quick is expected


async def test_a_disk_is_believed_after_so_many_quick_writes_in_a_row() -> None:
    disk = quickness.Quickness()
    found = []
    for seconds in (0.02, *[0.0001] * quickness._WRITES, 0.02):
        disk.took(seconds)
        found.append(disk.is_quick)
    assert found == [*[False] * quickness._WRITES, True, False]


# --- the -wal file ----------------------------------------------------------------------------


async def test_the_wal_file_is_copied_behind_the_answers(
    session: SqliteSession, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = asyncio.Event()
    heard = appending.Appending._has_copied

    def has_copied(self: appending.Appending, future: asyncio.Future[None]) -> None:
        heard(self, future)
        copied.set()

    monkeypatch.setattr(appending.Appending, "_has_copied", has_copied)
    monkeypatch.setattr(appending, "_COPY_BYTES", 1_000_000)
    make = Maker(session)
    before = file.stat().st_size
    await append(session, [make(many(3000))])
    assert file.stat().st_size == before, "the COMMIT has not waited for it"
    await copied.wait()
    assert file.stat().st_size > before + 1_000_000
    assert session._appending._uncopied_bytes == 0
