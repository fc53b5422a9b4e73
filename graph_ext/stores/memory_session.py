"""One session in memory: its log and state, views of it, one in the making. Made by memory.py."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import nsmallest
from itertools import chain, islice
from threading import Lock

import msgspec

from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import DuplicateIdError, NotFoundError
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown
from graph_ext.hub.paging import pages_of
from graph_ext.hub.ports import (
    LAST,
    Append,
    Appended,
    LogEntry,
    Place,
    Record,
    Restored,
    SnapshotPage,
    Version,
    gone,
)

__all__ = ["MemoryRestoration", "MemorySession", "MemoryView"]


class MemorySession:
    """One session's log and state. Made by :class:`MemoryStore`.

    Attributes
    ----------
    epoch, rev, floor, log_bytes, updated_at, damaged
        See :class:`graph_ext.hub.ports.SessionStore`.
    """

    def __init__(self, epoch: str, at: float) -> None:
        self.epoch = epoch
        self.rev = 0
        self.floor = 0
        self.log_bytes = 0
        self.updated_at = at
        self.damaged = ""
        self.is_open = False
        # the state: id -> body, in the order of creation
        self.nodes: dict[str, bytes] = {}
        self.links: dict[str, bytes] = {}
        self.blueprint = b"{}"
        # the log, and the same commits without their events; compaction replaces both lists
        self.log: list[Record] = []
        self._entries: list[LogEntry] = []
        self._commands: dict[tuple[str, str], int] = {}
        self._versions: dict[str, Version] = {}
        # views are made in worker threads
        self._writing = Lock()

    @property
    def log_commits(self) -> int:
        """How many commits the log has."""
        return self.rev - self.floor

    async def load(self) -> Graph:
        """Build the graph at ``rev`` from the stored state."""
        with self.view() as view:
            return view.graph()

    @property
    def prompt(self) -> bool:
        """Each append is told of in the next turn of the loop."""
        return False

    def append(self, commits: Sequence[Append], told: Appended) -> None:
        """Keep commits."""
        with self._writing:
            for commit in commits:
                self._append(commit)
        asyncio.get_running_loop().call_soon(told, None)

    def _append(self, commit: Append) -> None:
        entry = commit.entry
        self.log.extend(commit.records)
        self.log_bytes += sum(len(record.body) for record in commit.records)
        self._entries.append(entry)
        self._commands[entry.command_id, entry.actor_id] = entry.rev
        for state, changes in ((self.nodes, commit.nodes), (self.links, commit.links)):
            for element_id, body in changes:
                if body is None:
                    state.pop(element_id, None)
                else:
                    state[element_id] = body
        if commit.blueprint is not None:
            self.blueprint = commit.blueprint
        self.rev = entry.rev
        self.updated_at = entry.at

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log (GoneError)."""
        return self.read(after, max_bytes)

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log, in order: at least one if there is any."""
        log = self.log
        if after < (self.floor, LAST):
            raise gone(after[0], self.floor)
        return _up_to(islice(log, _position(log, after), None), max_bytes)

    @contextmanager
    def view(self) -> Iterator[MemoryView]:
        """See the session as it stands now."""
        with self._writing:
            view = MemoryView(self)
        yield view

    async def snapshot(self, page_bytes: int) -> AsyncGenerator[SnapshotPage, None]:
        """Read the state at one rev, page by page, while writing goes on."""
        with self.view() as view:
            for page in view.pages(page_bytes):
                yield page

    async def outcomes(self, commands: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """Read the revs of those of the (command_id, actor_id) that became commits."""
        return {key: self._commands[key] for key in commands if key in self._commands}

    async def command_keys(self, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        """Read the (command_id, actor_id) of all commits, in that order, after one."""
        return nsmallest(limit, (key for key in self._commands if key > after))

    async def entries(
        self, *, actor_id: str | None = None, before_rev: int | None = None, limit: int = 100
    ) -> list[LogEntry]:
        """Read the newest log entries (of one actor, before a rev), newest first."""
        found: list[LogEntry] = []
        for entry in reversed(self._entries):
            if len(found) == limit:
                break
            if before_rev is not None and entry.rev >= before_rev:
                continue
            if actor_id in {None, entry.actor_id}:
                found.append(entry)
        return found

    async def versions(self) -> list[Version]:
        """Read the named revs, by rev."""
        return self.named()

    def named(self) -> list[Version]:
        """Return the named revs, by rev."""
        return sorted(self._versions.values(), key=lambda version: (version.rev, version.name))

    async def set_version(self, version: Version) -> None:
        """Give a rev a name (DuplicateIdError, NotFoundError, GoneError)."""
        if version.rev > self.rev:
            raise NotFoundError(
                f"There is no rev {version.rev}, the last is {self.rev}", path="rev"
            )
        if version.rev < self.floor:
            raise gone(version.rev, self.floor)
        if version.name in self._versions:
            raise DuplicateIdError(
                f"There is a version called {shown(version.name)} already",
                path="name",
                fix="choose another name",
            )
        self._versions[version.name] = version

    async def remove_version(self, name: str) -> None:
        """Take a name away (NotFoundError)."""
        if self._versions.pop(name, None) is None:
            raise NotFoundError(f"There is no version {shown(name)}", path="name")

    async def floor_within(self, max_bytes: int) -> int:
        """Find the lowest floor above which the log has at most so many bytes."""
        floor, left = self.floor, self.log_bytes
        for record in self.log:
            if record.part == 0 and (left <= max_bytes or record.rev == self.rev):
                break
            left -= len(record.body)
            floor = record.rev
        return floor

    async def compact(self, floor: int) -> None:
        """Let go of the log up to and including a rev."""
        floor = min([floor, self.rev, *(version.rev for version in self._versions.values())])
        if floor <= self.floor:
            return
        with self._writing:
            first = _position(self.log, (floor, LAST))
            self.log_bytes -= sum(len(record.body) for record in self.log[:first])
            self.log = self.log[first:]
            self._entries = self._entries[floor - self.floor :]
            self.floor = floor

    def take_log(self, records: Sequence[Record], entries: Sequence[LogEntry]) -> None:
        """Take more of a log that others wrote (DuplicateIdError)."""
        self.log.extend(records)
        self.log_bytes += sum(len(record.body) for record in records)
        for entry in entries:
            key = (entry.command_id, entry.actor_id)
            if key in self._commands:
                raise DuplicateIdError("two commits are of the same command")
            self._commands[key] = entry.rev
            self._entries.append(entry)

    def take_rest(self, restored: Restored) -> None:
        """Take what is known at the end of a restoration."""
        self.rev, self.floor = restored.rev, restored.floor
        self.blueprint = restored.blueprint
        self.updated_at = restored.updated_at
        self._versions = {version.name: version for version in restored.versions}

    async def verify(self) -> str:
        """Nothing can damage it."""
        return self.damaged

    async def close(self) -> None:
        """Let go of the session."""
        self.is_open = False


class MemoryView:
    """See :class:`graph_ext.hub.ports.SessionView`. Made by :class:`MemorySession`."""

    def __init__(self, session: MemorySession) -> None:
        self.epoch = session.epoch
        self.rev = session.rev
        self.floor = session.floor
        self._nodes = list(session.nodes.values())
        self._links = list(session.links.values())
        self._blueprint = session.blueprint
        # the list only grows while it is the session's
        self._log, self._end = session.log, len(session.log)
        self._versions = session.named()

    def graph(self) -> Graph:
        """Build the graph at ``rev``."""
        graph = Graph()
        blueprint = msgspec.json.decode(self._blueprint, type=Blueprint)
        graph.apply(BlueprintUpdated(blueprint, graph.blueprint))
        for body in self._nodes:
            graph.apply(msgspec.json.decode(body, type=NodeCreated))
        for body in self._links:
            graph.apply(msgspec.json.decode(body, type=NodeLinked))
        return graph

    def pages(self, page_bytes: int) -> Iterator[SnapshotPage]:
        """Read the state at ``rev``, page by page."""
        nodes, links = self._nodes, self._links
        return pages_of(
            chain(((0, body) for body in nodes), ((1, body) for body in links)),
            rev=self.rev,
            total=len(nodes) + len(links),
            blueprint=self._blueprint,
            page_bytes=page_bytes,
        )

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place (GoneError)."""
        if after < (self.floor, LAST):
            raise gone(after[0], self.floor)
        return _up_to(islice(self._log, _position(self._log, after), self._end), max_bytes)

    def read_back(self, before: Place, max_bytes: int) -> list[Record]:
        """Read records before a place and above the floor, newest first."""
        end = min(bisect_left(self._log, before, key=_place), self._end)
        return _up_to((self._log[at] for at in range(end - 1, -1, -1)), max_bytes)

    def versions(self) -> list[Version]:
        """Read the named revs, by rev."""
        return self._versions


def _place(record: Record) -> Place:
    return (record.rev, record.part)


def _position(log: Sequence[Record], after: Place) -> int:
    """The index of the first record after a place."""
    return bisect_right(log, after, key=_place)


def _up_to(records: Iterable[Record], max_bytes: int) -> list[Record]:
    found: list[Record] = []
    size = 0
    for record in records:
        size += len(record.body)
        if found and size > max_bytes:
            break
        found.append(record)
    return found


class MemoryRestoration:
    """See :class:`graph_ext.hub.ports.Restoration`. Made by :class:`MemoryStore`."""

    def __init__(self, session_id: str, session: MemorySession, at: float) -> None:
        self.session_id = session_id
        self.epoch = session.epoch
        self.at = at
        self.session = session

    def write_state(
        self, nodes: Sequence[tuple[str, bytes]], links: Sequence[tuple[str, bytes]]
    ) -> None:
        """Keep elements (DuplicateIdError)."""
        session = self.session
        for kind, state, elements in (
            ("node", session.nodes, nodes),
            ("link", session.links, links),
        ):
            for element_id, body in elements:
                if element_id in state:
                    raise DuplicateIdError(f"a {kind} comes twice")
                state[element_id] = body

    def write_log(self, records: Sequence[Record], entries: Sequence[LogEntry]) -> None:
        """Keep records, and the entries of those that are whole (DuplicateIdError)."""
        self.session.take_log(records, entries)

    def finish(self, restored: Restored) -> None:
        """Set the rest."""
        self.session.take_rest(restored)

    @contextmanager
    def view(self) -> Iterator[MemoryView]:
        """Look at what is finished."""
        with self.session.view() as view:
            yield view
