"""Fuzz one target with atheris: ``python -m tests.fuzz TARGET [libFuzzer's options]``.

``python -m tests.fuzz client-frame -max_total_time=600`` goes on for ten minutes; what it finds
is written beside and run again with its path as the option.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["graph_ext"]):
    from tests.fuzz.targets import TARGETS, seeds


def main() -> None:
    """Run libFuzzer; it ends the process."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"which of them? {', '.join(TARGETS)}")
    name = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as folder:
        for index, seed in enumerate(seeds(name)):
            (Path(folder) / f"seed-{index}").write_bytes(seed)
        atheris.Setup([*sys.argv, folder], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
