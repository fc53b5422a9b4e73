"""What people give ``g.show(color=...)`` and its like, as the page and the picture take it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from graph_ext.client.elements.keys import node_id_of
from graph_ext.client.elements.nodes import NodeView, find_node
from graph_ext.client.elements.values import is_missing, json_value
from graph_ext.client.elements.view import ElementView
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import shown
from graph_ext.picture.channels import Channel
from graph_ext.picture.scales import is_colour, text_of

if TYPE_CHECKING:
    from graph_ext.client.readable import ReadableGraph

__all__ = ["CHANNELS", "ByFunction", "ChannelName", "channel_of", "node_id_in"]

ChannelName = Literal["color", "size", "label", "filter"]
CHANNELS: tuple[ChannelName, ...] = ("color", "size", "label", "filter")

_SIZES_PX = (0.5, 100.0)

ByFunction = Callable[[NodeView], object]
"""Takes a node, returns its value."""


def channel_of(name: ChannelName, wanted: Any, graph: ReadableGraph) -> Channel | ByFunction:
    """Return a channel; a function as it is, for whoever calls it.

    Parameters
    ----------
    name : {"color", "size", "label", "filter"}
        For what.
    wanted : str, number, tuple, mapping, iterable or callable
        What a person has given: see ``SharedGraph.show``.
    graph : ReadableGraph
        Whose nodes its keys mean.

    Raises
    ------
    SchemaError
        It is none of these.
    """
    by_key = _by_key(wanted)
    if by_key is not None:
        return Channel(values=_values(name, by_key, graph))
    match name, wanted:
        case _, _ if callable(wanted):
            function: ByFunction = wanted
            return function
        case "color", str() if is_colour(wanted):
            return Channel(constant=wanted)
        case "label", "":
            return Channel(constant="")
        case "size", int() | float() if not isinstance(wanted, bool):
            least, most = _SIZES_PX
            if not least <= wanted <= most:
                raise SchemaError(
                    f"a size must be between {least:g} and {most:g} pixels, got {shown(wanted)}"
                )
            return Channel(constant=wanted)
        case _, str():
            return Channel(property=wanted)
        case "color", tuple((str() as by, Mapping() as colours)):
            return Channel(property=by, colours=_colours(colours))
        case "filter", tuple((str() as by, list() | set() | frozenset() | tuple() as among)):
            return Channel(property=by, among=sorted(text_of(_json(name, v)) for v in among))
        case "filter", Iterable():
            return Channel(values={node_id_in(graph, key): True for key in wanted})
    also = {
        "color": 'a colour such as "#4aa564", or (property, {value: colour})',
        "size": "a number of pixels",
        "label": '"" for none',
        "filter": "(property, [values]), or keys of nodes",
    }[name]
    raise SchemaError(
        f"{name} must be a property's name, a mapping from nodes, a function of a node, or {also}; "
        f"got {shown(wanted)}"
    )


def node_id_in(graph: ReadableGraph, node: object) -> str:
    """Return what a key, a view or a node_id stands for; the page may know nodes that we do not."""
    if isinstance(node, ElementView):
        return node.element_id
    replica = graph.replica
    with replica.lock:
        found = find_node(replica.graph, node)
    if found is not None:
        return found
    return node if isinstance(node, str) else node_id_of(node)


def value_for(name: ChannelName, value: object) -> Any:
    """Return a node's value as JSON; None for none, and for NaN (SchemaError)."""
    return None if value is None or is_missing(value) else _json(name, value)


def _by_key(wanted: Any) -> dict[Any, Any] | None:
    """Return a mapping as a dict; a pandas Series is one, too."""
    if isinstance(wanted, Mapping):
        return dict(wanted)
    if hasattr(wanted, "items") and hasattr(wanted, "index"):
        return dict(wanted.items())
    return None


def _values(
    name: ChannelName, by_key: Mapping[Any, object], graph: ReadableGraph
) -> dict[str, Any]:
    values = {node_id_in(graph, key): value_for(name, value) for key, value in by_key.items()}
    return {node_id: value for node_id, value in values.items() if value is not None}


def _colours(colours: Mapping[object, object]) -> dict[str, str]:
    found = {}
    for value, colour in colours.items():
        if not isinstance(colour, str) or not is_colour(colour):
            raise SchemaError(f'a colour is written as "#4aa564" or "#4a5", got {shown(colour)}')
        found[text_of(_json("color", value))] = colour
    return found


def _json(name: ChannelName, value: object) -> Any:
    return json_value(value, name, lambda: "the widget")
