"""The benchmarks run and come to an end: each part gives its figures, whatever they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# a part, and what it must have measured of whom
EXPECTED = {
    "fanout": {
        "graph_ext": {"events per CPU second", "events per second", "p50", "p99"},
        "bare Tornado": {"events per CPU second", "p50"},
        "python-socketio": {"events per CPU second", "p50"},
    },
    "commands": {
        "graph_ext": {"acknowledged per second", "p50", "server CPU per command"},
        "pycrdt-websocket with its store": {"acknowledged per second"},
        "python-socketio": {"acknowledged per second"},
    },
    "join": {
        "graph_ext": {"delivered", "applied", "longest stall", "hosted memory"},
        "bare Tornado": {"delivered", "applied"},
        "pycrdt-websocket": {"delivered", "applied"},
        "bare slotted structs": {"hosted memory"},
    },
    "kernel": {
        "graph_ext": {"kernel time, shown", "sent by the kernel", "opened", "memory, with g.nx"},
        "ipysigma": {"kernel time, shown", "sent by the kernel", "one change, bytes"},
        "networkx": {"built", "memory"},
        "pycrdt": {"opened", "opened, CPU"},
    },
    "loading": {"loaded": {"took", "longest stall", "peak memory"}},
}


@pytest.mark.parametrize("part", EXPECTED)
def test_a_part_gives_its_figures_and_leaves_nothing_behind(part: str, tmp_path: Path) -> None:
    figures_file = tmp_path / "figures.json"
    folder = tmp_path / "servers"
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks", part, "--quick"]
    done = subprocess.run(
        [*command, "--json", str(figures_file), "--folder", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, set[str]] = {}
    for figure in json.loads(figures_file.read_text())["figures"]:
        assert figure["part"] == part
        assert len(figure["values"]) >= 1
        found.setdefault(figure["system"], set()).add(figure["quantity"])
    for system, quantities in EXPECTED[part].items():
        assert quantities <= found[system], system
    assert not list(folder.iterdir())
    assert all(name in done.stdout for name in EXPECTED[part])
