"""networkx's own tests with ``graph_ext`` as their backend, in a process of its own.

In networkx's mode for that, every call of an algorithm has its graphs converted (to graphs that
have a session's rules and live in this process), and no algorithm falls back to networkx's dicts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = {
    "classes": "networkx.classes",
    "readwrite": "networkx.readwrite",
    "shortest_paths": "networkx.algorithms.shortest_paths",
    "components": "networkx.algorithms.components",
    "centrality": "networkx.algorithms.centrality",
    "traversal": "networkx.algorithms.traversal",
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", PARTS)
def test_networkx_tests_pass_on_the_backend(part: str, tmp_path: Path) -> None:
    tried = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rN", "--tb=short", "--pyargs", PARTS[part]),
            *("-p", "no:cacheprovider", "-p", "tests.client.networkx.refusals"),
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "NETWORKX_TEST_BACKEND": "graph_ext",
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stdout[-6000:] + tried.stderr[-2000:]
