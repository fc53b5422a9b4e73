"""One session, followed over a connection: joining, its replica, and its pending commands.

Everything here runs on the I/O thread, except reads of `replica` (under its lock), `status` and
`name`, and `submit`, which hands over. Commands go out once the session is joined, in the order
of submission. After a reconnect the server is asked what became of those that were under way; one
that it does not know goes out again under the same command_id, so that none is done twice.

Longer than other modules: the messages and the states that they lead to belong together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Literal, assert_never

from msgspec import UNSET

from graph_ext.client.people.presence import Presenting
from graph_ext.client.people.roster import Movement, Roster
from graph_ext.client.session.pending import (
    PendingChange,
    PendingCommand,
    PendingCommands,
    Progress,
)
from graph_ext.client.session.replica import Gap, Replica
from graph_ext.client.session.wire import Wire
from graph_ext.core.errors import GoneError, GraphError, UnavailableError, error_from_code
from graph_ext.protocol import (
    Commit,
    Credit,
    Joined,
    JoinSession,
    Left,
    Limits,
    MessageError,
    Planned,
    Presence,
    PresenceChanged,
    Rejected,
    SessionUpdated,
    Snapshot,
    encode,
)

__all__ = ["SessionClient", "SessionFact", "SessionMessage", "Status"]

Status = Literal["connecting", "loading", "live", "offline", "ended"]

SessionMessage = (
    Joined
    | Snapshot
    | Commit
    | Planned
    | Rejected
    | PresenceChanged
    | SessionUpdated
    | Left
    | MessageError
)

SessionFact = Movement | SessionUpdated
"""What is told of a session and stands in no log."""

_CREDIT_PAGES = 32  # of 64 KiB: what may be on its way at once
_GRANT_PAGES = _CREDIT_PAGES // 2  # granted together, when so many are in the replica
_ENDING = frozenset({"GONE", "NOT_FOUND", "FORBIDDEN"})
_REJOIN_S = 2.0  # before a join that the server could not serve is tried again

log = logging.getLogger(__name__)


class SessionClient:
    """A session as one connection follows it.

    Parameters
    ----------
    wire : Wire
        Its connection.
    session_id, name : str
        Which session.
    """

    def __init__(self, wire: Wire, session_id: str, name: str) -> None:
        self.wire = wire
        self.session_id = session_id
        # its name for people; changes when somebody renames it
        self.name = name
        # how many SharedGraphs use it; it is left with the last of them
        self.users = 0
        # where it stands between `connecting` and `ended`
        self.status: Status = "connecting"
        # what it has become of, once `status` is "ended"
        self.failure: GraphError | None = None
        self.replica = Replica()
        # who is there; empty while the server is away
        self.roster = Roster(session_id, wire.client_id)
        # what this client lets others see
        self.presenting = Presenting(session_id, self._present)
        # what the caller may do ("": not joined yet); changes when an owner changes it
        self.role = ""
        # what the server takes, and why nobody may write ("": all may)
        self.limits: Limits | None = None
        self.read_only = ""
        # done when it was live for the first time, or can't become so
        self.ready: Future[None] = Future()
        # told of what is in no log: who comes and goes, a rename, an end; replaced, never changed
        self.witnesses: tuple[Callable[[SessionFact], None], ...] = ()
        # told how loading goes on
        self.loading: Callable[[Progress], None] | None = None
        # commands without an outcome
        self._pending = PendingCommands(lambda: wire.trouble)
        # as whom the server knows this client; set with each `joined`
        self._actor_id = ""
        # whether `joined` has come over this socket: commands may go out
        self._joined = False
        # whether a snapshot is on its way
        self._loading = False
        # how many of its pages came since the server was last granted more
        self._pages = 0
        # the rev from which on it is live
        self._target_rev = 0
        # a join to be tried again
        self._rejoin: asyncio.TimerHandle | None = None

    # --- called from any thread ---------------------------------------------------------------

    def submit(self, command: PendingCommand, timeout_s: float) -> None:
        """Hand a command over; `command.result` tells its outcome.

        Parameters
        ----------
        command : PendingCommand
            A new one.
        timeout_s : float
            How long it may wait for a server that is away.
        """
        self.wire.io.call(self._submit, command, timeout_s)

    def present(self, changes: Mapping[str, Any]) -> None:
        """Let others see what this client looks at: some fields of its presence are new."""
        self.wire.io.call(self.presenting.show, changes)

    @property
    def pending(self) -> list[PendingChange]:
        """The commands without an outcome, in the order of submission."""
        return self._pending.changes()

    def abandon(self, command: PendingCommand) -> None:
        """Wait for a command no longer; one that was not sent is not sent any more."""
        self.wire.io.call(self._pending.drop, command.command_id)

    # --- called by the connection, on the I/O thread ------------------------------------------

    def join(self) -> None:
        """Join, or join again, from where the replica stands."""
        if self.status == "ended":
            return
        self._unjoined()
        self._become("connecting")
        self.wire.send(
            encode(
                JoinSession(
                    session_id=self.session_id,
                    client_id=self.wire.client_id,
                    kind=self.wire.kind,
                    label=self.wire.label,
                    since=self.replica.cursor,
                    pending=[pending.command_id for pending in self._pending],
                    credit=_CREDIT_PAGES,
                )
            )
        )

    def leave(self) -> None:
        """End it: the connection has left it."""
        self._end(UnavailableError("this graph was closed", fix="open it again: gx.open(name)"))

    def offline(self) -> None:
        """Note that the socket is gone."""
        self._unjoined()
        self.roster.clear()
        if self.status != "ended":
            self._become("offline")

    def unreachable(self, error: GraphError) -> None:
        """Note that there is no connection; whoever waits for the first one learns why."""
        if not self.ready.done():
            self._end(error)

    def receive(self, message: SessionMessage) -> None:
        """Act on a message of the session."""
        if self.status == "ended":
            return
        match message:
            case Joined():
                self._on_joined(message)
            case Snapshot():
                self._on_snapshot(message)
            case Commit():
                self._on_commit(message)
            case Planned():
                if pending := self._pending.get(message.command_id):
                    self._pending.planned(pending, message)
            case Rejected():
                # before `joined` it answers what was sent under an earlier join, and will be sent
                # again unless `joined` says what became of it (rule 3.4)
                pending = self._pending.get(message.command_id) if self._joined else None
                if pending is not None:
                    self._pending.fail(pending, _refusal(message))
            case PresenceChanged():
                self._tell(self.roster.take(message.client))
                self.replica.moved()
            case SessionUpdated():
                self._on_updated(message)
            case Left():
                self._refused(error_from_code(message.code, message.message))
            case MessageError():
                error = error_from_code(message.code, message.message, fix=message.fix)
                if self._joined:
                    log.warning("graph_ext: %s: %s", self.name, error)
                else:
                    self._refused(error)
            case _:
                assert_never(message)

    # --- messages -----------------------------------------------------------------------------

    def _on_joined(self, joined: Joined) -> None:
        self._joined = True
        self._stop_rejoin()
        # what has come by now answers a join before this one
        self.replica.restart()
        self.name, self.role = joined.name, joined.role
        self._actor_id = joined.actor.actor_id
        self.limits, self.read_only = joined.limits, joined.read_only
        self._target_rev = joined.rev
        self._loading = joined.mode == "snapshot"
        self._pages = 0
        self._tell(self.roster.replace(joined.clients))
        self._become("loading")
        self.presenting.begin(joined.limits.presence_per_s)
        self._pending.learn(joined.outcomes)
        for pending in self._pending:
            pending.keep()
        if not self._loading:
            self._send_pending()
            self._advance()

    def _on_snapshot(self, page: Snapshot) -> None:
        if not self._joined:
            return
        loaded, total = self.replica.load(page)
        if self.loading is not None:
            self.loading(Progress("receiving", loaded, total))
        if not page.more:
            self._loading = False
            self._send_pending()
            self._advance()
            return
        self._pages += 1
        if self._pages == _GRANT_PAGES:
            self._pages = 0
            self.wire.send(encode(Credit(session_id=self.session_id, pages=_GRANT_PAGES)))

    def _on_commit(self, commit: Commit) -> None:
        if not self._joined or self._loading:
            return  # from before the join
        # another's command may have the same id: that is none of ours (rule 3.5)
        is_ours = commit.actor.actor_id == self._actor_id
        pending = self._pending.get(commit.command_id) if is_ours else None
        if pending is not None:
            pending.received(commit)
        try:
            changed = self.replica.take(commit)
        except Gap:
            self.join()
            return
        except Exception:
            # a replica that could not follow is of no more use: it is loaded anew
            log.exception("graph_ext: rev %d of %s did not fit", commit.rev, self.session_id)
            self.replica.forget()
            self.join()
            return
        if pending is not None and not commit.more:
            self._pending.succeed(pending, commit.rev, commit)
        if changed:
            self._advance()

    def _on_updated(self, updated: SessionUpdated) -> None:
        self._tell([updated])
        self.name = updated.name or self.name
        if updated.role is not UNSET:
            self.role = updated.role
        if updated.ended:
            self._end(GoneError(f"the session {self.name!r} was deleted"))
        else:
            self.replica.moved()

    def _advance(self) -> None:
        """Take note of the replica's new rev."""
        rev = self.replica.rev
        self._pending.advance(rev)
        if rev >= self._target_rev and self.status != "live":
            self._become("live")
            if not self.ready.done():
                self.ready.set_result(None)

    def _refused(self, error: GraphError) -> None:
        """End where the server will have it so for good; otherwise try again later."""
        if error.code in _ENDING or not self.ready.done():
            self._end(error)
            return
        log.warning("graph_ext: %s is not followed at the moment: %s", self.name, error)
        self.offline()
        loop = asyncio.get_running_loop()
        self._rejoin = loop.call_later(_REJOIN_S, self.join)

    def _tell(self, facts: Iterable[SessionFact]) -> None:
        for fact in facts:
            for witness in self.witnesses:
                witness(fact)

    # --- commands -----------------------------------------------------------------------------

    def _submit(self, command: PendingCommand, timeout_s: float) -> None:
        if self.failure is not None:
            command.fail(self.failure)
            return
        self._pending.add(command)
        command.timeout_s = timeout_s
        if self._joined and not self._loading:
            self._send(command)
        elif not self._joined:
            self._pending.expire_later(command)

    def _send_pending(self) -> None:
        """Send what waits, and again what the server does not know.

        Not while a snapshot is on its way: it might hold the change already, and its commit, with
        the command_id, would never come.
        """
        for pending in self._pending:
            if pending.rev is None:
                self._send(pending)

    def _send(self, command: PendingCommand) -> None:
        command.begin()
        for index, part in enumerate(command.parts):
            self.wire.send(part.body, partial(command.sent_part, index))

    def _present(self, presence: Presence) -> None:
        self.wire.send(encode(presence))

    # --- states -------------------------------------------------------------------------------

    def _become(self, status: Status) -> None:
        self.status = status
        self.replica.moved()
        if status == "offline":
            for command in self._pending:
                self._pending.expire_later(command)

    def _unjoined(self) -> None:
        """Send nothing more, and drop what was half received: it will be sent again."""
        self._stop_rejoin()
        self._joined = False
        self.presenting.pause()
        self.replica.restart()

    def _end(self, error: GraphError) -> None:
        if self.failure is None:
            self.failure = error
        self._unjoined()
        self.roster.clear()
        self.status = "ended"
        self.replica.moved()
        self._pending.fail_all(error)
        if not self.ready.done():
            self.ready.set_exception(error)

    def _stop_rejoin(self) -> None:
        if self._rejoin is not None:
            self._rejoin.cancel()
            self._rejoin = None


def _refusal(message: Rejected) -> GraphError:
    return error_from_code(
        message.code, message.message, path=message.path, by=message.by, fix=message.fix
    )
