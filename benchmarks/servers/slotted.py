"""What a graph takes as bare slotted objects, in MB: no adjacency, no log, nothing else.

``python -m benchmarks.servers.slotted graph.json`` prints it.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import msgspec


class Node:
    __slots__ = (
        "blueprint_type_id",
        "name",
        "node_id",
        "order",
        "parent_id",
        "position",
        "properties",
    )

    def __init__(self, **fields: Any) -> None:
        self.node_id = fields["node_id"]
        self.parent_id = fields.get("parent_id")
        self.blueprint_type_id = sys.intern(fields.get("blueprint_type_id", ""))
        self.name = fields.get("name", "")
        self.order = fields.get("order", 0.0)
        self.position = fields.get("position")
        self.properties = fields.get("properties", {})


class Link:
    __slots__ = ("link_id", "link_type_id", "properties", "source_id", "target_id")

    def __init__(self, nodes: dict[str, Node], **fields: Any) -> None:
        self.link_id = fields["link_id"]
        # the nodes' own texts, as anybody would who counts bytes
        self.source_id = nodes[fields["source_id"]].node_id
        self.target_id = nodes[fields["target_id"]].node_id
        self.link_type_id = sys.intern(fields.get("link_type_id", ""))
        self.properties = fields.get("properties") or _NONE


_NONE: dict[str, Any] = {}


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(next(x for x in status.splitlines() if x.startswith("VmRSS")).split()[1]) / 1024


def main() -> None:
    raw = Path(sys.argv[1]).read_bytes()
    # each element is decoded by itself, so that nothing else is left in memory beside them
    elements = msgspec.json.decode(raw, type=dict[str, list[msgspec.Raw]])
    decode = msgspec.json.Decoder().decode
    gc.collect()
    before = resident_mb()
    nodes = {}
    for each in elements["nodes"]:
        node = Node(**decode(each))
        nodes[node.node_id] = node
    links = {}
    for each in elements["links"]:
        link = Link(nodes, **decode(each))
        links[link.link_id] = link
    gc.collect()
    print(resident_mb() - before)


if __name__ == "__main__":
    main()
