# What the names of graph_ext/__init__.py are, which loads them lazily.
from msgspec import UNSET

from graph_ext.client import aio
from graph_ext.client.blueprint.sources import read_blueprint
from graph_ext.client.elements.comparing import contains, ge, gt, le, lt, matches, ne, one_of
from graph_ext.client.files.archive import import_graph
from graph_ext.client.files.read import FileGraph, read
from graph_ext.client.files.write import NotCarriedWarning
from graph_ext.client.graph import SharedGraph
from graph_ext.client.history.past import PastGraph
from graph_ext.client.opening import accept, open_graph, sessions
from graph_ext.client.people.roster import Person
from graph_ext.client.watching.event import WatchedEvent
from graph_ext.core.blueprint import Blueprint, LinkType, NodeType, PropertyType
from graph_ext.core.errors import (
    BadMessageError,
    ConflictError,
    CycleError,
    DuplicateIdError,
    ForbiddenError,
    GoneError,
    GraphError,
    NotFoundError,
    RateLimitedError,
    ReadOnlyError,
    SchemaError,
    TooLargeError,
    UnavailableError,
    UndoConflictError,
    UndoEmptyError,
    UndoNothingLeftError,
)
from graph_ext.core.expectations import Expectation
from graph_ext.widget import GraphWidget

__all__ = [
    "UNSET",
    "BadMessageError",
    "Blueprint",
    "ConflictError",
    "CycleError",
    "DuplicateIdError",
    "Expectation",
    "FileGraph",
    "ForbiddenError",
    "GoneError",
    "Graph",
    "GraphError",
    "GraphWidget",
    "LinkType",
    "NodeType",
    "NotCarriedWarning",
    "NotFoundError",
    "PastGraph",
    "Person",
    "PropertyType",
    "RateLimitedError",
    "ReadOnlyError",
    "SchemaError",
    "TooLargeError",
    "UnavailableError",
    "UndoConflictError",
    "UndoEmptyError",
    "UndoNothingLeftError",
    "WatchedEvent",
    "__version__",
    "accept",
    "aio",
    "blueprint",
    "contains",
    "ge",
    "gt",
    "import_",
    "le",
    "lt",
    "matches",
    "ne",
    "one_of",
    "open",
    "read",
    "sessions",
]

Graph = SharedGraph
blueprint = read_blueprint
import_ = import_graph
open = open_graph  # noqa: A001

__version__: str

def _jupyter_labextension_paths() -> list[dict[str, str]]: ...
def _jupyter_server_extension_points() -> list[dict[str, object]]: ...
