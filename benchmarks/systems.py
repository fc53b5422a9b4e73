"""The systems side by side: how each is started, greeted, given commands, and read.

A system is one server with one graph in it. Everything here is the load's side of it; the peers'
servers are in servers/.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from pycrdt import Doc, Map, create_sync_message, create_update_message, handle_sync_message

from benchmarks import content
from benchmarks.processes import TOKEN, ServerProcess, jupyter, peer
from graph_ext.core.commands import Batch, CreateNode
from graph_ext.protocol import SUBPROTOCOL, JoinSession, SubmitCommand, encode

__all__ = ["Address", "BareTornado", "GraphExt", "Pycrdt", "SocketIo", "System"]

# of a commit in whatever it is wrapped in; nothing else that comes in a measurement has it
_REV = re.compile(rb'"rev":(\d+)')


class Address(Struct, frozen=True):
    """Where clients connect, and how."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    binary: bool = False


class System(Protocol):
    """One system. Frames are whole WebSocket messages.

    Attributes
    ----------
    name : str
        As tables show it.
    server : ServerProcess
        Its process; made by ``__init__``, started and stopped by the measurement.
    rev : int
        That of the last event sent to all; advanced by the measurements.
    """

    name: str
    server: ServerProcess
    rev: int

    @property
    def address(self) -> Address:
        """Where its clients connect, once the server is up."""

    def prepare(self) -> None:
        """Make the graph, once the server is up."""

    def hello(self, index: int) -> Sequence[bytes]:
        """What a client sends first."""

    def answer(self, payload: bytes) -> Sequence[bytes] | None:
        """Answer to a frame before the client is ready; None where it is."""

    def pong(self, payload: bytes) -> bytes | None:
        """Answer to a frame that asks whether we live."""

    def command(self, index: int) -> bytes:
        """Make a command."""

    def frame(self, commands: Sequence[bytes]) -> bytes:
        """Return a frame with commands; of one alone, where the system takes no arrays."""

    def acknowledged(self, payload: bytes) -> list[bytes]:
        """Return one item for each command that a frame tells of: its rev, where it has one."""


class GraphExt:
    """A Jupyter server with the extension, as users run it."""

    def __init__(self, folder: Path) -> None:
        self.name = "graph_ext"
        self.server = jupyter(folder)
        self.rev = 0
        self._session_id = ""

    @property
    def address(self) -> Address:
        return Address(
            f"ws://127.0.0.1:{self.server.port}/graph-ext/api/v1/ws",
            (("Authorization", f"token {TOKEN}"), ("Sec-WebSocket-Protocol", SUBPROTOCOL)),
        )

    def prepare(self) -> None:
        made = self.server.request("POST", "/graph-ext/api/v1/sessions", b'{"name":"benchmark"}')
        self._session_id = made["session_id"]

    def hello(self, index: int) -> Sequence[bytes]:
        join = JoinSession(session_id=self._session_id, client_id=f"client-{index:04}")
        if self.rev or index:
            return [encode(join)]
        self.rev = 1
        nodes = Batch(
            [CreateNode(node_id=content.node_id(index)) for index in range(content.NODES)]
        )
        make = SubmitCommand(session_id=self._session_id, command_id="nodes", command=nodes)
        return [encode(join), encode(make)]

    def answer(self, payload: bytes) -> Sequence[bytes] | None:
        _refuse(payload)
        ready = b'"type":"snapshot"' in payload and b'"more":true' not in payload
        # the first client's snapshot is empty: it waits for the nodes it has made itself
        made = b'"command_id":"nodes"' in payload
        return None if made or (ready and b'"nodes":[' in payload) else []

    def pong(self, payload: bytes) -> bytes | None:  # noqa: ARG002 - WebSocket pings are picows' own
        return None

    def command(self, index: int) -> bytes:
        return content.command(self._session_id, index)

    def frame(self, commands: Sequence[bytes]) -> bytes:
        return commands[0] if len(commands) == 1 else b"[" + b",".join(commands) + b"]"

    def acknowledged(self, payload: bytes) -> list[bytes]:
        if b'"type":"rejected"' in payload or b'"type":"error"' in payload:
            _refuse(payload)
        return _REV.findall(payload)


class BareTornado:
    """A bare Tornado server that builds each frame once."""

    def __init__(self, folder: Path) -> None:
        self.name = "bare Tornado"
        self.server = peer("bare", folder)
        self.rev = 0

    @property
    def address(self) -> Address:
        return Address(f"ws://127.0.0.1:{self.server.port}/events")

    def prepare(self) -> None:
        pass

    def hello(self, index: int) -> Sequence[bytes]:  # noqa: ARG002 - all send the same
        return []

    def answer(self, payload: bytes) -> Sequence[bytes] | None:  # noqa: ARG002 - it says that we are in
        return None

    def pong(self, payload: bytes) -> bytes | None:  # noqa: ARG002 - it asks for none
        return None

    def command(self, index: int) -> bytes:
        return content.command("0" * 32, index)

    def frame(self, commands: Sequence[bytes]) -> bytes:
        return b"[" + b",".join(commands) + b"]"

    def acknowledged(self, payload: bytes) -> list[bytes]:
        return _REV.findall(payload)


class SocketIo:
    """python-socketio on Tornado, by WebSocket from the start."""

    def __init__(self, folder: Path) -> None:
        self.name = "python-socketio"
        self.server = peer("socketio_rooms", folder)
        self.rev = 0

    @property
    def address(self) -> Address:
        return Address(f"ws://127.0.0.1:{self.server.port}/socket.io/?EIO=4&transport=websocket")

    def prepare(self) -> None:
        pass

    def hello(self, index: int) -> Sequence[bytes]:  # noqa: ARG002 - the server speaks first
        return []

    def answer(self, payload: bytes) -> Sequence[bytes] | None:
        if payload.startswith(b"0"):  # Engine.IO: open
            return [b"40"]
        if payload.startswith(b"40"):  # Socket.IO: connected to the namespace /
            return None
        raise RuntimeError(f"unexpected from Socket.IO: {payload[:200]!r}")

    def pong(self, payload: bytes) -> bytes | None:
        return b"3" if payload == b"2" else None

    def command(self, index: int) -> bytes:
        return content.command("0" * 32, index)

    def frame(self, commands: Sequence[bytes]) -> bytes:
        return b'42["command",[' + b",".join(commands) + b"]]"

    def acknowledged(self, payload: bytes) -> list[bytes]:
        return _REV.findall(payload)


class Pycrdt:
    """pycrdt-websocket on Tornado; each edit is an update of its own, made before it is timed."""

    def __init__(self, folder: Path, *, store: bool) -> None:
        self.name = "pycrdt-websocket" + (" with its store" if store else "")
        self.server = peer("pycrdt_rooms", folder, *(["--store"] if store else []))
        self.rev = 0
        self._database = folder / "ystore.db"
        # the load's own replica, which makes the updates
        self.doc: Doc[Any] = Doc()
        self.nodes = self.doc.get("nodes", type=Map)
        self.nodes.update({content.node_id(index): Map({}) for index in range(content.NODES)})
        self._made: list[bytes] = []
        self._greeted = 0
        self._observing = self.doc.observe(lambda event: self._made.append(event.update))

    @property
    def address(self) -> Address:
        return Address(f"ws://127.0.0.1:{self.server.port}/room", binary=True)

    def prepare(self) -> None:
        pass

    def hello(self, index: int) -> Sequence[bytes]:  # noqa: ARG002 - all send the same
        return [create_sync_message(self.doc)]

    def answer(self, payload: bytes) -> Sequence[bytes] | None:
        if payload[:2] == b"\0\0":  # sync step 1: what the server lacks
            return [handle_sync_message(payload[1:], self.doc) or b""]
        # step 2: what we lack; and the nodes come back to the one who has made them
        self._greeted += payload[:2] in (b"\0\1", b"\0\2")
        return None if self._greeted >= 2 else []

    def pong(self, payload: bytes) -> bytes | None:  # noqa: ARG002 - it asks for none
        return None

    def command(self, index: int) -> bytes:
        self._made.clear()
        self.nodes[content.node_id(index)]["effort"] = content.property_value(index)
        return create_update_message(self._made[0])

    def frame(self, commands: Sequence[bytes]) -> bytes:
        (update,) = commands  # each is a message of its own
        return update

    def acknowledged(self, payload: bytes) -> list[bytes]:
        return [b""] if payload[:2] == b"\0\2" else []

    def stored(self) -> int:
        """How many updates its store has, beside the one that made the nodes."""
        with closing(sqlite3.connect(self._database)) as connection:
            count: int = connection.execute("SELECT count(*) FROM yupdates").fetchone()[0]
            return count - 1


def _refuse(payload: bytes) -> None:
    """Stop at the first refusal: none is expected."""
    messages = msgspec.json.decode(payload)
    for message in messages if isinstance(messages, list) else [messages]:
        if message["type"] in ("rejected", "error", "left"):
            raise RuntimeError(f"graph_ext refused: {message}")
