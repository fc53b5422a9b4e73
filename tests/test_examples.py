"""The Python in README.md and docs/guide.md runs, against a real server that it finds by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import JupyterServer

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path) as server:
        # what a kernel of that server has in its environment
        monkeypatch.setenv("JPY_PARENT_PID", str(server.pid))
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", server.env["JUPYTER_RUNTIME_DIR"])
        # they write files
        monkeypatch.chdir(tmp_path)
        yield server


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_the_examples_of_a_page_run_one_after_another(page: str, server: JupyterServer) -> None:
    blocks = BLOCK.findall((ROOT / page).read_text())
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    for value in names.values():
        if hasattr(value, "session_id") and hasattr(value, "close"):
            value.close()
