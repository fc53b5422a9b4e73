"""A shared graph's people: who is here, what they look at, and who may come."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal
from urllib.parse import quote

from msgspec import UNSET, UnsetType

from graph_ext.client.editing.plan import finite_numbers
from graph_ext.client.elements.nodes import find_node, no_such_node
from graph_ext.client.elements.view import ElementView
from graph_ext.client.followed import FollowedGraph
from graph_ext.client.people.invitations import Invitation, link_to
from graph_ext.client.people.roster import People, Person
from graph_ext.client.people.webhooks import Webhooks
from graph_ext.core.access import Member, Role, check_role
from graph_ext.core.errors import ConflictError, SchemaError, UnavailableError
from graph_ext.core.json_values import shown
from graph_ext.protocol.http import InvitationInfo, InvitationLink

__all__ = ["GraphInCompany"]


class GraphInCompany(FollowedGraph):
    """A followed session with the people in it."""

    @property
    def people(self) -> People:
        """Who is here now, live: tabs, kernels and agents, this one included.

        Empty while the server is away.
        """
        return People(self._session.roster)

    def set_presence(
        self,
        *,
        selection: Iterable[object] | UnsetType = UNSET,
        cursor: Sequence[float] | None | UnsetType = UNSET,
        viewport: Sequence[float] | None | UnsetType = UNSET,
        editing: object = UNSET,
    ) -> None:
        """Let others see what this process is at. Returns at once; what is left out stays.

        Others see the newest state, some ten times a second at most, until this process is gone
        for 30 seconds.

        Parameters
        ----------
        selection : iterable
            Keys of nodes, or views of nodes and links (``g.nodes[key]``, ``g.edges[u, v]``); [] for
            nothing.
        cursor : (x, y), optional
            Graph units; None for none.
        viewport : (x, y, width, height), optional
            Graph units; None for none.
        editing : key or view, optional
            The element that is worked on; None for none.

        Raises
        ------
        GraphError
            NOT_FOUND (there is no such node), SCHEMA (no such numbers), UNAVAILABLE (this graph was
            closed).
        """
        if not self._release.alive:
            raise UnavailableError("this graph was closed", fix="open it again: gx.open(name)")
        changes: dict[str, Any] = {}
        if selection is not UNSET:
            changes["selection"] = [self._element_id(element) for element in selection]
        if cursor is not UNSET:
            changes["cursor"] = _numbers(cursor, 2, "the cursor")
        if viewport is not UNSET:
            changes["viewport"] = _numbers(viewport, 4, "the viewport")
        if editing is not UNSET:
            changes["editing"] = None if editing is None else self._element_id(editing)
        self._session.present(changes)

    # --- members ------------------------------------------------------------------------------

    @property
    def members(self) -> list[Member]:
        """Who has a role here, as the server knows it now: ``name``, ``role``, ``actor_id``.

        On a server where whoever may run code may edit (``access_policy`` ``server``), members are
        kept, but nobody needs to be one.

        Raises
        ------
        GraphError
            The server can't be reached, or refuses.
        """
        return self.ask("GET", "members", list[Member])

    def set_role(self, who: Member | Person | str, role: Role) -> Member:
        """Give somebody a role; who is no member becomes one. For owners.

        Parameters
        ----------
        who : Member, Person or str
            One of ``g.members`` or ``g.people``, a member's name, or an actor_id.
        role : {"owner", "editor", "viewer"}
            Which.

        Raises
        ------
        GraphError
            FORBIDDEN (you are no owner), SCHEMA (no such role), CONFLICT (there would be no
            owner any more, or several members have this name), or another refusal.
        """
        check_role(role)
        name = who.name if isinstance(who, Person) else ""
        path = f"members/{_quoted(self._actor_id(who))}"
        return self.ask("PUT", path, Member, {"role": role, "name": name})

    def remove_member(self, who: Member | Person | str) -> None:
        """Let somebody in no more; open tabs and kernels of theirs are shut out at once.

        Owners may do that to anybody, anybody to themselves. Raises as :meth:`set_role`.
        """
        self.ask("DELETE", f"members/{_quoted(self._actor_id(who))}", type(None))

    def transfer(self, who: Member | Person | str) -> None:
        """Make another member the owner, and yourself an editor. Raises as :meth:`set_role`."""
        self.ask("POST", "transfer", list[Member], {"actor_id": self._actor_id(who)})

    # --- invitations --------------------------------------------------------------------------

    @property
    def invitations(self) -> list[InvitationInfo]:
        """The invitations so far, oldest first; what their links are is known to nobody."""
        return self.ask("GET", "invitations", list[InvitationInfo])

    def invite(
        self,
        role: Literal["editor", "viewer"] = "editor",
        *,
        expires_s: float | None = 7 * 86400.0,
        uses: int | None = None,
    ) -> Invitation:
        """Make a link that lets others in. For owners.

        Parameters
        ----------
        role : {"editor", "viewer"}
            What who follows it becomes.
        expires_s : float, optional
            For how many seconds it can be accepted; None: for ever.
        uses : int, optional
            How many may accept it; None: any number.

        Returns
        -------
        Invitation
            ``print`` it: the link is shown now, and kept nowhere.

        Raises
        ------
        GraphError
            FORBIDDEN (you are no owner), SCHEMA (there is no such role), or another refusal.
        """
        if role not in {"editor", "viewer"}:
            raise SchemaError(f"who is invited becomes editor or viewer, got {shown(role)}")
        body: dict[str, Any] = {"role": role}
        if expires_s is not None:
            body["expires_at"] = time.time() + expires_s
        if uses is not None:
            body["uses"] = uses
        made = self.ask("POST", "invitations", InvitationLink, body)
        return Invitation(
            link=link_to(self.connection.server, made.token),
            role=made.invitation.role,
            expires_at=made.invitation.expires_at,
            uses=made.invitation.uses,
            invitation_id=made.invitation.invitation_id,
        )

    def revoke(self, invitation: Invitation | InvitationInfo | str) -> None:
        """Let nobody accept an invitation any more; who has accepted it stays.

        Parameters
        ----------
        invitation : Invitation, InvitationInfo or str
            What :meth:`invite` returned, one of ``g.invitations``, or its invitation_id.

        Raises
        ------
        GraphError
            FORBIDDEN (you are no owner), NOT_FOUND, or another refusal.
        """
        wanted = invitation if isinstance(invitation, str) else invitation.invitation_id
        self.ask("DELETE", f"invitations/{_quoted(wanted)}", type(None))

    @property
    def webhooks(self) -> Webhooks:
        """The addresses to which the server sends this session's events. For owners."""
        return Webhooks(self.ask)

    def _actor_id(self, who: Member | Person | str) -> str:
        if not isinstance(who, str):
            return who.actor_id
        members = self.members
        if any(member.actor_id == who for member in members):
            return who
        named = [member.actor_id for member in members if member.name == who]
        if len(named) > 1:
            raise ConflictError(
                f"{len(named)} members are called {shown(who)}",
                fix=f"say which: {', '.join(map(shown, named))}",
            )
        return named[0] if named else who

    def _element_id(self, element: object) -> str:
        if isinstance(element, ElementView):
            return element.element_id
        with self.replica.lock:
            graph = self.replica.graph
            node_id = find_node(graph, element)
            if node_id is not None:
                return node_id
            if isinstance(element, str) and element in graph.links:
                return element
            raise no_such_node(graph, element)


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _numbers(value: Sequence[float] | None, count: int, what: str) -> tuple[float, ...] | None:
    if value is None:
        return None
    numbers = finite_numbers(value, count)
    if numbers is None:
        raise SchemaError(f"{what} must be {count} finite numbers, got {shown(value)}")
    return numbers
