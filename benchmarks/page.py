"""A page that joins a session, as a browser does it: how many bytes it is sent for the graph."""

from __future__ import annotations

import json
import socket
import struct
import zlib
from typing import BinaryIO

from benchmarks.load import Failed
from benchmarks.processes import TOKEN
from graph_ext.protocol import SUBPROTOCOL, JoinSession, encode

__all__ = ["joined_bytes"]

_TEXT = 0x81  # a whole message in one frame (RFC 6455, 5.2)
_COMPRESSED = 0x40  # RFC 7692
_MASKED = 0x80


def joined_bytes(port: int, session_id: str) -> int:
    """Join, and return the bytes of all frames up to the last page of the snapshot.

    Compression is offered, as browsers do by themselves.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(
            f"GET /graph-ext/api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n"
            f"Authorization: token {TOKEN}\r\n\r\n".encode()
        )
        with line.makefile("rb") as answer:
            if b" 101 " not in answer.readline():
                raise Failed("the server does not take a page's WebSocket")
            while answer.readline() != b"\r\n":
                pass
            join = encode(JoinSession(session_id=session_id, client_id="page"))
            head = struct.pack("!BBH", _TEXT, _MASKED | 126, len(join))
            line.sendall(head + bytes(4) + join)
            return _read_snapshot(answer)


def _read_snapshot(answer: BinaryIO) -> int:
    size = 0
    while True:
        first, length = answer.read(2)
        more = {126: "!H", 127: "!Q"}.get(length, "")
        if more:
            (length,) = struct.unpack(more, answer.read(struct.calcsize(more)))
        data = answer.read(length)
        size += 2 + struct.calcsize(more) + length
        if first & _COMPRESSED:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data + b"\0\0\xff\xff")
        if first & ~_COMPRESSED != _TEXT:
            continue
        found = json.loads(data)
        for message in found if isinstance(found, list) else [found]:
            if message["type"] == "snapshot" and not message.get("more"):
                return size
