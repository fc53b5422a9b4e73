"""What has to hold, whatever happens: checked when it happens, and again when all is calm.

The truth is what was durable, as the disk tells it. Everything that a client is told, and all that
anybody has in memory, is held against it. Used by world.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from graph_ext.client.session.pending import Receipt
from graph_ext.core.commands import Command, Redo, Undo
from graph_ext.core.errors import GraphError
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import Append, LogEntry
from tests.core.reference import Reference
from tests.simulation.layers import Layers
from tests.simulation.model import Model, Picture, Row

__all__ = ["Key", "Truth", "picture_of"]

Key = tuple[str, str]
"""(command_id, actor_id)."""

_decode = msgspec.json.Decoder().decode


class Truth:
    """One session's durable history, and what follows from it.

    Parameters
    ----------
    epoch : str
        Names it: a session that is put back to an earlier rev has another one from there on.
    fail : callable
        Called with what does not hold.
    """

    def __init__(self, session_id: str, epoch: str, fail: Callable[[str], None]) -> None:
        self.session_id = session_id
        self.epoch = epoch
        self.fail = fail
        # every commit that was ever durable
        self.entries: list[LogEntry] = []
        self.revs: dict[Key, int] = {}
        # what was asked for, by whom
        self.commands: dict[Key, Command] = {}
        # at which rev it was to be done, where that was said
        self.base_revs: dict[Key, int] = {}
        # (rev at that time, of which commit nothing was left to undo): that entry is skipped then,
        # until the log is read anew: (rev at that time, None)
        self.dropped: list[tuple[int, int | None]] = []
        self._bodies: list[list[bytes]] = []
        self._reference = Reference()
        self._model = Model()
        self._layers = Layers()
        self._stacks = _Stacks()
        # how many commits the four have seen
        self._replayed = 0

    @property
    def rev(self) -> int:
        """The last durable rev."""
        return len(self.entries)

    def put_back(self, rev: int, epoch: str) -> Truth:
        """Return the history that goes on from a rev of this one."""
        truth = Truth(self.session_id, epoch, self.fail)
        truth.commands, truth.base_revs = self.commands, self.base_revs
        truth.entries, truth._bodies = self.entries[:rev], self._bodies[:rev]
        truth.revs = {key: found for key, found in self.revs.items() if found <= rev}
        truth.dropped = [(at, dropped) for at, dropped in self.dropped if at <= rev]
        return truth

    def durable(self, commits: Sequence[Append]) -> None:
        """Take note of what has just become durable."""
        for commit in commits:
            entry = commit.entry
            key = (entry.command_id, entry.actor_id)
            if entry.rev != self.rev + 1:
                self.fail(f"rev {entry.rev} follows rev {self.rev} on the disk")
            if key in self.revs:
                self.fail(f"{key} was done twice: in rev {self.revs[key]} and {entry.rev}")
            if key not in self.commands:
                self.fail(f"rev {entry.rev} is of a command nobody gave: {key}")
            if self.base_revs.get(key, self.rev) != self.rev:
                self.fail(f"{key} was done at rev {self.rev}, not at {self.base_revs[key]}")
            self.entries.append(entry)
            self.revs[key] = entry.rev
            self._bodies.append([record.body for record in commit.records])

    def told(self, key: Key, outcome: Receipt | GraphError, *, sent: bool) -> None:
        """Check what a client was told of its command in the end."""
        rev = self.revs.get(key)
        if isinstance(outcome, Receipt):
            if rev != outcome.rev:
                self.fail(f"{key} was told rev {outcome.rev}, and it is {rev}")
        elif sent and "is not known" in outcome.message:
            pass  # that is true as well
        elif rev is not None:
            self.fail(f"{key} was told {outcome.code} {outcome.message!r}, and it is rev {rev}")

    def spelled(self, rev: int) -> list[Row]:
        """Say which events of the events view a commit is: what each has to say at least."""
        parts = [_decode(body) for body in self._bodies[rev - 1]]
        entry = self.entries[rev - 1]
        common = {"session_id": self.session_id, "rev": rev, "command_id": entry.command_id}
        kinds: list[Row] = [{"type": "command-executing"}]
        kinds += [event for part in parts for event in part["events"]]
        if entry.undoes is not None or entry.redoes is not None:
            kinds.append({"type": "undo" if entry.redoes is None else "redo"})
        kinds.append({"type": "command-executed", "success": True})
        return [{**event, **common} for event in kinds]

    def check(self, whose: str, rev: int, picture: Picture) -> None:
        """Compare somebody's graph at the last rev with the log's."""
        self._replay()
        if rev != self.rev:
            self.fail(f"{whose} is at rev {rev} of {self.rev}")
        elif difference := _difference(picture, _picture_of_reference(self._reference)):
            self.fail(f"{whose} is not what the log says at rev {rev}: {difference}")

    def _replay(self) -> None:
        """Bring the reference, the model, the layers and the stacks to the last rev."""
        for index in range(self._replayed, self.rev):
            entry = self.entries[index]
            parts = [_decode(body) for body in self._bodies[index]]
            events = [event for part in parts for event in part["events"]]
            command = self.commands[entry.command_id, entry.actor_id]
            for event in events:
                self._reference.apply(event)
            again = entry.undoes if entry.undoes is not None else entry.redoes
            if again is None:
                self._layers.commit(entry.rev, events)
                self._model.do(command, iter(_made(events)))
            else:
                forced = isinstance(command, Undo) and command.force
                wrong = self._layers.take_back(entry.rev, again, events, forced=forced)
                drops = [rev for at, rev in self.dropped if at < entry.rev]
                wrong = wrong or self._stacks.check(entry, command, drops)
                if wrong:
                    self.fail(wrong)
            self._stacks.add(entry)
            last = index == self.rev - 1
            if again is not None or last:
                picture = _picture_of_reference(self._reference)
                if again is None and (difference := _difference(self._model.picture, picture)):
                    self.fail(f"the naive model differs at rev {entry.rev}: {difference}")
                self._model.adopt(picture)
        self._replayed = self.rev


class _Stacks:
    """Whose undo means which commit: lists, and nothing else."""

    def __init__(self) -> None:
        self._undo: dict[str, list[int]] = {}
        self._redo: dict[str, list[int]] = {}

    def add(self, entry: LogEntry) -> None:
        undo = self._undo.setdefault(entry.actor_id, [])
        if entry.undoes is not None:
            self._forget(entry.undoes)
            self._redo.setdefault(entry.actor_id, []).append(entry.rev)
        elif entry.redoes is not None:
            self._forget(entry.redoes)
            undo.append(entry.rev)
        else:
            self._redo[entry.actor_id] = []
            undo.append(entry.rev)

    def check(self, entry: LogEntry, command: Command, drops: Sequence[int | None]) -> str:
        """Say what is wrong with the commit that an undo or redo has taken back."""
        skipped: set[int] = set()
        for rev in drops:
            if rev is None:
                skipped.clear()
            else:
                skipped.add(rev)
        if isinstance(command, Undo) and command.rev is not None:
            expected = [command.rev]
        elif isinstance(command, Undo) and command.scope == "session":
            expected = sorted(rev for revs in self._undo.values() for rev in revs)
        elif isinstance(command, Undo):
            expected = self._undo.get(entry.actor_id, [])
        elif isinstance(command, Redo):
            expected = self._redo.get(entry.actor_id, [])
        else:
            expected = []
        taken = entry.undoes if entry.undoes is not None else entry.redoes
        by_rev = isinstance(command, Undo) and command.rev is not None
        expected = [rev for rev in expected if by_rev or rev not in skipped]
        if taken in expected[-1:]:
            return ""
        return f"rev {entry.rev} takes back rev {taken}, of {expected} the last should be"

    def _forget(self, rev: int) -> None:
        for stacks in (self._undo, self._redo):
            for revs in stacks.values():
                if rev in revs:
                    revs.remove(rev)


def picture_of(graph: Graph) -> Picture:
    """Return a graph in the model's form."""
    nodes = {
        node.node_id: {
            "parent_id": node.parent_id,
            "type": node.blueprint_type_id,
            "name": node.name,
            "position": None if node.position is None else list(node.position),
            "properties": node.properties,
        }
        for node in graph.nodes.values()
    }
    links = {
        link.link_id: {
            "source_id": link.source_id,
            "target_id": link.target_id,
            "type": link.link_type_id,
            "properties": link.properties,
        }
        for link in graph.links.values()
    }
    parents = dict.fromkeys(node.parent_id for node in graph.nodes.values())
    children = {key: [child.node_id for child in graph.children(key)] for key in parents}
    return nodes, links, children, msgspec.to_builtins(graph.blueprint)


def _picture_of_reference(reference: Reference) -> Picture:
    nodes = {
        key: {
            "parent_id": node.get("parent_id"),
            "type": node.get("blueprint_type_id", ""),
            "name": node.get("name", ""),
            "position": node.get("position"),
            "properties": node.get("properties", {}),
        }
        for key, node in reference.nodes.items()
    }
    links = {
        key: {
            "source_id": link["source_id"],
            "target_id": link["target_id"],
            "type": link.get("link_type_id", ""),
            "properties": link.get("properties", {}),
        }
        for key, link in reference.links.items()
    }
    children: dict[str | None, list[str]] = {}
    ordered = sorted(reference.nodes.values(), key=lambda n: (n.get("order", 0), n["node_id"]))
    for node in ordered:
        children.setdefault(node.get("parent_id"), []).append(node["node_id"])
    return nodes, links, children, reference.blueprint


def _difference(found: Picture, expected: Picture) -> str:
    """Say where two pictures differ first."""
    if found == expected:
        return ""
    kinds: Any = zip(("node", "link", "children of", "blueprint's"), found, expected, strict=True)
    for what, one, other in kinds:
        for key in [*other, *one]:
            if one.get(key) != other.get(key):
                return f"{what} {key!r} is {one.get(key)}, not {other.get(key)}"
    return "one is another"


def _made(events: Sequence[Row]) -> Iterator[str]:
    for event in events:
        if event["type"] == "node-created":
            yield event["node_id"]
        elif event["type"] == "node-linked":
            yield event["link_id"]
