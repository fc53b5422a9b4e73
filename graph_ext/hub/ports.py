"""What the hub asks of a store, and nothing more; stores/ implement it.

A store holds the catalog of sessions and, per session, a log of commits with the current state
beside it. One contract suite, tests/stores/contract.py, tests every store. Methods that touch a
disk are coroutines, so that a store decides on its threads; those that are not are for worker
threads. Longer than other modules: whoever writes another store has to read all of it, and it is
description for the most part.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from graph_ext.core.access import Member, Members, Role
from graph_ext.core.errors import GoneError
from graph_ext.core.graph import Graph
from graph_ext.protocol.http import Version

__all__ = [
    "LAST",
    "Append",
    "Appended",
    "CatalogEntry",
    "Invitation",
    "LogEntry",
    "Place",
    "Record",
    "Restoration",
    "Restored",
    "SessionStore",
    "SessionView",
    "Sharing",
    "SnapshotPage",
    "Store",
    "Version",
    "gone",
]

LAST = 2**31
"""The part of a place that has the whole commit behind it."""

Place = tuple[int, int]
"""(rev, part) of the last record that was read; (rev, LAST) after a whole commit."""


class CatalogEntry(Struct, frozen=True):
    """A session as the catalog knows it. ``at`` fields: Unix seconds, UTC."""

    session_id: str
    name: str
    created_at: float
    updated_at: float
    rev: int
    nodes: int
    links: int


class Invitation(Struct, frozen=True):
    """A link that makes members of those who follow it, and those who have.

    ``token_hash``: SHA-256 of the secret in the link, which is kept nowhere. ``expires_at``: Unix
    seconds, UTC; None: never. ``uses``: how many persons may accept it; None: any number.
    ``accepted``: their actor_ids. ``by``: the actor_id of who made it.
    """

    invitation_id: str
    token_hash: bytes
    role: Role
    expires_at: float | None
    uses: int | None
    by: str
    at: float
    revoked: bool = False
    accepted: tuple[str, ...] = ()


class Sharing(Struct, frozen=True):
    """Who is in a session, and who may come: members by actor_id, invitations by their id."""

    members: Members
    invitations: Mapping[str, Invitation]


class LogEntry(Struct, frozen=True, gc=False):
    """A commit without its events: what undo stacks and history lists are derived from."""

    rev: int
    actor_id: str
    actor_name: str
    command_id: str
    at: float
    label: str
    undoes: int | None
    redoes: int | None
    count: int


class Record(Struct, frozen=True, gc=False):
    """One encoded ``commit`` message: a whole commit, or one part of a long one."""

    rev: int
    part: int
    last: bool
    body: bytes

    @property
    def place(self) -> Place:
        """Where a follower stands that has read this record."""
        return (self.rev, LAST if self.last else self.part)


class Append(Struct, frozen=True, gc=False):
    """A commit to make durable: its log entry, its records, and the state it leaves behind.

    ``nodes`` and ``links``: (id, encoded state, or None where the element is gone), done in order:
    an id comes twice where its element was deleted and made again. ``blueprint``: encoded, where
    it changed. ``node_count`` and ``link_count``: how many stand after it.
    """

    entry: LogEntry
    records: Sequence[Record]
    nodes: list[tuple[str, bytes | None]]
    links: list[tuple[str, bytes | None]]
    node_count: int
    link_count: int
    blueprint: bytes | None = None


Appended = Callable[[BaseException | None], None]
"""Called once, when commits are durable, or with why they are not; it must not raise.

A callback and no coroutine: that would take two more turns of the event loop, which a command that
comes alone waits for.
"""


class SnapshotPage(Struct, frozen=True, gc=False):
    """Encoded elements of one consistent rev, nodes before links.

    ``nodes`` and ``links``: each item is an element, or a run of several with commas between.
    ``total`` counts the elements of all pages; ``blueprint`` is in the first page alone.
    """

    rev: int
    total: int
    blueprint: bytes | None
    nodes: Sequence[bytes]
    links: Sequence[bytes]
    last: bool


class SessionView(Protocol):
    """A session as it stood at one moment, while writing goes on. For worker threads.

    All methods raise UnavailableError where the disk fails.

    Attributes
    ----------
    epoch, rev, floor
        See :class:`SessionStore`.
    """

    epoch: str
    rev: int
    floor: int

    def graph(self) -> Graph:
        """Build the graph at ``rev``."""

    def pages(self, page_bytes: int) -> Iterator[SnapshotPage]:
        """Read the state at ``rev``, page by page."""

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place (GoneError): at least one if there is any."""

    def read_back(self, before: Place, max_bytes: int) -> list[Record]:
        """Read records before a place and above the floor, newest first: at least one if any."""

    def versions(self) -> list[Version]:
        """Read the named revs, by rev."""


class Restored(Struct, frozen=True):
    """What a session that was restored has besides its elements and its log.

    ``blueprint``: encoded. ``node_count`` and ``link_count``: how many elements stand.
    """

    rev: int
    floor: int
    blueprint: bytes
    node_count: int
    link_count: int
    updated_at: float
    versions: Sequence[Version]


class Restoration(Protocol):
    """A session in the making, that nobody sees before the store adopts it. For worker threads.

    Attributes
    ----------
    session_id, epoch : str
        Those it will have.
    at : float
        Unix seconds, UTC: when it was begun.
    """

    session_id: str
    epoch: str
    at: float

    def write_state(
        self, nodes: Sequence[tuple[str, bytes]], links: Sequence[tuple[str, bytes]]
    ) -> None:
        """Write (id, encoded state) of elements, in the order of their creation.

        Raises
        ------
        DuplicateIdError
            An id comes twice.
        UnavailableError
            The disk is full or fails.
        """

    def write_log(self, records: Sequence[Record], entries: Sequence[LogEntry]) -> None:
        """Write records, in the order of the log; and the entries of commits that are whole by now.

        Raises
        ------
        DuplicateIdError
            Two commits are of the same command.
        UnavailableError
            The disk is full or fails.
        """

    def finish(self, restored: Restored) -> None:
        """Write the rest, durably; nothing can be written after it (UnavailableError)."""

    def view(self) -> AbstractContextManager[SessionView]:
        """Look at what is finished (UnavailableError)."""


class SessionStore(Protocol):
    """One session's log and state, held by one server at a time.

    Attributes
    ----------
    epoch : str
        Names the unbroken history.
    rev : int
        The last durable commit; 0 in an empty session.
    updated_at : float
        Unix seconds, UTC: when the last commit was made.
    damaged : str
        For people: why the session can only be read; empty while all is well.
    """

    epoch: str
    rev: int
    updated_at: float
    damaged: str

    @property
    def prompt(self) -> bool:
        """Whether a short append is done, and told of, before :meth:`append` returns."""

    @property
    def floor(self) -> int:
        """The log reaches back to the commit after this one."""

    @property
    def log_commits(self) -> int:
        """How many commits the log has: those above the floor."""

    @property
    def log_bytes(self) -> int:
        """How many bytes their bodies have."""

    async def load(self) -> Graph:
        """Build the graph at ``rev`` from the stored state."""

    def append(self, commits: Sequence[Append], told: Appended) -> None:
        """Make commits durable, all or none; their revs follow ``rev`` without a gap.

        Begins at once; not called again before ``told`` was. That is called on the event loop,
        perhaps before this returns where all went well: with None when they are durable, with
        UnavailableError where the disk is full or fails and nothing was written, with ReadOnlyError
        where the log is damaged.
        """

    async def records(self, after: Place, max_bytes: int) -> list[Record]:
        """Do as :meth:`read` does, for the event loop."""

    def read(self, after: Place, max_bytes: int) -> list[Record]:
        """Read records after a place in the log, in order: at least one if there is any.

        For worker threads: it waits for the disk.

        Raises
        ------
        GoneError
            The log no longer reaches back to the place.
        UnavailableError
            The disk fails.
        """

    def view(self) -> AbstractContextManager[SessionView]:
        """See the session as it stands now, for as long as the context is open.

        For worker threads. Not to be kept open while somebody else is waited for: what is written
        meanwhile piles up (UnavailableError).
        """

    def snapshot(self, page_bytes: int) -> AsyncGenerator[SnapshotPage, None]:
        """Read the state at one rev, page by page, while writing goes on.

        Whoever does not read to the end closes it (``contextlib.aclosing``).
        """

    async def outcomes(self, commands: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """Read the revs of those of the (command_id, actor_id) that became commits."""

    async def command_keys(self, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        """Read the (command_id, actor_id) of all commits there ever were, in that order.

        Those after one, ``("", "")`` for the first; at most ``limit``, none only at the end.
        """

    async def entries(
        self, *, actor_id: str | None = None, before_rev: int | None = None, limit: int = 100
    ) -> list[LogEntry]:
        """Read the newest log entries (of one actor, before a rev), newest first."""

    async def versions(self) -> list[Version]:
        """Read the named revs, by rev (UnavailableError)."""

    async def set_version(self, version: Version) -> None:
        """Give a rev a name, durably.

        Raises
        ------
        DuplicateIdError
            There is a version of that name.
        NotFoundError, GoneError
            There is no such rev yet, or the log no longer reaches back to it.
        ReadOnlyError, UnavailableError
            The log is damaged; the disk is full or fails.
        """

    async def remove_version(self, name: str) -> None:
        """Take a name away (NotFoundError, ReadOnlyError, UnavailableError)."""

    async def floor_within(self, max_bytes: int) -> int:
        """Find the lowest floor above which the log has at most so many bytes.

        The newest commit stays, however long it is (UnavailableError).
        """

    async def compact(self, floor: int) -> None:
        """Let go of the log up to and including a rev, or to the first named one if that is lower.

        ``floor`` is there at once; the room is made bit by bit, and commits go on meanwhile. What
        was begun before a crash is finished by the next call (ReadOnlyError, UnavailableError).
        """

    async def verify(self) -> str:
        """Check the whole log; ``damaged`` is set to what is returned."""

    async def close(self) -> None:
        """Let go of the session; others may open it."""


class Store(Protocol):
    """The catalog of sessions, and the way to each."""

    async def list(self) -> list[CatalogEntry]:
        """Every session, by name."""

    async def create(
        self, session_id: str, name: str, epoch: str, at: float, owner: Member | None = None
    ) -> CatalogEntry:
        """Make an empty session, and its owner with it.

        Raises
        ------
        DuplicateIdError
            A session has that name already.
        UnavailableError
            The disk is full or fails; nothing was written.
        """

    async def rename(self, session_id: str, name: str) -> None:
        """Give a session another name (DuplicateIdError, NotFoundError, UnavailableError)."""

    async def delete(self, session_id: str) -> None:
        """Forget a session for good, also one that is open here: nobody opens it any more.

        What is open goes on until it is closed; what is left of it then is for :meth:`tidy`.

        Raises
        ------
        NotFoundError
            No such session.
        UnavailableError
            Another server has it open, or the disk is full or fails; nothing has changed.
        """

    async def tidy(self) -> None:
        """Make the room free that deleted sessions take still, once they are closed.

        Also those that a server has deleted which died before (UnavailableError).
        """

    async def open(self, session_id: str) -> SessionStore:
        """Open a session for this server alone.

        Raises
        ------
        NotFoundError
            No such session.
        UnavailableError
            Another server has it open, or its file can't be read.
        """

    async def restore(self, session_id: str, epoch: str, at: float) -> Restoration:
        """Begin a session that nobody sees; it ends with ``adopt`` or ``discard``.

        Raises
        ------
        UnavailableError
            The disk is full or fails.
        """

    async def adopt(
        self, restoration: Restoration, name: str, owner: Member | None = None
    ) -> CatalogEntry:
        """Make a finished restoration a session, with the errors of ``create``."""

    async def discard(self, restoration: Restoration) -> None:
        """Leave nothing of a restoration that was not adopted."""

    async def members(self, since: int) -> tuple[int, Mapping[str, Members]]:
        """Read the members of the sessions where they have changed; cheap, called often.

        Parameters
        ----------
        since : int
            The number of a change; 0: the members of all sessions.

        Returns
        -------
        tuple of int and mapping
            The number of the last change, by whichever server, and session_id -> its members.

        Raises
        ------
        UnavailableError
            They can't be read.
        """

    async def sharing(self, session_id: str) -> Sharing:
        """Read a session's members and invitations (NotFoundError, UnavailableError)."""

    async def share(self, session_id: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        """Change a session's members and invitations, in one step for all servers.

        Parameters
        ----------
        session_id : str
            Which session.
        change : callable
            Called with what there is, perhaps in another thread; returns what there shall be. What
            it raises is raised here, and nothing has changed.

        Returns
        -------
        Sharing
            What there is now; durable.

        Raises
        ------
        NotFoundError
            No such session.
        UnavailableError
            The disk is full or fails; nothing was written.
        """

    async def invited(self, token_hash: bytes) -> tuple[str, str] | None:
        """Find the (session_id, invitation_id) of a link (UnavailableError)."""

    async def close(self) -> None:
        """Close everything."""


def gone(rev: int, floor: int) -> GoneError:
    """Return the refusal of a rev that is below the log's floor."""
    return GoneError(
        f"The log no longer reaches back to rev {rev}: it begins after rev {floor}", path="rev"
    )
