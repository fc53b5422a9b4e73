"""Roles in a session, and what each may do."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["ACTIONS", "ROLES", "Action", "Role", "may", "stronger"]

Role = Literal["owner", "editor", "viewer"]
"""What somebody is in a session; a stranger has none."""

ROLES: tuple[Role, ...] = get_args(Role)
"""Every role, the strongest first."""

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


def may(role: Role | None, action: Action) -> bool:
    """Say whether a role (None: none) allows an action."""
    return role is not None and action in _MAY[role]


def stronger(role: Role | None, than: Role | None) -> bool:
    """Say whether a role allows more than another."""
    ranks: tuple[Role | None, ...] = (*ROLES, None)
    return ranks.index(role) < ranks.index(than)
