# What the names of graph_ext/__init__.py are, which loads them lazily.
from graph_ext.client.opening import sessions as sessions
from graph_ext.core.blueprint import Blueprint as Blueprint
from graph_ext.core.blueprint import LinkType as LinkType
from graph_ext.core.blueprint import NodeType as NodeType
from graph_ext.core.blueprint import PropertyType as PropertyType
from graph_ext.core.errors import (
    BadMessageError as BadMessageError,
)
from graph_ext.core.errors import (
    ConflictError as ConflictError,
)
from graph_ext.core.errors import (
    CycleError as CycleError,
)
from graph_ext.core.errors import (
    DuplicateIdError as DuplicateIdError,
)
from graph_ext.core.errors import (
    ForbiddenError as ForbiddenError,
)
from graph_ext.core.errors import (
    GoneError as GoneError,
)
from graph_ext.core.errors import (
    GraphError as GraphError,
)
from graph_ext.core.errors import (
    NotFoundError as NotFoundError,
)
from graph_ext.core.errors import (
    RateLimitedError as RateLimitedError,
)
from graph_ext.core.errors import (
    ReadOnlyError as ReadOnlyError,
)
from graph_ext.core.errors import (
    SchemaError as SchemaError,
)
from graph_ext.core.errors import (
    TooLargeError as TooLargeError,
)
from graph_ext.core.errors import (
    UnavailableError as UnavailableError,
)
from graph_ext.core.errors import (
    UndoConflictError as UndoConflictError,
)
from graph_ext.core.errors import (
    UndoEmptyError as UndoEmptyError,
)
from graph_ext.core.errors import (
    UndoNothingLeftError as UndoNothingLeftError,
)
from graph_ext.widget import GraphWidget as GraphWidget

__version__: str

def _jupyter_server_extension_points() -> list[dict[str, object]]: ...
