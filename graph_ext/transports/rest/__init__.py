"""The API over HTTP: its operations, and the handler that serves them."""

from graph_ext.transports.rest import (
    archives,
    blueprints,
    commands,
    graph,
    log,
    members,
    sessions,
    versions,
)
from graph_ext.transports.rest.handler import RestHandler

__all__ = ["OPERATIONS", "RestHandler"]

OPERATIONS = (
    *sessions.OPERATIONS,
    *graph.OPERATIONS,
    *commands.OPERATIONS,
    *log.OPERATIONS,
    *versions.OPERATIONS,
    *archives.OPERATIONS,
    *blueprints.OPERATIONS,
    *members.OPERATIONS,
)
"""All of them."""
