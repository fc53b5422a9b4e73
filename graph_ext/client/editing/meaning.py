"""What attributes mean: which are an element's type, name, position and parent, which properties.

The one rule for whatever brings attributes as networkx has them: ``update``, ``g.nx``, tables. A
node's ``type``, ``name``, ``parent`` and ``pos`` (or ``position``) mean what they mean to
``add_node``, and so does an edge's ``type``; a value that they cannot hold stays a property, and so
does whatever has another name, by the rule of :mod:`graph_ext.client.elements.values`. So what goes
in comes back: :mod:`graph_ext.client.networkx.attributes` reads by the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import Any

from msgspec import UNSET

from graph_ext.client.editing.plan import position_of, update_link, update_node
from graph_ext.client.elements.keys import key_of
from graph_ext.client.elements.nodes import find_node
from graph_ext.client.elements.values import is_missing, is_safe, json_value
from graph_ext.core.commands import CreateNode, DeleteProperty, Edit, UpdateNode
from graph_ext.core.errors import SchemaError
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.core.json_values import plainly_fit, shown

__all__ = [
    "automatic_name",
    "is_pair",
    "link_edits",
    "link_removal",
    "new_node",
    "node_changes",
    "node_edits",
    "node_removal",
    "parent_in",
    "type_and_properties",
]


# what of a node's attributes may be no property
_FIELDS = frozenset({"name", "pos", "position", "parent", "type"})


def new_node(
    key: object,
    node_id: str,
    parent_id: str | None,
    attributes: Mapping[Any, Any],
    *,
    strict: bool = False,
) -> CreateNode:
    """Return the command that makes a node with attributes.

    Parameters
    ----------
    key : object
        What it is called in Python.
    node_id : str
        The same as an id.
    parent_id : str or None
        The node that its attribute ``parent`` means; None: that one is a property, if it is there.
    attributes : mapping
        As networkx has them.
    strict : bool
        Whether to refuse NaN and the like, instead of leaving them out.

    Raises
    ------
    SchemaError
        A value has no JSON form.
    """
    automatic = (
        key if isinstance(key, str) and node_id != key else ""
    )  # its id has quotes around it
    if parent_id is None and _FIELDS.isdisjoint(attributes) and plainly_fit(attributes):
        return CreateNode(node_id, name=automatic, properties=dict(attributes))
    named = partial(_node_named, key)
    left = dict(attributes)
    name = automatic
    given = left.get("name")
    if isinstance(given, str) and given:
        name = given
        if name != automatic:  # what is automatic is not shown: told so, it is a property as well
            del left["name"]
    position = None
    for field in ("pos", "position"):
        if position is None and is_pair(left.get(field)):
            position = position_of(left.pop(field), named)
    if parent_id is not None:
        del left["parent"]
    type_id, properties = type_and_properties(left, named, strict=strict)
    return CreateNode(node_id, parent_id, type_id, name, None, position, properties)


def type_and_properties(
    attributes: Mapping[Any, Any], named: Callable[[], str], *, strict: bool = False
) -> tuple[str, dict[str, Any]]:
    """Return an element's type ("": none), and its other attributes as properties (SchemaError)."""
    if "type" not in attributes and plainly_fit(attributes):  # what most are like
        return "", dict(attributes)
    type_id = ""
    properties: dict[str, Any] = {}
    for name, value in attributes.items():
        if name == "type" and isinstance(value, str) and value:
            type_id = str(value)
        elif type(name) is str and is_safe(value):
            properties[name] = value
        elif strict or not is_missing(value):
            text = name if isinstance(name, str) else str(name)
            properties[text] = json_value(value, text, named)
    return type_id, properties


def parent_in(graph: Graph, node_id: str, attributes: Mapping[Any, Any]) -> str | None:
    """Return the node that an attribute ``parent`` means in a graph; None where it means none."""
    parent = attributes.get("parent")
    if not isinstance(parent, str | int | tuple):
        return None
    try:
        parent_id = find_node(graph, parent)
    except SchemaError:  # a tuple that is no key
        return None
    return None if parent_id == node_id else parent_id


def node_edits(graph: Graph, node_id: str, attributes: Mapping[Any, Any]) -> list[Edit]:
    """Return what it takes to give a node attributes (SchemaError: a value, another type)."""
    node = graph.nodes.get(node_id)
    if node is None:
        return []
    parent_id = parent_in(graph, node_id, attributes)
    return node_changes(
        node, new_node(key_of(node_id), node_id, parent_id, attributes, strict=True)
    )


def node_changes(node: Node, wanted: CreateNode) -> list[Edit]:
    """Return what it takes to give a node what a command would make it with.

    What it has both as a field and, by another value, as a property, it keeps as what is wanted.
    """
    edits = update_node(node, wanted)
    properties = wanted.properties
    fields = {
        "name": wanted.name if not automatic_name(wanted) else "",
        "pos": wanted.position,
        "parent": wanted.parent_id,
    }
    doubled = [
        name
        for name, value in fields.items()
        if value and name in node.properties and name not in properties
    ]
    edits.extend(DeleteProperty(name, node.node_id) for name in doubled)
    edits.extend(_emptied(node, properties))
    return edits


def node_removal(node: Node, names: list[str]) -> list[Edit]:
    """Return what it takes to take attributes from a node (SchemaError: its type)."""
    if "type" in names and node.blueprint_type_id and "type" not in node.properties:
        raise _fixed_type(_node_named(key_of(node.node_id)))
    edits: list[Edit] = [DeleteProperty(n, node.node_id) for n in names if n in node.properties]
    edits.extend(_emptied(node, names))
    return edits


def link_edits(link: Link, attributes: Mapping[Any, Any]) -> list[Edit]:
    """Return what it takes to give a link attributes (SchemaError: a value, another type)."""
    named = partial(_link_named, link)
    return update_link(link, *type_and_properties(attributes, named, strict=True))


def link_removal(link: Link, names: list[str]) -> list[Edit]:
    """Return what it takes to take attributes from a link (SchemaError: its type)."""
    if "type" in names and link.link_type_id and "type" not in link.properties:
        raise _fixed_type(_link_named(link))
    return [DeleteProperty(n, link_id=link.link_id) for n in names if n in link.properties]


def automatic_name(node: Node | CreateNode) -> bool:
    """Tell whether a node is named only to show its key without the quotes of its id."""
    node_id = node.node_id or ""
    return node_id[:1] == '"' and bool(node.name) and key_of(node_id) == node.name


def _emptied(node: Node, names: Container[str]) -> list[Edit]:
    """Return the command that empties those fields of a node, if any are set."""
    name = "" if "name" in names and node.name and not automatic_name(node) else UNSET
    position = None if "pos" in names and node.position is not None else UNSET
    parent_id = None if "parent" in names and node.parent_id is not None else UNSET
    if name is UNSET and position is UNSET and parent_id is UNSET:
        return []
    return [UpdateNode(node.node_id, name=name, parent_id=parent_id, position=position)]


def _fixed_type(element: str) -> SchemaError:
    return SchemaError(
        f"the type of {element} is chosen when it is made and can't be deleted",
        fix="remove it and make it anew",
    )


def is_pair(value: object) -> bool:
    """Tell whether something may be a position."""
    return not isinstance(value, str | Mapping) and hasattr(value, "__len__") and len(value) == 2


def _node_named(key: object) -> str:
    return f"node {shown(key)}"


def _link_named(link: Link) -> str:
    return f"edge {shown(key_of(link.source_id))} - {shown(key_of(link.target_id))}"
