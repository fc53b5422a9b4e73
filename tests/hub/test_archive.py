"""Archives: a session out and in again, nothing lost, nothing trusted (rules 7.11 to 7.14).

Long: what is written, and what is refused of it when changed, are checked on the same archives.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import (
    Batch,
    Command,
    DeleteNode,
    Redo,
    SetProperty,
    Undo,
    UpdateBlueprint,
)
from graph_ext.core.errors import (
    BadMessageError,
    DuplicateIdError,
    GoneError,
    GraphError,
    NotFoundError,
    SchemaError,
    TooLargeError,
    UnavailableError,
)
from graph_ext.hub import archive_reader
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.ports import LAST
from graph_ext.hub.session import Session
from graph_ext.protocol import Actor, Commit, Snapshot, decode_server_frame
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import counter, link, many, node
from tests.core.states import RandomEdits, state
from tests.fakes import FakeClock, FaultyStore
from tests.hub.conftest import Person

ADA = Actor("user:ada", "ada")
Line = dict[str, Any]


@pytest.fixture
def limits() -> HubLimits:
    return HubLimits(sessions_open=9, import_bytes=10_000_000, import_elements=5000)


async def archive_of(hub: Hub, session: Session, rev: int | None = None) -> bytes:
    return b"".join([piece async for piece in hub.export(session.session_id, rev)])


async def pieces(archive: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(archive), size):
        yield archive[at : at + size]


def unpacked(archive: bytes) -> list[Line]:
    return [json.loads(line) for line in gzip.decompress(archive).splitlines()]


def packed(lines: list[Line]) -> bytes:
    """An archive of these lines, with a footer that is right."""
    body = [json.dumps(line).encode() + b"\n" for line in lines]
    checksum = hashlib.blake2b(b"".join(body), digest_size=16).hexdigest()
    footer = {"type": "end", "lines": len(body), "checksum": checksum}
    return gzip.compress(b"".join(body) + json.dumps(footer).encode() + b"\n")


async def a_history(session: Session, commits: int = 40, seed: int = 3) -> None:
    """Random edits, undos and redos of two people, a blueprint, long commits, named revs."""
    ada, bob = [await Person(session, name).join() for name in ("ada", "bob")]
    await ada.send(many(800, 200))
    random = Random(seed)
    edits = RandomEdits(random)
    while session.info().rev < commits:
        graph = await session.past.graph_at()
        person = random.choice((ada, bob))
        commands: list[Command] = [edits.batch(graph), edits.batch(graph), Undo(), Redo()]
        try:
            await person.send(random.choice(commands))
        except GraphError:
            continue
    await ada.send(UpdateBlueprint(Blueprint(multigraph=True, self_links=True)))
    await session.versions.set("empty", ADA, 0)
    await session.versions.set("späť ☃", Actor("user:bob"), session.rev)
    for person in (ada, bob):
        session.leave(person.client)


async def log_of(session: Session) -> list[Line]:
    """The log, but for what is the session's own."""
    records = await session._store.records((session._store.floor, LAST), 10**9)
    commits = [json.loads(record.body) for record in records]
    for commit in commits:
        assert (commit.pop("session_id"), commit.pop("epoch")) == (
            session.session_id,
            session.epoch,
        )
    return commits


async def all_of(session: Session) -> list[object]:
    revs = range(session._store.floor, session.rev + 1)
    return [
        [state(await session.past.graph_at(rev)) for rev in revs],
        await log_of(session),
        await session.past.history(limit=1000),
        await session.versions.list(),
        session._store.floor,
        session._store.updated_at,
        list((await session.past.graph_at()).nodes),
    ]


# --- round trips ------------------------------------------------------------------------------


async def test_everything_comes_back(hub: Hub, session: Session) -> None:
    await a_history(session)
    info = await hub.import_("copy", pieces(await archive_of(hub, session)), ADA)
    copy = await hub.open(info.session_id)
    assert (info.name, info.rev, info.nodes) == ("copy", session.rev, session.info().nodes)
    assert copy.session_id != session.session_id
    assert copy.epoch != session.epoch
    assert await all_of(copy) == await all_of(session)
    assert await copy._store.verify() == ""


async def test_what_was_compacted_comes_back_as_far_as_it_goes(hub: Hub, session: Session) -> None:
    await a_history(session)
    await session.versions.remove("empty")
    await session._store.compact(17)
    info = await hub.import_("copy", pieces(await archive_of(hub, session)), ADA)
    copy = await hub.open(info.session_id)
    assert copy._store.floor == 17
    assert await all_of(copy) == await all_of(session)
    with pytest.raises(GoneError):
        await copy.past.graph_at(16)


async def test_a_copy_goes_on_by_itself(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"), "k1")
    await ada.send(node("b"), "k2")
    copy = await hub.open((await hub.fork(session.session_id, "copy", actor=ADA)).session_id)
    there = await Person(copy, "ada").join()
    assert await there.send(Undo()) == 3
    assert list((await copy.past.graph_at()).nodes) == ["a"]
    assert await there.send(node("a"), "k1") == 1, "the same command is not done again"
    assert list((await session.past.graph_at()).nodes) == ["a", "b"]


async def test_a_fork_has_the_past_up_to_its_rev(hub: Hub, session: Session) -> None:
    await a_history(session)
    for rev in (0, 1, 20, session.rev):
        info = await hub.fork(session.session_id, f"fork {rev}", rev, ADA)
        fork = await hub.open(info.session_id)
        assert info.rev == rev
        assert state(await fork.past.graph_at()) == state(await session.past.graph_at(rev))
        assert await log_of(fork) == [c for c in await log_of(session) if c["rev"] <= rev]
        assert all(version.rev <= rev for version in await fork.versions.list())
    with pytest.raises(NotFoundError):
        await hub.fork(session.session_id, "later", session.rev + 1)
    with pytest.raises(NotFoundError):
        await hub.fork("0" * 32, "no session")
    with pytest.raises(DuplicateIdError):
        await hub.fork(session.session_id, "plan")


async def test_an_archive_is_made_of_the_protocols_messages(hub: Hub, session: Session) -> None:
    await a_history(session)
    archive = await archive_of(hub, session)
    lines = gzip.decompress(archive).splitlines()
    header, footer = json.loads(lines[0]), json.loads(lines[-1])
    assert (header["type"], header["version"], header["name"]) == ("graph-ext-archive", 1, "plan")
    assert (header["rev"], header["floor"], header["versions"]) == (session.rev, 0, 2)
    assert footer["lines"] == len(lines) - 1
    messages = [decode_server_frame(line)[0] for line in lines[1:-3]]
    kinds = [type(message) for message in messages]
    assert kinds == sorted(kinds, key=(Snapshot, Commit).index)
    assert all(len(line) < 70_000 for line in lines)
    assert await archive_of(hub, session) == archive, "the same again"


async def test_a_damaged_session_is_saved_by_a_copy(hub: Hub, session: Session) -> None:
    await a_history(session)
    # what a store does with a damaged log
    session._store._within.floor = session.rev  # type: ignore[attr-defined]
    session._store.damaged = "damaged from rev 3"
    copy = await hub.open((await hub.fork(session.session_id, "saved", actor=ADA)).session_id)
    assert state(await copy.past.graph_at()) == state(await session.past.graph_at())
    assert await (await Person(copy, "ada").join()).send(node("new")) == session.rev + 1


# --- what others send -------------------------------------------------------------------------


async def small(hub: Hub, session: Session) -> list[Line]:
    """The lines of a small archive, without the footer: header, graph, 6 commits, 2 versions."""
    ada = await Person(session, "ada").join()
    await ada.send(Batch([node("a", x=1), node("b"), link("ab", "a", "b")]))
    await ada.send(SetProperty("x", 2, node_id="a"))
    await ada.send(node("c"))
    await ada.send(DeleteNode("c"))
    await ada.send(UpdateBlueprint(Blueprint(self_links=False)))
    await ada.send(Undo(rev=5))
    await session.versions.set("one", ADA, 1)
    await session.versions.set("two", ADA, 2)
    session.leave(ada.client)
    return unpacked(await archive_of(hub, session))[:-1]


async def refused(hub: Hub, archive: bytes, kind: type[GraphError] = BadMessageError) -> str:
    """Why an archive is refused; nothing is left of it."""
    before = await hub.list()
    with pytest.raises(kind) as caught:
        await hub.import_("evil", pieces(archive), ADA)
    assert await hub.list() == before
    assert hub._store._within._restoring == {}  # type: ignore[attr-defined]
    return str(caught.value)


def _set(line: int, **fields: Any) -> Callable[[list[Line]], None]:
    return lambda lines: lines[line].update(fields)


def _event(line: int, at: int = 0, **fields: Any) -> Callable[[list[Line]], None]:
    return lambda lines: lines[line]["events"][at].update(fields)


def _swap(one: int, other: int) -> Callable[[list[Line]], None]:
    def swap(lines: list[Line]) -> None:
        lines[one], lines[other] = lines[other], lines[one]

    return swap


def _node(**fields: Any) -> Callable[[list[Line]], None]:
    return lambda lines: lines[1]["nodes"][0].update(fields)


BAD: dict[str, tuple[Callable[[list[Line]], object], str]] = {
    "another file": (_set(0, type="something"), "no archive"),
    "a newer version": (_set(0, version=2), "version 2"),
    "a floor above the rev": (_set(0, floor=7), "from rev 7 to 6"),
    "another rev": (_set(0, rev=7), "rev 6, the archive at 7"),
    "a lower rev": (_set(0, rev=5), "rev 6, the archive at 5"),
    "a floor that is not its log's": (_set(0, floor=1), "rev 1 comes after rev 1"),
    "a wrong total": (_set(1, total=2), "3 elements, not 2"),
    "a total that is too high": (_set(1, total=4), "3 elements, not 4"),
    "more pages that do not come": (_set(1, more=True), "3 elements|Line 3"),
    "no blueprint": (lambda lines: lines[1].pop("blueprint"), "blueprint"),
    "no header": (lambda lines: lines.pop(0), "no archive"),
    "no graph": (lambda lines: lines.pop(1), "Line 2"),
    "a commit less": (lambda lines: lines.pop(4), "rev 4 comes after rev 2"),
    "a commit twice": (lambda lines: lines.insert(4, lines[3]), "rev 2 comes after rev 2"),
    "commits out of order": (_swap(3, 4), "rev 3 comes after rev 1"),
    "a version before the log": (_swap(2, 8), "Line 3"),
    "a version less": (lambda lines: lines.pop(), "Line 10"),
    "a version twice": (_set(9, name="one"), "'one' comes twice"),
    "a version beyond": (_set(9, rev=9), "names rev 9"),
    "a version without a name": (_set(9, name=" "), "name"),
    "a long name": (_set(9, name="x" * 300), "name"),
    "a node with no id": (_node(node_id=""), "node_id"),
    "a node twice": (_node(node_id="b"), "comes twice|node 'b'"),
    "a parent that is not there": (_node(parent_id="z"), "no parent 'z'"),
    "its own parent": (_node(parent_id="a"), "cycle"),
    "a value that is no JSON number": (_node(properties={"x": 2**60}), "x"),
    "a position that is none": (_node(position=[1]), "Line 2"),
    "a number for a name": (_node(name=1), "Line 2"),
    "a link to nowhere": (
        lambda lines: lines[1]["links"][0].update(target_id="z"),
        "no node 'z'",
    ),
    "another value than the log's": (_node(properties={"x": 3}), "rev 2.* is 3, not 2"),
    "one property more": (_node(properties={"x": 2, "y": 1}), "rev 1.*not there as it was made"),
    "another name than the log's": (_node(name="A"), "rev 1.*not there as it was made"),
    "another old value": (_event(3, old_value=7), "rev 1.*not there as it was made"),
    "an old value that is none": (_event(3, old_value={"a": 2**60}), "rev 2"),
    "a deletion of what stands": (_event(5, node_id="a"), "rev 4.*stands after its deletion"),
    "an element that was never made": (lambda lines: lines[2]["events"].pop(1), "rev 1"),
    "a blueprint that was never set": (_event(6, new_value={}), "rev 5.*blueprint"),
    "a first blueprint": (_event(6, old_value={"multigraph": False}), "empty graph"),
    "an event of no kind": (_event(3, type="node-exploded"), "Line 4"),
    "an event of nothing": (_event(3, node_id=None), "rev 2"),
    "an undo of the future": (_set(7, undoes=9), "rev 6 can't undo or redo rev 9"),
    "an undo and redo": (_set(7, redoes=1), "both"),
    "one command twice": (_set(3, command_id="same"), "same command"),
    "a command with no id": (_set(3, command_id=""), "command_id"),
    "an actor with no id": (_set(3, actor={"actor_id": ""}), "actor_id"),
    "a part with no end": (_set(7, more=True), "Line 9"),
    "parts of two commits": (_set(6, more=True), "parts of a commit"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_wrong_with_an_archive_is_said(hub: Hub, session: Session, name: str) -> None:
    lines = await small(hub, session)
    spoil, said = BAD[name]
    if name == "one command twice":
        lines[4]["command_id"] = "same"
    spoil(lines)
    assert re.search(said, await refused(hub, packed(lines))), said


async def test_the_unspoiled_archive_is_taken(hub: Hub, session: Session) -> None:
    lines = await small(hub, session)
    assert (await hub.import_("copy", pieces(packed(lines)), ADA)).rev == 6
    assert (await hub.import_("by byte", pieces(packed(lines), 1), ADA)).rev == 6


async def test_what_is_cut_off_or_goes_on_is_refused(hub: Hub, session: Session) -> None:
    await small(hub, session)
    archive = await archive_of(hub, session)
    for end in (0, 1, 9, 10, 100, len(archive) // 2, len(archive) - 9, len(archive) - 1):
        assert "cut off" in await refused(hub, archive[:end]), end
    for tail in (b"x", archive, b"\0" * 5000):
        assert "goes on" in await refused(hub, archive + tail)
    lines = gzip.decompress(archive)
    assert "goes on" in await refused(hub, gzip.compress(lines + b"{}\n"))
    assert "cut off" in await refused(hub, gzip.compress(lines[: lines.rindex(b'{"type":"end"')]))
    assert "checksum" in await refused(hub, gzip.compress(lines.replace(b'"x":2', b'"x":3')))
    assert "gzip" in await refused(hub, lines)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"type":"graph-ext-archive","version":NaN}',
        b"[" * 100_000,
        b'{"type":"graph-ext-archive","name":"\\ud800"}',
    ],
)
async def test_a_line_that_is_none_is_refused(hub: Hub, line: bytes) -> None:
    assert "Line 1 of the archive" in await refused(hub, gzip.compress(line + b"\n"))


async def test_a_bomb_is_refused_before_it_goes_off(
    hub: Hub, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = await small(hub, session)
    head = json.dumps(lines[0]).encode() + b"\n"
    bomb = gzip.compress(head + b" " * 50_000_000)
    assert "10000000 bytes" in await refused(hub, bomb, TooLargeError)
    monkeypatch.setattr(archive_reader, "_LINE_BYTES", 3_000_000)
    assert "line 2 has more" in await refused(hub, bomb, TooLargeError)


async def test_an_archive_over_the_limits_is_refused(hub: Hub, session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(many(5001))
    archive = await archive_of(hub, session)
    assert "5000 elements" in await refused(hub, archive, TooLargeError)
    hub.limits = HubLimits(import_bytes=100_000)
    assert "100000 bytes" in await refused(hub, archive, TooLargeError)


async def test_the_name_is_checked_before_anything_is_read(hub: Hub, session: Session) -> None:
    read = []

    async def never() -> AsyncIterator[bytes]:
        read.append(True)
        yield b""

    with pytest.raises(DuplicateIdError, match="plan"):
        await hub.import_("plan", never())
    with pytest.raises(SchemaError):
        await hub.import_("", never())
    assert not read


@pytest.mark.parametrize("seed", range(60))
async def test_a_random_change_is_refused_or_harmless(
    hub: Hub, session: Session, seed: int
) -> None:
    lines = await small(hub, session)
    random = Random(seed)
    text = [json.dumps(line) for line in lines]
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text))
        begin = random.randrange(len(text[at]))
        end = min(len(text[at]), begin + random.randint(0, 8))
        text[at] = text[at][:begin] + random.choice(["", "0", '"', "a", "}", ","]) + text[at][end:]
    body = [line.encode() + b"\n" for line in text]
    checksum = hashlib.blake2b(b"".join(body), digest_size=16).hexdigest()
    footer = json.dumps({"type": "end", "lines": len(body), "checksum": checksum})
    archive = gzip.compress(b"".join(body) + footer.encode() + b"\n")
    try:
        info = await hub.import_("copy", pieces(archive), ADA)
    except (BadMessageError, TooLargeError):
        assert [each.name for each in await hub.list()] == ["plan"]
        return
    copy = await hub.open(info.session_id)
    for rev in range(copy._store.floor, copy.rev + 1):
        state(await copy.past.graph_at(rev))


# --- all or nothing ---------------------------------------------------------------------------


@pytest.fixture
def on_disk(
    tmp_path: Path, clock: FakeClock, limits: HubLimits, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Hub]:
    numbers = counter("")
    hub = Hub(SqliteStore(tmp_path / "data"), limits, clock, lambda: f"{int(numbers()):032x}")
    yield hub
    jp_asyncio_loop.run_until_complete(hub.close())


def files_of(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "data").iterdir() if "catalog" not in path.name}


@pytest.mark.parametrize("by", ["archive", "fork"])
async def test_a_session_file_comes_out_of_another(on_disk: Hub, tmp_path: Path, by: str) -> None:
    session = await on_disk.open((await on_disk.create("plan")).session_id)
    await a_history(session)
    before = await all_of(session)
    if by == "fork":
        await on_disk.fork(session.session_id, "copy", actor=ADA)
    else:
        await on_disk.import_("copy", pieces(await archive_of(on_disk, session)), ADA)
    (info,) = await on_disk.list(name="copy")
    assert (info.rev, info.nodes) == (session.rev, session.info().nodes)
    assert not [name for name in files_of(tmp_path) if ".part" in name]
    copy = await on_disk.open(info.session_id)
    assert await all_of(copy) == before
    assert await copy._store.verify() == ""
    assert await (await Person(copy, "ada").join()).send(node("new")) == session.rev + 1
    copy.leave(next(iter(copy.clients)))
    await on_disk._close(copy.session_id)
    copy = await on_disk.open(copy.session_id)
    assert (copy._store.damaged, copy.rev) == ("", session.rev + 1)


async def test_what_fails_leaves_no_file(
    on_disk: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await on_disk.open((await on_disk.create("plan")).session_id)
    await a_history(session)
    archive = await archive_of(on_disk, session)
    before = files_of(tmp_path)
    with pytest.raises(BadMessageError):
        await on_disk.import_("copy", pieces(archive[:-20]))
    assert files_of(tmp_path) == before

    async def stuck() -> AsyncIterator[bytes]:
        yield archive[: len(archive) // 2]
        reached.set()
        await asyncio.Event().wait()

    reached = asyncio.Event()
    importing = asyncio.ensure_future(on_disk.import_("copy", stuck()))
    await reached.wait()
    importing.cancel()
    await asyncio.wait([importing])
    assert files_of(tmp_path) == before

    # somebody takes the name meanwhile
    async def slow() -> AsyncIterator[bytes]:
        yield archive
        await on_disk.create("copy")

    with pytest.raises(DuplicateIdError):
        await on_disk.import_("copy", slow())
    assert not [name for name in files_of(tmp_path) if ".part" in name]
    assert [info.name for info in await on_disk.list()] == ["copy", "plan"]


async def test_a_disk_that_is_full_makes_no_session(
    hub: Hub, session: Session, store: FaultyStore
) -> None:
    await small(hub, session)
    archive = await archive_of(hub, session)
    store.failing = "disk full"
    await refused(hub, archive, UnavailableError)
    store.failing = ""
    store.reads_failing = "the disk is gone"
    with pytest.raises(UnavailableError):
        await archive_of(hub, session)
