"""Every message of the WebSocket protocol ``graph-ext.v1`` but those of the events view (flat.py).

The rules are numbered in docs/protocol.md; labextension/src/protocol.ts is generated from these
structs. Longer than other modules: the messages are one list, read best in one place.
"""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from graph_ext.core.access import Role
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Command
from graph_ext.core.events import Event, Position
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Link, Node
from graph_ext.core.history import Skipped

__all__ = [
    "PAGE_BYTES",
    "SUBPROTOCOL",
    "Actor",
    "ClientInfo",
    "ClientMessage",
    "Commit",
    "Credit",
    "Cursor",
    "JoinSession",
    "Joined",
    "Kind",
    "LeaveSession",
    "Left",
    "Limits",
    "Message",
    "MessageError",
    "Outcome",
    "Ping",
    "Planned",
    "Pong",
    "Presence",
    "PresenceChanged",
    "Rejected",
    "ServerMessage",
    "SessionInfo",
    "SessionUpdated",
    "SessionsChanged",
    "Snapshot",
    "SubmitCommand",
    "View",
]

SUBPROTOCOL = "graph-ext.v1"
PAGE_BYTES = 64 * 1024
"""How large one page of a snapshot, or one part of a long commit or batch, becomes."""

Kind = Literal["ui", "kernel", "agent"]
"""What a client is: a page, a notebook's kernel, or any other program."""

View = Literal["commits", "events"]
"""How a client reads the log: whole commits, for a replica, or each event by itself."""


class Message(Struct, frozen=True, tag_field="type", omit_defaults=True):
    """What all messages have in common."""


class Actor(Struct, frozen=True, omit_defaults=True):
    """Who acts, as the server stamps it. ``actor_id`` is the stable key, ``name`` for people."""

    actor_id: str
    name: str = ""


class Cursor(Struct, frozen=True):
    """A place in a session's history: all up to and including ``rev`` of ``epoch``."""

    epoch: str
    rev: int


# --- client to server -------------------------------------------------------------------------


class JoinSession(Message, frozen=True, tag="join_session", kw_only=True):
    """Follow a session, from ``since`` or with a snapshot; ``pending`` asks for outcomes.

    ``view`` events: no snapshot, and each event by itself, of the types in ``events`` (none: of
    all). ``credit``: how many snapshot pages may come before the client grants more (none: as
    many as the socket takes).
    """

    session_id: str
    client_id: str
    kind: Kind = "agent"
    label: str = ""
    since: Cursor | None = None
    pending: list[str] = field(default_factory=list)
    view: View = "commits"
    events: list[str] = field(default_factory=list)
    credit: int | None = None


class LeaveSession(Message, frozen=True, tag="leave_session", kw_only=True):
    """Stop following a session."""

    session_id: str


class SubmitCommand(Message, frozen=True, tag="command", kw_only=True, gc=False):
    """Ask for a change.

    A long batch comes as several with one command_id, ``more`` on all but the last, which alone
    carries the conditions. ``base_rev``: refused unless that is the session's rev. ``expect``:
    refused unless all of it holds. ``dry_run``: answered by ``planned``; nothing changes.
    """

    session_id: str
    command_id: str
    command: Command
    more: bool = False
    base_rev: int | None = None
    expect: list[Expectation] = field(default_factory=list)
    dry_run: bool = False


class Presence(Message, frozen=True, tag="presence", kw_only=True):
    """What the client's person looks at; each one replaces the one before.

    ``selection``: node_ids and link_ids. ``cursor``: (x, y) in graph units. ``viewport``: (x, y,
    width, height) in graph units. ``editing``: the id of the element whose fields are open.
    """

    session_id: str
    selection: list[str] = field(default_factory=list)
    cursor: Position | None = None
    viewport: tuple[float, float, float, float] | None = None
    editing: str | None = None


class Credit(Message, frozen=True, tag="credit", kw_only=True):
    """Grant ``pages`` more pages of the session's snapshot."""

    session_id: str
    pages: int


class Ping(Message, frozen=True, tag="ping", kw_only=True):
    """Answered by ``pong``."""


ClientMessage = JoinSession | LeaveSession | SubmitCommand | Presence | Credit | Ping


# --- server to client -------------------------------------------------------------------------


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What became of a command: its rev, or the code and message of its refusal."""

    rev: int | None = None
    code: str | None = None
    message: str | None = None


class Limits(Struct, frozen=True):
    """What the server takes: bytes a message, elements a batch, commands and presence a second."""

    message_bytes: int
    batch_commands: int
    commands_per_s: float
    presence_per_s: float


class ClientInfo(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Somebody in a session, and what they look at.

    ``at``: Unix seconds, UTC, of their last sign. ``gone``: they are not there any more.
    """

    client_id: str
    actor: Actor
    kind: Kind = "agent"
    label: str = ""
    role: str = ""
    at: float = 0.0
    selection: list[str] = field(default_factory=list)
    cursor: Position | None = None
    viewport: tuple[float, float, float, float] | None = None
    editing: str | None = None
    gone: bool = False


class Joined(Message, frozen=True, tag="joined", kw_only=True):
    """The answer to ``join_session``; snapshot pages (mode snapshot) and commits follow it."""

    session_id: str
    client_id: str
    name: str
    actor: Actor
    role: str
    epoch: str
    rev: int
    floor: int
    mode: Literal["resume", "snapshot"]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    clients: list[ClientInfo] = field(default_factory=list)
    read_only: str = ""
    limits: Limits


class Snapshot(Message, frozen=True, tag="snapshot", kw_only=True):
    """One page of the graph at ``rev``: nodes before links, the last without ``more``.

    The first page has the blueprint and ``total``, how many elements are to come in all.
    """

    session_id: str
    epoch: str
    rev: int
    total: int = 0
    blueprint: Blueprint | None = None
    nodes: list[Node] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    more: bool = False


class Commit(Message, frozen=True, tag="commit", kw_only=True):
    """What an accepted command became.

    A long one comes in parts, ``more`` on all but the last; a replica applies it when it has the
    last.
    """

    session_id: str
    epoch: str
    rev: int
    command_id: str
    client_id: str
    actor: Actor
    at: float
    label: str = ""
    undoes: int | None = None
    redoes: int | None = None
    skipped: list[Skipped] = field(default_factory=list)
    events: list[Event]
    more: bool = False


class Planned(Message, frozen=True, tag="planned", kw_only=True):
    """What a dry run found: the commit that the command would become at ``rev``.

    ``count`` events, of which ``events`` has the first thousand.
    """

    session_id: str
    command_id: str
    rev: int
    count: int
    events: list[Event] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class Rejected(Message, frozen=True, tag="rejected", kw_only=True):
    """A command was refused; nothing changed. Only its sender gets this."""

    session_id: str
    command_id: str
    code: str
    message: str
    path: str | None = None
    by: str | None = None
    fix: str | None = None


class PresenceChanged(Message, frozen=True, tag="presence", kw_only=True):
    """Somebody in the session has come, moved or gone; the newest alone counts."""

    session_id: str
    client: ClientInfo


class SessionInfo(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A session as lists show it. ``at`` fields: Unix seconds, UTC."""

    session_id: str
    name: str
    rev: int
    nodes: int
    links: int
    clients: int = 0
    created_at: float
    updated_at: float
    role: str = ""
    read_only: str = ""


class SessionUpdated(Message, frozen=True, tag="session-updated", kw_only=True):
    """A session has another name or other members, or has ended (it was deleted); in both views.

    ``role``: the receiver's own is now this one.
    """

    session_id: str
    name: str = ""
    ended: bool = False
    members: bool = False
    role: Role | UnsetType = UNSET


class SessionsChanged(Message, frozen=True, tag="sessions_changed", kw_only=True):
    """The list of sessions has changed: whoever shows it reads it again."""


class Left(Message, frozen=True, tag="left", kw_only=True):
    """The client follows this session no longer, and why."""

    session_id: str
    code: str = ""
    message: str = ""


class Pong(Message, frozen=True, tag="pong", kw_only=True):
    """The answer to ``ping``."""


class MessageError(Message, frozen=True, tag="error", kw_only=True):
    """A message that is no command could not be served."""

    code: str
    message: str
    session_id: str | None = None
    fix: str | None = None


ServerMessage = (
    Joined
    | Snapshot
    | Commit
    | Planned
    | Rejected
    | PresenceChanged
    | SessionUpdated
    | SessionsChanged
    | Left
    | Pong
    | MessageError
)
