"""The reducer once more, as plainly as it can be said: what Graph is compared with.

Works on the JSON of events and knows nothing of the structs.
"""

from __future__ import annotations

from typing import Any

Element = dict[str, Any]


class Reference:
    """Nodes and links as stored rows, by id."""

    def __init__(self) -> None:
        self.nodes: dict[str, Element] = {}
        self.links: dict[str, Element] = {}
        self.blueprint: Element = {}

    def apply(self, event: Element) -> None:
        body = {key: value for key, value in event.items() if key != "type"}
        match event["type"]:
            case "node-created":
                self.nodes[event["node_id"]] = body
            case "node-deleted":
                del self.nodes[event["node_id"]]
            case "node-updated":
                self.nodes[event["node_id"]][event["field"]] = event.get("new_value")
            case "node-linked":
                self.links[event["link_id"]] = body
            case "node-unlinked":
                del self.links[event["link_id"]]
            case "property-changed":
                self._properties(event)[event["property_name"]] = event.get("new_value")
            case "property-deleted":
                del self._properties(event)[event["property_name"]]
            case "blueprint-updated":
                self.blueprint = event["new_value"]
            case other:
                raise AssertionError(other)

    def state(self) -> Element:
        """Return everything in the form of the vectors' ``expect``."""
        children: dict[str, list[str]] = {}
        for node in sorted(self.nodes.values(), key=lambda n: (n.get("order", 0), n["node_id"])):
            children.setdefault(node.get("parent_id") or "", []).append(node["node_id"])
        return {
            "nodes": [_row(self.nodes[key]) for key in sorted(self.nodes)],
            "links": [_row(self.links[key]) for key in sorted(self.links)],
            "children": dict(sorted(children.items())),
            "blueprint": self.blueprint,
        }

    def _properties(self, event: Element) -> Element:
        if event.get("node_id") is not None:
            element = self.nodes[event["node_id"]]
        else:
            element = self.links[event["link_id"]]
        # a copy: the event that made the element keeps what it said
        element["properties"] = dict(element.get("properties", {}))
        properties: Element = element["properties"]
        return properties


def _row(element: Element) -> Element:
    """Return an element without the fields that have their default, as it is stored."""
    defaults: Element = {
        "parent_id": None,
        "blueprint_type_id": "",
        "name": "",
        "order": 0,
        "position": None,
        "properties": {},
        "link_type_id": "",
    }
    return {key: v for key, v in element.items() if key not in defaults or v != defaults[key]}
