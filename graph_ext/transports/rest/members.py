"""Members and invitations over HTTP: who is in a session, and links that let others in."""

from __future__ import annotations

from msgspec.structs import replace

from graph_ext.core.access import Member
from graph_ext.hub.ports import Invitation
from graph_ext.protocol import Actor, SessionInfo
from graph_ext.protocol.http import (
    InvitationInfo,
    InvitationLink,
    InvitationShown,
    InvitationToken,
    MemberRole,
    NewInvitation,
    Transfer,
)
from graph_ext.transports.operations import Call, operation

__all__ = ["OPERATIONS"]

_LINK_EXAMPLE = {"token": "4e1f0c55a29d4f0f9b7c1a6a52d9b8c7"}


@operation("GET", "sessions/{session_id}/members", allow="read")
async def list_members(call: Call) -> list[Member]:
    """List the members of a session, in the order in which they came."""
    return await call.hub.access.members(call.session_id)


@operation(
    "PUT",
    "sessions/{session_id}/members/{actor_id}",
    allow="share",
    refuses=("SCHEMA", "CONFLICT"),
    example={"role": "editor", "name": "Ada"},
)
async def put_member(call: Call, actor_id: str, body: MemberRole) -> Member:
    """Give somebody a role in a session.

    Refused with ``CONFLICT`` where the session would have no owner any more.
    """
    return await call.hub.access.set_member(
        call.session_id, Actor(actor_id, body.name), body.role, by=call.caller.actor
    )


@operation(
    "DELETE", "sessions/{session_id}/members/{actor_id}", allow="read", refuses=("CONFLICT",)
)
async def delete_member(call: Call, actor_id: str) -> None:
    """Take somebody out of a session; anybody may take themselves out.

    Others need a role that allows ``share``.
    """
    if actor_id != call.caller.actor.actor_id:
        call.check("share")
    await call.hub.access.remove_member(call.session_id, actor_id)


@operation(
    "POST",
    "sessions/{session_id}/transfer",
    allow="share",
    refuses=("CONFLICT",),
    example={"actor_id": "user:ada"},
)
async def transfer_ownership(call: Call, body: Transfer) -> list[Member]:
    """Make another member the owner, and the caller an editor, in one step."""
    await call.hub.access.transfer(call.session_id, call.caller.actor, body.actor_id)
    return await call.hub.access.members(call.session_id)


@operation("GET", "sessions/{session_id}/invitations", allow="share")
async def list_invitations(call: Call) -> list[InvitationInfo]:
    """List the invitations to a session, oldest first; what is in their links is kept nowhere."""
    return [_info(each) for each in await call.hub.access.invitations(call.session_id)]


@operation(
    "POST",
    "sessions/{session_id}/invitations",
    allow="share",
    status=201,
    refuses=("SCHEMA",),
    example={"role": "viewer", "uses": 10, "expires_at": 1795353600.0},
)
async def create_invitation(call: Call, body: NewInvitation) -> InvitationLink:
    """Make an invitation; its token is told once, and goes into a link."""
    invitation, token = await call.hub.access.invite(
        call.session_id, body.role, body.expires_at, body.uses, call.caller.actor
    )
    call.headers["Location"] = f"{call.path}/{invitation.invitation_id}"
    return InvitationLink(token=token, invitation=_info(invitation))


@operation("DELETE", "sessions/{session_id}/invitations/{invitation_id}", allow="share")
async def revoke_invitation(call: Call, invitation_id: str) -> None:
    """Let nobody accept an invitation any more; who has accepted it stays."""
    await call.hub.access.revoke(call.session_id, invitation_id)


@operation(
    "POST",
    "invitations/look",
    allow="anyone",
    refuses=("NOT_FOUND", "GONE", "RATE_LIMITED"),
    example=_LINK_EXAMPLE,
)
async def look_at_invitation(call: Call, body: InvitationToken) -> InvitationShown:
    """Tell what a link leads to; nothing changes.

    The token is in the body, as addresses are written to logs.
    """
    session_id, invitation = await call.hub.access.look(body.token, call.caller.actor)
    info = await call.hub.info(session_id)
    return InvitationShown(
        session_id=session_id,
        name=info.name,
        role=invitation.role,
        expires_at=invitation.expires_at,
    )


@operation(
    "POST",
    "invitations/accept",
    allow="anyone",
    refuses=("NOT_FOUND", "GONE", "RATE_LIMITED", "CONFLICT"),
    example=_LINK_EXAMPLE,
)
async def accept_invitation(call: Call, body: InvitationToken) -> SessionInfo:
    """Become a member of the session that a link leads to."""
    session_id, role = await call.hub.access.accept(body.token, call.caller.actor)
    return replace(await call.hub.info(session_id), role=role)


def _info(invitation: Invitation) -> InvitationInfo:
    return InvitationInfo(
        invitation_id=invitation.invitation_id,
        role=invitation.role,
        expires_at=invitation.expires_at,
        uses=invitation.uses,
        by=invitation.by,
        at=invitation.at,
        revoked=invitation.revoked,
        accepted=list(invitation.accepted),
    )


OPERATIONS = (
    list_members,
    put_member,
    delete_member,
    transfer_ownership,
    list_invitations,
    create_invitation,
    revoke_invitation,
    look_at_invitation,
    accept_invitation,
)
