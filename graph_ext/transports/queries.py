"""How the query of an address is read: strictly, and as the structs that describe it.

Called by http.py; openapi.py describes what may be in every query.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from graph_ext.core.errors import BadMessageError, GraphError
from graph_ext.core.json_text import UNREADABLE, unreadable
from graph_ext.core.json_values import check_id

__all__ = ["Asked", "CommonQuery"]

# who asks, and what makes the server not count it as activity
_SERVERS = {"token", "_xsrf", "no_track_activity"}


class CommonQuery(Struct, frozen=True, kw_only=True):
    """Who asks, where the server itself can't tell one client from another."""

    client_id: Annotated[
        str,
        Meta(
            max_length=256,
            description="Chosen by the client and kept. Where the server has no names for people "
            "(a token or password server) this is who acts, in commits and for undo; left out, "
            "all such clients are one.",
        ),
    ] = ""
    label: Annotated[
        str, Meta(description="What such a client is called in the history: its notebook's name.")
    ] = ""


class Asked:
    """What somebody has written into the query of an address.

    Parameters
    ----------
    arguments : mapping of str to list of bytes
        As Tornado has split them.

    Raises
    ------
    BadMessageError
        One of them is no text.
    """

    def __init__(self, arguments: Mapping[str, list[bytes]]) -> None:
        # what nobody has read yet
        self._left: dict[str, list[str]] = {}
        for name, values in arguments.items():
            # JupyterLab adds the time as a parameter without a value, so that nothing is cached
            if name in _SERVERS or (name.isdecimal() and values == [b""]):
                continue
            try:
                self._left[name] = [value.decode() for value in values]
            except UnicodeDecodeError:
                raise BadMessageError(
                    f"{name[:40]!r} in the query is not UTF-8", path=name[:40]
                ) from None

    def common(self) -> CommonQuery:
        """Take what may be in every query (BadMessageError)."""
        names = CommonQuery.__struct_fields__
        found = {name: self._left.pop(name) for name in names if name in self._left}
        common: CommonQuery = _struct(found, CommonQuery)
        if common.client_id:
            try:
                check_id(common.client_id, "a client_id")
            except GraphError as error:
                raise BadMessageError(error.message, path="client_id") from None
        return common

    def rest(self, kind: Any) -> Any:
        """Read what is left as a struct (None: nothing may be left; BadMessageError)."""
        if kind is not None:
            return _struct(self._left, kind)
        for name in self._left:
            raise _unknown(name)
        return None


def _struct(asked: dict[str, list[str]], kind: type[Any]) -> Any:
    """Read a query's parameters as a struct (BadMessageError)."""
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for name, texts in asked.items():
        if name not in fields:
            raise _unknown(name)
        many = any(get_origin(each) is list for each in _plain(fields[name].type))
        if len(texts) > 1 and not many:
            raise BadMessageError(f"{name} is there {len(texts)} times in the query", path=name)
        values[name] = texts if many else _value(texts[0], fields[name].type, name)
    try:
        return msgspec.convert(values, kind, strict=False)
    except UNREADABLE as error:
        raise unreadable(error, b"") from None


def _unknown(name: str) -> BadMessageError:
    return BadMessageError(f"the query has no {name[:40]!r}", path=name[:40])


def _value(text: str, kind: Any, name: str) -> str:
    """Refuse what msgspec would take for a value though the query's schema does not have it."""
    if _plain(kind) == {bool} and text not in {"true", "false"}:
        raise BadMessageError(f"{name} must be true or false, got {text[:40]!r}", path=name)
    if text.lower() == "null" and str not in _plain(kind):
        raise BadMessageError(f"{name} can't be null in a query: leave it out", path=name)
    return text


def _plain(kind: Any) -> set[Any]:
    """Return the types of a union, without what is annotated to them."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        return set().union(*(_plain(each) for each in get_args(kind)))
    return {kind}
