"""What every system is asked to do and to deliver: the same commands, the same events.

A command sets a property of one of a hundred nodes. What it becomes is the JSON object that
graph_ext sends as a commit, with the same fields of the same length; the peers make it the way
their users would. Used by the load and by the servers in servers/.
"""

from __future__ import annotations

import time
from typing import Any

from graph_ext.core.commands import SetProperty
from graph_ext.protocol import SubmitCommand, encode

__all__ = ["NODES", "Facts", "command", "node_id", "property_value"]

NODES = 100
"""How many nodes there are to be edited."""


def node_id(index: int) -> str:
    """The node that a command edits."""
    return f"node-{index % NODES:03}"


def property_value(index: int) -> int:
    """What a command sets there."""
    return 100_000 + index


def command(session_id: str, index: int) -> bytes:
    """Return a command as graph_ext's clients send it."""
    return encode(
        SubmitCommand(
            session_id=session_id,
            command_id=f"01K6A{index:021}",
            command=SetProperty("effort", property_value(index), node_id(index)),
        )
    )


class Facts:
    """A graph as small as can be, which turns commands into the events graph_ext makes of them."""

    def __init__(self) -> None:
        self.rev = 0
        # node_id -> its effort
        self._effort: dict[str, int] = {}

    def event(self, message: dict[str, Any]) -> dict[str, Any]:
        """Apply one ``command`` message and return its commit."""
        edit = message["command"]
        old = self._effort.get(edit["node_id"], 100_000)
        self._effort[edit["node_id"]] = edit["value"]
        self.rev += 1
        return {
            "type": "commit",
            "session_id": message["session_id"],
            "epoch": message["session_id"],
            "rev": self.rev,
            "command_id": message["command_id"],
            "client_id": "client-0000",
            "actor": {"actor_id": "client:client-0000", "name": "Anonymous Carme"},
            "at": time.time(),
            "events": [
                {
                    "type": "property-changed",
                    "property_name": edit["property_name"],
                    "new_value": edit["value"],
                    "old_value": old,
                    "node_id": edit["node_id"],
                }
            ],
        }
