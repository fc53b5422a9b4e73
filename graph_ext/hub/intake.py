"""Where commands come into a session: how fast, by whom, in how many parts; and come again.

Owned by hub/session.py; what passes here goes into its pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence

from graph_ext.core.access import Action, may
from graph_ext.core.commands import (
    Batch,
    Command,
    CreateNode,
    DeleteProperty,
    LinkNodes,
    SetProperty,
    Undo,
    UnlinkNodes,
    UpdateBlueprint,
    UpdateNode,
)
from graph_ext.core.errors import ForbiddenError, GraphError, RateLimitedError
from graph_ext.core.json_values import check_id
from graph_ext.hub.client import Client
from graph_ext.hub.events_view import EventsFollower
from graph_ext.hub.outcomes import CommandKey
from graph_ext.hub.pace import Pace
from graph_ext.hub.pipeline import Pipeline
from graph_ext.hub.ports import LAST, SessionStore
from graph_ext.hub.request import Answered, Done, Request
from graph_ext.protocol import CommandExecutedEvent, Commit, SubmitCommand, encode

__all__ = ["Intake", "action_of"]

_EDITS = frozenset((SetProperty, DeleteProperty, CreateNode, UpdateNode, LinkNodes, UnlinkNodes))


class Intake:
    """Takes the commands of one session.

    Parameters
    ----------
    session_id : str
        Stamped on answers.
    store : SessionStore
        Of which epoch they are.
    pipeline : Pipeline
        Where commands go.
    pace : Pace
        Of all clients' commands.

    Attributes
    ----------
    closing : GraphError or None
        Why nothing is taken any more.
    """

    def __init__(
        self, session_id: str, store: SessionStore, pipeline: Pipeline, pace: Pace
    ) -> None:
        self.closing: GraphError | None = None
        self._session_id = session_id
        self._store = store
        self._pipeline = pipeline
        self._pace = pace

    def check_open(self) -> None:
        """Raise why nothing is taken any more (GoneError, UnavailableError)."""
        if self.closing is not None:
            raise self.closing

    def submit(
        self, client: Client, messages: Sequence[SubmitCommand], size: int, answered: Answered
    ) -> None:
        """Take ``command`` messages of about ``size`` bytes; ``answered`` gets the outcomes."""
        actor, client_id, staging = client.actor, client.client_id, client.staging
        actor_id, told = actor.actor_id, self._answer
        pace_key = (actor_id, client_id)
        may_edit = may(client.role, "edit")
        allowed = self._pace.take(pace_key, len([each for each in messages if not each.more]))
        for message in messages:
            command_id, command = message.command_id, message.command
            key = (command_id, actor_id)
            refusal: GraphError | None = None
            is_edit = type(command) in _EDITS  # what most are, quickly
            if not (may_edit if is_edit else may(client.role, action_of(command))):
                who = client.role or "stranger"
                refusal = ForbiddenError(f"A {who} may not do this in this graph")
            try:
                check_id(command_id, "a command_id", "command_id")
                if refusal is not None:
                    self._raise_unless_known(refusal, key)
                whole = command
                if not is_edit or message.more or staging.begun:
                    if (staged := staging.add(message, size)) is None:
                        answered(command_id, Done(0))
                        continue
                    whole = staged
                if allowed:
                    allowed -= 1
                elif refusal is None:
                    refusal = self._too_fast(pace_key)
                self._enter(
                    Request(
                        key=key,
                        command=whole,
                        actor=actor,
                        client_id=client_id,
                        told=told,
                        base_rev=message.base_rev,
                        expect=message.expect,
                        dry_run=message.dry_run,
                        refusal=refusal,
                        client=client,
                        answered=answered,
                    )
                )
            except GraphError as error:
                # a batch that has lost a part is none
                staging.refuse(message)
                answered(command_id, error)

    def take(self, request: Request) -> None:
        """Take a command of somebody who has not joined."""
        if isinstance(request.command, Batch):
            # long lists are emptied when they are done with; this one is the caller's
            request.command = Batch(list(request.command.commands), request.command.label)
        request.refusal = self._too_fast((request.actor.actor_id, request.client_id))
        try:
            self._enter(request)
        except GraphError as error:
            request.told(request, error)

    def _enter(self, request: Request) -> None:
        """Put a command in line, or raise why it is not taken."""
        if self.closing is not None:
            raise self.closing
        if request.refusal is not None:
            self._raise_unless_known(request.refusal, request.key)
        self._pipeline.submit(request)

    def _raise_unless_known(self, refusal: GraphError, key: CommandKey) -> None:
        """Refuse a command, but for one that may have come before: its outcome stands (3.5)."""
        if not self._pipeline.may_know(key):
            raise refusal

    def _too_fast(self, pace_key: tuple[str, str]) -> GraphError | None:
        wait_s = self._pace.wait_s(pace_key)
        if not wait_s:
            return None
        return RateLimitedError(
            f"A client may send {self._pace.per_s:g} commands a second",
            fix=f"send it again in {wait_s:.3f} s, and put what belongs together into a batch",
        )

    def _answer(self, request: Request, outcome: Done | GraphError) -> None:
        """Tell somebody who has joined what became of their command."""
        client, answered = request.client, request.answered
        if client is None or answered is None:
            return
        if client.gone:
            # it hears of its commands when it joins again (rule 3.4); without a role it hears no
            # more (rule 5.1), nor why it was refused, which may say what stands in the graph
            outcome = Done(0)
        elif isinstance(outcome, Done) and outcome.repeated:
            self._repeat(client, request.command_id, outcome.rev)
        answered(request.key[0], outcome)

    def _repeat(self, client: Client, command_id: str, rev: int) -> None:
        """Answer a command that was done already to a client that has had its commit."""
        follower = client.follower
        if follower is None or follower.place is None or follower.place < (rev, LAST):
            return
        if isinstance(follower, EventsFollower):
            event = CommandExecutedEvent(
                session_id=self._session_id,
                rev=rev,
                actor=client.actor,
                command_id=command_id,
                success=True,
                error=None,
            )
            client.sink.write(encode(event))
            return
        # without its events: a rev that the client has is not applied again (rule 4.3)
        commit = Commit(
            session_id=self._session_id,
            epoch=self._store.epoch,
            rev=rev,
            command_id=command_id,
            client_id=client.client_id,
            actor=client.actor,
            at=self._store.updated_at,
            events=[],
        )
        client.sink.write(encode(commit))


def action_of(command: Command) -> Action:
    """Say what a role must allow for a command; for a batch, for the strongest in it."""
    match command:
        case Batch() if any(isinstance(edit, UpdateBlueprint) for edit in command.commands):
            return "change-blueprint"
        case Undo(scope="session") | Undo(rev=int()):
            return "undo-others"
        case UpdateBlueprint():
            return "change-blueprint"
        case _:
            return "edit"
