"""A store that forgets: for tests, and for servers that must leave nothing on a disk."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from heapq import nsmallest

import msgspec

from graph_ext.core.access import Member, Members
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import DuplicateIdError, NotFoundError, UnavailableError
from graph_ext.core.events import BlueprintUpdated, NodeCreated, NodeLinked
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import (
    Append,
    CatalogEntry,
    LogEntry,
    Place,
    Record,
    Sharing,
    SnapshotPage,
)

__all__ = ["MemorySession", "MemoryStore"]


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
    epoch, rev, floor, updated_at, damaged
        See :class:`graph_ext.hub.ports.SessionStore`.
    """

    def __init__(self, epoch: str, at: float) -> None:
        self.epoch = epoch
        self.rev = 0
        self.floor = 0
        self.updated_at = at
        self.damaged = ""
        self.is_open = False
        # the state: id -> body, in the order of creation
        self.nodes: dict[str, bytes] = {}
        self.links: dict[str, bytes] = {}
        self._blueprint = b"{}"
        # the log, and the same commits without their events
        self._records: list[Record] = []
        self._entries: list[LogEntry] = []
        self._commands: dict[tuple[str, str], int] = {}

    async def load(self) -> Graph:
        """Build the graph at ``rev`` from the stored state."""
        graph = Graph()
        blueprint = msgspec.json.decode(self._blueprint, type=Blueprint)
        graph.apply(BlueprintUpdated(blueprint, graph.blueprint))
        for body in self.nodes.values():
            graph.apply(msgspec.json.decode(body, type=NodeCreated))
        for body in self.links.values():
            graph.apply(msgspec.json.decode(body, type=NodeLinked))
        return graph

    async def append(self, commits: Sequence[Append]) -> None:
        """Keep commits."""
        for commit in commits:
            entry = commit.entry
            self._records.extend(commit.records)
            self._entries.append(entry)
            self._commands[entry.command_id, entry.actor_id] = entry.rev
            for state, changes in ((self.nodes, commit.nodes), (self.links, commit.links)):
                for element_id, body in changes:
                    if body is None:
                        state.pop(element_id, None)
                    else:
                        state[element_id] = body
            if commit.blueprint is not None:
                self._blueprint = commit.blueprint
            self.rev = entry.rev
            self.updated_at = entry.at

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log (GoneError)."""
        return self.read(after, max_bytes)

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log, in order: at least one if there is any."""
        first = bisect_right(self._records, after, key=lambda record: (record.rev, record.part))
        found: list[Record] = []
        size = 0
        for record in self._records[first:]:
            size += len(record.body)
            if found and size > max_bytes:
                break
            found.append(record)
        return found

    async def snapshot(self, page_bytes: int) -> AsyncGenerator[SnapshotPage, None]:
        """Read the state at one rev, page by page, while writing goes on."""
        rev, total = self.rev, len(self.nodes) + len(self.links)
        blueprint: bytes | None = self._blueprint
        bodies = [(0, body) for body in self.nodes.values()]
        bodies += [(1, body) for body in self.links.values()]
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
            yield SnapshotPage(rev, total, blueprint, page[0], page[1], last)
            if last:
                return
            blueprint = None

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

    async def verify(self) -> str:
        """Nothing can damage it."""
        return self.damaged

    async def close(self) -> None:
        """Let go of the session."""
        self.is_open = False
