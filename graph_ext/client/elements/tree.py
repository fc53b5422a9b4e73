"""The forest that nodes stand in: whose parts they are, and in which order."""

from __future__ import annotations

from msgspec import UNSET

from graph_ext.client.elements.keys import Key, key_of
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.commands import UpdateNode

__all__ = ["TreeOfNodes"]


class TreeOfNodes(ReadableGraph):
    """A graph whose nodes are parts of others, in their order."""

    def children(self, n: Key | None = None) -> list[Key]:
        """List the parts of a node, in their order.

        Parameters
        ----------
        n : str, int or tuple, optional
            The node's key; None: the nodes at the top.

        Raises
        ------
        NotFoundError
            There is no such node.

        Examples
        --------
        >>> g.children("Build")
        ['Walls', 'Roof']
        >>> g.children()
        ['Design', 'Build']
        """
        replica = self.replica
        with replica.lock:
            node_id = None if n is None else self.node_id(n)
            return [key_of(child.node_id) for child in replica.graph.children(node_id)]

    def parent(self, n: Key) -> Key | None:
        """Return the key of the node that a node is part of; None: it stands at the top.

        Raises
        ------
        NotFoundError
            There is no such node.

        Examples
        --------
        >>> g.parent("Roof")
        'Build'
        """
        return self.nodes[n].parent

    def move(self, n: Key, parent: Key | None, before: Key | None = None) -> None:
        """Make a node part of another, with all that is part of it.

        Parameters
        ----------
        n : str, int or tuple
            The node's key.
        parent : str, int or tuple, optional
            The key of what it becomes part of; None: nothing, it stands at the top.
        before : str, int or tuple, optional
            The key of the sibling that it comes before; None: it comes last.

        Raises
        ------
        GraphError
            NOT_FOUND, CYCLE (the parent is part of the node), SCHEMA (``before`` is no part of
            the parent, or the blueprint allows no such child), or another refusal.

        Examples
        --------
        >>> g.move("Roof", "Build", before="Walls")
        >>> g.children("Build")
        ['Roof', 'Walls']
        >>> g.move("Roof", None)
        >>> g.parent("Roof") is None
        True
        """
        node_id = self.node_id(n)
        parent_id = None if parent is None else self.node_id(parent)
        before_id = None if before is None else self.node_id(before)
        stays = self.nodes[n].parent == parent
        self.submit(
            UpdateNode(
                node_id,
                # where it is moved among its siblings, its parent is no news
                parent_id=UNSET if stays else parent_id,
                before=before_id,
            )
        )
