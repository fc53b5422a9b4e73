"""Somebody in a session: one connection, as the session knows it. Made by hub/session.py."""

from __future__ import annotations

from collections.abc import Callable

from graph_ext.core.access import Role
from graph_ext.core.errors import GraphError
from graph_ext.hub.channel import Follower, Sink
from graph_ext.hub.events_view import EventsFollower
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.presence import PresenceReader
from graph_ext.hub.staging import Staging
from graph_ext.protocol import Actor, JoinSession

__all__ = ["Client"]

_LABEL_CHARACTERS = 256


class Client:
    """Somebody in a session. Made by :meth:`Session.join`.

    Attributes
    ----------
    client_id, actor
        As stamped on this client's commits.
    kind, label
        As it has introduced itself.
    role : str or None
        Changed by :meth:`Session.set_role`; the next command is judged by it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - made in one place
        self,
        message: JoinSession,
        actor: Actor,
        role: Role | None,
        sink: Sink,
        failed: Callable[[Client, GraphError], None],
        limits: HubLimits,
    ) -> None:
        self.client_id = message.client_id
        self.actor = actor
        self.kind = message.kind
        self.label = message.label[:_LABEL_CHARACTERS]
        self.role = role
        self.sink = sink
        # called when the client is in the session no longer, not having left by itself
        self.failed = failed
        # whether it is in the session no longer: then it hears nothing more of it
        self.gone = False
        self.staging = Staging(limits)
        # set once `joined` was sent
        self.follower: Follower | EventsFollower | None = None
        # tells it of the others; in the commits view alone
        self.company: PresenceReader | None = None
