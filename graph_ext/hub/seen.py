"""Which commands a session may have seen, in two bytes each: Bloom filters that grow.

Says "never" for certain, and "perhaps" else: once in some thousand times of one never seen. Called
by hub/outcomes.py. (B. H. Bloom, 1970; growing as P. S. Almeida and others, 2007.)
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable

__all__ = ["Seen"]

_BITS = 16  # for each key
_PROBES = 8
_FIRST_KEYS = 8192  # a first filter of 16 KiB; each later one is twice as large

_halves = struct.Struct(">II")


class _Filter:
    """One filter; its number of bits is a power of two."""

    def __init__(self, keys: int) -> None:
        self.keys_left = keys
        self._mask = keys * _BITS - 1
        self._bits = bytearray(keys * _BITS // 8)

    def add(self, start: int, step: int) -> None:
        self.keys_left -= 1
        for _ in range(_PROBES):
            at = start & self._mask
            self._bits[at >> 3] |= 1 << (at & 7)
            start += step

    def has(self, start: int, step: int) -> bool:
        for _ in range(_PROBES):
            at = start & self._mask
            if not self._bits[at >> 3] & 1 << (at & 7):
                return False
            start += step
        return True


class Seen:
    """A growing set of keys that can't be listed, and may take one for seen that was not.

    Used by one thread at a time.
    """

    def __init__(self) -> None:
        # keys go into the last
        self._filters: list[_Filter] = []

    def add(self, key: tuple[str, str]) -> None:
        """Take a key."""
        if not self._filters or not self._filters[-1].keys_left:
            self._filters.append(_Filter(_FIRST_KEYS << len(self._filters)))
        self._filters[-1].add(*_probes(key))

    def add_all(self, keys: Iterable[tuple[str, str]]) -> None:
        """Take many."""
        for key in keys:
            self.add(key)

    def __contains__(self, key: tuple[str, str]) -> bool:
        """Whether it may have been taken; False is certain."""
        if not self._filters:
            return False
        start, step = _probes(key)
        return any(each.has(start, step) for each in self._filters)


def _probes(key: tuple[str, str]) -> tuple[int, int]:
    # not Python's own hash: with it, runs of one program would differ
    text = f"{key[0]}\0{key[1]}".encode("utf-8", "surrogatepass")
    start, step = _halves.unpack(hashlib.blake2b(text, digest_size=8).digest())
    return start, step | 1
