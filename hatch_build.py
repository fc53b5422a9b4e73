"""Hatchling's build hook: builds the front end before a distribution is packed.

hatchling calls it for every wheel (editable ones too) and sdist, pip more than once for one
install. It runs ``npm ci`` and ``npm run build:prod`` in ``labextension/`` when what they made is
missing, older than its sources, or not theirs (a developer's ``npm run build``). An unpacked sdist
carries the built files, so nothing is built from it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("src", "style", "schema", "package.json", "package-lock.json")
"""What the built files are made from, in labextension/ (and its ``tsconfig*.json``)."""

OUTPUTS = ("labextension/package.json", "static/widget.js")
"""Two built files, in graph_ext/: the first stands for the panel, the second for the widget."""


def newest(paths: Iterable[Path]) -> float:
    """Give the latest modification time of files, and of folders with all that is in them.

    Parameters
    ----------
    paths
        Files and folders; those that do not exist are passed over. A folder's own time counts, as
        it tells of a file that was deleted.

    Returns
    -------
    float
        Unix seconds; 0.0 when there is nothing.
    """
    found = (below for path in paths if path.exists() for below in (path, *path.rglob("*")))
    return max((path.stat().st_mtime for path in found), default=0.0)


def is_current(root: Path) -> bool:
    """Tell whether the built front end is there and made from the present sources.

    Parameters
    ----------
    root
        The project's folder: a checkout or an unpacked sdist.

    Returns
    -------
    bool
        True when nothing has to be built.
    """
    front_end, package = root / "labextension", root / "graph_ext"
    outputs = [package / output for output in OUTPUTS]
    if not all(output.is_file() for output in outputs):
        return False
    if (root / "PKG-INFO").is_file():  # an unpacked sdist
        return True
    sources = [front_end / source for source in SOURCES]
    sources += front_end.glob("tsconfig*.json")
    # the stamp is younger than both, unless someone has edited or built since
    return newest([*sources, *outputs]) <= newest([stamp_of(root)])


def stamp_of(root: Path) -> Path:
    """Give the file that marks when this hook last built."""
    return root / "labextension" / "lib" / ".built-for-release"


def run_npm(front_end: Path, *arguments: str) -> None:
    """Run npm in the front end's folder.

    Parameters
    ----------
    front_end
        The folder of package.json.
    *arguments
        What npm shall do.

    Raises
    ------
    SystemExit
        There is no npm, or it failed; the message says what to do.
    """
    # An isolated build has node, npm and jupyter-builder first on PATH. Without isolation they may
    # be next to the running Python only.
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    npm = shutil.which("npm", path=path)
    if npm is None:
        sys.exit(
            "graph_ext: building the front end needs npm, and there is none on PATH. Build with "
            "isolation (plain `pip install .` brings its own node), or install node 22 or newer."
        )
    print(f"graph_ext: npm {' '.join(arguments)}", flush=True)
    result = subprocess.run(
        [npm, "--no-audit", "--no-fund", "--loglevel=error", *arguments],
        cwd=front_end,
        env={**os.environ, "PATH": path},
        check=False,
    )
    if result.returncode:
        sys.exit(
            f"graph_ext: `npm {' '.join(arguments)}` failed in labextension/ (exit code "
            f"{result.returncode}); its own messages are above. A failing `npm ci` is mostly the "
            "network; a failing build is mostly an error in labextension/src."
        )


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the front end unless it is current."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make graph_ext/labextension and graph_ext/static before hatchling collects files.

        Parameters
        ----------
        version
            ``standard`` or ``editable``: both get the same front end.
        build_data
            hatchling's, left as it is.

        Raises
        ------
        SystemExit
            npm is missing or fails.
        """
        root = Path(self.root)
        if is_current(root):
            return
        front_end = root / "labextension"
        installed = front_end / "node_modules" / ".package-lock.json"
        if newest([front_end / "package-lock.json"]) > newest([installed]):
            run_npm(front_end, "ci")
        run_npm(front_end, "run", "build:prod")
        stamp = stamp_of(root)
        stamp.parent.mkdir(exist_ok=True)
        stamp.touch()
