"""Measure graph_ext beside its peers: ``python -m benchmarks fanout commands join kernel``."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from benchmarks import commands, fanout, join, kernel, loading
from benchmarks.figures import Report

_PARTS = {part.PART: part.run for part in (fanout, commands, join, loading, kernel)}


def main() -> int:
    """Run the parts in turn; 0 where every target is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="+", choices=_PARTS, metavar="part", help=", ".join(_PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement (default: 3)")
    parser.add_argument(
        "--quick", action="store_true", help="small: shows that it runs, no figures"
    )
    parser.add_argument("--json", type=Path, help="where to write all values")
    parser.add_argument("--folder", type=Path, help="where the servers' files go: on a real disk")
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else arguments.rounds
    # the servers are stopped on the way out, then too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    report = Report()
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=arguments.folder) as name:
        for part in dict.fromkeys(arguments.parts):
            began = time.monotonic()
            asyncio.run(_PARTS[part](report, Path(name) / part, rounds, quick=arguments.quick))
            print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(report.tables())
    if arguments.json is not None:
        arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(report.document())))
    return 0 if all(target.met for target in report.targets) else 1


if __name__ == "__main__":
    sys.exit(main())
