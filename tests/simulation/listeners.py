"""Somebody who follows the events view over a WebSocket, and goes on where they were cut off.

What is told has to be the log spelled out: every commit once and whole, in order, as it is durable
(docs/protocol.md, 9). Used by world.py.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from graph_ext.protocol import Actor, Cursor, JoinSession, encode
from tests.simulation.network import Line
from tests.simulation.stream import Stamp

if TYPE_CHECKING:
    from tests.simulation.world import World

__all__ = ["Listener"]

_AGAIN_S = 0.5  # until they come again
# what may be in no log: news of people, and refused commands
_OUTSIDE = (
    *("session-connected", "session-disconnected", "session-updated"),
    *("command-executing", "command-executed"),
)

Event = dict[str, Any]


class Listener:
    """One client of the events view, of one session.

    Attributes
    ----------
    rev : int or None
        Up to which all was told; None before they were ever let in.
    epoch : str
        Of which history.
    """

    def __init__(self, world: World, name: str, actor: Actor, session_id: str) -> None:
        self.rev: int | None = None
        self.name = name
        self.actor = actor
        self.session_id = session_id
        self._world = world
        self.epoch = ""
        # what has come of the commit after that
        self._events: list[Event] = []

    async def live(self) -> None:
        """Follow, for ever."""
        while True:
            line = await self._world.connect(self.actor)
            if line is not None:
                await self._follow(line)
                line.client.close()
            await asyncio.sleep(self._world.random.random() * _AGAIN_S)

    async def _follow(self, line: Line) -> None:
        since = None if self.rev is None else Cursor(self.epoch, self.rev)
        self._events = []
        join = JoinSession(
            session_id=self.session_id, client_id=self.name, view="events", since=since
        )
        await line.client.write_message(encode(join))
        joined = False
        while (frame := await line.client.read_message()) is not None:
            found = json.loads(frame)
            for message in found if isinstance(found, list) else [found]:
                match message["type"]:
                    case "joined":
                        self._joined(message, since)
                        joined = True
                    case "error":
                        return
                    case "left":
                        self._left(message, line.client.stamp)
                        return
                    case "sessions_changed":
                        pass
                    case _ if joined:
                        self._told(message, line.client.stamp)
                    case kind:
                        self._fail(f"was told {kind} before they had joined")

    def _joined(self, joined: Event, since: Cursor | None) -> None:
        if since is None:
            self.rev, self.epoch = joined["rev"], joined["epoch"]
        elif joined["epoch"] != since.epoch or joined["rev"] < since.rev:
            self._fail(f"goes on after rev {since.rev} of {joined['rev']}")

    def _left(self, left: Event, stamp: Stamp) -> None:
        if left["code"] != "GONE" or self.session_id in stamp.deleted:
            return
        if self.rev is not None and self.epoch != stamp.epochs[self.session_id]:
            # it was put back, and has another history
            self.rev = None
            return
        if "was deleted" in left["message"]:
            self._fail(f"was told that {self.session_id} was deleted, which it is not")
        if self.rev is not None and self.rev >= stamp.floors.get(self.session_id, 0):
            self._fail(f"was told that what follows rev {self.rev} is gone")
        self.rev = None

    def _told(self, event: Event, stamp: Stamp) -> None:
        self._world.check_access(self.actor, self.session_id, stamp.at)
        rev = event.get("rev")
        if rev is None:
            if event["type"] not in _OUTSIDE or event.get("success"):
                self._fail(f"was told {event['type']} without a rev")
            return
        if self.rev is None or rev != self.rev + 1:
            self._fail(f"was told {event['type']} of rev {rev} after rev {self.rev}")
            return
        if rev > stamp.revs[self.session_id]:
            self._fail(f"was told rev {rev} before it was durable")
            return
        self._events.append(event)
        if event["type"] == "command-executed":
            expected = self._world.truth(self.session_id, self.epoch).spelled(rev)
            if len(expected) != len(self._events) or not all(
                wanted.items() <= told.items()
                for wanted, told in zip(expected, self._events, strict=True)
            ):
                self._fail(f"was told {self._events} of rev {rev}, which is {expected}")
            self.rev, self._events = rev, []
            self._world.happened["commits told as events"] += 1

    def _fail(self, text: str) -> None:
        self._world.fail(f"{self.name} {text}")
