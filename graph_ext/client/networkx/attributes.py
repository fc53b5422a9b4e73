"""A node's or a link's attributes as networkx has them: read from the replica, written through.

Which of them are more than properties is said in :mod:`graph_ext.client.editing.meaning`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar

from graph_ext.client.editing.meaning import (
    automatic_name,
    link_edits,
    link_removal,
    node_edits,
    node_removal,
)
from graph_ext.client.elements.keys import key_of
from graph_ext.client.elements.values import own_copy
from graph_ext.core.commands import Edit
from graph_ext.core.graph import Graph, Link, Node

if TYPE_CHECKING:
    from graph_ext.client.networkx.index import KeyedIndex

__all__ = ["Attributes", "LinkAttributes", "NodeAttributes"]

D = TypeVar("D")

_NONE: Any = object()
_NESTED = frozenset({dict, list})


class Attributes(MutableMapping[str, Any]):
    """An element's attributes: reading asks the replica, an assignment is a commit.

    A value that is a list or a dict is a copy: change it, and assign it back.
    """

    __slots__ = ("_element", "_index")
    __hash__ = None  # type: ignore[assignment]

    _element: Any

    def __init__(self, index: KeyedIndex, element: Any) -> None:
        self._index = index
        # the replica's own: it is changed in place (a draft's is another one then)
        self._element = element

    def point_to(self, element: Any) -> None:
        """Read another object of the same element from now on."""
        self._element = element

    @abstractmethod
    def _fields(self) -> dict[str, Any]:
        """The attributes that are no properties."""

    @abstractmethod
    def _edits(self, graph: Graph, attributes: Mapping[str, Any]) -> list[Edit]:
        """What it takes to set some."""

    @abstractmethod
    def _removal(self, names: list[str]) -> list[Edit]:
        """What it takes to delete some that are there."""

    def __getitem__(self, name: str) -> Any:
        value = self._element.properties.get(name, _NONE)
        if value is _NONE:
            return self._fields()[name]
        return own_copy(value) if type(value) in _NESTED else value

    def get(self, name: str, default: D = None) -> Any | D:  # type: ignore[assignment]
        """Return an attribute, or the default."""
        value = self._element.properties.get(name, _NONE)
        if value is _NONE:
            return self._fields().get(name, default)
        return own_copy(value) if type(value) in _NESTED else value

    def __contains__(self, name: object) -> bool:
        return name in self._element.properties or name in self._fields()

    def __iter__(self) -> Iterator[str]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self._fields().keys() | self._element.properties.keys())

    def copy(self) -> dict[str, Any]:
        """Return them as a dict of one's own."""
        with self._index.replica.lock:
            return {**self._fields(), **own_copy(self._element.properties)}

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Mapping) and self.copy() == dict(other)

    def __repr__(self) -> str:
        return repr(self.copy())

    def __copy__(self) -> dict[str, Any]:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.copy(),)

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.copy(), **other}

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**other, **self.copy()}

    def __setitem__(self, name: str, value: object) -> None:
        self.update({name: value})

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self._index.change(lambda _graph: self._removal([name]))

    def clear(self) -> None:
        """Delete all that can be deleted, in one commit."""
        self._index.change(lambda _graph: self._removal(list(self)))

    def update(  # type: ignore[override]
        self, attributes: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **more: Any
    ) -> None:
        """Set several in one commit (GraphError)."""
        wanted = {**dict(attributes), **more}
        if wanted:
            self._index.change(lambda graph: self._edits(graph, wanted))


class NodeAttributes(Attributes):
    """A node's."""

    __slots__ = ()
    _element: Node

    def _fields(self) -> dict[str, Any]:
        return node_fields(self._element)

    def _edits(self, graph: Graph, attributes: Mapping[str, Any]) -> list[Edit]:
        return node_edits(graph, self._element.node_id, attributes)

    def _removal(self, names: list[str]) -> list[Edit]:
        return node_removal(self._element, names)


class LinkAttributes(Attributes):
    """A link's."""

    __slots__ = ()
    _element: Link

    def _fields(self) -> dict[str, Any]:
        return link_fields(self._element)

    def _edits(self, graph: Graph, attributes: Mapping[str, Any]) -> list[Edit]:
        link = graph.links.get(self._element.link_id)
        return [] if link is None else link_edits(link, attributes)

    def _removal(self, names: list[str]) -> list[Edit]:
        return link_removal(self._element, names)


_NO_FIELDS: dict[str, Any] = {}  # never changed


def node_fields(node: Node) -> dict[str, Any]:
    """Return the attributes of a node that are no properties."""
    if not (node.name or node.blueprint_type_id or node.position or node.parent_id):
        return _NO_FIELDS
    fields: dict[str, Any] = {}
    if node.blueprint_type_id:
        fields["type"] = node.blueprint_type_id
    if node.name and not automatic_name(node):
        fields["name"] = node.name
    if node.position is not None:
        fields["pos"] = node.position
    if node.parent_id is not None:
        fields["parent"] = key_of(node.parent_id)
    return fields


def link_fields(link: Link) -> dict[str, Any]:
    """Return the attributes of a link that are no properties."""
    return {"type": link.link_type_id} if link.link_type_id else _NO_FIELDS
