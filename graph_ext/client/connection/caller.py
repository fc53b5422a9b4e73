"""What others see of this process: a kernel by the name of its notebook, a script by its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Literal

__all__ = ["caller_kind", "caller_label", "in_kernel"]


def in_kernel() -> bool:
    """Tell whether this code runs in a Jupyter kernel, so that front ends can show things."""
    return hasattr(_shell(), "kernel")


def caller_kind() -> Literal["kernel", "agent"]:
    """Return what kind of client this process is."""
    return "kernel" if in_kernel() else "agent"


def caller_label(environ: Mapping[str, str] | None = None) -> str:
    """Return the name of the notebook or script, as far as it can be known.

    The Jupyter server tells a kernel its notebook in JPY_SESSION_NAME (for an untitled console it
    is a random id, which says nothing); VS Code tells it in a variable.
    """
    environ = os.environ if environ is None else environ
    session_name = environ.get("JPY_SESSION_NAME", "")
    if PurePath(session_name).suffix:
        return PurePath(session_name).name
    shell = _shell()
    if shell is not None:
        notebook = shell.user_ns.get("__vsc_ipynb_file__")
        return PurePath(notebook).name if isinstance(notebook, str) else "kernel"
    return PurePath(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"


def _shell() -> Any:
    """Return IPython's shell, if this is one; IPython is not imported for that."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
