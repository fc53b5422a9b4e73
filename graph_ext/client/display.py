"""How a graph is shown, as far as the client knows: the widget stands above it, and tells it here.

The package's ``__init__`` does that for the widget, so that it is loaded only when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from graph_ext.client.followed import FollowedGraph

__all__ = ["GraphDisplay", "MakeDisplay", "displays"]


class GraphDisplay(Protocol):
    """What ``g.show()`` returns: :class:`graph_ext.GraphWidget`."""

    selection: Any
    status: Any
    error: Any

    def observe(self, handler: Callable[[Any], None], names: Any = ...) -> None:
        """Have a function called with each change of a trait."""

    def close(self) -> None:
        """Take it out of the page."""

    def _repr_mimebundle_(self, **options: Any) -> Any: ...


MakeDisplay = Callable[["FollowedGraph", str | int, str], GraphDisplay]
"""graph, height, layout -> display"""

displays: list[MakeDisplay] = []
"""What can show a graph, the preferred one last."""
