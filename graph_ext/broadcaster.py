"""The broadcaster's public face, for other server extensions.

``broadcaster_of(serverapp.web_app.settings).subscribe("node-created", callback)``: the callback
gets every event of that type, of every open session of this server (docs/guide.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph_ext.hub.broadcaster import ALL, Broadcaster, Callback
from graph_ext.hub.hub import Hub
from graph_ext.protocol import EVENT_TYPES, FlatEvent

__all__ = ["ALL", "EVENT_TYPES", "Broadcaster", "Callback", "FlatEvent", "broadcaster_of"]


def broadcaster_of(settings: Mapping[str, Any]) -> Broadcaster:
    """Return the server's broadcaster.

    Parameters
    ----------
    settings : mapping
        Of the server's web application.

    Raises
    ------
    KeyError
        graph_ext is not loaded in this server.
    """
    hub: Hub = settings["graph_ext_hub"]
    return hub.broadcaster
