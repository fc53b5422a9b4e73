"""Whoever was told that a session was deleted is right, whenever the power fails (DESIGN, 8)."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from textwrap import dedent

import pytest

from graph_ext.stores.sqlite import SqliteStore
from tests.stores.power import Call, Disk, trace

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

SESSION_ID = f"{1:032x}"

PROGRAM = dedent("""
    import asyncio, itertools, os, pathlib, sys, time
    from graph_ext.hub.hub import Hub
    from graph_ext.hub.limits import HubLimits
    from graph_ext.stores.sqlite import SqliteStore
    from tests.commits import many, node
    from tests.fakes import FakeSink
    from tests.hub.conftest import Person

    class Telling(FakeSink):
        def write(self, frame):
            if b'"ended":true' in frame:
                os.write(1, b"told")

    async def main():
        store = SqliteStore(pathlib.Path(sys.argv[1]))
        ids = itertools.count(1)
        hub = Hub(store, HubLimits(), time.time, lambda: f"{next(ids):032x}")
        info = await hub.create("plan")
        session = await hub.open(info.session_id)
        ada = Person(session, "ada")
        ada.sink = Telling()
        await ada.join()
        await ada.send(many(200))
        os.write(1, b"made")
        late = ada.send(node("late"))
        await hub.delete(info.session_id)
        os.write(1, b"done")
        os._exit(0)

    asyncio.run(main())
""")


async def lies(calls: list[Call], folder: Path, into: Path, seed: int) -> list[str]:
    """Cut the power everywhere from where the session is made; say what was told and is not so."""
    random, disk, wrong = Random(seed), Disk(folder), list[str]()
    said: list[bytes] = []
    for at, call in enumerate(calls):
        if call.name == "said":
            said.append(call.data)
        else:
            disk.do(call)
        if b"made" not in said:
            continue
        left = into / f"{seed}-{at}"
        disk.cut(random, left)
        store = SqliteStore(left)
        # as every server does when it begins
        await store.tidy()
        if await store.list():
            session = await store.open(SESSION_ID)
            if b"told" in said:
                wrong.append(f"call {at}: told that it was deleted, and it is at rev {session.rev}")
            elif session.rev < 1 or await session.verify():
                wrong.append(f"call {at}: half deleted: {session.rev}, {session.damaged}")
        elif files := [file.name for file in left.iterdir() if file.name.startswith(SESSION_ID)]:
            wrong.append(f"call {at}: deleted, and has left {files}")
        await store.close()
        shutil.rmtree(left)
    assert said == [b"made", b"told", b"done"]
    return wrong


async def test_who_is_told_of_a_deletion_is_told_so_for_good(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    calls = trace(folder, PROGRAM, tmp_path / "trace")
    for seed in range(2):
        assert await lies(calls, folder, tmp_path, seed) == []


async def test_the_cuts_find_one_that_is_told_too_early(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    early = PROGRAM.replace(
        "asyncio.run(main())",
        dedent("""
            from tests.simulation.bugs import planted
            with planted("an_end_is_told_before_it_is_durable"):
                asyncio.run(main())
        """),
    )
    calls = trace(folder, early, tmp_path / "trace")
    assert await lies(calls, folder, tmp_path, 0) != []
