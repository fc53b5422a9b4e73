"""JSON that others wrote: what is wrong with it, in plain words, and what of it can be saved.

A decoder stops at the first mistake. These look past it with a scan of brackets and strings, so
that one bad message of many is answered by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from graph_ext.core.errors import BadMessageError
from graph_ext.core.json_values import shown

__all__ = ["UNREADABLE", "array_items", "outline", "unreadable"]

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError, ValueError)
"""What decoding text from outside can raise."""

# a string that never ends is one token too: to look for its end again from every quote inside it
# would take minutes
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_AT = re.compile(r" - at `\$\.?(.*?)`$")
_NO_NUMBER = re.compile(rb"[\[:,\s]-?(NaN|Infinity)\b")
_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]", re.DOTALL
)
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_WORD = re.compile("`(" + "|".join(_WORDS) + ")`")


def array_items(text: bytes) -> list[bytes]:
    """Split a JSON array into its items, which may be malformed themselves.

    Raises
    ------
    BadMessageError
        The brackets do not close: where an item ends can't be told.
    """
    items: list[bytes] = []
    depth = start = 0
    for token, begin, end in _tokens(text):
        if token in b"[{":
            depth += 1
            start = end if depth == 1 else start
        elif token in b"]}":
            depth -= 1
            if depth == 0:
                items.append(text[start:begin])
                if text[end:].strip():
                    break
                return items if len(items) > 1 or items[0].strip() else []
        elif depth == 1:
            items.append(text[start:begin])
            start = end
    raise BadMessageError("the frame is malformed JSON: its brackets do not close")


def outline(text: bytes) -> bytes:
    """Return a JSON object with null in the place of every object and array inside it."""
    parts: list[bytes] = []
    depth = start = 0
    for token, begin, end in _tokens(text):
        if token in b"[{":
            depth += 1
            if depth == 2:
                parts.append(text[start:begin])
        elif token in b"]}":
            depth -= 1
            if depth == 1:
                parts.append(b"null")
                start = end
    parts.append(text[start:])
    return b"".join(parts)


def unreadable(error: Exception, text: bytes) -> BadMessageError:
    """Return the refusal of a text that could not be decoded.

    Parameters
    ----------
    error : Exception
        One of :data:`UNREADABLE`.
    text : bytes
        What was to be decoded.
    """
    if isinstance(error, RecursionError):
        return BadMessageError("the message is nested too deeply")
    if isinstance(error, UnicodeError):
        return BadMessageError("the message is not valid UTF-8")
    if isinstance(error, msgspec.ValidationError):
        return _mistyped(str(error))
    if number := _NO_NUMBER.search(text):
        return BadMessageError(f"the message is malformed: {number[1].decode()} is no JSON number")
    if _LONE_SURROGATE.search(text):
        return BadMessageError("the message is malformed: a text in it has a lone surrogate")
    return BadMessageError(f"the message is malformed: {error}".replace("JSON is malformed: ", ""))


def _mistyped(message: str) -> BadMessageError:
    """Return the refusal of JSON that is not of the type asked for, given msgspec's message."""
    path = None
    if at := _AT.search(message):
        path = at[1]
        message = message[: at.start()]
    unknown = message.removeprefix("Invalid value ")
    above, _, last = (path or "").rpartition(".")
    if unknown != message and last == "type":
        path = above
        message = f"unknown type {shown(unknown[1:-1])}"
    message = _WORD.sub(lambda word: _WORDS[word[1]], message[:1].lower() + message[1:])
    return BadMessageError(f"{message} (in {path})" if path else message, path=path or None)


def _tokens(text: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield brackets and commas outside of strings, each with its place."""
    for found in _TOKEN.finditer(text):
        token = found[0]
        if len(token) == 1:
            yield token, found.start(), found.end()
