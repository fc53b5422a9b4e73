"""What was acknowledged is there after a power cut, whenever it comes (DESIGN, 8)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from textwrap import dedent

import pytest

from graph_ext.core.graph import Graph
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import SESSION_ID, Maker, many, node, state_of
from tests.stores.power import Call, Disk, trace

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

PROGRAM = dedent("""
    import asyncio, os, pathlib, sys
    from graph_ext.hub.ports import Version
    from graph_ext.protocol import Actor
    from graph_ext.stores.sqlite import SqliteStore
    from tests.commits import SESSION_ID, Maker, append
    from tests.stores.test_power_cuts import commands

    def acked(what, number=0):
        os.write(1, f"{what} {number}".encode())

    async def main():
        store = SqliteStore(pathlib.Path(sys.argv[1]))
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        acked("created")
        session = await store.open(SESSION_ID)
        make = Maker(session)
        for command in commands():
            await append(session, [make(command)])
            acked("rev", session.rev)
            if session.rev == 5:
                await session.set_version(Version("five", 5, 7.0, Actor("user:ada")))
                acked("named")
            if session.rev == 12:
                await session.compact(11)
                acked("floor", session.floor)
            if session.rev == 15:
                await session.close()
                session = await store.open(SESSION_ID)
        os._exit(0)

    asyncio.run(main())
""")


def commands() -> list[object]:
    """What is done, commit by commit."""
    return [many(400) if i == 3 else node(f"c{i}", text="x" * i * 50) for i in range(20)]


def states() -> list[tuple[object, ...]]:
    make, found = Maker(), [state_of(Graph())]
    for command in commands():
        make(command)  # type: ignore[arg-type]
        found.append(state_of(make.graph))
    return found


@dataclass
class Acked:
    """What the program has been told is durable."""

    values: dict[str, int] = field(default_factory=lambda: {"rev": 0, "floor": 0})

    def hear(self, call: Call) -> None:
        what, number = call.data.decode().split()
        self.values[what] = int(number)


async def losses(calls: list[Call], folder: Path, into: Path, cuts: int, seed: int) -> list[str]:
    """Cut the power here and there; say what was lost."""
    random = Random(seed)
    points = set(random.sample(range(len(calls)), min(cuts, len(calls))))
    # right after each acknowledgement too: that is when nothing may be missing any more
    points |= {at for at, call in enumerate(calls) if call.name == "said"}
    disk, acked, expected, lost = Disk(folder), Acked(), states(), []
    for at, call in enumerate(calls):
        if call.name == "said":
            acked.hear(call)
        else:
            disk.do(call)
        if at not in points or "created" not in acked.values:
            continue
        left = into / f"{seed}-{at}"
        disk.cut(random, left)
        store = SqliteStore(left)
        try:
            session = await store.open(SESSION_ID)
            names = [version.name for version in await session.versions()]
            found = (session.rev, session.floor, await session.verify())
            if found[0] < acked.values["rev"] or found[1] < acked.values["floor"] or found[2]:
                lost.append(f"call {at}: {found} after {acked.values}")
            if state_of(await session.load()) != expected[session.rev]:
                lost.append(f"call {at}: another graph at rev {session.rev}")
            if ("five" in names) < ("named" in acked.values):
                lost.append(f"call {at}: the version is gone")
        except Exception as error:  # noqa: BLE001 - whatever it is, the session can't be opened
            lost.append(f"call {at}: {error!r}")
        finally:
            await store.close()
        shutil.rmtree(left)
    return lost


async def test_nothing_acknowledged_is_lost_when_the_power_fails(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    calls = trace(folder, PROGRAM, tmp_path / "trace")
    assert sum(call.name == "said" for call in calls) == 23
    assert sum(call.name == "synced" for call in calls) > 30
    assert sum(call.name == "wrote" and call.file.endswith(".slate") for call in calls) > 10
    for seed in range(2):
        assert await losses(calls, folder, tmp_path, 60, seed) == []


UNSAFE = {
    "file": """
        from graph_ext.stores import writer
        connect = writer.connect
        def careless(path):
            connection = connect(path)
            connection.execute("PRAGMA synchronous=NORMAL")
            return connection
        writer.connect = careless
    """,
    "slate": """
        from graph_ext.stores import slate
        slate._sync = lambda file: None
    """,
    "slate written over too early": """
        from graph_ext.stores.slate import Slate
        note = Slate.note
        def forgetful(self, commits, before):
            self._at = 0
            return note(self, commits, before)
        Slate.note = forgetful
    """,
}


@pytest.mark.parametrize("what", UNSAFE)
async def test_the_cuts_find_what_was_not_synced(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "data"
    unsafe = PROGRAM.replace("asyncio.run(main())", dedent(UNSAFE[what]) + "asyncio.run(main())")
    calls = trace(folder, unsafe, tmp_path / "trace")
    assert len(await losses(calls, folder, tmp_path, 30, 0)) > 3
