"""Cycles among the links of one type: whether a link closes one, and whether there is any."""

from __future__ import annotations

from graph_ext.core.graph import Graph, Link

__all__ = ["closes_cycle", "find_cycle"]


def closes_cycle(graph: Graph, link: Link) -> bool:
    """Say whether a link that stands in the graph is on a cycle of its own type.

    Searches forward from its target and backward from its source, a step each in turn, and ends
    with the side that is exhausted first: in a graph without cycles one of them is mostly small.
    """
    if link.source_id == link.target_id:
        return True
    type_id = link.link_type_id
    below, above = {link.target_id}, {link.source_id}
    down, up = [link.target_id], [link.source_id]
    while down and up:
        for out in graph.out_links(down.pop()):
            if out.link_type_id == type_id and out.target_id not in below:
                if out.target_id in above:
                    return True
                below.add(out.target_id)
                down.append(out.target_id)
        for into in graph.in_links(up.pop()):
            # the link itself leads from source to target: it is what the way back would close
            if into.link_type_id == type_id and into.source_id not in above:
                if into.source_id in below:
                    return True
                above.add(into.source_id)
                up.append(into.source_id)
    return False


def find_cycle(graph: Graph, link_type_id: str) -> list[Link] | None:
    """Return the links of some cycle of a type, in order, or None where there is none.

    A depth-first search without recursion: what is entered and not yet left is the way so far.
    """
    entered: set[str] = set()
    left: set[str] = set()
    for start in graph.nodes:
        if start in entered:
            continue
        entered.add(start)
        # the way from start, each node with the link that led to it and its links still to follow
        way: list[tuple[str, Link | None]] = [(start, None)]
        ahead = [_out_of_type(graph, start, link_type_id)]
        while way:
            if not ahead[-1]:
                left.add(way.pop()[0])
                ahead.pop()
                continue
            link = ahead[-1].pop()
            target = link.target_id
            if target in left:
                continue
            if target in entered:
                at = next(i for i, (node_id, _) in enumerate(way) if node_id == target)
                return [led for _, led in way[at + 1 :] if led is not None] + [link]
            entered.add(target)
            way.append((target, link))
            ahead.append(_out_of_type(graph, target, link_type_id))
    return None


def _out_of_type(graph: Graph, node_id: str, link_type_id: str) -> list[Link]:
    return [link for link in graph.out_links(node_id) if link.link_type_id == link_type_id]
