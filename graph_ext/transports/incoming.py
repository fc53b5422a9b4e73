"""The frames of a client's socket, read as many at once as have come.

Tornado asks its stream for a frame piece by piece, which for a short frame costs several times what
serving it does. Here one read takes what there is, and an ordinary frame is taken from that in one
go; whatever is out of the ordinary is left to Tornado. Made by websocket.py.
"""

from __future__ import annotations

import zlib
from typing import Any

from tornado.util import _websocket_mask as unmasked
from tornado.websocket import WebSocketProtocol13

__all__ = ["READ_BYTES", "IncomingFrames"]

READ_BYTES = 16 * 1024
"""Asked for at once: Tornado makes and clears a buffer of that size for each time."""

_TEXT = 0x81  # a whole message in one frame (RFC 6455, 5.2)
_MASKED = 0x80
_LENGTH = 0x7F
_LENGTH_FOLLOWS = 126


class IncomingFrames(WebSocketProtocol13):
    """Tornado's protocol, which reads frames from what has come already."""

    # what has come, and where in it the next frame begins
    _come = b""
    _at = 0
    # whether the client takes compressed messages, each by itself; set with the handshake
    takes_compressed = False

    def _create_compressors(
        self,
        side: str,
        agreed_parameters: dict[str, Any],
        compression_options: dict[str, Any] | None = None,
    ) -> None:
        """Agree on compression (RFC 7692); called by Tornado with what the client offers.

        Each message stands by itself: else a quarter of a megabyte would be kept for each client.
        """
        self.takes_compressed = "server_max_window_bits" not in agreed_parameters
        agreed_parameters["server_no_context_takeover"] = None
        agreed_parameters["client_no_context_takeover"] = None
        super()._create_compressors(side, agreed_parameters, compression_options)

    async def _receive_frame(self) -> None:
        """Handle the next frame; called by Tornado for one after the other."""
        if self._at == len(self._come):
            await self._read()
        come, at = self._come, self._at
        short = come[at + 1] & _LENGTH if len(come) - at > 1 else _LENGTH
        begin = at + (6 if short < _LENGTH_FOLLOWS else 8)
        if (
            come[at] == _TEXT
            and short <= _LENGTH_FOLLOWS
            and len(come) >= begin
            and come[at + 1] & _MASKED
            and self._fragmented_message_buffer is None
        ):
            size = short
            if short == _LENGTH_FOLLOWS:
                size = int.from_bytes(come[at + 2 : at + 4], "big")
            end = begin + size
            if end <= len(come) and size <= self.params.max_message_size:
                self._at = end
                self._frame_compressed = False
                self._wire_bytes_in += end - at
                handled = self._handle_message(
                    _TEXT & self.OPCODE_MASK, unmasked(come[begin - 4 : begin], come[begin:end])
                )
                if handled is not None:
                    await handled
                return
        try:
            await super()._receive_frame()
        except zlib.error:
            self.close(1007, "not compressed as agreed")
            self._abort()

    async def _read_bytes(self, n: int) -> bytes:
        """Return the next bytes, whether they have come or not; called by Tornado."""
        missing = n - (len(self._come) - self._at)
        if missing > READ_BYTES:
            parts = (self._come[self._at :], await self.stream.read_bytes(missing))
            self._come, self._at = b"".join(parts), 0
        while len(self._come) - self._at < n:
            await self._read()
        begin, self._at = self._at, self._at + n
        self._wire_bytes_in += n
        return self._come[begin : self._at]

    async def _read(self) -> None:
        self._come, self._at = self._come[self._at :], 0
        self._come += await self.stream.read_bytes(READ_BYTES, partial=True)
