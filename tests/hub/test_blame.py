"""Who has last changed what, as the log says it (rule 7.15)."""

from __future__ import annotations

from random import Random

import pytest
from msgspec import UNSET

from graph_ext.core.commands import (
    Batch,
    DeleteNode,
    DeleteProperty,
    SetProperty,
    UnlinkNodes,
    UpdateNode,
)
from graph_ext.core.errors import GraphError
from graph_ext.core.graph import Graph
from graph_ext.hub import blame as blame_module
from graph_ext.hub.session import Session
from graph_ext.protocol.http import Blame
from tests.commits import link, many, node
from tests.core.states import RandomEdits
from tests.hub.conftest import Person


def told(blame: Blame) -> dict[str, tuple[int, object, object]]:
    """The rev, old and new value of each field."""
    return {change.field: (change.rev, change.old, change.new) for change in blame.changes}


async def test_the_last_change_of_each_field_is_told_to_the_making_of_the_element(
    session: Session,
) -> None:
    ada, bob = await Person(session, "ada").join(), await Person(session, "bob").join()
    await ada.send(node("a", effort=1, kept=True))
    await bob.send(SetProperty("effort", 2, node_id="a"))
    await ada.send(SetProperty("effort", 3, node_id="a"))
    await bob.send(UpdateNode("a", name="A"))
    await bob.send(DeleteProperty("kept", node_id="a"))
    await bob.send(node("b"))
    found = await session.past.blame("node", "a")
    assert told(found) == {
        "properties.kept": (5, True, UNSET),
        "name": (4, "", "A"),
        "properties.effort": (3, 2, 3),
        "exists": (1, False, True),
        "order": (1, UNSET, 0.0),
    }
    assert [change.actor.name for change in found.changes[:3]] == ["bob", "bob", "ada"]
    assert (found.before_rev, found.floor) == (None, 0)
    one = await session.past.blame("node", "a", "properties.effort")
    assert told(one) == {"properties.effort": (3, 2, 3)}
    before = await session.past.blame("node", "a", "properties.effort", before_rev=3)
    assert told(before) == {"properties.effort": (2, 1, 2)}
    assert told(await session.past.blame("node", "nobody")) == {}


async def test_of_several_changes_in_one_commit_the_last_one_counts(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a", n=0))
    await ada.send(Batch([SetProperty("n", n, node_id="a") for n in (1, 2, 3)]))
    found = await session.past.blame("node", "a", "properties.n")
    assert told(found) == {"properties.n": (2, 2, 3)}


async def test_a_deletion_is_the_last_change_of_all_that_went(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a", effort=1))
    await ada.send(node("b"))
    await ada.send(link("l", "a", "b"))
    await ada.send(SetProperty("w", 1, link_id="l"))
    await ada.send(UnlinkNodes("l"))
    await ada.send(DeleteNode("a"))
    await ada.send(node("a", effort=9))
    await ada.send(DeleteNode("a"))
    found = told(await session.past.blame("node", "a"))
    assert (found["exists"], found["properties.effort"]) == ((8, True, False), (8, 9, UNSET))
    gone = told(await session.past.blame("link", "l"))
    assert (gone["exists"], gone["properties.w"]) == ((5, True, False), (5, 1, UNSET))
    assert gone["source_id"] == (5, "a", UNSET)


async def test_it_agrees_with_a_walk_through_all_commits(session: Session) -> None:
    ada = await Person(session, "ada").join()
    edits, replica = RandomEdits(Random(3)), Graph()
    last: dict[tuple[str, str], int] = {}  # (node_id, property's name) -> rev
    while session.info().rev < 60:
        try:
            await ada.send(edits.batch(replica))
        except GraphError:
            continue
        commit = ada.commits[-1]
        for event in commit.events:
            replica.apply(event)
            node_id = getattr(event, "node_id", None)
            names = [*getattr(event, "properties", ()), getattr(event, "property_name", "")]
            if node_id is not None:
                last |= {(node_id, name): commit.rev for name in names}
    checked = 0
    for node_id, standing in replica.nodes.items():
        found = told(await session.past.blame("node", node_id))
        for name, value in standing.properties.items():
            rev, _, new = found[f"properties.{name}"]
            assert (rev, new) == (last[node_id, name], value), (node_id, name)
            checked += 1
    assert checked > 5


async def test_a_long_log_is_read_part_by_part(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node('a "quoted" é', n=0))
    await ada.send(many(3000))
    for number in range(20):
        await ada.send(SetProperty("n", number, node_id="n1"))
    monkeypatch.setattr(blame_module, "MAX_BYTES", 500)
    found = await session.past.blame("node", 'a "quoted" é')
    asked = 1
    while found.before_rev is not None:
        assert found.changes == []
        before, found = (
            found.before_rev,
            await session.past.blame("node", 'a "quoted" é', before_rev=found.before_rev),
        )
        assert found.before_rev is None or found.before_rev < before
        asked += 1
    assert told(found)["properties.n"] == (1, UNSET, 0)
    assert asked > 3


async def test_what_the_log_has_let_go_of_is_not_told(session: Session) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a", old=1))
    await ada.send(SetProperty("new", 1, node_id="a"))
    await ada.send(SetProperty("newer", 1, node_id="a"))
    await session._store.compact(2)
    found = await session.past.blame("node", "a")
    assert told(found) == {"properties.newer": (3, UNSET, 1)}
    assert (found.floor, found.before_rev) == (2, None)
