"""Links that come by the thousand are put by their nodes when somebody asks, never on the loop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    DeleteNode,
    LinkNodes,
    SetProperty,
    UnlinkNodes,
    UpdateNode,
)
from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.core.events import BlueprintUpdated
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.hub.effort import is_long
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.session import Session
from tests.commits import link, many, node
from tests.fakes import FaultyStore
from tests.hub.conftest import Person

MANY = 4000
LINKS = 8000


@pytest.fixture
def limits() -> HubLimits:
    return HubLimits(batch_commands=20_000, batch_bytes=10_000_000, idle_s=60)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads in which links were put by their nodes, once each for many."""
    found: list[str] = []
    index = Graph.index

    def watched(graph: Graph) -> None:
        if not graph.indexed:
            found.append(threading.current_thread().name)
        index(graph)

    monkeypatch.setattr(Graph, "index", watched)
    return found


async def _loaded(session: Session, threads: list[str]) -> Person:
    """Have a large batch in the session, of which nobody has asked for links yet."""
    ada = await Person(session, "ada").join()
    await ada.send(many(MANY, LINKS))
    assert threads == []
    return ada


def _elsewhere(threads: list[str]) -> bool:
    return len(threads) == 1 and threads[0] != threading.main_thread().name


async def test_what_asks_for_no_links_puts_none_by_their_nodes(
    session: Session, threads: list[str]
) -> None:
    ada = await _loaded(session, threads)
    for command in (
        SetProperty("a", 1, "n0"),
        UpdateNode("n0", name="x"),
        node("new"),
        link("l", "new", "n0"),
        Batch([SetProperty("a", 1, link_id="l"), node("newer")]),
    ):
        await ada.send(command)
    assert threads == []
    await ada.send(DeleteNode("new"))
    assert _elsewhere(threads)


@pytest.mark.parametrize(
    "command",
    [
        UnlinkNodes("ln0"),
        DeleteNode("n1"),
        Batch([link("a", "n0", "n1"), UnlinkNodes("a")]),
        CreateNode("new", links=[LinkNodes("", "n0"), LinkNodes("", "nobody")]),
        Batch([link("a", "n0", "n1"), link("a", "n0", "n1")]),
    ],
)
async def test_a_command_that_asks_has_a_thread(
    session: Session, threads: list[str], command: Command
) -> None:
    ada = await _loaded(session, threads)
    try:
        await ada.send(command)
    except GraphError:
        assert (await session.past.graph_at()).nodes.keys() == {f"n{i}" for i in range(MANY)}
    assert _elsewhere(threads)


async def test_a_dry_run_of_a_link_is_taken_back_in_a_thread(
    session: Session, threads: list[str]
) -> None:
    ada = await _loaded(session, threads)
    await ada.submit(link("a", "n0", "n1"), dry_run=True)
    assert _elsewhere(threads)
    await ada.submit(link("b", "n0", "n1"), dry_run=True)
    assert len(threads) == 1


async def test_a_link_that_the_disk_refuses_is_taken_back_in_a_thread(
    session: Session, store: FaultyStore, threads: list[str]
) -> None:
    ada = await _loaded(session, threads)
    store.failing = "full"
    with pytest.raises(UnavailableError):
        await ada.send(link("a", "n0", "n1"))
    assert _elsewhere(threads)
    store.failing = ""
    await ada.send(link("a", "n0", "n1"))


async def test_a_neighbourhood_has_them_put_there_in_a_thread(
    session: Session, threads: list[str]
) -> None:
    ada = await _loaded(session, threads)
    for _ in range(2):  # the first finds the commit on its way still
        found = await session.past.neighbourhood("n0")
        assert {each.link_id for each in found.links} == {"ln0", f"ln{MANY}"}
    assert _elsewhere(threads)
    await ada.send(link("a", "n0", "n1"))
    assert len((await session.past.neighbourhood("n0")).links) == 3
    assert len(threads) == 1


def _unplaced(blueprint: Blueprint) -> Graph:
    graph = Graph()
    graph.apply(BlueprintUpdated(blueprint, graph.blueprint))
    graph.load([Node("a"), Node("b")], [Link("l", "a", "b")])
    return graph


@pytest.mark.parametrize(
    ("blueprint", "long"),
    [
        (Blueprint(), False),
        (Blueprint(multigraph=False), True),
        (Blueprint(self_links=False), True),
    ],
)
def test_a_link_is_long_where_the_blueprint_looks_at_those_beside_it(
    blueprint: Blueprint, long: bool
) -> None:
    make: list[Callable[[], Command]] = [
        lambda: LinkNodes("a", "b"),
        lambda: Batch([SetProperty("x", 1, "a"), DeleteNode("a")]),
    ]
    graph = _unplaced(blueprint)
    assert [is_long(graph, command()) for command in make] == [long, True]
    graph.index()
    assert [is_long(graph, command()) for command in make] == [False, False]
