"""What import-linter cannot see: what importing a part of graph_ext really loads."""

import subprocess
import sys

import pytest

LOADED = "import sys, {module}; print(*sorted(sys.modules))"


@pytest.mark.parametrize("module", ["graph_ext", "graph_ext.client", "graph_ext.widget"])
def test_the_kernel_side_never_loads_the_server_side(module: str) -> None:
    command = [sys.executable, "-c", LOADED.format(module=module)]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    server_side = {"graph_ext.hub", "graph_ext.stores", "graph_ext.transports", "jupyter_server"}
    assert module in loaded
    assert not server_side.intersection(loaded)
