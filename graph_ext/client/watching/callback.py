"""One callback: what it listens to, and how it fares. Called by watcher.py."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from msgspec import Struct

from graph_ext.client.watching.event import WatchedEvent
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import did_you_mean, shown
from graph_ext.protocol import EVENT_TYPES

__all__ = ["Watch", "say", "types_of"]

_TYPES = (*EVENT_TYPES, "reset")
_ERRORS_SHOWN = 10  # each of the first; then each tenfold


class Watch(Struct, eq=False, kw_only=True):
    """A callback, what it listens to, and how it fares."""

    callback: Callable[[Any], object]
    # event types; and what else must be so: None for anything
    types: frozenset[str]
    type_ids: frozenset[str] | None = None
    node_id: str | None = None
    property_name: str | None = None
    actor: str | None = None
    mine: bool | None = None
    # it hears of what comes after this rev
    since_rev: int = 0
    # how often it was called, how often it failed, and how the last time
    calls: int = 0
    errors: int = 0
    last_error: BaseException | None = None

    @property
    def name(self) -> str:
        """What the callback is called."""
        return str(getattr(self.callback, "__qualname__", None) or repr(self.callback))

    def __repr__(self) -> str:
        failed = f", {self.errors} failed" if self.errors else ""
        calls = f"{self.calls} call{'' if self.calls == 1 else 's'}"
        return f"<{self.name}: {', '.join(sorted(self.types))}; {calls}{failed}>"

    def wants(self, event: WatchedEvent) -> bool:
        """Whether an event of one of its types passes the other filters."""
        if self.mine is not None and event.mine != self.mine:
            return False
        if self.actor is not None:
            actor = event.actor
            if actor is None or self.actor not in {actor.actor_id, actor.name}:
                return False
        if self.property_name is not None and self.property_name != getattr(
            event, "property_name", None
        ):
            return False
        if self.node_id is not None and self.node_id != getattr(event, "node_id", None):
            return self.node_id in (event.ends or ())
        return self.type_ids is None or event.type_id in self.type_ids

    def call(self, event: WatchedEvent) -> None:
        """Call it; an error is shown, counted, and hurts nobody else."""
        self.calls += 1
        try:
            self.callback(event)
        except (Exception, SystemExit) as error:  # noqa: BLE001 (the root of others' code)
            self.errors += 1
            self.last_error = error
            if self.errors <= _ERRORS_SHOWN or str(self.errors).strip("0") == "1":
                # the frames of this module are not what they look for
                tail = error.__traceback__.tb_next if error.__traceback__ else None
                text = "".join(traceback.format_exception(type(error), error, tail))
                say(f"{self.name} failed (failure {self.errors}) at {event!r}:\n{text}")


def types_of(events: str | Iterable[str]) -> frozenset[str]:
    """Return the event types that are meant."""
    named = [events] if isinstance(events, str) else list(events)
    if "all" in named:
        return frozenset(_TYPES)
    for name in named:
        if name not in _TYPES:
            raise SchemaError(
                f"there is no event type {shown(name)}",
                fix=did_you_mean(str(name), _TYPES) or f"it must be one of {', '.join(_TYPES)}",
            )
    return frozenset(named)


def say(text: str) -> None:
    """Tell people, where they look: below the cell, or on the terminal."""
    # where nobody can be told (any more), nobody is
    with suppress(AttributeError, OSError, ValueError):
        sys.stderr.write(f"graph_ext: {text.rstrip()}\n")
        sys.stderr.flush()
