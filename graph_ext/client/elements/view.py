"""What a node's and a link's view have in common: its properties, as a dict that writes through."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from graph_ext.client.editing.conditions import Conditions, Expect, about_element
from graph_ext.client.elements.values import json_properties, json_value, own_copy
from graph_ext.client.elsewhere import no_attribute
from graph_ext.core.commands import DeleteProperty, Edit, SetProperty
from graph_ext.core.errors import NotFoundError
from graph_ext.core.expectations import Expectation
from graph_ext.core.json_values import did_you_mean, shown

if TYPE_CHECKING:
    from graph_ext.client.readable import ReadableGraph

__all__ = ["ElementView"]


class ElementView(MutableMapping[str, Any]):
    """An element's properties, live: a read asks the replica, an assignment is a commit.

    A value that is a list or a dict is a copy: change it, and assign it back.
    """

    __slots__ = ("_graph",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, graph: ReadableGraph) -> None:
        self._graph = graph

    @abstractmethod
    def _properties(self) -> dict[str, Any]:
        """The properties as they stand (NotFoundError: the element was deleted)."""

    @property
    @abstractmethod
    def element_id(self) -> str:
        """Its node_id or link_id."""

    @abstractmethod
    def _target(self) -> dict[str, str]:
        """Which element a command is meant for: its node_id or its link_id."""

    @abstractmethod
    def _named(self) -> str:
        """How messages call the element."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, f'a property is read as ["{name}"]')

    def __getitem__(self, name: str) -> Any:
        properties = self._properties()
        if name not in properties:
            raise NotFoundError(
                f"{self._named()} has no property {shown(name)}",
                fix=did_you_mean(str(name), properties),
            )
        return own_copy(properties[name])

    def __setitem__(self, name: str, value: object) -> None:
        self._graph.submit(self._set(name, json_value(value, name, self._named)))

    def __delitem__(self, name: str) -> None:
        self._graph.submit(DeleteProperty(property_name=name, **self._target()))

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._properties()))

    def __len__(self) -> int:
        return len(self._properties())

    def update(  # type: ignore[override]
        self,
        properties: Mapping[str, object] | Iterable[tuple[str, object]] = (),
        /,
        *,
        expect: Expect = (),
        **more: object,
    ) -> None:
        """Set several properties in one commit.

        Parameters
        ----------
        properties : mapping or iterable of (name, value)
            A property named ``expect`` can be set only here.
        expect : mapping or iterable of Expectation
            The values that properties must still have: compare and set. UNSET stands for none.
        **more
            More properties.

        Raises
        ------
        GraphError
            The refusal; CONFLICT where something is not as expected.
        """
        values = json_properties({**dict(properties), **more}, self._named)
        self._graph.submit_all(
            [self._set(name, value) for name, value in values.items()],
            conditions=Conditions(tuple(self.expected(expect))),
        )

    def expected(self, expect: Expect) -> list[Expectation]:
        """Return conditions about this element, for a change of this or any other."""
        return about_element(expect, self._target(), self._named)

    def clear(self) -> None:
        """Delete all properties in one commit."""
        self._graph.submit_all([DeleteProperty(name, **self._target()) for name in self])

    def _set(self, name: str, value: object) -> Edit:
        return SetProperty(property_name=name, value=value, **self._target())

    def _own_properties(self) -> dict[str, Any]:
        return {name: own_copy(value) for name, value in self._properties().items()}
