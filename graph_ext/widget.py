"""The notebook widget: a live canvas of a session, drawn by the same client as JupyterLab's panel.

It carries where the session is and how to show it, not the graph: the page follows the session over
a WebSocket of its own, or over this widget's messages where it can't (VS Code, Colab). What the
page and Python share are the traits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from graph_ext.client.keys import node_id_of
from graph_ext.client.relay import Relay

if TYPE_CHECKING:
    from graph_ext.client.followed import FollowedGraph

__all__ = ["GraphWidget"]

_STATIC = Path(__file__).parent / "static"
_BUNDLE = _STATIC / "widget.js"
_STYLE = _STATIC / "widget.css"
_NOT_BUILT = """
export default { render({ el }) {
  el.textContent = "graph_ext was installed without its front end (graph_ext/static/widget.js). " +
    "Install it with pip from a release, or build it: see the README.";
} };
"""
_MOST_VIEWS = 8  # a page that went away without a word leaves its relay open

LAYOUTS = ("", "force", "tree", "circle", "grid")


class GraphWidget(anywidget.AnyWidget):
    """A live view of a shared graph; what is selected in it comes back.

    Parameters
    ----------
    graph : SharedGraph
        What to show.
    height : int or str
        In pixels, or a CSS length.
    layout : {"", "force", "tree", "circle", "grid"}
        Where nodes without a position stand; "" lets the canvas choose.

    Attributes
    ----------
    selection : dict
        ``{"nodes": [node_id, ...], "links": [link_id, ...]}``: ``g.nodes[node_id]`` and
        ``g.edges[link_id]`` find them. Assign it to select; keys do as well as ids.
        ``w.observe(callback, "selection")`` tells of changes.
    status : str
        Where the page stands: connecting, loading, live, offline, ended; "" before it is shown.
    error : str
        What is wrong in the page, "" for nothing.
    """

    _esm = _BUNDLE if _BUNDLE.exists() else _NOT_BUILT
    _css = _STYLE if _STYLE.exists() else ""

    session_id = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    # the path of the kernel's server: the page compares it with its own
    base_url = traitlets.Unicode("/").tag(sync=True)
    # "relay": the page's server is not the one that has the session
    transport = traitlets.Enum(("auto", "relay"), default_value="auto").tag(sync=True)
    height = traitlets.Unicode("480px").tag(sync=True)
    # not `layout`: ipywidgets has a trait of that name
    graph_layout = traitlets.Enum(LAYOUTS, default_value="").tag(sync=True)
    selection: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(self, graph: FollowedGraph, *, height: str | int = 480, layout: str = "") -> None:
        server = graph.connection.server
        # what it shows: kept open as long as this widget lives
        self.graph = graph
        # by the page's id of the view, oldest first
        self._relays: dict[str, Relay] = {}
        super().__init__(
            session_id=graph.session_id,
            name=graph.name,
            base_url=server.base_url,
            transport="auto" if server.parent else "relay",
            height=f"{height}px" if isinstance(height, int) else height,
            graph_layout=layout,
        )
        self.on_msg(self._on_page)

    def close(self) -> None:
        """Take the widget out of the page, with its connections."""
        for relay in self._relays.values():
            relay.close()
        self._relays.clear()
        super().close()

    @traitlets.default("selection")
    def _nothing_selected(self) -> dict[str, list[str]]:
        return {"nodes": [], "links": []}

    @traitlets.validate("selection")
    def _check_selection(self, proposal: Any) -> dict[str, list[str]]:
        value = proposal["value"]
        unknown = set(value) - {"nodes", "links"}
        if unknown:
            raise traitlets.TraitError(
                f"a selection has 'nodes' and 'links', got {', '.join(map(repr, unknown))}"
            )
        return {
            "nodes": [self._node_id(key) for key in _listed(value, "nodes")],
            "links": [self._link_id(link) for link in _listed(value, "links")],
        }

    def _node_id(self, key: object) -> str:
        """Return what a key or a node_id stands for; the page may know nodes that we do not yet."""
        with contextlib.suppress(KeyError):
            return self.graph.node_id(key)
        return key if isinstance(key, str) else node_id_of(key)

    def _link_id(self, link: object) -> str:
        return link if isinstance(link, str) else self.graph.edges[link].link_id

    def _on_page(self, _widget: object, content: Any, _buffers: object) -> None:
        """Act on a message of the page: see docs/decisions/004-widget-relay.md."""
        match content:
            case {"kind": "open", "view": str(view)}:
                self._open(view)
            case {"kind": "frame", "view": str(view), "data": str(frame)}:
                if relay := self._relays.get(view):
                    relay.write(frame)
            case {"kind": "close", "view": str(view)}:
                if relay := self._relays.pop(view, None):
                    relay.close()

    def _open(self, view: str) -> None:
        if old := self._relays.pop(view, None):
            old.close()
        while len(self._relays) >= _MOST_VIEWS:
            self._relays.pop(next(iter(self._relays))).close()
        connection = self.graph.connection

        def deliver(kind: str, data: str) -> None:
            self.send({"kind": kind, "view": view, "data": data})

        self._relays[view] = Relay(connection.io, connection.server, deliver)


def _listed(value: Mapping[str, Any], field: str) -> Iterable[object]:
    listed = value.get(field, [])
    if isinstance(listed, str) or not isinstance(listed, Iterable):
        raise traitlets.TraitError(f"selection[{field!r}] must be a list, got {listed!r}")
    return listed
