"""What travels over HTTP besides the messages: queries, bodies and answers of the operations.

The operations themselves, and the OpenAPI document made from these structs, are in transports/.
Queries and bodies are read strictly: a field that they do not have is refused. Longer than other
modules: the structs are one list, read best in one place.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from graph_ext.core.access import Policy, Role
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.commands import Command
from graph_ext.core.conformance import Misfit
from graph_ext.core.expectations import Expectation
from graph_ext.core.graph import Link, Node
from graph_ext.core.history import Skipped
from graph_ext.protocol.messages import Actor, Commit, Planned

__all__ = [
    "MAX_WAIT_S",
    "Blame",
    "BlameQuery",
    "BlamedChange",
    "BlueprintAtRev",
    "BlueprintCheck",
    "BlueprintMapping",
    "CommandDone",
    "Commits",
    "CommitsQuery",
    "DiffQuery",
    "EventsQuery",
    "ExportQuery",
    "Fork",
    "GraphAtRev",
    "GraphQuery",
    "Health",
    "HistoryEntry",
    "HistoryPage",
    "HistoryQuery",
    "ImportQuery",
    "InvitationInfo",
    "InvitationLink",
    "InvitationShown",
    "InvitationToken",
    "MemberRole",
    "NeighbourhoodQuery",
    "NewCommand",
    "NewInvitation",
    "NewSession",
    "NewVersion",
    "NewWebhook",
    "PutQuery",
    "RedoRequest",
    "Rename",
    "Rev",
    "SchemaQuery",
    "SessionsQuery",
    "Transfer",
    "UndoRequest",
    "Version",
    "WebhookChange",
    "WebhookInfo",
    "WebhookSecret",
    "WebhookTest",
]

MAX_WAIT_S = 60
"""How long a request may wait for the next commit."""

Rev = Annotated[int, Meta(ge=0, le=2**53 - 1, description="A rev of the session.")]
"""A rev that somebody asks for."""

_CommandId = Annotated[
    str,
    Meta(
        max_length=256,
        description="Chosen by the client: the same one again has the same outcome and is not "
        "done twice. Empty: the server makes one.",
    ),
]

BlueprintMapping = Annotated[
    dict[str, Any],
    Meta(
        description="A blueprint as people write it: a type may be left empty, and a property may "
        "be just the name of its value type.",
        examples=[{"node_types": {"Task": {"properties": {"effort": "number"}}}}],
    ),
]


class _Asked(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """What a client sends."""


class _Answer(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What it gets."""


class Health(_Answer, frozen=True):
    """That the extension runs, its version, the protocol it speaks, and where roles come from."""

    status: str
    version: str
    protocol: str
    access_policy: Policy


# --- sessions ---------------------------------------------------------------------------------


class SessionsQuery(_Asked, frozen=True):
    """Which sessions to list."""

    name: Annotated[str | None, Meta(description="Only the session of this name.")] = None


SessionName = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": 256})]
"""What a session may be called; the hub judges it, and says what is wrong in its own words."""


class NewSession(_Asked, frozen=True):
    """A session to make."""

    name: Annotated[SessionName, Meta(examples=["plan"])]
    blueprint: BlueprintMapping | None = None


class Rename(_Asked, frozen=True):
    """Another name for a session."""

    name: Annotated[SessionName, Meta(examples=["goal"])]


class Fork(_Asked, frozen=True):
    """What a copy of a session is called, and from which rev it is; left out: the last."""

    name: SessionName
    rev: Rev | None = None


class ExportQuery(_Asked, frozen=True):
    """Which state of the session is to be in the file."""

    rev: Annotated[Rev | None, Meta(description="As it was then; left out: as it is now.")] = None


class ImportQuery(_Asked, frozen=True):
    """What the session of a file is to be called."""

    name: SessionName


# --- the graph --------------------------------------------------------------------------------


class GraphQuery(_Asked, frozen=True):
    """Which state of the graph to read."""

    rev: Annotated[Rev | None, Meta(description="As it was then; left out: as it is now.")] = None


class GraphAtRev(_Answer, frozen=True):
    """The graph at one rev: nodes in the order of their creation, then links in theirs."""

    epoch: str
    rev: int
    blueprint: Blueprint
    nodes: list[Node]
    links: list[Link]


class NeighbourhoodQuery(_Asked, frozen=True):
    """Which part of the graph to read."""

    node_id: Annotated[str, Meta(description="In the middle.", examples=["Design"])]
    depth: Annotated[int, Meta(ge=0, le=100, description="How many links away at most.")] = 1
    rev: Annotated[Rev | None, Meta(description="As it was then; left out: as it is now.")] = None


class DiffQuery(_Asked, frozen=True):
    """Between which two revs."""

    from_rev: Rev
    to_rev: Rev


# --- commands ---------------------------------------------------------------------------------


class NewCommand(_Asked, frozen=True):
    """A change to make.

    ``base_rev``: refused unless that is the session's rev. ``expect``: refused unless all of it
    holds. ``dry_run``: what it would do is told, and nothing changes.
    """

    command: Command
    command_id: _CommandId = ""
    base_rev: Rev | None = None
    expect: list[Expectation] = field(default_factory=list)
    dry_run: bool = False


class UndoRequest(_Asked, frozen=True):
    """A commit to take back: the caller's last, the session's last, or the one of a rev.

    ``force``: also delete what others have built on it.
    """

    command_id: _CommandId = ""
    scope: Literal["actor", "session"] = "actor"
    rev: Rev | None = None
    force: bool = False
    dry_run: bool = False


class RedoRequest(_Asked, frozen=True):
    """The caller's last undo, to be taken back."""

    command_id: _CommandId = ""
    dry_run: bool = False


class CommandDone(_Answer, frozen=True):
    """A command's outcome: its rev, durable; ``repeated`` where it had been done before.

    ``skipped``: what an undo or redo has left as it is, the first hundred. A dry run has
    ``planned`` instead, and the rev that the command would become.
    """

    command_id: str
    rev: int
    repeated: bool = False
    skipped: list[Skipped] = field(default_factory=list)
    planned: Planned | None = None


# --- the log ----------------------------------------------------------------------------------


class HistoryQuery(_Asked, frozen=True):
    """Which commits to list."""

    before_rev: Annotated[
        Rev | None, Meta(description="Older than this; left out: the newest.")
    ] = None
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many at most.")] = 100
    actor_id: Annotated[str | None, Meta(description="Only those of this actor.")] = None


class HistoryEntry(_Answer, frozen=True):
    """A commit without its events. ``at``: Unix seconds, UTC. ``count``: how many events."""

    rev: int
    at: float
    actor: Actor
    command_id: str
    count: int
    label: str = ""
    undoes: int | None = None
    redoes: int | None = None


class HistoryPage(_Answer, frozen=True):
    """Commits, newest first. ``before_rev`` reads the page after; absent where there is none."""

    entries: list[HistoryEntry]
    before_rev: int | None = None


class CommitsQuery(_Asked, frozen=True):
    """From where to read commits, and how long to wait for the first."""

    since: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{1,15}(\.[0-9]{1,9})?$",
            description="The rev that is known already, or `next` of the last answer.",
            examples=["41"],
        ),
    ] = "0"
    epoch: Annotated[
        str | None, Meta(description="Of the rev: refused (GONE) where the session has another.")
    ] = None
    wait_s: Annotated[
        int, Meta(ge=0, le=MAX_WAIT_S, description="How long to wait where there is none yet.")
    ] = 0


class Commits(_Answer, frozen=True):
    """Commits, in order, a long one in parts: none where nothing happened while it waited.

    ``next``: the ``since`` of the next request.
    """

    epoch: str
    floor: int
    next: str
    commits: list[Commit]


class BlameQuery(_Asked, frozen=True):
    """Of which node or link, and of which of its fields, the last change is asked for."""

    node_id: Annotated[str | None, Meta(description="A node; or else:", examples=["Design"])] = None
    link_id: Annotated[str | None, Meta(description="A link.")] = None
    field: Annotated[
        str | None,
        Meta(
            description="As in a diff; `exists`: who has made or deleted it. Left out: each.",
            examples=["properties.effort"],
        ),
    ] = None
    before_rev: Annotated[
        Rev | None, Meta(description="Go on there: `before_rev` of the last answer.")
    ] = None


class BlamedChange(_Answer, frozen=True):
    """The last change of a field; ``at``: Unix seconds, UTC; a value is absent where none was."""

    field: str
    rev: int
    at: float
    actor: Actor
    old: Any | UnsetType = UNSET
    new: Any | UnsetType = UNSET
    label: str = ""


class Blame(_Answer, frozen=True):
    """The last changes of an element, the newest first.

    ``before_rev`` reads on in the log; absent where there is no more to be found. What was changed
    last at or below ``floor``, the log no longer knows.
    """

    changes: list[BlamedChange]
    floor: int
    before_rev: int | None = None


class Version(Struct, frozen=True):
    """A rev that somebody has given a name: the log is kept from there on."""

    name: str
    rev: int
    at: float
    actor: Actor


class NewVersion(_Asked, frozen=True):
    """The rev that gets a name."""

    rev: Annotated[Rev | None, Meta(description="Left out: the last.")] = None


# --- members and invitations ------------------------------------------------------------------


class MemberRole(_Asked, frozen=True):
    """What somebody is to be. ``name``: for people; empty: as it is known, or the actor_id."""

    role: Role
    name: Annotated[str, Meta(max_length=256)] = ""


class Transfer(_Asked, frozen=True):
    """To whom a session is handed over."""

    actor_id: Annotated[str, Meta(examples=["user:ada"])]


class NewInvitation(_Asked, frozen=True):
    """A link to make. ``uses``: how many may accept it, left out: any number."""

    role: Literal["editor", "viewer"]
    uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    expires_at: Annotated[float | None, Meta(description="Unix seconds, UTC; left out: never.")] = (
        None
    )


class InvitationInfo(_Answer, frozen=True):
    """An invitation. ``by``, ``accepted``: actor_ids. ``at`` fields: Unix seconds, UTC."""

    invitation_id: str
    role: Role
    by: str
    at: float
    expires_at: float | None = None
    uses: int | None = None
    revoked: bool = False
    accepted: list[str] = field(default_factory=list)


class InvitationLink(_Answer, frozen=True):
    """A new invitation, and the token of its link, which is kept nowhere."""

    token: str
    invitation: InvitationInfo


class InvitationToken(_Asked, frozen=True):
    """What a link has in it."""

    token: Annotated[str, Meta(max_length=256)]


class InvitationShown(_Answer, frozen=True):
    """Where a link leads: a session, and what whoever accepts it becomes there."""

    session_id: str
    name: str
    role: Role
    expires_at: float | None = None


# --- blueprints -------------------------------------------------------------------------------


class BlueprintAtRev(_Answer, frozen=True):
    """A session's blueprint, as of a rev."""

    epoch: str
    rev: int
    blueprint: Blueprint


class BlueprintCheck(_Answer, frozen=True):
    """All that does not fit a blueprint, of the graph at a rev; nothing: it fits."""

    rev: int
    misfits: list[Misfit]


class PutQuery(_Asked, frozen=True):
    """How a blueprint is to be put; as with a command."""

    command_id: _CommandId = ""
    base_rev: Annotated[
        Rev | None, Meta(description="Refused (CONFLICT) unless that is the session's rev.")
    ] = None
    dry_run: Annotated[bool, Meta(description="Tell what it would do; change nothing.")] = False


class SchemaQuery(_Asked, frozen=True):
    """Of which type the JSON Schema is asked for."""

    type_id: Annotated[str, Meta(description="A node type's name, or else a link type's.")]


# --- events -----------------------------------------------------------------------------------


class EventsQuery(_Asked, frozen=True):
    """Which events to follow, and from where."""

    types: Annotated[
        list[str],
        Meta(description="Of the events that are wanted, also several with commas; none: all."),
    ] = field(default_factory=list)
    last_event_id: Annotated[
        str,
        Meta(
            max_length=100,
            description="The id of the last event that the client had, where it can't send the "
            "header Last-Event-ID.",
        ),
    ] = ""


# --- webhooks ---------------------------------------------------------------------------------

_Url = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2048,
        description="Where the events are sent: http or https, to a public address.",
        examples=["https://example.org/hook"],
    ),
]
_Types = Annotated[
    list[str], Meta(description="Of the events that are wanted; none: all.", max_length=100)
]
_Description = Annotated[str, Meta(max_length=1024, description="For people.")]


class NewWebhook(_Asked, frozen=True):
    """An address to send a session's events to."""

    url: _Url
    types: _Types = field(default_factory=list)
    description: _Description = ""


class WebhookChange(_Asked, frozen=True):
    """What is to be another in a webhook; left out: as it was."""

    url: _Url | None = None
    types: _Types | None = None
    description: _Description | None = None
    enabled: bool | None = None


class WebhookInfo(_Answer, frozen=True):
    """A webhook as lists show it.

    ``epoch`` and ``rev``: what it has acknowledged. ``failures``: in a row. ``next_at``: Unix
    seconds, UTC, of the next attempt after a failure.
    """

    webhook_id: str
    session_id: str
    url: str
    types: list[str]
    description: str
    state: Literal["active", "failing", "dead", "disabled"]
    created_at: float
    created_by: Actor
    epoch: str
    rev: int
    failures: int = 0
    last_error: str = ""
    next_at: float | None = None


class WebhookSecret(_Answer, frozen=True):
    """A new webhook, with the secret of its signatures: this is the only time that it is shown."""

    webhook: WebhookInfo
    secret: str


class WebhookTest(_Answer, frozen=True):
    """Whether a ``ping`` arrived, and why not."""

    arrived: bool
    error: str = ""
