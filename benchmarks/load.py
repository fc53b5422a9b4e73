"""The load: many WebSocket clients in this process, on picows, which costs least a frame.

One class for all systems; how each greets and what it sends stands in systems.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.systems import Address, System

__all__ = ["Client", "Failed", "connect", "disconnect", "open_socket"]

_CONNECTING = 32  # at once
_CONNECT_S = 60.0
_FRAME_BYTES = 256 * 1024 * 1024


class Failed(Exception):  # noqa: N818 - what the generator says, not an error of its own
    """A system did not do what is measured: no figure comes of that."""


class Client(WSListener):
    """One client's socket.

    Attributes
    ----------
    receive : callable
        Called with this client and each frame; set anew for each measurement.
    lost : callable
        Called when its socket closes, also because ``receive`` raised.
    """

    def __init__(self, system: System, index: int) -> None:
        self.system = system
        self.index = index
        self.transport: WSTransport
        self.receive: Callable[[Client, bytes], None] = Client.greet
        self.lost: Callable[[], None] = lambda: None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.send(self.system.hello(self.index))

    def on_ws_frame(self, _: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type in (WSMsgType.TEXT, WSMsgType.BINARY):
            self.receive(self, frame.get_payload_as_bytes())

    def on_ws_disconnected(self, _: WSTransport) -> None:
        self.gone.set()
        self.lost()
        if not self.ready.done():
            self.ready.set_exception(Failed(f"{self.system.name} closed a socket"))

    def send(self, frames: Sequence[bytes]) -> None:
        kind = WSMsgType.BINARY if self.system.address.binary else WSMsgType.TEXT
        for frame in frames:
            self.transport.send(kind, frame)

    def greet(self, payload: bytes) -> None:
        """Answer what comes before a client is ready."""
        answers = self.system.answer(payload)
        if answers is None:
            if not self.ready.done():
                self.ready.set_result(None)
        else:
            self.send(answers)

    def drop(self, payload: bytes) -> None:
        """Take what comes between measurements."""
        if pong := self.system.pong(payload):
            self.send([pong])


async def connect(system: System, count: int) -> list[Client]:
    """Open sockets and wait until each is ready."""
    clients: list[Client] = []
    free = asyncio.Semaphore(_CONNECTING)

    async def one(index: int) -> None:
        async with free:
            _, client = await open_socket(system.address, lambda: Client(system, index))
            await asyncio.wait_for(client.ready, _CONNECT_S)
            client.receive = Client.drop
            clients.append(client)

    async with asyncio.TaskGroup() as group:
        for index in range(count):
            group.create_task(one(index))
    return clients


async def open_socket(address: Address, listener: Callable[[], Any]) -> tuple[WSTransport, Any]:
    """Open one socket."""
    return await ws_connect(
        listener,
        address.url,
        extra_headers=list(address.headers),
        websocket_handshake_timeout=_CONNECT_S,
        max_frame_size=_FRAME_BYTES,
    )


async def disconnect(clients: Sequence[Client]) -> None:
    """Close sockets."""
    for client in clients:
        client.transport.disconnect()
    for client in clients:
        await client.gone.wait()
