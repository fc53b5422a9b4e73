"""The notebook widget: a live canvas of a session, drawn by the same client as JupyterLab's panel.

It carries where the session is and how to show it, not the graph: the page follows the session over
a WebSocket of its own, or over this widget's messages where it can't (VS Code, Colab). What the
page and Python share are the traits. With it goes a still picture, for wherever there is no page
or no kernel: nbconvert, GitHub, a notebook that was only opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from ipywidgets import CallbackDispatcher

from graph_ext.client.connection.relay import Relay
from graph_ext.client.elements.links import LinkView
from graph_ext.client.elements.nodes import NodeView
from graph_ext.client.elements.view import ElementView
from graph_ext.picture.drawing import draw
from graph_ext.picture.sketch import MOST_LINKS, MOST_NODES, sketch
from graph_ext.widget.arguments import ChannelName, node_id_in
from graph_ext.widget.looks import Looks
from graph_ext.widget.saving import check_file, write

if TYPE_CHECKING:
    from graph_ext.client.followed import FollowedGraph

__all__ = ["GraphWidget"]

_STATIC = Path(__file__).parents[1] / "static"
_BUNDLE = _STATIC / "widget.js"
_STYLE = _STATIC / "widget.css"
_NOT_BUILT = """
export default { render({ el }) {
  el.textContent = "graph_ext was installed without its front end (graph_ext/static/widget.js). " +
    "Install it with pip from a release, or build it: see the README.";
} };
"""
# tells JupyterLab's extension (labextension/src/panel/stillPicture.ts) that this output is a graph,
# with a picture to show where there is no kernel; `x-`, because VS Code ranks any `vnd.` first
GRAPH_MIMETYPE = "application/x-graph-ext+json"
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
    **looks
        ``color``, ``size``, ``label``, ``filter``: see ``SharedGraph.show``.

    Raises
    ------
    SchemaError
        One of the looks is nothing of the kind.
    Exception
        Whatever a function among them raises.

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
    # Python's alone; what functions say of nodes that change comes by messages
    looks: traitlets.Instance[Looks] = traitlets.Instance(Looks).tag(
        sync=True, to_json=lambda looks, _: looks.document()
    )
    # what the page is to tell of the pointer: "click", "hover"
    listens: traitlets.List[str] = traitlets.List().tag(sync=True)

    def __init__(
        self, graph: FollowedGraph, *, height: str | int = 480, layout: str = "", **looks: Any
    ) -> None:
        server = graph.connection.server
        # what it shows: kept open as long as this widget lives
        self.graph = graph
        # by the page's id of the view, oldest first
        self._relays: dict[str, Relay] = {}
        self._clicked, self._hovered = CallbackDispatcher(), CallbackDispatcher()
        super().__init__(
            looks=Looks(graph, looks, self._tell_values),
            session_id=graph.session_id,
            name=graph.name,
            base_url=server.base_url,
            transport="auto" if server.parent else "relay",
            height=f"{height}px" if isinstance(height, int) else height,
            graph_layout=layout,
        )
        self.on_msg(self._on_page)

    def look(self, **looks: Any) -> None:
        """Change what colours, sizes, names and the filter are taken from.

        Parameters
        ----------
        **looks
            ``color``, ``size``, ``label``, ``filter`` as ``SharedGraph.show`` takes them; None for
            what is shown without. What is left out stays.

        Raises
        ------
        SchemaError
            One of them is nothing of the kind; nothing has changed.
        Exception
            Whatever a function raises.

        Examples
        --------
        >>> w.look(color="state", size=nx.pagerank(g.to_networkx()))
        """
        old = self.looks
        self.looks = Looks(self.graph, {**old.wanted, **looks}, self._tell_values)
        old.close()

    def select(self, nodes: Iterable[Any] = (), edges: Iterable[Any] = ()) -> None:
        """Select nodes and links, and nothing else.

        Parameters
        ----------
        nodes : iterable
            Keys, views or node_ids.
        edges : iterable
            (u, v) or (u, v, key), views or link_ids.

        Raises
        ------
        GraphError
            NOT_FOUND: there is no such link. Nodes may be known to the page before this process.
        """
        self.selection = {"nodes": list(nodes), "links": list(edges)}

    def on_click(
        self, callback: Callable[[NodeView | LinkView], object], *, remove: bool = False
    ) -> None:
        """Have a function called with what is clicked.

        Parameters
        ----------
        callback : callable
            Takes a node's or a link's view. An error of its is shown, and hurts nobody else.
        remove : bool
            Call it no more.
        """
        self._clicked.register_callback(callback, remove=remove)
        self._listen()

    def on_hover(
        self, callback: Callable[[NodeView | LinkView | None], object], *, remove: bool = False
    ) -> None:
        """Have a function called with what is under the pointer, once it rests there.

        Parameters
        ----------
        callback : callable
            Takes a node's or a link's view, or None when the pointer leaves. An error of its is
            shown, and hurts nobody else.
        remove : bool
            Call it no more.
        """
        self._hovered.register_callback(callback, remove=remove)
        self._listen()

    def picture(
        self,
        *,
        width: int = 760,
        height: int | None = None,
        most_nodes: int = MOST_NODES,
        most_links: int = MOST_LINKS,
    ) -> str:
        """Return a still picture as SVG text.

        Nodes stand where they are stored; others where a small layout of its own puts them, the
        same in every run. It is readable on white and on black.

        Parameters
        ----------
        width, height : int
            Pixels; without a height the widget's, or 480 where that is in other units.
        most_nodes, most_links : int
            Of a larger graph, the nodes with most links are drawn, and the picture says so.
        """
        if height is None:
            pixels = re.fullmatch(r"(\d+)px", self.height)
            height = int(pixels[1]) if pixels else 480
        replica = self.graph.replica
        channels = self.looks.channels
        with replica.lock:
            taken = sketch(replica.graph, channels, most_nodes=most_nodes, most_links=most_links)
        return draw(
            taken, layout=self.graph_layout, width=width, height=height, title=self.graph.name
        )

    def save(  # noqa: PLR0913 (people give one or two of them)
        self,
        path: str | PathLike[str],
        *,
        width: int = 1200,
        height: int = 800,
        background: str | None = None,
        scale: float = 2.0,
        most_nodes: int = 5_000,
        most_links: int = 20_000,
    ) -> None:
        """Write a still picture to a file: no browser is needed.

        Parameters
        ----------
        path : str or path
            Ends in ``.svg`` or ``.png``.
        width, height : int
            Pixels.
        background : str, optional
            Of a PNG: a colour, as in ``"#ffffff"``; see-through without.
        scale : float
            How many pixels of a PNG make one of the picture's.
        most_nodes, most_links : int
            As of :meth:`picture`.

        Raises
        ------
        SchemaError
            The path ends otherwise.
        UnavailableError
            A PNG needs a library that is not installed: ``pip install "graph_ext[png]"``.
        OSError
            The file can't be written.
        """
        file = check_file(fspath(path))
        svg = self.picture(width=width, height=height, most_nodes=most_nodes, most_links=most_links)
        write(file, svg, background, scale)

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle
        about = {"session_id": self.session_id, "name": self.graph.name}
        return {**data, GRAPH_MIMETYPE: about, "image/svg+xml": self.picture()}, metadata

    def close(self) -> None:
        """Take the widget out of the page, with its connections."""
        for relay in self._relays.values():
            relay.close()
        self._relays.clear()
        self.looks.close()
        super().close()

    def __del__(self) -> None:
        # ipywidgets closes what goes: one that was refused has nothing to close
        if self.has_trait("looks") and self.trait_has_value("looks"):
            super().__del__()

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
        return node_id_in(self.graph, key)

    def _link_id(self, link: object) -> str:
        if isinstance(link, ElementView):
            return link.element_id
        return link if isinstance(link, str) else self.graph.edges[link].link_id

    def _listen(self) -> None:
        heard = {"click": self._clicked, "hover": self._hovered}
        self.listens = [name for name, dispatcher in heard.items() if dispatcher.callbacks]

    def _tell_values(self, channel: ChannelName, values: dict[str, Any]) -> None:
        self.send({"kind": "values", "channel": channel, "values": values})

    def _on_page(self, _widget: object, content: Any, _buffers: object) -> None:
        """Act on a message of the page: see docs/decisions/004-widget-relay.md."""
        match content:
            case {"kind": "click", "node": str(node_id)}:
                self._clicked(NodeView(self.graph, node_id))
            case {"kind": "click", "link": str(link_id)}:
                self._clicked(LinkView(self.graph, link_id))
            case {"kind": "hover", "node": str(node_id)}:
                self._hovered(NodeView(self.graph, node_id))
            case {"kind": "hover", "link": str(link_id)}:
                self._hovered(LinkView(self.graph, link_id))
            case {"kind": "hover"}:
                self._hovered(None)
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
