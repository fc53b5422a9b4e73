"""``SharedGraph``: a session as a Python object, made of reads of a replica and of commands.

A change returns when it is durable at the server and applied to this replica; a refusal raises at
that line, and nothing was changed then. All methods may be called from any thread, except from
the connection's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from graph_ext.client.blueprint.types import TypedGraph
from graph_ext.client.connection.caller import in_kernel
from graph_ext.client.display import GraphDisplay, Look, as_html, displays, summary
from graph_ext.client.editing.bulk import BulkEditedGraph
from graph_ext.client.editing.one_by_one import EditedGraph
from graph_ext.client.elements.find import FindingGraph
from graph_ext.client.elements.tree import TreeOfNodes
from graph_ext.client.files.write import ArchivedGraph
from graph_ext.client.history.methods import GraphWithHistory
from graph_ext.client.pandas.methods import GraphFromTables
from graph_ext.client.people.methods import GraphInCompany
from graph_ext.client.session.pending import Receipt
from graph_ext.client.watching.methods import WatchedGraph
from graph_ext.core.commands import Redo, Undo
from graph_ext.core.errors import UnavailableError
from graph_ext.protocol import Skipped

if TYPE_CHECKING:
    from graph_ext.client.aio import Twins

__all__ = ["SharedGraph"]


class SharedGraph(
    GraphInCompany,
    WatchedGraph,
    GraphWithHistory,
    EditedGraph,
    BulkEditedGraph,
    TreeOfNodes,
    FindingGraph,
    ArchivedGraph,
    GraphFromTables,
    TypedGraph,
):
    """A live shared graph. Made by :func:`graph_ext.open`.

    As a container it holds node keys: ``len(g)``, ``"Design" in g``, ``for key in g``.
    """

    # what `g` as a cell's last line shows; made at the first time
    _widget: GraphDisplay | None = None

    @property
    def aio(self) -> Twins:
        """The methods, to be awaited: ``await g.aio.add_node("Design")``. See ``gx.aio``."""
        from graph_ext.client.aio import Twins  # noqa: PLC0415 (it knows this class's methods)

        return Twins(self)

    # --- undo ---------------------------------------------------------------------------------

    def undo(
        self,
        *,
        scope: Literal["actor", "session"] = "actor",
        rev: int | None = None,
        force: bool = False,
    ) -> list[Skipped]:
        """Undo my last change (of that what still stands), as a new commit.

        Parameters
        ----------
        scope : {"actor", "session"}
            Mine, or the session's last whoever made it.
        rev : int, optional
            That commit instead.
        force : bool
            Also delete what others have built on it.

        Returns
        -------
        list of Skipped
            What stays as it is because somebody has changed or deleted it since.

        Raises
        ------
        GraphError
            UNDO_EMPTY, UNDO_NOTHING_LEFT, UNDO_CONFLICT, or another refusal.
        """
        return _skipped(self.submit(Undo(scope, rev, force)))

    def redo(self) -> list[Skipped]:
        """Redo what my last undo really undid; returns and raises as :meth:`undo`."""
        return _skipped(self.submit(Redo()))

    # --- showing ------------------------------------------------------------------------------

    def show(  # noqa: PLR0913 (people give one or two of them)
        self,
        *,
        color: Look = None,
        size: Look = None,
        label: Look = None,
        layout: str = "",
        filter: Look = None,  # noqa: A002 (as people call it)
        height: str | int = 480,
    ) -> GraphDisplay:
        """Return a live widget of the graph.

        Colours, sizes, names and the filter follow the graph: what is taken from a property is
        looked up in the page, without this process; a function is called here, again for each node
        that changes or whose links do.

        Parameters
        ----------
        color : str, tuple, mapping or callable, optional
            A property's name, or ``type``, ``name``, ``node_id``, ``degree``; or one colour for
            all, ``"#4aa564"``; or ``(property, {value: colour})``; or values by key, such as a dict
            or a Series; or a function of a node (:class:`NodeView`) that returns a value. Values
            that are numbers are coloured from least to most, colours are themselves, and all else
            is kinds of things. Without it, the types' colours.
        size : str, float, mapping or callable, optional
            Likewise, of numbers; a number is the same size for all: half the width, pixels. Without
            it, nodes with more links are larger.
        label : str, mapping or callable, optional
            Likewise; "" for no names. Without it, the nodes' names.
        layout : {"", "force", "tree", "circle", "grid"}
            Where nodes without a position stand; "" lets the canvas choose.
        filter : str, tuple, mapping, iterable or callable, optional
            Which nodes are shown: a property that is true, ``(property, [values])``, keys of nodes,
            or a function of a node.
        height : int or str
            In pixels, or a CSS length.

        Returns
        -------
        GraphWidget
            Last in a cell, it shows itself; ``w.selection``, ``w.select``, ``w.on_click``,
            ``w.on_hover``, ``w.look``, ``w.save``.

        Raises
        ------
        GraphError
            SCHEMA: what was given is none of these.
        Exception
            Whatever a function raises for one of the nodes there are now.

        Examples
        --------
        >>> w = g.show(color="state", size="effort", filter=lambda node: not node.get("done"))
        >>> w.save("plan.svg")
        """
        if not displays:
            raise UnavailableError("nothing is loaded that shows a graph", fix="import graph_ext")
        looks = {"color": color, "size": size, "label": label, "filter": filter}
        return displays[-1](self, height=height, layout=layout, looks=looks)

    def __repr__(self) -> str:
        return f"<graph_ext session {self.name!r}: {summary(self)}>"

    def _repr_html_(self) -> Any:  # text, or None: where IPython shows the widget or its picture
        if displays and in_kernel():
            return None
        return as_html(self)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, Any]:
        if not displays or not in_kernel():
            return {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self._widget is None:
            self._widget = self.show()
        shown_widget = self._widget._repr_mimebundle_()
        data = shown_widget[0] if isinstance(shown_widget, tuple) else shown_widget
        # no HTML, which would come before the picture where the widget can't be shown
        return {**(data or {}), "text/plain": repr(self)}


def _skipped(receipt: Receipt) -> list[Skipped]:
    return [] if receipt.commit is None else list(receipt.commit.skipped)
