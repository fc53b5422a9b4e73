"""The text of a file whose encoding nobody told: byte order marks, UTF-8, then Windows' Latin."""

from __future__ import annotations

import codecs

from graph_ext.core.errors import BadMessageError, TooLargeError
from graph_ext.exchange.graph_file import Limits, Notes

__all__ = ["decoded", "refuse_crowds"]

_BLOCKS_AN_ELEMENT = 8

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(body: bytes, notes: Notes) -> str:
    """Return the text of a file.

    Raises
    ------
    BadMessageError
        It is binary.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            try:
                text = body.decode(encoding)
            except UnicodeDecodeError as error:
                raise BadMessageError(f"the file is not the text it says: {error}") from None
            break
    else:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            # Excel and old programs write Windows' Western European text; this one never fails
            notes.add("file is not UTF-8 and was read as Windows-1252")
            text = body.decode("cp1252", "replace")
    if "\0" in text:
        raise BadMessageError("the file holds NUL characters: it is binary, or damaged")
    return text


def refuse_crowds(body: bytes, limits: Limits) -> None:
    """Refuse a file with far more brackets than its elements can need.

    Each makes a list or an object, and an empty one takes twenty times its size in the file.

    Raises
    ------
    TooLargeError
        It has too many.
    """
    most = _BLOCKS_AN_ELEMENT * limits.max_elements
    if len(body) > most and body.count(b"[") + body.count(b"{") > most:
        raise TooLargeError(f"the file has more than {most} lists and objects")
