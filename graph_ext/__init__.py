"""graph_ext: people, kernels and agents at work on one typed graph in Jupyter.

``import graph_ext as gx; g = gx.open("plan")``. The names are loaded when they are first used: a
kernel loads nothing of the server's, the server nothing of the kernel's. For type checkers, they
stand in ``__init__.pyi``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

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

_ELSEWHERE = {
    "UNSET": ("msgspec", "UNSET"),
    "Expectation": ("graph_ext.core.expectations", "Expectation"),
    "FileGraph": ("graph_ext.client.files.read", "FileGraph"),
    "Graph": ("graph_ext.client.graph", "SharedGraph"),
    "GraphWidget": ("graph_ext.widget", "GraphWidget"),
    "NotCarriedWarning": ("graph_ext.client.files.write", "NotCarriedWarning"),
    "PastGraph": ("graph_ext.client.history.past", "PastGraph"),
    "Person": ("graph_ext.client.people.roster", "Person"),
    "WatchedEvent": ("graph_ext.client.watching.event", "WatchedEvent"),
    "accept": ("graph_ext.client.opening", "accept"),
    "aio": ("graph_ext.client.aio", ""),
    "blueprint": ("graph_ext.client.blueprint.sources", "read_blueprint"),
    "import_": ("graph_ext.client.files.archive", "import_graph"),
    "open": ("graph_ext.client.opening", "open_graph"),
    "read": ("graph_ext.client.files.read", "read"),
    "sessions": ("graph_ext.client.opening", "sessions"),
    **{
        name: ("graph_ext.client.elements.comparing", name)
        for name in ("contains", "ge", "gt", "le", "lt", "matches", "ne", "one_of")
    },
    **{
        name: ("graph_ext.core.blueprint", name)
        for name in ("Blueprint", "LinkType", "NodeType", "PropertyType")
    },
    **{name: ("graph_ext.core.errors", name) for name in __all__ if name.endswith("Error")},
}


def __getattr__(name: str) -> Any:
    """Load a public name."""
    if name not in _ELSEWHERE:
        raise AttributeError(f"module 'graph_ext' has no attribute {name!r}")
    module, attribute = _ELSEWHERE[name]
    if module.startswith("graph_ext.client"):
        _let_graphs_be_shown()
    loaded = import_module(module)
    value = globals()[name] = getattr(loaded, attribute) if attribute else loaded
    return value


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell the Jupyter server what to load; it calls this, nobody else does."""
    extension = import_module("graph_ext.extension")
    return [{"module": "graph_ext", "app": extension.GraphExtension}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab's tools where the built front end is."""
    return [{"src": "labextension", "dest": "graph-ext"}]


def _let_graphs_be_shown() -> None:
    """Tell the client of the widget, which stands above it."""
    displays = import_module("graph_ext.client.display").displays
    if not displays:
        displays.append(
            lambda graph, *, height, layout, looks: import_module("graph_ext.widget").GraphWidget(
                graph, height=height, layout=layout, **looks
            )
        )


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
