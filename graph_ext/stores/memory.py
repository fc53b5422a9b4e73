"""A store that forgets: for tests, and for servers that must leave nothing on a disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graph_ext.core.access import Member, Members
from graph_ext.core.errors import DuplicateIdError, NotFoundError, UnavailableError
from graph_ext.hub.ports import CatalogEntry, Restoration, Sharing
from graph_ext.stores.memory_session import MemoryRestoration, MemorySession

__all__ = ["MemoryStore"]


class MemoryStore:
    """Sessions in dictionaries, for as long as the object lives."""

    def __init__(self) -> None:
        # session_id -> (name, created_at, its log and state)
        self._sessions: dict[str, tuple[str, float, MemorySession]] = {}
        # session_id -> those that nobody sees yet
        self._restoring: dict[str, MemorySession] = {}
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

    async def restore(self, session_id: str, epoch: str, at: float) -> MemoryRestoration:
        """Begin a session that nobody sees."""
        self._restoring[session_id] = MemorySession(epoch, at)
        return MemoryRestoration(session_id, self._restoring[session_id], at)

    async def adopt(
        self, restoration: Restoration, name: str, owner: Member | None = None
    ) -> CatalogEntry:
        """Make a finished restoration a session (DuplicateIdError)."""
        self._check_name(name)
        session_id = restoration.session_id
        self._sessions[session_id] = (name, restoration.at, self._restoring.pop(session_id))
        self._put(session_id, Sharing({owner.actor_id: owner} if owner else {}, {}))
        return self._entry(session_id)

    async def discard(self, restoration: Restoration) -> None:
        """Leave nothing of a restoration."""
        self._restoring.pop(restoration.session_id, None)

    async def rename(self, session_id: str, name: str) -> None:
        """Give a session another name (DuplicateIdError, NotFoundError)."""
        was, at, session = self._find(session_id)
        if was != name:
            self._check_name(name)
            self._sessions[session_id] = (name, at, session)

    async def delete(self, session_id: str) -> None:
        """Forget a session for good, also one that is open (NotFoundError)."""
        self._find(session_id)
        del self._sessions[session_id], self._sharing[session_id], self._changes[session_id]

    async def tidy(self) -> None:
        """Nothing is left of what was deleted."""

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
