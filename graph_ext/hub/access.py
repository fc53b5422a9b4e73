"""Who may do what in which session: the one question that every transport asks.

A transport makes a :class:`Caller` of whoever the Jupyter server says is asking; the hub's
:class:`Access` says what that is in a session. Called by the transports, for every message.
"""

from __future__ import annotations

from msgspec import Struct

from graph_ext.core.access import Action, Role, may
from graph_ext.core.errors import ForbiddenError, NotFoundError
from graph_ext.protocol import Actor

__all__ = ["Access", "Caller"]


class Caller(Struct, frozen=True):
    """Somebody who asks: who it is, and what the server's authorizer lets them do with graphs."""

    actor: Actor
    may_read: bool
    may_write: bool


class Access:
    """The roles of a server's sessions."""

    def role(self, session_id: str, caller: Caller) -> Role | None:  # noqa: ARG002
        """Say what somebody is in a session; None: nothing, it does not exist for them."""
        if caller.may_write:
            return "owner"
        return "viewer" if caller.may_read else None

    def check(self, session_id: str, caller: Caller, action: Action) -> Role:
        """Return the caller's role, which allows an action.

        Raises
        ------
        NotFoundError
            The caller has no role there: whether there is such a session is not told.
        ForbiddenError
            The role does not allow it.
        """
        role = self.role(session_id, caller)
        if role is None:
            raise NotFoundError(f"There is no session {session_id[:40]!r}", path="session_id")
        if not may(role, action):
            raise ForbiddenError(f"A {role} may not {action} in this session", path="session_id")
        return role
