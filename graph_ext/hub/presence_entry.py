"""One client as others see it: who it is, and its newest state. Held by hub/presence.py."""

from __future__ import annotations

import asyncio
from math import isfinite
from typing import Protocol

from graph_ext.core.access import Role
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import check_id
from graph_ext.protocol import Actor, ClientInfo, Kind, Presence, PresenceChanged, encode

__all__ = ["Entry", "Somebody", "checked"]

_SELECTED = 1000  # ids of a selection that others are told
_SELECTED_BYTES = 16 * 1024
_NOTHING = Presence(session_id="")


class Somebody(Protocol):
    """As much of a client as others are told."""

    @property
    def client_id(self) -> str:
        """Chosen by the client."""

    @property
    def actor(self) -> Actor:
        """Who acts."""

    @property
    def kind(self) -> Kind:
        """What it is."""

    @property
    def label(self) -> str:
        """What it calls itself."""

    @property
    def role(self) -> Role | None:
        """As it is now."""


def checked(message: Presence) -> Presence:
    """Return a state as others are told it: a long selection is shortened (SchemaError)."""
    numbers = [*(message.cursor or ()), *(message.viewport or ())]
    if not all(map(isfinite, numbers)):
        raise SchemaError("a cursor and a viewport must be finite numbers", path="cursor")
    if message.editing is not None:
        check_id(message.editing, "what is edited", "editing")
    selection: list[str] = []
    size = 0
    for element_id in message.selection[:_SELECTED]:
        size += len(check_id(element_id, "what is selected", "selection").encode()) + 3
        if size > _SELECTED_BYTES:
            break
        selection.append(element_id)
    return Presence(
        session_id=message.session_id,
        selection=selection,
        cursor=message.cursor,
        viewport=message.viewport,
        editing=message.editing,
    )


class Entry:
    """What is known of one client_id."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        # those connected by this name, the one that is shown last: an old socket may not be dead
        # yet; the last of them stays when it has left, to be named once more
        self.clients: list[Somebody] = []
        self.left = False
        self.state: Presence | None = None
        self.number = 0
        # silent for too long, or left
        self.gone = False
        # the last sign: by the loop's clock, and in Unix seconds
        self.signed_at = 0.0
        self.at = 0.0
        # when the next state may be told, and that state, until then
        self.next_at = 0.0
        self.held: Presence | None = None
        self.timer: asyncio.TimerHandle | None = None
        # the message, made when first needed
        self._body: bytes | None = None

    def info(self) -> ClientInfo:
        """What others are told."""
        shown = self.clients[-1]
        state = (None if self.gone else self.state) or _NOTHING
        return ClientInfo(
            client_id=self.client_id,
            actor=shown.actor,
            kind=shown.kind,
            label=shown.label,
            role=shown.role or "",
            at=self.at,
            selection=state.selection,
            cursor=state.cursor,
            viewport=state.viewport,
            editing=state.editing,
            gone=self.gone,
        )

    def changed(self, number: int) -> None:
        """Take the number of a newer state."""
        self.number = number
        self._body = None

    def body(self, session_id: str) -> bytes:
        """Return the message about it, made once for all."""
        if self._body is None:
            self._body = encode(PresenceChanged(session_id=session_id, client=self.info()))
        return self._body

    def hold_nothing(self) -> None:
        """Drop a state that was to be told later."""
        self.held = None
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
