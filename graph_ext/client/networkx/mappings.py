"""A mapping that follows a session: what networkx's nested dicts of nodes and neighbours are here.

Whoever iterates over one goes on undisturbed while it changes: it is copied for the change, once,
and only if somebody may still be iterating over what stood before.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Protocol, TypeVar

__all__ = ["Following", "Pace"]

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class Pace(Protocol):
    """What brings its mappings to where the session stands."""

    # whether a mapping may not be what has to be read: see `present`
    behind: bool

    def present(self, mapping: Following[Any, Any]) -> Following[Any, Any]:
        """Bring a mapping up to date; return it, or what is to be read in its place."""


class Following(Mapping[K, V]):
    """A mapping that is read as a dict is, and changed only by what it follows.

    Parameters
    ----------
    pace : Pace
        Brings it up to date; asked before each read.
    """

    __slots__ = ("_items", "_lent", "_pace")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        # what stands now; another dict once somebody may be iterating over this one
        self._items: dict[K, V] = {}
        # whether an iterator over `_items` was given out
        self._lent = False

    def __getitem__(self, key: K) -> V:
        if self._pace.behind:
            return self._present()[key]
        return self._items[key]

    def get(self, key: K, default: D = None) -> V | D:  # type: ignore[assignment]
        """Return the value of a key, or the default."""
        if self._pace.behind:
            return self._present().get(key, default)
        return self._items.get(key, default)

    def __contains__(self, key: object) -> bool:
        if self._pace.behind:
            return key in self._present()
        return key in self._items

    def __len__(self) -> int:
        if self._pace.behind:
            return len(self._present())
        return len(self._items)

    def __iter__(self) -> Iterator[K]:
        return iter(self._lend())

    def keys(self) -> KeysView[K]:
        """The keys as they stand now."""
        return self._lend().keys()

    def values(self) -> ValuesView[V]:
        """The values as they stand now."""
        return self._lend().values()

    def items(self) -> ItemsView[K, V]:
        """The items as they stand now."""
        return self._lend().items()

    def copy(self) -> dict[K, V]:
        """Return them as a dict of one's own; its values are the live ones."""
        return self._lend().copy()

    def __repr__(self) -> str:
        return repr(self._lend())

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {key: plain(value) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.__deepcopy__({}),)

    # --- for what it follows, under the replica's lock ------------------------------------------

    def put(self, key: K, value: V) -> None:
        """Set an item."""
        if self._lent:
            self._own()
        self._items[key] = value

    def drop(self, key: K) -> None:
        """Remove an item, if it is there."""
        if self._lent:
            self._own()
        self._items.pop(key, None)

    def peek(self, key: K) -> V | None:
        """Return a value as it stood at the last change."""
        return self._items.get(key)

    @property
    def empty(self) -> bool:
        """Whether nothing was in it at the last change."""
        return not self._items

    def renew(self) -> None:
        """Begin anew, with nothing."""
        self._items = {}
        self._lent = False

    def _own(self) -> None:
        self._items = self._items.copy()
        self._lent = False

    def _present(self) -> dict[K, V]:
        return self._pace.present(self)._items

    def _lend(self) -> dict[K, V]:
        here = self._pace.present(self) if self._pace.behind else self
        # in this order: a change that comes in between copies, or was made before anybody looks
        items: dict[K, V] = here._items
        here._lent = True
        return items


def plain(value: Any) -> Any:
    """Return a mapping that follows as a dict of its own, all the way down."""
    if isinstance(value, Mapping) and not isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
