"""What a widget's colours, sizes, names and filter are taken from at the moment."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, cast

from msgspec import to_builtins

from graph_ext.client.followed import FollowedGraph
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import did_you_mean, shown
from graph_ext.picture.channels import Channel
from graph_ext.widget.arguments import CHANNELS, ByFunction, ChannelName, channel_of
from graph_ext.widget.computed import Computed, Tell, put

__all__ = ["Looks"]


class Looks:
    """The channels of one widget; functions among them are kept up until it is closed.

    Parameters
    ----------
    graph : FollowedGraph
        What is shown.
    wanted : mapping of str to object
        By channel, as ``SharedGraph.show`` takes them; None for none.
    tell : callable
        Told of new values of functions, on a thread of this object's.

    Raises
    ------
    SchemaError
        There is no such channel, or what is given for one is nothing of the kind.
    Exception
        Whatever a function raises.
    """

    def __init__(self, graph: FollowedGraph, wanted: Mapping[str, Any], tell: Tell) -> None:
        for name in wanted:
            if name not in CHANNELS:
                raise SchemaError(
                    f"a widget has no {shown(name)}",
                    fix=did_you_mean(name, CHANNELS) or f"it has {', '.join(CHANNELS)}",
                )
        # what was given, for the next change
        self.wanted = {name: value for name, value in wanted.items() if value is not None}
        self._tell = tell
        # held while functions' values are changed, or copied
        self._lock = threading.Lock()
        self._channels: dict[ChannelName, Channel] = {}
        functions: dict[ChannelName, ByFunction] = {}
        for key, value in self.wanted.items():
            name = cast("ChannelName", key)
            channel = channel_of(name, value, graph)
            if isinstance(channel, Channel):
                self._channels[name] = channel
            else:
                functions[name] = channel
        self._computed = Computed(graph, functions, self._take) if functions else None
        if self._computed is not None:
            for name, values in self._computed.values.items():
                self._channels[name] = Channel(values=dict(values))
            self._computed.start()

    @property
    def channels(self) -> Mapping[str, Channel]:
        """By name; their values may change while they are read, one by one."""
        return {str(name): channel for name, channel in self._channels.items()}

    def document(self) -> dict[str, Any]:
        """Return all as the page reads it: the trait's JSON."""
        with self._lock:
            return {name: to_builtins(channel) for name, channel in self._channels.items()}

    def close(self) -> None:
        """Call functions no more."""
        if self._computed is not None:
            self._computed.close()

    def _take(self, name: ChannelName, new: dict[str, Any]) -> None:
        with self._lock:
            put(self._channels[name].values or {}, new)
        self._tell(name, new)
