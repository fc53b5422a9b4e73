"""Many clients of one session in a process of their own, for tests/load/test_many_clients.py.

``python -m tests.load.clients PORT TOKEN SESSION_ID CLIENTS COMMITS``: joins with all of them, says
``ready``, waits until each has every commit in order, and prints what each has seen as JSON. The
last client joins, then never reads again, and stays when the others have gone, until a line comes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import socket
import sys

import msgspec

_HANDSHAKE = (
    "GET /graph-ext/api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graph-ext.v1\r\nAuthorization: token {token}\r\n\r\n"
)
_TIMEOUT_S = 120


class _Head(msgspec.Struct):
    type: str
    rev: int = 0
    more: bool = False


_one = msgspec.json.Decoder(_Head)
_many = msgspec.json.Decoder(list[_Head])


class Client:
    """One socket, as plain as can be: the load must not be slower than the server."""

    def __init__(self, number: int, wanted: int) -> None:
        self.number = number
        self.revs: list[int] = []
        self.joined = asyncio.Event()
        self.done = asyncio.Event()
        self._wanted = wanted

    async def run(self, port: int, token: str, session_id: str, *, reads: bool) -> None:
        """Join, and read until everything has come."""
        connection = socket.socket()
        if not reads:
            # or the kernel would read for it
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        reader, self._writer = await asyncio.open_connection(sock=connection, limit=2**16)
        key = base64.b64encode(os.urandom(16)).decode()
        self._writer.write(_HANDSHAKE.format(port=port, key=key, token=token).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        join = {"type": "join_session", "session_id": session_id, "client_id": f"c{self.number}"}
        self._send(0x81, json.dumps(join).encode())
        while not self.done.is_set():
            opcode, payload = await _frame(reader)
            if opcode == 0x9:
                self._send(0x8A, payload)
            elif opcode == 0x8:
                raise AssertionError(f"client {self.number} was closed: {payload!r}")
            else:
                self._take(payload)
            if not reads and self.joined.is_set():
                self._writer.transport.pause_reading()  # type: ignore[attr-defined]
                return
        self._writer.close()

    def _take(self, payload: bytes) -> None:
        heads = _many.decode(payload) if payload.startswith(b"[") else [_one.decode(payload)]
        for head in heads:
            if head.type == "commit":
                self.revs.append(head.rev)
                if head.rev == self._wanted:
                    self.done.set()
            elif head.type == "snapshot" and not head.more:
                self.joined.set()

    def _send(self, first: int, payload: bytes) -> None:
        assert len(payload) < 126 or first == 0x81
        size = (
            bytes([0x80 | len(payload)])
            if len(payload) < 126
            else b"\xfe%b" % (len(payload).to_bytes(2, "big"))
        )
        # the mask of zeros is a mask, too
        self._writer.write(bytes([first]) + size + bytes(4) + payload)


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    return first & 0xF, await reader.readexactly(size)


async def main(port: int, token: str, session_id: str, count: int, commits: int) -> None:
    """Run the clients."""
    clients = [Client(number, commits) for number in range(count)]
    running = []
    for client in clients:
        reads = client is not clients[-1]
        running.append(asyncio.create_task(client.run(port, token, session_id, reads=reads)))
        if len(running) % 50 == 0:
            await asyncio.gather(*(each.joined.wait() for each in clients[: len(running)]))
    await asyncio.gather(*(each.joined.wait() for each in clients))
    print("ready", flush=True)
    async with asyncio.timeout(_TIMEOUT_S):
        await asyncio.gather(*running)
    whole = list(range(1, commits + 1))
    print(
        json.dumps(
            {
                "in_order": sum(client.revs == whole for client in clients[:-1]),
                "never_read": len(clients[-1].revs),
            }
        ),
        flush=True,
    )
    sys.stdin.readline()


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    asyncio.run(
        main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    )
