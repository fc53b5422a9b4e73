"""A large JSON answer in pieces, none of which holds the event loop for long."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from graph_ext.hub.quiet import in_thread
from graph_ext.protocol import PAGE_BYTES, encode

__all__ = ["Slices", "encoded", "in_slices", "json_object"]

Slices = AsyncGenerator[tuple[str, Sequence[bytes]], None]
"""Items of the arrays of an object, encoded: (the array's name, some of its items)."""

# encoded at once, whichever is reached first: a few milliseconds of a thread
_SLICE = 2000
_SLICE_BYTES = 2 * PAGE_BYTES


async def json_object(
    head: bytes, arrays: Sequence[str], slices: Slices
) -> AsyncGenerator[bytes, None]:
    """Yield the JSON of an object that ends in long arrays.

    Line breaks stand before the first array, and between elements: so it can be read line by line.

    Parameters
    ----------
    head : bytes
        Its other fields, encoded: an object.
    arrays : sequence of str
        The names of the arrays, in the order in which their items come.
    slices : Slices
        Their items; closed at the end.
    """
    ahead = list(arrays)
    start = head.removesuffix(b"}") + b"\n" + (b"," if len(head) > 2 else b"")
    start += b'"%b":[' % ahead.pop(0).encode()
    first = True
    current = arrays[0]
    async with aclosing(slices) as pieces:
        async for name, items in pieces:
            if not items:
                continue
            while name != current:
                current = ahead.pop(0)
                start += b'],"%b":[' % current.encode()
                first = True
            yield start + (b"" if first else b",") + b",".join(items) + b"\n"
            start, first = b"", False
    yield start + b"".join(b'],"%b":[' % name.encode() for name in ahead) + b"]}"


async def encoded(name: str, elements: Iterable[Any]) -> Slices:
    """Encode elements in a thread, a slice at a time; nobody changes them meanwhile."""
    left = iter(elements)

    def work() -> list[bytes]:
        found: list[bytes] = []
        size = 0
        for element in left:
            found.append(encode(element))
            size += len(found[-1])
            if len(found) == _SLICE or size >= _SLICE_BYTES:
                break
        return found

    while items := await in_thread(work):
        yield name, items


async def in_slices(answer: Any) -> AsyncGenerator[bytes, None]:
    """Encode a bounded but large answer in a thread, and yield it piece by piece."""
    text = await in_thread(partial(encode, answer))
    for start in range(0, len(text), PAGE_BYTES):
        yield text[start : start + PAGE_BYTES]
