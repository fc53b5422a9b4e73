"""A WebSocket client of bytes, which reads, answers pings and hangs up only when a test says so."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from typing import Any

from graph_ext.protocol import SUBPROTOCOL
from tests.transports.conftest import API, Server

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class RawClient:
    """One connection. Made by :func:`connect_raw`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, extensions: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        # what the server has agreed to
        self.extensions = extensions

    async def frame(self) -> tuple[int, bytes]:
        """The next frame: what kind it is, and what it holds. IncompleteReadError at the end."""
        first, payload = await self.whole_frame()
        return first & 15, payload

    async def whole_frame(self) -> tuple[int, bytes]:
        """The next frame, with all of its first byte."""
        first, size = await self._reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first, await self._reader.readexactly(size)

    async def messages(self) -> list[dict[str, Any]]:
        """The messages of the next text frame; pings are passed over."""
        while (frame := await self.frame())[0] != TEXT:
            assert frame[0] == PING, frame
        found = json.loads(frame[1])
        return found if isinstance(found, list) else [found]

    async def close_reason(self) -> tuple[int, str]:
        """Read on until the server closes; return the code and why."""
        while (frame := await self.frame())[0] != CLOSE:
            pass
        return int.from_bytes(frame[1][:2], "big"), frame[1][2:].decode()

    async def close_code(self) -> int:
        """Read on until the server closes; return the code."""
        return (await self.close_reason())[0]

    async def ended(self) -> bool:
        """Read whatever comes to the end."""
        try:
            while await self._reader.read(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    async def send(self, *messages: dict[str, Any]) -> None:
        """Send messages in one frame."""
        text = json.dumps(messages[0] if len(messages) == 1 else messages).encode()
        await self.send_frame(TEXT, text)

    async def send_frame(self, kind: int, payload: bytes) -> None:
        """Send a frame, masked with zeros."""
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 128 | kind, 128 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 128 | kind, 128 | 126, size)
        else:
            head = struct.pack("!BBQ", 128 | kind, 128 | 127, size)
        await self.send_bytes(head + bytes(4) + payload)

    async def send_bytes(self, data: bytes) -> None:
        """Send what may be frames, or a part of one."""
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def connect_raw(server: Server, extensions: str = "") -> RawClient:
    """Open a WebSocket of which the system and this client keep next to nothing unread."""
    host, port = server.host.split(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=line, limit=1024)
    before = set(server.sockets)
    writer.write(
        f"GET {server.app.base_url}{API}/ws HTTP/1.1\r\nHost: {server.host}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n"
        f"Authorization: {server.token['Authorization']}\r\n"
        f"Sec-WebSocket-Extensions: {extensions}\r\n\r\n".encode()
    )
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101"), answer
    (ours,) = set(server.sockets) - before
    assert ours.ws_connection is not None
    stream = ours.ws_connection.stream
    assert stream is not None
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    agreed = re.search(rb"(?i)^Sec-WebSocket-Extensions: (.*)\r$", answer, re.MULTILINE)
    return RawClient(reader, writer, agreed[1].decode() if agreed else "")
