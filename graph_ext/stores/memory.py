"""A store that forgets: for tests, and for servers that must leave nothing on a disk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import nsmallest
from itertools import islice
from threading import Lock

import msgspec

from graph_ext.core.access import Member, Members
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import DuplicateIdError, NotFoundError, UnavailableError
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.core.json_values import shown
from graph_ext.hub.ports import (
    LAST,
    Append,
    CatalogEntry,
    LogEntry,
    Place,
    Record,
    Sharing,
    SnapshotPage,
    Version,
    gone,
)

__all__ = ["MemorySession", "MemoryStore", "MemoryView"]


class MemoryStore:
    """Sessions in dictionaries, for as long as the object lives."""

    def __init__(self) -> None:
        # session_id -> (name, created_at, its log and state)
        self._sessions: dict[str, tuple[str, float, MemorySession]] = {}
        # session_id -> who is in it, and who may come
        self._sharing: dict[str, Sharing] = {}
        # session_id -> the number of the last change of its members
        self._changes: dict[str, int] = {}
        self._change = 0

    async def list(self) -> list[CatalogEntry]:
        """Every session, by name."""
        entries = [self._entry(session_id) for session_id in self._sessions]
        return sorted(entries, key=lambda entry: entry.name)

    async def create(
        self, session_id: str, name: str, epoch: str, at: float, owner: Member | None = None
    ) -> CatalogEntry:
        """Make an empty session, and its owner with it (DuplicateIdError)."""
        self._check_name(name)
        self._sessions[session_id] = (name, at, MemorySession(epoch, at))
        self._put(session_id, Sharing({owner.actor_id: owner} if owner else {}, {}))
        return self._entry(session_id)

    async def rename(self, session_id: str, name: str) -> None:
        """Give a session another name (DuplicateIdError, NotFoundError)."""
        was, at, session = self._find(session_id)
        if was != name:
            self._check_name(name)
            self._sessions[session_id] = (name, at, session)

    async def delete(self, session_id: str) -> None:
        """Delete a closed session for good (NotFoundError, UnavailableError)."""
        self._refuse_open(session_id)
        del self._sessions[session_id], self._sharing[session_id], self._changes[session_id]

    async def open(self, session_id: str) -> MemorySession:
        """Open a session (NotFoundError, UnavailableError)."""
        session = self._refuse_open(session_id)
        session.is_open = True
        return session

    async def members(self, since: int) -> tuple[int, Mapping[str, Members]]:
        """Read the members of the sessions where they have changed."""
        changed = [key for key, change in self._changes.items() if change > since]
        return self._change, {key: self._sharing[key].members for key in changed}

    async def sharing(self, session_id: str) -> Sharing:
        """Read a session's members and invitations (NotFoundError)."""
        self._find(session_id)
        return self._sharing[session_id]

    async def share(self, session_id: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        """Change them (NotFoundError, and what ``change`` raises)."""
        self._find(session_id)
        self._put(session_id, change(self._sharing[session_id]))
        return self._sharing[session_id]

    async def invited(self, token_hash: bytes) -> tuple[str, str] | None:
        """Find the (session_id, invitation_id) of a link."""
        for session_id, sharing in self._sharing.items():
            for invitation in sharing.invitations.values():
                if invitation.token_hash == token_hash:
                    return session_id, invitation.invitation_id
        return None

    async def close(self) -> None:
        """Close every session; they can be opened again."""
        for _, _, session in self._sessions.values():
            session.is_open = False

    def _put(self, session_id: str, sharing: Sharing) -> None:
        self._change += 1
        self._changes[session_id] = self._change
        self._sharing[session_id] = sharing

    def _find(self, session_id: str) -> tuple[str, float, MemorySession]:
        found = self._sessions.get(session_id)
        if found is None:
            raise NotFoundError(f"There is no session {session_id!r}", path="session_id")
        return found

    def _refuse_open(self, session_id: str) -> MemorySession:
        session = self._find(session_id)[2]
        if session.is_open:
            raise UnavailableError("The session is open already", fix="close it first")
        return session

    def _check_name(self, name: str) -> None:
        if any(known == name for known, _, _ in self._sessions.values()):
            raise DuplicateIdError(
                f"There is a session called {name!r} already",
                path="name",
                fix="choose another name",
            )

    def _entry(self, session_id: str) -> CatalogEntry:
        name, created_at, session = self._find(session_id)
        return CatalogEntry(
            session_id,
            name,
            created_at,
            session.updated_at,
            session.rev,
            len(session.nodes),
            len(session.links),
        )


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

    async def append(self, commits: Sequence[Append]) -> None:
        """Keep commits."""
        with self._writing:
            for commit in commits:
                self._append(commit)

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
        total = len(self._nodes) + len(self._links)
        blueprint: bytes | None = self._blueprint
        bodies = [(0, body) for body in self._nodes]
        bodies += [(1, body) for body in self._links]
        at = 0
        while True:
            page: tuple[list[bytes], list[bytes]] = ([], [])
            size = 0
            while at < len(bodies):
                kind, body = bodies[at]
                size += len(body) + 1
                if size > page_bytes and (page[0] or page[1]):
                    break
                page[kind].append(body)
                at += 1
            last = at == len(bodies)
            yield SnapshotPage(self.rev, total, blueprint, page[0], page[1], last)
            if last:
                return
            blueprint = None

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
