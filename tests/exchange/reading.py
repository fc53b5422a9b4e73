"""Reading a file of any kind, with a look at whether what comes is what the server accepts."""

from __future__ import annotations

from typing import get_args

import msgspec

from graph_ext.core.errors import GraphError
from graph_ext.core.json_values import check_id, check_name, value_problem
from graph_ext.exchange import Format, GraphFile, read_file
from tests.exchange.graphs import graph_of

READ: list[Format] = [name for name in get_args(Format) if name != "dot"]


def read_or_refused(body: bytes, name: Format | None) -> GraphFile | None:
    """Read a file; what it gives must be what the server accepts."""
    try:
        file = read_file(body, name)
    except GraphError as error:
        str(error).encode()  # no lone surrogate in the message
        return None
    for node in file.nodes:
        check_id(node.node_id, "a node_id")
        check_name(node.name)
        if node.blueprint_type_id:
            check_id(node.blueprint_type_id, "a type")
    for link in file.links:
        if link.link_id is not None:
            check_id(link.link_id, "a link_id")
        if link.link_type_id:
            check_id(link.link_type_id, "a type")
    for properties in [*(n.properties for n in file.nodes), *(k.properties for k in file.links)]:
        assert value_problem(properties) is None
        for property_name in properties:
            check_id(property_name, "a property")
    graph_of(file)  # parents come first, ids are there once, ends are nodes
    msgspec.json.encode(file)
    return file
