"""Who may do what in which session: the one question that every transport asks.

A transport makes a :class:`Caller` of whoever the Jupyter server says is asking; the hub's
:class:`Access` says what that is in a session, from the members in memory, and tells open streams
when it changes. Members and invitations live in the store's catalog, which servers may share.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.access import (
    Action,
    Member,
    Members,
    Policy,
    Role,
    check_member_id,
    check_role,
    has_owner,
    is_person,
    may,
    with_member,
    with_owner,
    without_member,
)
from graph_ext.core.errors import ForbiddenError, GraphError, NotFoundError
from graph_ext.core.json_values import check_name
from graph_ext.hub.invitations import (
    Guesses,
    accepting,
    check_open,
    hash_token,
    inviting,
    revoking,
)
from graph_ext.hub.ports import Invitation, Sharing, Store
from graph_ext.protocol import Actor

__all__ = ["Access", "Caller", "Rules", "Watch"]

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
    """One open stream of somebody in a session. Made by :meth:`Access.watch`.

    Attributes
    ----------
    role : str or None
        What they are in the session at this moment.
    """

    def __init__(
        self,
        access: Access,
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


class Access:
    """The roles of a server's sessions.

    Parameters
    ----------
    store : Store
        Has the members and invitations.
    clock : callable
        Unix seconds, UTC.
    new_id : callable
        32 fresh hex digits that nobody can guess.
    rules : Rules
        How roles are given.
    changed : callable
        Called with a session_id, its members before and after, whenever they have changed.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        rules: Rules,
        changed: Callable[[str, Members, Members], None],
    ) -> None:
        self.rules = rules
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._changed = changed
        self._guesses = Guesses(clock)
        # session_id -> its members; as the store had them at `_change`, and changed from here since
        self._members: dict[str, Members] = {}
        self._change = 0
        # session_id -> the open streams on it
        self._watches: dict[str, dict[Watch, None]] = {}
        # whether the members could not be read last time
        self._failing = False

    # --- roles --------------------------------------------------------------------------------

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

    # --- members ------------------------------------------------------------------------------

    def owner_of_new(self, actor: Actor | None) -> Member | None:
        """Return the owner of a session that somebody makes; None where nobody stays who it is."""
        if actor is None or not is_person(actor.actor_id):
            return None
        return Member(actor.actor_id, actor.name, "owner", actor.actor_id, self._clock())

    def added(self, session_id: str, owner: Member | None) -> None:
        """Take note of a session that the store has made with its owner."""
        if owner is not None:
            self._members[session_id] = {owner.actor_id: owner}

    def removed(self, session_id: str) -> None:
        """Take note of a session that the store has deleted."""
        self._members.pop(session_id, None)

    async def members(self, session_id: str) -> list[Member]:
        """Read a session's members, in the order in which they came (NotFoundError)."""
        sharing = self._adopted(await self._store.sharing(session_id))
        return list(sharing.members.values())

    async def set_member(
        self, session_id: str, actor: Actor, role: str, by: Actor | None = None
    ) -> Member:
        """Give somebody a role.

        Raises
        ------
        SchemaError
            That is no role, or nobody who can be a member.
        ConflictError
            They are the last owner.
        NotFoundError
            No such session.
        TooLargeError
            There are too many members.
        """
        actor_id = check_member_id(actor.actor_id)
        name = check_name(actor.name, "name")
        member = Member(
            actor_id,
            name or actor_id.partition(":")[2],
            check_role(role),
            "" if by is None else by.actor_id,
            self._clock(),
        )

        def change(sharing: Sharing) -> Sharing:
            known = sharing.members.get(actor_id)
            new = member if name or known is None else replace(member, name=known.name)
            return replace(sharing, members=with_member(sharing.members, new))

        return (await self._share(session_id, change)).members[actor_id]

    async def remove_member(self, session_id: str, actor_id: str) -> None:
        """Take somebody out, or let them leave (NotFoundError; ConflictError: the last owner)."""
        await self._share(
            session_id,
            lambda sharing: replace(sharing, members=without_member(sharing.members, actor_id)),
        )

    async def transfer(self, session_id: str, from_actor: Actor, to_actor_id: str) -> None:
        """Make another member the owner and the owner an editor, in one step.

        Raises
        ------
        NotFoundError
            One of them is no member.
        ConflictError
            ``from_actor`` is no owner, or the two are one.
        """
        now = self._clock()
        old = from_actor.actor_id
        await self._share(
            session_id,
            lambda sharing: replace(
                sharing, members=with_owner(sharing.members, old, to_actor_id, now)
            ),
        )

    # --- invitations --------------------------------------------------------------------------

    async def invitations(self, session_id: str) -> list[Invitation]:
        """Read a session's invitations, oldest first (NotFoundError)."""
        return list((await self._store.sharing(session_id)).invitations.values())

    async def invite(
        self,
        session_id: str,
        role: str,
        expires_at: float | None,
        uses: int | None,
        by: Actor,
    ) -> tuple[Invitation, str]:
        """Make an invitation; return it, and the secret of its link, which is kept nowhere.

        Parameters
        ----------
        session_id : str
            To which session.
        role : str
            ``editor`` or ``viewer``.
        expires_at : float or None
            Unix seconds, UTC; None: never.
        uses : int or None
            How many persons may accept it; None: any number.
        by : Actor
            Who makes it.

        Raises
        ------
        SchemaError
            The role is none or owner; it could never be accepted.
        NotFoundError
            No such session.
        TooLargeError
            There are too many open ones.
        """
        token = self._new_id() + self._new_id()
        invitation = Invitation(
            self._new_id(),
            hash_token(token),
            check_role(role),
            expires_at,
            uses,
            by.actor_id,
            self._clock(),
        )
        await self._share(session_id, partial(inviting, new=invitation))
        return invitation, token

    async def revoke(self, session_id: str, invitation_id: str) -> None:
        """Let nobody accept an invitation any more (NotFoundError)."""
        await self._share(session_id, partial(revoking, invitation_id=invitation_id))

    async def look(self, token: str, actor: Actor) -> tuple[str, Invitation]:
        """Read where an invitation's link leads; nothing changes.

        Raises
        ------
        ForbiddenError, RateLimitedError, NotFoundError, GoneError
            See :meth:`accept`.
        """
        session_id, invitation_id = await self._invited(token, actor.actor_id)
        found = (await self._store.sharing(session_id)).invitations.get(invitation_id)
        if found is None:
            raise self._guesses.wrong(actor.actor_id)
        check_open(found, self._clock())
        return session_id, found

    async def accept(self, token: str, actor: Actor) -> tuple[str, Role]:
        """Follow an invitation's link; return the session and what they now are in it.

        Raises
        ------
        ForbiddenError
            The server knows them by no name, so they could not come back.
        RateLimitedError
            They have tried too many links that lead nowhere.
        NotFoundError
            No such invitation.
        GoneError
            It was revoked, has expired, or is used up; or they have left since they accepted it.
        """
        actor_id = actor.actor_id
        session_id, invitation_id = await self._invited(token, actor_id)
        change = partial(
            accepting,
            invitation_id=invitation_id,
            actor_id=actor_id,
            name=actor.name,
            now=self._clock(),
        )
        sharing = await self._share(session_id, change)
        return session_id, sharing.members[actor_id].role

    # --- the rest -----------------------------------------------------------------------------

    async def _invited(self, token: str, actor_id: str) -> tuple[str, str]:
        """Find the (session_id, invitation_id) of a link, for somebody who may try one."""
        if not is_person(actor_id):
            raise ForbiddenError("This server gives you no name of your own to be a member by")
        self._guesses.check(actor_id, token)
        found = await self._store.invited(hash_token(token))
        if found is None:
            raise self._guesses.wrong(actor_id)
        return found

    async def _share(self, session_id: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        sharing = await self._store.share(
            session_id, lambda sharing: change(self._adopted(sharing))
        )
        self._apply(session_id, sharing.members)
        return sharing

    def _adopted(self, sharing: Sharing) -> Sharing:
        """Return what there is, with the default owner where nobody owns the session."""
        if not self.rules.default_owner or has_owner(sharing.members):
            return sharing
        name = self.rules.default_owner.partition(":")[2]
        owner = Member(self.rules.default_owner, name, "owner", "", self._clock())
        return replace(sharing, members={**sharing.members, owner.actor_id: owner})

    def _apply(self, session_id: str, members: Members) -> None:
        """Let everybody whom it concerns know of a session's members."""
        before = self.members_now(session_id)
        if members == before:
            return
        self._members[session_id] = members
        for watch in tuple(self._watches.get(session_id, ())):
            watch.ask_again()
        self._changed(session_id, before, members)

    async def ownerless(self) -> int:
        """Count the sessions that nobody owns, so that nobody sees them (UnavailableError)."""
        if self.rules.policy == "server" or self.rules.default_owner:
            return 0
        await self.refresh()
        sessions = await self._store.list()
        return sum(not has_owner(self.members_now(entry.session_id)) for entry in sessions)
