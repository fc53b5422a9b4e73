"""How Python's node and edge keys are written as the ids of nodes and links, and read back.

A node's id is the key's shortest unmistakable text:

=============  =====================  ====================================================
key            node_id                rule
=============  =====================  ====================================================
``"Design"``   ``Design``             a str is itself ...
``"42"``       ``"42"`` (in quotes)   ... in JSON quotes where it would read as another key
``42``         ``42``                 an int is its digits; True is 1 and 2.0 is 2, as in a dict
``(0, "a")``   ``[0,"a"]``            a tuple of these (floats too) is a JSON array
=============  =====================  ====================================================

So every client reads the same keys from the same ids, and keys come back as they went in. A link
made under a key has the id ``<key>#<digest of its ends>``; any other link's key is its link_id.
"""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from typing import Any

from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import shown

__all__ = [
    "EdgeKey",
    "Key",
    "digest_of_ends",
    "key_of",
    "link_id_of",
    "link_key_of",
    "node_id_of",
    "number_of",
]

Key = str | int | tuple[Any, ...]
"""What may name a node."""

EdgeKey = str | int | tuple[Any, ...]
"""What may tell parallel edges apart."""

_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)\Z", re.ASCII)
_LIKE_ANOTHER = re.compile(r'-?\d|["\[]')
_DIGEST_BYTES = 8


def node_id_of(key: object) -> str:
    """Return the node_id of a key.

    Raises
    ------
    SchemaError
        It is no str, int or tuple of these.
    """
    if type(key) is int:
        return str(key)
    if isinstance(key, str):
        if _LIKE_ANOTHER.match(key) and key_of(key) != key:
            return json.dumps(key, ensure_ascii=False)
        return str(key)
    number = number_of(key)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, int):
        return str(int(number))
    if isinstance(key, tuple):
        return json.dumps(_plain(key), ensure_ascii=False, separators=(",", ":"))
    raise SchemaError(
        f"a node's key must be a str, an int or a tuple of these, "
        f"got {shown(key)} of type {type(key).__name__}",
        fix="networkx.relabel_nodes gives nodes other keys",
    )


def key_of(node_id: str) -> Key:
    """Return the key that a node_id stands for."""
    if not _LIKE_ANOTHER.match(node_id):
        return node_id
    if _INTEGER.match(node_id):
        return int(node_id) if node_id != "-0" else node_id
    if node_id[0] in '"[':
        try:
            value = json.loads(node_id)
        except ValueError:
            return node_id
        key = _frozen(value)
        if isinstance(key, tuple):
            return key if _is_key(key) and node_id_of(key) == node_id else node_id
        # quotes stand only around what would be something else without them
        if isinstance(key, str) and _LIKE_ANOTHER.match(key) and key_of(key) != key:
            return key if json.dumps(key, ensure_ascii=False) == node_id else node_id
    return node_id


def link_id_of(source_id: str, target_id: str, key: object, *, directed: bool = True) -> str:
    """Return the id of the link that stands between two nodes under a key.

    Raises
    ------
    SchemaError
        The key is no str, int or tuple of these.
    """
    return f"{node_id_of(key)}#{digest_of_ends(source_id, target_id, directed)}"


def link_key_of(link_id: str, source_id: str, target_id: str, *, directed: bool = True) -> EdgeKey:
    """Return the key of a link."""
    key, separator, digest = link_id.rpartition("#")
    made_so = separator and len(digest) == 2 * _DIGEST_BYTES
    if made_so and digest == digest_of_ends(source_id, target_id, directed):
        return key_of(key)
    return link_id


def number_of(value: object) -> object:
    """Return the Python number of a numpy scalar; anything else as it is."""
    if hasattr(value, "dtype") and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value


def digest_of_ends(source_id: str, target_id: str, directed: bool) -> str:
    """Return what of two nodes' ids is in the ids of links between them that have keys."""
    if not directed and target_id < source_id:
        source_id, target_id = target_id, source_id
    # no id has a control character in it; lone surrogates are left for the server to refuse
    ends = f"{source_id}\0{target_id}".encode(errors="surrogatepass")
    return blake2b(ends, digest_size=_DIGEST_BYTES).hexdigest()


def _plain(key: tuple[Any, ...]) -> list[Any]:
    """Return a tuple as JSON writes it; numbers that are equal are written alike."""
    plain: list[Any] = []
    for part in key:
        number = number_of(part)
        if isinstance(number, tuple):
            plain.append(_plain(number))
        elif isinstance(number, bool) or (isinstance(number, float) and number.is_integer()):
            plain.append(int(number))
        elif isinstance(number, str | int | float) and number == number:  # noqa: PLR0124 (NaN)
            plain.append(number)
        else:
            raise SchemaError(
                f"a tuple that names a node must hold str, int, float or such tuples, "
                f"got {shown(part)} of type {type(part).__name__}"
            )
    return plain


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _is_key(key: tuple[Any, ...]) -> bool:
    """Tell whether an array of JSON holds only what a key may."""
    return all(
        _is_key(part)
        if isinstance(part, tuple)
        else isinstance(part, str | int | float) and not isinstance(part, bool)
        for part in key
    )
