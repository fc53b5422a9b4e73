"""Roles in a session, and what each may do."""

from __future__ import annotations

from typing import Literal

__all__ = ["Action", "Role", "may"]

Role = Literal["owner", "editor", "viewer"]
"""What somebody is in a session; a stranger has none."""

Action = Literal["read", "edit", "undo-others", "change-blueprint", "rename", "share", "delete"]
"""What can be asked of a session. undo-others: undo what somebody else did, or an old commit."""

_MAY: dict[Role, frozenset[Action]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "edit", "undo-others", "change-blueprint"}),
    "owner": frozenset(
        {"read", "edit", "undo-others", "change-blueprint", "rename", "share", "delete"}
    ),
}


def may(role: Role | None, action: Action) -> bool:
    """Say whether a role (None: none) allows an action."""
    return role is not None and action in _MAY[role]
