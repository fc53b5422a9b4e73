"""How a graph is shown, as far as the client knows: the widget stands above it, and tells it here.

The package's ``__init__`` does that for the widget, so that it is loaded only when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from graph_ext.client.followed import FollowedGraph
    from graph_ext.client.links import LinkView
    from graph_ext.client.nodes import NodeView

__all__ = ["GraphDisplay", "Look", "MakeDisplay", "displays"]

Look: TypeAlias = "str | float | Iterable[Any] | Callable[[NodeView], object] | None"
"""What a colour, size, name or the filter is taken from; a mapping and a Series are iterable."""


class GraphDisplay(Protocol):
    """What ``g.show()`` returns: :class:`graph_ext.GraphWidget`."""

    selection: Any
    status: Any
    error: Any

    def look(self, **looks: Look) -> None:
        """Change what colours, sizes, names and the filter are taken from."""

    def select(self, nodes: Iterable[Any] = (), edges: Iterable[Any] = ()) -> None:
        """Select nodes and links."""

    def on_click(
        self, callback: Callable[[NodeView | LinkView], object], *, remove: bool = False
    ) -> None:
        """Have a function called with what is clicked."""

    def on_hover(
        self, callback: Callable[[NodeView | LinkView | None], object], *, remove: bool = False
    ) -> None:
        """Have a function called with what is under the pointer, and None for nothing."""

    def save(self, path: str | PathLike[str], **options: Any) -> None:
        """Write a picture to a file."""

    def observe(self, handler: Callable[[Any], None], names: Any = ...) -> None:
        """Have a function called with each change of a trait."""

    def close(self) -> None:
        """Take it out of the page."""

    def _repr_mimebundle_(self, **options: Any) -> Any: ...


class MakeDisplay(Protocol):
    """Makes what shows a graph."""

    def __call__(
        self, graph: FollowedGraph, *, height: str | int, layout: str, looks: Mapping[str, Any]
    ) -> GraphDisplay:
        """Return it, with looks as ``SharedGraph.show`` takes them."""


displays: list[MakeDisplay] = []
"""What can show a graph, the preferred one last."""
