"""The sessions that one socket is in, and who it is in each. Used by websocket.py."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from msgspec import structs

from graph_ext.core.access import Role
from graph_ext.core.errors import BadMessageError, GoneError, GraphError, RateLimitedError
from graph_ext.hub.access import Caller, Watch
from graph_ext.hub.client import Client
from graph_ext.hub.hub import Hub
from graph_ext.hub.session import Session
from graph_ext.protocol import Credit, JoinSession, Presence
from graph_ext.transports import answers
from graph_ext.transports.sink import SocketSink

__all__ = ["Membership", "Memberships"]


class Membership(NamedTuple):
    """A session, who the socket is in it, and what watches over that."""

    session: Session
    client: Client
    watch: Watch


class Memberships:
    """All of one socket.

    Parameters
    ----------
    hub : Hub
        Has the sessions.
    sink : SocketSink
        Where answers go.
    """

    def __init__(self, hub: Hub, sink: SocketSink) -> None:
        self._hub = hub
        self._sink = sink
        # by session_id
        self._joined: dict[str, Membership] = {}
        self._closed = False

    def has(self, session_id: str) -> bool:
        """Whether the socket is in a session."""
        return session_id in self._joined

    def find(self, session_id: str) -> Membership:
        """Return that of a session (BadMessageError)."""
        found = self._joined.get(session_id)
        if found is None:
            raise BadMessageError("This needs its session joined", fix="send join_session")
        return found

    async def join(self, message: JoinSession, caller: Caller) -> None:
        """Join a session, and answer; joining again is how a client mends a gap."""
        session_id = message.session_id
        self.leave(session_id)
        watch: Watch | None = None
        try:
            self._hub.access.check(session_id, caller, "read")
            # from before anything is read on: a role may go while that takes its time
            changed = partial(self._role_changed, session_id)
            watch = self._hub.access.watch(session_id, caller, changed)
            if len(self._joined) >= self._hub.limits.sessions_joined:
                raise RateLimitedError(
                    f"A client may be in {self._hub.limits.sessions_joined} sessions at once",
                    fix="leave one",
                )
            session = await self._hub.open(session_id)
            client = await session.join(
                message,
                caller.actor,
                lambda: watch.role,
                self._sink,
                partial(self._failed, session),
            )
        except GraphError as error:
            if watch is not None:
                watch.stop()
            if message.view == "events" and isinstance(error, GoneError):
                self._sink.write(answers.left(session_id, error))
            else:
                self._sink.write(answers.error_message(error, session_id))
            return
        if self._closed:
            watch.stop()
            session.leave(client)
        else:
            self._joined[session_id] = Membership(session, client, watch)

    def leave(self, session_id: str) -> None:
        """Leave a session, if the socket is in it."""
        found = self._joined.pop(session_id, None)
        if found is not None:
            found.watch.stop()
            found.session.leave(found.client)

    def close(self) -> None:
        """Leave every session, and join none any more."""
        self._closed = True
        for session_id in tuple(self._joined):
            self.leave(session_id)

    def sign(self) -> None:
        """Tell every session that something has come from its client."""
        for session, client, _ in self._joined.values():
            session.presence.sign(client)

    def follow_up(self, message: Presence | Credit) -> None:
        """Serve what concerns a session and is no command."""
        try:
            session, client, _ = self.find(message.session_id)
            if isinstance(message, Credit):
                session.grant(client, message.pages)
            else:
                session.presence.show(client, message)
        except GraphError as error:
            self._sink.write(answers.error_message(error, message.session_id))

    def ask_again(self, caller: Caller) -> None:
        """Find the roles of somebody of whom the server thinks anew."""
        for _, client, watch in tuple(self._joined.values()):
            watch.ask_again(structs.replace(caller, actor=client.actor))

    def _role_changed(self, session_id: str, role: Role | None) -> None:
        found = self._joined.get(session_id)
        if found is not None:  # else it is joining, and looks at its role itself
            found.session.set_role(found.client, role)

    def _failed(self, session: Session, client: Client, error: GraphError) -> None:
        """Tell a client that it is in a session no longer."""
        found = self._joined.get(session.session_id)
        if found is not None and found.client is client:
            self.leave(session.session_id)
        self._sink.write(answers.left(session.session_id, error))
