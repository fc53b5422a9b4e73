"""New ids: ULIDs, which sort by the time they were made at."""

from __future__ import annotations

import os
import threading
import time

__all__ = ["new_id"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHANCE_BITS = 80
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return a new ULID: 26 characters, later than any that this process has made."""
    global _last  # noqa: PLW0603 (the order of ids is the process's)
    with _lock:
        now = (time.time_ns() // 1_000_000) << _CHANCE_BITS
        if now > _last:
            _last = now | int.from_bytes(os.urandom(_CHANCE_BITS // 8), "big") >> 1
        else:
            _last += 1
        value = _last
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def _forget() -> None:
    """Begin anew in a forked child, which must not count on from its parent's ids."""
    global _last, _lock  # noqa: PLW0603
    _last = 0
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
