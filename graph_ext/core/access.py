"""Roles in a session, what each may do, and how the list of members may change.

The changes are pure: each takes the members as they are and returns them as they would be. Called
by hub/access.py and hub/invitations.py, inside a step of the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from graph_ext.core.errors import ConflictError, NotFoundError, SchemaError, TooLargeError
from graph_ext.core.json_values import check_id, shown

__all__ = [
    "ACTIONS",
    "POLICIES",
    "ROLES",
    "Action",
    "Member",
    "Members",
    "Policy",
    "Role",
    "check_member_id",
    "check_role",
    "has_owner",
    "is_person",
    "may",
    "stronger",
    "with_member",
    "with_owner",
    "without_member",
]

Role = Literal["owner", "editor", "viewer"]
"""What somebody is in a session; a stranger has none."""

ROLES: tuple[Role, ...] = get_args(Role)
"""Every role, the strongest first."""

Policy = Literal["server", "members"]
"""Where roles come from: the server's authorizer alone, or a session's members, bounded by it."""

POLICIES: tuple[Policy, ...] = get_args(Policy)
"""Every policy."""

Action = Literal["read", "edit", "undo-others", "change-blueprint", "rename", "share", "delete"]
"""What can be asked of a session. undo-others: undo what somebody else did, or an old commit.
share: members, invitations, ownership, webhooks."""

ACTIONS: tuple[Action, ...] = get_args(Action)
"""Every action."""

_MAY: dict[Role, frozenset[Action]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "edit", "undo-others", "change-blueprint"}),
    "owner": frozenset(ACTIONS),
}

_MEMBERS = 10_000
_PERSONS = ("user:", "service:")


class Member(Struct, frozen=True):
    """Somebody with a role in a session.

    ``added_by``: the actor_id of who gave it. ``at``: when, Unix seconds, UTC.
    """

    actor_id: str
    name: str
    role: Role
    added_by: str
    at: float


Members = Mapping[str, Member]
"""actor_id -> member, in the order in which they came."""


def may(role: Role | None, action: Action) -> bool:
    """Say whether a role (None: none) allows an action."""
    return role is not None and action in _MAY[role]


def stronger(role: Role | None, than: Role | None) -> bool:
    """Say whether a role allows more than another."""
    ranks: tuple[Role | None, ...] = (*ROLES, None)
    return ranks.index(role) < ranks.index(than)


def has_owner(members: Members) -> bool:
    """Say whether anybody owns the session."""
    return any(member.role == "owner" for member in members.values())


def is_person(actor_id: str) -> bool:
    """Say whether an actor is the same one tomorrow: a user or a service, and not a client."""
    return actor_id.startswith(_PERSONS) and actor_id not in _PERSONS


def check_member_id(actor_id: str, path: str = "actor_id") -> str:
    """Return the actor_id of somebody who can be a member.

    Raises
    ------
    SchemaError
        It is none, or that of a client, which anybody may choose.
    """
    check_id(actor_id, "an actor_id", path)
    if not is_person(actor_id):
        raise SchemaError(
            f"A member is somebody whom the server knows by name, got {shown(actor_id)}",
            path=path,
            fix="write user:NAME",
        )
    return actor_id


def check_role(role: str, path: str = "role") -> Role:
    """Return a role (SchemaError)."""
    for known in ROLES:
        if known == role:
            return known
    raise SchemaError(f"A role is one of {', '.join(ROLES)}, got {shown(role)}", path=path)


def with_member(members: Members, member: Member) -> Members:
    """Return the members with one more, or one with another role.

    Raises
    ------
    ConflictError
        The last owner would be none any more.
    TooLargeError
        There would be too many.
    """
    changed = {**members, member.actor_id: member}
    if len(changed) > _MEMBERS:
        raise TooLargeError(f"A session may have {_MEMBERS} members")
    _check_owned(members, changed)
    return changed


def without_member(members: Members, actor_id: str) -> Members:
    """Return the members without one.

    Raises
    ------
    NotFoundError
        They are none.
    ConflictError
        They are the last owner.
    """
    if actor_id not in members:
        raise _no_member(actor_id)
    changed = {key: member for key, member in members.items() if key != actor_id}
    _check_owned(members, changed)
    return changed


def with_owner(members: Members, old: str, new: str, at: float) -> Members:
    """Return the members after one owner has handed a session over, and is an editor.

    Raises
    ------
    NotFoundError
        One of the two is no member.
    ConflictError
        ``old`` is no owner, or the two are one.
    """
    for actor_id in (old, new):
        if actor_id not in members:
            raise _no_member(actor_id)
    if members[old].role != "owner":
        raise ConflictError("Only an owner can hand a session over", path="actor_id")
    if old == new:
        raise ConflictError("The session is theirs already", path="actor_id")
    return {
        **members,
        new: Member(new, members[new].name, "owner", old, at),
        old: Member(old, members[old].name, "editor", old, at),
    }


def _check_owned(before: Members, after: Members) -> None:
    if has_owner(before) and not has_owner(after):
        raise ConflictError(
            "A session keeps at least one owner",
            path="actor_id",
            fix="make somebody else its owner first, or delete it",
        )


def _no_member(actor_id: str) -> NotFoundError:
    return NotFoundError(f"{shown(actor_id)} is no member of this session", path="actor_id")
