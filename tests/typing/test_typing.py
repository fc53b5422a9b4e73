"""Type checkers agree with a user's script: complete types, and mistakes that are found."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("analyst.py")


def test_mypy_strict(tmp_path: Path) -> None:
    script = str(shutil.copy(SCRIPT, tmp_path))
    options = ["--strict", "--warn-unreachable", "--cache-dir", str(tmp_path / "cache")]
    found = _run(["mypy", *options, script], tmp_path)
    assert found.stdout.startswith("Success: "), found.stdout


def test_pyright_strict(tmp_path: Path) -> None:
    shutil.copy(SCRIPT, tmp_path)
    strict = {"typeCheckingMode": "strict", "reportUnnecessaryTypeIgnoreComment": "error"}
    # networkx's types are a package of stubs; it is as complete as it is
    unknown = dict.fromkeys(("reportUnknownMemberType", "reportUnknownArgumentType"), "none")
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({**strict, **unknown, "enableTypeIgnoreComments": False})
    )
    found = _run(["pyright", "--outputjson", "--pythonpath", sys.executable], tmp_path)
    report = json.loads(found.stdout)
    assert report["summary"]["filesAnalyzed"] == 1
    assert report["generalDiagnostics"] == []


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
