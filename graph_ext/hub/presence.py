"""Who is in a session and what they look at: a log of newest states, of which nothing is kept.

Each client's newest state has a number. A reader keeps the last number it has sent, and takes what
is newer when its sink can write: no queue, and what it gets is always the newest. Owned by
hub/session.py; on the event loop, by the loop's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from graph_ext.hub.channel import Sink
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.presence_entry import Entry, Somebody, checked
from graph_ext.protocol import (
    PAGE_BYTES,
    ClientInfo,
    Presence,
    join_frame,
)

__all__ = ["PresenceLog", "PresenceReader"]

_ROSTER_BYTES = PAGE_BYTES // 2
_TURN_FRAMES = 4  # how many frames one reader writes before others have their turn
_BEAT_S = 0.02  # from one round of news to the next, and for each reader a little more:
_BEAT_READER_S = 0.001  # a thousand clients that all move are told of each other once a second


class PresenceLog:
    """Who is in one session.

    Parameters
    ----------
    session_id : str
        Stamped on the messages.
    limits : HubLimits
        ``presence_per_s`` and ``presence_s``.
    clock : callable
        Unix seconds.
    """

    def __init__(self, session_id: str, limits: HubLimits, clock: Callable[[], float]) -> None:
        self._session_id = session_id
        self._limits = limits
        self._clock = clock
        # by client_id, in the order of their numbers
        self._entries: dict[str, Entry] = {}
        self._number = 0
        self._readers: dict[PresenceReader, None] = {}
        # tells the readers the news, and when it may next
        self._round: asyncio.TimerHandle | None = None
        self._round_at = 0.0
        # looks for those who have given no sign
        self._expiry: asyncio.TimerHandle | None = None

    # --- who is there -------------------------------------------------------------------------

    def come(self, client: Somebody) -> None:
        """Take note of who has joined."""
        entry = self._entries.get(client.client_id)
        if entry is None:
            entry = self._entries[client.client_id] = Entry(client.client_id)
        elif entry.left:
            entry.clients.clear()
        entry.clients.append(client)
        entry.hold_nothing()
        entry.state = None
        entry.gone = entry.left = False
        self._sign(entry)
        self._changed(entry)
        self._watch()

    def go(self, client: Somebody) -> None:
        """Take note of who has left."""
        entry = self._entry(client)
        if entry is None:
            return
        was_shown = entry.clients[-1] is client
        if len(entry.clients) > 1:
            entry.clients.remove(client)
        else:
            entry.gone = entry.left = True
        if was_shown:
            entry.hold_nothing()
            entry.state = None
            self._changed(entry)

    def sign(self, client: Somebody) -> None:
        """Take note that a client has sent something, whatever it is."""
        entry = self._entry(client)
        if entry is None:
            return
        self._sign(entry)
        if entry.gone:
            entry.gone = False
            self._changed(entry)
            self._watch()

    def show(self, client: Somebody, message: Presence) -> None:
        """Tell others what a client looks at, now or when it is allowed again (SchemaError)."""
        state = checked(message)
        entry = self._entry(client)
        if entry is None or entry.clients[-1] is not client:
            return
        if entry.timer is not None:
            entry.held = state
        elif (loop := asyncio.get_running_loop()).time() < entry.next_at:
            entry.held = state
            entry.timer = loop.call_at(entry.next_at, self._release, entry)
        else:
            self._show(entry, state)

    def role_changed(self, client: Somebody) -> None:
        """Tell others that a client has another role."""
        entry = self._entry(client)
        if entry is not None and entry.clients[-1] is client:
            self._changed(entry)

    def roster(self) -> tuple[list[ClientInfo], int]:
        """Those who are there, as many as a message may have, and the number of the last.

        The others come to whoever follows from that number on.
        """
        found: list[ClientInfo] = []
        size = 0
        for entry in self._entries.values():
            if entry.gone:
                continue
            size += len(entry.body(self._session_id))
            if found and size > _ROSTER_BYTES:
                return found, entry.number - 1
            found.append(entry.info())
        return found, self._number

    def follow(self, client: Somebody, sink: Sink, number: int) -> PresenceReader:
        """Tell a client of all others' states after a number, from now on."""
        reader = PresenceReader(self, client.client_id, sink, number)
        self._readers[reader] = None
        reader.wake()
        return reader

    def close(self) -> None:
        """Forget everything."""
        for timer in (self._round, self._expiry):
            if timer is not None:
                timer.cancel()
        for entry in self._entries.values():
            entry.hold_nothing()
        self._entries.clear()
        self._readers.clear()

    # --- for readers --------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """That of the newest state."""
        return self._number

    def frame_after(self, number: int, but: str) -> tuple[bytes | None, int]:
        """One frame of the states after a number, without one client's, and its last number."""
        newer: list[Entry] = []
        for entry in reversed(self._entries.values()):
            if entry.number <= number:
                break
            newer.append(entry)
        bodies: list[bytes] = []
        size = 0
        for entry in reversed(newer):
            if entry.client_id == but:
                continue
            body = entry.body(self._session_id)
            size += len(body)
            if bodies and size > PAGE_BYTES:
                return join_frame(bodies), entry.number - 1
            bodies.append(body)
        return join_frame(bodies) if bodies else None, self._number

    def stop(self, reader: PresenceReader) -> None:
        """Tell a reader nothing more."""
        self._readers.pop(reader, None)

    # --- changes ------------------------------------------------------------------------------

    def _entry(self, client: Somebody) -> Entry | None:
        """That of a client who is in the session; None: it is not."""
        entry = self._entries.get(client.client_id)
        return entry if entry is not None and not entry.left and client in entry.clients else None

    def _sign(self, entry: Entry) -> None:
        entry.signed_at = asyncio.get_running_loop().time()
        entry.at = self._clock()

    def _release(self, entry: Entry) -> None:
        state, entry.held, entry.timer = entry.held, None, None
        if state is not None:
            self._show(entry, state)

    def _show(self, entry: Entry, state: Presence) -> None:
        if state != entry.state:
            entry.next_at = asyncio.get_running_loop().time() + 1 / self._limits.presence_per_s
            entry.state = state
            self._changed(entry)

    def _changed(self, entry: Entry) -> None:
        """Give a client's newest state the newest number, and tell everybody soon."""
        self._number += 1
        entry.changed(self._number)
        del self._entries[entry.client_id]
        self._entries[entry.client_id] = entry
        if self._round is None:
            loop = asyncio.get_running_loop()
            self._round = loop.call_at(max(loop.time(), self._round_at), self._tell)

    def _tell(self) -> None:
        """Let every reader that can write have the news."""
        beat_s = _BEAT_S + _BEAT_READER_S * len(self._readers)
        self._round = None
        self._round_at = asyncio.get_running_loop().time() + beat_s
        for reader in tuple(self._readers):
            reader.wake()
        told = min((reader.number for reader in self._readers), default=self._number)
        for entry in tuple(self._entries.values()):
            if entry.number > told:
                break
            if entry.left:
                del self._entries[entry.client_id]

    def _watch(self) -> None:
        """Look again when the first of those who are there may have been silent for too long."""
        if self._expiry is None:
            signs = [entry.signed_at for entry in self._entries.values() if not entry.gone]
            if signs:
                loop = asyncio.get_running_loop()
                self._expiry = loop.call_at(min(signs) + self._limits.presence_s, self._expire)

    def _expire(self) -> None:
        self._expiry = None
        now = asyncio.get_running_loop().time()
        for entry in tuple(self._entries.values()):
            # the very sum that the timer was set to: a difference may be rounded to the wrong side
            if not entry.gone and entry.signed_at + self._limits.presence_s <= now:
                entry.gone = True
                self._changed(entry)
        self._watch()


class PresenceReader:
    """A cursor into the presence of a session. Made by :meth:`PresenceLog.follow`.

    Attributes
    ----------
    number : int
        That of the newest state the sink was given.
    """

    def __init__(self, log: PresenceLog, client_id: str, sink: Sink, number: int) -> None:
        self.number = number
        self._log = log
        self._client_id = client_id
        self._sink = sink
        # whether somebody is going to call _resume
        self._waiting = False
        self._stopped = False

    def stop(self) -> None:
        """Write nothing more."""
        self._stopped = True
        self._log.stop(self)

    def wake(self) -> None:
        """Write what is new, for as long as the sink takes it."""
        if self._waiting or self._stopped:
            return
        for _ in range(_TURN_FRAMES):
            if self.number >= self._log.number:
                return
            if not self._sink.writable():
                self._waiting = True
                self._sink.when_writable(self._resume)
                return
            frame, self.number = self._log.frame_after(self.number, self._client_id)
            if frame is not None:
                self._sink.write(frame)
        self._waiting = True
        asyncio.get_running_loop().call_soon(self._resume)

    def _resume(self) -> None:
        self._waiting = False
        self.wake()
