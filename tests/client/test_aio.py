"""The twins for asyncio let the loop go on, stand in its batches, and can be cancelled."""

from __future__ import annotations

import asyncio
import threading

import pytest

import graph_ext as gx
from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import open_over
from graph_ext.core.errors import NotFoundError
from tests.client.line import Line
from tests.servers import JupyterServer

TIMEOUT_S = 60


def test_a_graph_is_opened_changed_and_closed(jupyter: JupyterServer, name: str) -> None:
    async def work() -> SharedGraph:
        async with gx.aio.open(name, jupyter.url, jupyter.token) as g:
            assert await g.aio.add_node("a", effort=3) == "a"
            key = await g.aio.add_edge("a", "b", key=1)
            assert (key, [n.key for n in await g.aio.find(effort=3)]) == (1, ["a"])
            await gx.aio.run(g.nodes["a"].update, effort=4)
            assert g.nodes["a"]["effort"] == 4
            with pytest.raises(NotFoundError, match="nobody"):
                await g.aio.remove_node("nobody")
            assert name in [one.name for one in await gx.aio.sessions(jupyter.url, jupyter.token)]
        return g

    assert asyncio.run(work()).status == "ended"


def test_the_loop_goes_on_while_a_call_waits(
    jupyter: JupyterServer, name: str, connections: list[Connection]
) -> None:
    with Line(jupyter.port) as line:
        connection = Connection(Server(line.url, jupyter.token), kind="agent", label="test")
        connections.append(connection)
        g = open_over(connection, name, timeout_s=TIMEOUT_S)

        async def work() -> None:
            # as long as this lock is held, no commit reaches the graph, and no call returns
            g.live_replica.lock.acquire()
            calls = [asyncio.ensure_future(g.aio.add_node(n)) for n in range(100)]
            for _ in range(10):
                await asyncio.sleep(0)
            assert not any(call.done() for call in calls)
            g.live_replica.lock.release()
            assert await asyncio.gather(*calls) == list(range(100))

        asyncio.run(work())
        assert (len(g), g.rev) == (100, 100)


def test_a_call_that_is_cancelled_may_be_made_and_the_next_one_works(g: SharedGraph) -> None:
    async def work() -> None:
        g.live_replica.lock.acquire()
        call = asyncio.ensure_future(g.aio.add_node("a"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        g.live_replica.lock.release()
        await g.aio.add_node("b")

    asyncio.run(work())
    assert "b" in g


def test_calls_that_wait_for_their_turn_are_not_made_once_cancelled(g: SharedGraph) -> None:
    go = threading.Event()
    made: list[int] = []

    def slow(number: int) -> None:
        go.wait(TIMEOUT_S)
        made.append(number)

    async def work() -> None:
        calls = [asyncio.ensure_future(gx.aio.run(slow, n)) for n in range(70)]
        for _ in range(10):
            await asyncio.sleep(0)
        for call in calls[64:]:
            call.cancel()
        go.set()
        await asyncio.gather(*calls, return_exceptions=True)
        await gx.aio.run(slow, 99)

    asyncio.run(work())
    assert sorted(made) == [*range(64), 99]


def test_batches_and_dry_runs_are_a_task_s_own(g: SharedGraph) -> None:
    async def one(start: int) -> int | None:
        async with g.aio.batch(f"from {start}") as batch:
            for n in range(start, start + 3):
                await g.aio.add_node(n)
            assert len(g) == 3
        await g.aio.add_node(("after", start))
        return batch.rev

    async def work() -> None:
        revs = await asyncio.gather(one(10), one(20))
        assert len(set(revs)) == 2
        assert len(g) == 8
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 (a batch that fails is a block)
            async with g.aio.batch():
                await g.aio.add_node("not made")
                1 / 0  # noqa: B018
        async with g.aio.dry_run() as plan:
            await g.aio.remove_node(10)
        assert str(plan) == "would delete 1 node"

    asyncio.run(work())
    assert (len(g), g.rev, "not made" in g) == (8, 4, False)


def test_every_method_has_its_twin_and_what_is_none_says_so(g: SharedGraph) -> None:
    for name in dir(g.aio):
        assert callable(getattr(g.aio, name))
    assert {"add_node", "blame", "at", "invite", "remove_edges_from"} <= set(dir(g.aio))
    with pytest.raises(AttributeError, match=r"nodes is no method: g.nodes can be read"):
        g.aio.nodes  # noqa: B018
    with pytest.raises(AttributeError, match="no method 'nonsense'"):
        g.aio.nonsense  # noqa: B018

    async def stop() -> None:
        await gx.aio.run(next, iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(stop())


def test_calls_go_on_over_a_line_that_is_cut_and_nothing_is_done_twice(
    jupyter: JupyterServer, name: str, connections: list[Connection]
) -> None:
    with Line(jupyter.port) as line:
        connection = Connection(Server(line.url, jupyter.token), kind="agent", label="test")
        connections.append(connection)
        g = open_over(connection, name, timeout_s=TIMEOUT_S)

        async def work() -> None:
            made: set[int] = set()

            async def add(number: int) -> None:
                await g.aio.add_node(number)
                await g.aio.add_edge(number, number)
                made.add(number)

            async with asyncio.TaskGroup() as calls:
                for number in range(200):
                    calls.create_task(add(number))
                for enough in (20, 80, 140):
                    while len(made) < enough:
                        await asyncio.sleep(0)
                    line.cut()
            assert len(made) == 200

        asyncio.run(work())
        with gx.open(name, jupyter.url, jupyter.token) as other:
            for each in (g, other):
                assert (len(each), len(each.edges), each.rev) == (200, 200, 400)
