"""What everybody is in every session, in memory, and who is told when it changes.

A role is answered without waiting, for each message. What other servers change is read from the
store in the background. Extended by :class:`graph_ext.hub.access.Access`, which changes members.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec import Struct

from graph_ext.core.access import Action, Member, Members, Policy, Role, has_owner, may
from graph_ext.core.errors import ForbiddenError, GraphError, NotFoundError
from graph_ext.hub.ports import Store
from graph_ext.protocol import Actor

__all__ = ["Caller", "Roles", "Rules", "Watch"]

_log = logging.getLogger(__name__)

_NOBODY: Members = {}


class Caller(Struct, frozen=True):
    """Somebody who asks: who it is, and what the server's authorizer lets them do with graphs."""

    actor: Actor
    may_read: bool
    may_write: bool


class Rules(Struct, frozen=True):
    """How a server gives roles.

    ``policy``: where they come from. ``default_owner``: the actor_id of who owns the sessions that
    nobody owns; empty: nobody does.
    """

    policy: Policy = "server"
    default_owner: str = ""


class Watch:
    """One open stream of somebody in a session. Made by :meth:`Roles.watch`.

    Attributes
    ----------
    role : str or None
        What they are in the session at this moment.
    """

    def __init__(
        self,
        access: Roles,
        session_id: str,
        caller: Caller,
        changed: Callable[[Role | None], None],
    ) -> None:
        self.session_id = session_id
        self.role = access.role(session_id, caller)
        self._access = access
        self._caller = caller
        self._changed = changed

    def ask_again(self, caller: Caller | None = None) -> None:
        """Look at the role again, of what the server now lets them do; tell where it is another."""
        self._caller = caller or self._caller
        role = self._access.role(self.session_id, self._caller)
        if role != self.role:
            self.role = role
            self._changed(role)

    def stop(self) -> None:
        """Be told no more."""
        self._access.unwatch(self)


class Roles:
    """Who is what in a server's sessions, as far as this server has heard.

    Parameters
    ----------
    store : Store
        Has the members and invitations.
    rules : Rules
        How roles are given.
    changed : callable
        Called with a session_id, its members before and after, whenever they have changed.
    """

    def __init__(
        self,
        store: Store,
        rules: Rules,
        changed: Callable[[str, Members, Members], None],
    ) -> None:
        self.rules = rules
        self._store = store
        self._changed = changed
        # session_id -> its members; as the store had them at `_change`, and changed from here since
        self._members: dict[str, Members] = {}
        self._change = 0
        # session_id -> the open streams on it
        self._watches: dict[str, dict[Watch, None]] = {}
        # whether the members could not be read last time
        self._failing = False

    def role(self, session_id: str, caller: Caller) -> Role | None:
        """Say what somebody is in a session; None: nothing, it does not exist for them."""
        return self.role_among(self.members_now(session_id), caller)

    def role_among(self, members: Members, caller: Caller) -> Role | None:
        """Say what somebody is in a session that has these members."""
        if self.rules.policy == "server":
            if caller.may_write:
                return "owner"
            return "viewer" if caller.may_read else None
        if not caller.may_read:
            return None
        actor_id = caller.actor.actor_id
        role: Role | None
        if actor_id == self.rules.default_owner and not has_owner(members):
            role = "owner"
        else:
            member = members.get(actor_id)
            role = None if member is None else member.role
        return "viewer" if role is not None and not caller.may_write else role

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

    def members_now(self, session_id: str) -> Members:
        """The members of a session, as far as this server has heard."""
        return self._members.get(session_id, _NOBODY)

    def watch(
        self, session_id: str, caller: Caller, changed: Callable[[Role | None], None]
    ) -> Watch:
        """Have ``changed`` called with somebody's role in a session whenever it is another.

        Every open stream holds one, and stops it when it ends.
        """
        watch = Watch(self, session_id, caller, changed)
        self._watches.setdefault(session_id, {})[watch] = None
        return watch

    def unwatch(self, watch: Watch) -> None:
        """Have it called no more; see :meth:`Watch.stop`."""
        watches = self._watches.get(watch.session_id, {})
        watches.pop(watch, None)
        if not watches:
            self._watches.pop(watch.session_id, None)

    async def refresh(self) -> None:
        """See what other servers have changed (UnavailableError)."""
        if self.rules.policy == "members":
            self._change, found = await self._store.members(self._change)
            for session_id, members in found.items():
                self._apply(session_id, members)

    async def poll(self) -> None:
        """See what others have changed; called each second. A disk that fails is told once."""
        try:
            await self.refresh()
        except GraphError as error:
            if not self._failing:
                _log.warning("Changes of members by other servers are not seen: %s", error)
            self._failing = True
        else:
            self._failing = False

    def added(self, session_id: str, owner: Member | None) -> None:
        """Take note of a session that the store has made with its owner."""
        if owner is not None:
            self._members[session_id] = {owner.actor_id: owner}

    def removed(self, session_id: str) -> None:
        """Take note of a session that the store has deleted."""
        self._members.pop(session_id, None)

    async def ownerless(self) -> int:
        """Count the sessions that nobody owns, so that nobody sees them (UnavailableError)."""
        if self.rules.policy == "server" or self.rules.default_owner:
            return 0
        await self.refresh()
        sessions = await self._store.list()
        return sum(not has_owner(self.members_now(entry.session_id)) for entry in sessions)

    def _apply(self, session_id: str, members: Members) -> None:
        """Let everybody whom it concerns know of a session's members."""
        before = self.members_now(session_id)
        if members == before:
            return
        self._members[session_id] = members
        for watch in tuple(self._watches.get(session_id, ())):
            watch.ask_again()
        self._changed(session_id, before, members)
