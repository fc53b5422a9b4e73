"""Invitations by link: what a link may do, and what becomes of whoever follows it.

The secret in a link is shown once and kept nowhere; what is kept is its SHA-256. The changes are
pure and run inside a step of the store, so that two servers never give the last use twice. Called
by hub/access.py.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable

from msgspec.structs import replace

from graph_ext.core.access import Member, check_role, stronger, with_member
from graph_ext.core.errors import (
    GoneError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    TooLargeError,
)
from graph_ext.hub.ports import Invitation, Sharing

__all__ = ["Guesses", "accepting", "check_open", "hash_token", "inviting", "revoking"]

_INVITATIONS = 100  # of one session that can still be accepted
_KEPT_S = 30 * 86400.0  # how long a dead one tells whoever follows it why
_USES = 10_000
_TOKEN_CHARACTERS = 256

_GUESSES = 10  # wrong links of one person within the window
_WINDOW_S = 60.0
_GUESSERS = 10_000  # remembered at once


def hash_token(token: str) -> bytes:
    """Return what is kept of a link's secret.

    It is what is looked up, so how long that takes tells nothing about any secret.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def inviting(sharing: Sharing, new: Invitation) -> Sharing:
    """Return what there is after a new invitation, without those that have long been dead.

    Raises
    ------
    SchemaError
        The role is none or owner, or it could never be accepted.
    TooLargeError
        There are too many already.
    """
    if check_role(new.role) == "owner":
        raise SchemaError(
            "A link makes viewers or editors, no owners",
            path="role",
            fix="hand the session over to a member",
        )
    if new.expires_at is not None and not new.at < new.expires_at < float("inf"):
        raise SchemaError("An invitation must expire in the future", path="expires_at")
    if new.uses is not None and not 0 < new.uses <= _USES:
        raise SchemaError(f"An invitation has 1 to {_USES} uses, got {new.uses}", path="uses")
    kept = {
        key: each
        for key, each in sharing.invitations.items()
        if not _dead(each, new.at) or (each.expires_at or each.at) > new.at - _KEPT_S
    }
    if sum(not _dead(each, new.at) for each in kept.values()) >= _INVITATIONS:
        raise TooLargeError(
            f"A session may have {_INVITATIONS} open invitations", fix="revoke some of them"
        )
    return replace(sharing, invitations={**kept, new.invitation_id: new})


def revoking(sharing: Sharing, invitation_id: str) -> Sharing:
    """Return what there is when nobody may accept an invitation any more (NotFoundError)."""
    found = sharing.invitations.get(invitation_id)
    if found is None:
        raise NotFoundError(f"There is no invitation {invitation_id[:40]!r}", path="invitation_id")
    revoked = replace(found, revoked=True)
    return replace(sharing, invitations={**sharing.invitations, invitation_id: revoked})


def accepting(
    sharing: Sharing, invitation_id: str, actor_id: str, name: str, now: float
) -> Sharing:
    """Return what there is after somebody has accepted an invitation.

    Who accepted it before stays what they are, and so does who has that role or a stronger one:
    neither counts as a use.

    Raises
    ------
    NotFoundError
        There is none any more.
    GoneError
        It was revoked, has expired, or is used up; or they have accepted it once and are no
        member any more.
    """
    found = sharing.invitations.get(invitation_id)
    if found is None:
        raise NotFoundError("There is no such invitation", path="token")
    member = sharing.members.get(actor_id)
    if actor_id in found.accepted:
        if member is None:
            raise GoneError(
                "You have used this invitation once and are no member any more",
                fix="ask an owner for another",
            )
        return sharing
    check_open(found, now)
    if member is not None and not stronger(found.role, member.role):
        return sharing
    joined = Member(actor_id, name, found.role, found.by, now)
    return Sharing(
        with_member(sharing.members, joined),
        {
            **sharing.invitations,
            invitation_id: replace(found, accepted=(*found.accepted, actor_id)),
        },
    )


def check_open(invitation: Invitation, now: float) -> None:
    """Check that somebody may accept an invitation (GoneError)."""
    if why := _dead(invitation, now):
        raise GoneError(f"This invitation {why}", fix="ask an owner for another")


def _dead(invitation: Invitation, now: float) -> str:
    """Say why nobody may accept it any more; empty while somebody may."""
    if invitation.revoked:
        return "was revoked"
    if invitation.expires_at is not None and now >= invitation.expires_at:
        return "has expired"
    if invitation.uses is not None and len(invitation.accepted) >= invitation.uses:
        return "is used up"
    return ""


class Guesses:
    """How many wrong links each person has tried of late.

    Parameters
    ----------
    clock : callable
        Unix seconds, UTC.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # actor_id -> when they were wrong, oldest first; those who were wrong longest ago first
        self._wrong: dict[str, deque[float]] = {}

    def check(self, actor_id: str, token: str) -> None:
        """Refuse somebody who guesses (RateLimitedError), and what can't be a secret."""
        wrong = self._wrong.get(actor_id, ())
        if sum(at > self._clock() - _WINDOW_S for at in wrong) >= _GUESSES:
            raise RateLimitedError(
                "Too many links that lead nowhere", fix="wait a minute, then check the link"
            )
        if not 0 < len(token) <= _TOKEN_CHARACTERS:
            raise self.wrong(actor_id)

    def wrong(self, actor_id: str) -> NotFoundError:
        """Count a wrong link; return what is to be said."""
        times = self._wrong.pop(actor_id, None) or deque(maxlen=_GUESSES)
        times.append(self._clock())
        self._wrong[actor_id] = times
        if len(self._wrong) > _GUESSERS:
            del self._wrong[next(iter(self._wrong))]
        return NotFoundError("There is no such invitation", path="token", fix="check the link")
