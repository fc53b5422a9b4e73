"""Who may do what in which session: the one question that every transport asks.

A transport makes a :class:`Caller` of whoever the Jupyter server says is asking; the hub's
:class:`Access` says what that is in a session (roles.py), and changes members and invitations. They
live in the store's catalog, which servers may share.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from graph_ext.core.access import (
    Member,
    Members,
    Role,
    check_member_id,
    check_role,
    has_owner,
    is_person,
    with_member,
    with_owner,
    without_member,
)
from graph_ext.core.errors import ForbiddenError
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
from graph_ext.hub.roles import Caller, Roles, Rules, Watch
from graph_ext.protocol import Actor

__all__ = ["Access", "Caller", "Rules", "Watch"]


class Access(Roles):
    """The roles of a server's sessions, and what changes them.

    Parameters
    ----------
    store, rules, changed
        See :class:`graph_ext.hub.roles.Roles`.
    clock : callable
        Unix seconds, UTC.
    new_id : callable
        32 fresh hex digits that nobody can guess.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        rules: Rules,
        changed: Callable[[str, Members, Members], None],
    ) -> None:
        super().__init__(store, rules, changed)
        self._clock = clock
        self._new_id = new_id
        self._guesses = Guesses(clock)

    # --- members ------------------------------------------------------------------------------

    def owner_of_new(self, actor: Actor | None) -> Member | None:
        """Return the owner of a session that somebody makes; None where nobody stays who it is."""
        if actor is None or not is_person(actor.actor_id):
            return None
        return Member(actor.actor_id, actor.name, "owner", actor.actor_id, self._clock())

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
