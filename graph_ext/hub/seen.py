"""Which commands a session may have seen, in four bytes each: Bloom filters that grow.

Says "never" for certain, and "perhaps" else: once in some thousand times of one never seen. Called
by hub/outcomes.py. (B. H. Bloom, 1970; growing as P. S. Almeida and others, 2007.)
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from zlib import crc32

__all__ = ["Seen"]

_KEYS = 2  # for each word of 64 bits
_FIRST_KEYS = 8192  # a first filter of 32 KiB; each later one is twice as large

# a key sets the bits of one pattern in one word, and those of another in another word: two steps,
# where a bit at a time would be eight
_PATTERNS = [
    sum({1 << (byte & 63) for byte in hashlib.blake2b(b"%d" % n, digest_size=4).digest()})
    for n in range(1024)
]


class _Filter:
    """One filter; its number of words is a power of two."""

    def __init__(self, keys: int) -> None:
        self.keys_left = keys
        self._mask = keys // _KEYS - 1
        self._words = array("Q", bytes(8 * (keys // _KEYS)))

    def add(self, one: int, two: int) -> None:
        self.keys_left -= 1
        mask, words = self._mask, self._words
        words[one >> 10 & mask] |= _PATTERNS[one & 1023]
        words[two >> 10 & mask] |= _PATTERNS[two & 1023]

    def has(self, one: int, two: int) -> bool:
        mask, words = self._mask, self._words
        pattern = _PATTERNS[one & 1023]
        if words[one >> 10 & mask] & pattern != pattern:
            return False
        pattern = _PATTERNS[two & 1023]
        return words[two >> 10 & mask] & pattern == pattern


class Seen:
    """A growing set of keys that can't be listed, and may take one for seen that was not.

    Used by one thread at a time.
    """

    def __init__(self) -> None:
        # keys go into the last
        self._filters: list[_Filter] = []
        # by its length, the greatest command_id: one that comes after it is new, and nearly all
        # that are new do, for ULIDs ascend; others are of other lengths
        self._greatest: dict[int, str] = {}

    def add_all(self, keys: Iterable[tuple[str, str]]) -> None:
        """Take keys."""
        filters, greatest = self._filters, self._greatest
        for key in keys:
            command_id = key[0]
            if command_id > greatest.get(len(command_id), ""):
                greatest[len(command_id)] = command_id
            if not filters or not filters[-1].keys_left:
                filters.append(_Filter(_FIRST_KEYS << len(filters)))
            filters[-1].add(*_probes(key))

    def __contains__(self, key: tuple[str, str]) -> bool:
        """Whether it may have been taken; False is certain."""
        command_id = key[0]
        if command_id > self._greatest.get(len(command_id), ""):
            return False
        one, two = _probes(key)
        # a loop: a generator would cost more than what it asks
        for each in self._filters:  # noqa: SIM110
            if each.has(one, two):
                return True
        return False


def _probes(key: tuple[str, str]) -> tuple[int, int]:
    # not Python's own hash: with it, runs of one program would differ. 32 bits are enough for some
    # millions of keys; the second follows from the first, which no filter can tell
    text = f"{key[0]}\0{key[1]}".encode("utf-8", "surrogatepass")
    one = crc32(text)
    return one, crc32(text, one)
