"""XML as a stream of starts and ends, by local name; document types and entities are refused.

Python's expat, told what defusedxml tells it: no document type, so no entity and no outside
file. There is no tree, so memory is that of the result. Writers take their escaping from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from graph_ext.core.errors import BadMessageError, GraphError, TooLargeError

__all__ = ["XML_UNFIT", "escaped", "parse_xml"]

MAX_XML_DEPTH = 600
"""How deep elements may be nested: two for each level of nested graphs."""

XML_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""The characters that XML 1.0 can't hold, escaped or not."""

_MARKUP = re.compile('[&<>"\t\n\r]')
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_FIRST_PART = 64 * 1024


def escaped(text: str) -> str:
    """Return a text as it stands in an attribute or between tags, white space kept."""
    if _MARKUP.search(text):
        return _MARKUP.sub(lambda found: _ESCAPES[found[0]], text)
    return text


def parse_xml(
    body: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str, str], None],
) -> None:
    """Run through a document.

    Parameters
    ----------
    body : bytes
        All of it, in any encoding that expat knows.
    start : callable (tag, attributes)
        At every start tag; names without their prefixes.
    end : callable (tag, text)
        At every end tag; ``text`` is what stands in the element itself, white space between its
        children aside.

    Raises
    ------
    BadMessageError
        It is not well-formed, or has a document type.
    TooLargeError
        It is nested too deep.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    text: list[str] = []
    before: dict[int, str] = {}  # depth -> the text that stands before an element's first child
    depth = 0

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if text:
            found = "".join(text)
            text.clear()
            if not found.isspace():
                before[depth] = before.get(depth, "") + found
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise TooLargeError(f"the file's elements are nested more than {MAX_XML_DEPTH} deep")
        for name in attributes:
            if ":" in name:
                attributes = _local(attributes)
                break
        start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

    def on_end(tag: str) -> None:
        nonlocal depth
        found = "".join(text)
        text.clear()
        if depth in before:
            found = before.pop(depth) + found
        depth -= 1
        end(tag.rpartition(":")[2] if ":" in tag else tag, found)

    def on_doctype(*_: object) -> None:
        raise BadMessageError(
            "the file has a document type (<!DOCTYPE>), which can hold entities that harm",
            fix="delete that declaration from the file",
        )

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = on_doctype
    try:
        # each part is as long as all before it: an endless token is then looked at twice, not
        # once for every part; and what is refused at the start costs nothing
        begin, length = 0, _FIRST_PART
        while begin + length < len(body):
            parser.Parse(body[begin : begin + length], False)
            begin, length = begin + length, begin + length
        parser.Parse(body[begin:], True)
    except GraphError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: its encoding
        raise BadMessageError(f"the file is not well-formed XML: {error}") from None


def _local(attributes: dict[str, str]) -> dict[str, str]:
    """Return attributes without prefixes; one that had none is stronger."""
    local = {name.rpartition(":")[2]: value for name, value in attributes.items() if ":" in name}
    local.update({name: value for name, value in attributes.items() if ":" not in name})
    return local
