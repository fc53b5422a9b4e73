"""Where to find what people look for on a graph and do not find there: hints for AttributeError."""

from __future__ import annotations

__all__ = ["no_attribute"]

_AT_NX = frozenset(
    [
        "add_weighted_edges_from",
        "adj",
        "adjacency",
        "clear",
        "clear_edges",
        "copy",
        "degree",
        "edge_subgraph",
        "get_edge_data",
        "graph",
        "has_edge",
        "has_node",
        "has_predecessor",
        "has_successor",
        "in_degree",
        "in_edges",
        "nbunch_iter",
        "neighbors",
        "number_of_edges",
        "number_of_nodes",
        "order",
        "out_degree",
        "out_edges",
        "pred",
        "predecessors",
        "reverse",
        "size",
        "subgraph",
        "succ",
        "successors",
        "to_directed",
        "to_undirected",
    ]
)


def no_attribute(thing: object, name: str, hint: str = "") -> AttributeError:
    """Return the error that there is no attribute of a name, with a hint at what is meant.

    Parameters
    ----------
    thing : object
        Where it was looked for.
    name : str
        What was looked for.
    hint : str
        Where it is; left out, networkx's own methods are found at ``g.nx``.
    """
    if not hint and name in _AT_NX:
        hint = f"networkx's methods are at g.nx: g.nx.{name}"
    problem = f"{type(thing).__name__!r} object has no attribute {name!r}"
    return AttributeError(f"{problem} ({hint})" if hint else problem, name=name, obj=thing)
