"""A command on its way through a session: what was asked, under which conditions, what it became.

Made by hub/session.py, answered by hub/pipeline.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct

from graph_ext.core.commands import Command
from graph_ext.core.errors import GraphError
from graph_ext.core.events import Event
from graph_ext.core.expectations import Expectation
from graph_ext.core.history import Skipped
from graph_ext.hub.client import Client
from graph_ext.hub.outcomes import CommandKey
from graph_ext.protocol import PAGE_BYTES, Actor, Planned, encode

__all__ = ["Answered", "Done", "Request", "Told", "planned", "telling"]

_SHOWN_EVENTS = 1000


class Done(Struct, frozen=True, gc=False):
    """What became of a command.

    ``rev``: its commit's, now durable; for a dry run the one it would have had; 0 for a part of a
    batch. ``repeated``: it had come before, and was done then or is now. ``planned``: what a dry
    run found.
    """

    rev: int
    repeated: bool = False
    planned: Planned | None = None


Told = Callable[["Request", Done | GraphError], None]
"""Called once, with a command and its outcome or why it was refused; it must not raise."""

Answered = Callable[[str, Done | GraphError], None]
"""Called once for each command_id that came, with its outcome; it must not raise."""


class Request(Struct, eq=False, kw_only=True, gc=False):
    """A command, its sender and its conditions; see ``SubmitCommand``. ``told`` gets the outcome.

    A callback and no future: those go through the event loop twice, which is a tenth of what a
    command costs.

    ``key``: by what it is known when it comes again. ``refusal``: why it is refused, unless it
    turns out to have been done before it came. ``client`` and ``answered``: who has sent it and
    hears of it, where that is somebody who has joined.
    """

    key: CommandKey
    command: Command
    actor: Actor
    client_id: str
    told: Told
    base_rev: int | None = None
    expect: Sequence[Expectation] = ()
    dry_run: bool = False
    refusal: GraphError | None = None
    client: Client | None = None
    answered: Answered | None = None

    @property
    def command_id(self) -> str:
        """Chosen by its sender."""
        return self.key[0]

    @property
    def mark(self) -> CommandKey | Request:
        """What it is while it is open: a dry run is like no other command."""
        return self if self.dry_run else self.key


def telling(future: asyncio.Future[Done]) -> Told:
    """Return what gives a future the outcome."""

    def tell(_: Request, outcome: Done | GraphError) -> None:
        if future.done():
            return
        if isinstance(outcome, Done):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)

    return tell


def planned(
    session_id: str,
    command_id: str,
    rev: int,
    events: Sequence[Event],
    skipped: Sequence[Skipped] = (),
) -> Planned:
    """Return the answer to a dry run: as many of its events as fit into a page."""
    shown: list[Event] = []
    size = 0
    for event in events[:_SHOWN_EVENTS]:
        size += len(encode(event)) + 1
        if size > PAGE_BYTES:
            break
        shown.append(event)
    return Planned(
        session_id=session_id,
        command_id=command_id,
        rev=rev,
        count=len(events),
        events=shown,
        skipped=list(skipped[:_SHOWN_EVENTS]),
    )
