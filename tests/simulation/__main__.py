"""``python -m tests.simulation --seeds 0:100000``: many seeds, and the figures.

With ``--log FILE`` each thousand is a line there, and those that are in it already are not run
again, so a long run can be stopped and gone on with.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.simulation.bugs import BUGS, planted
from tests.simulation.seed import InvariantError, run

_AT_ONCE = 1000
_UNTIL_SWEPT = 50  # seeds: hub/quiet.py freezes what is alive, the worlds of earlier seeds too


def _many(seeds: range) -> dict[str, Any]:
    """Run seeds; return what there was."""
    figures: Counter[str] = Counter()
    failed: dict[int, str] = {}
    digest = sha256()
    begun_s = time.process_time()
    for seed in seeds:
        figures["seeds"] += 1
        if seed % _UNTIL_SWEPT == 0:
            gc.unfreeze()
            gc.collect()
        try:
            world = run(seed)
        except InvariantError as error:
            failed[seed] = str(error).splitlines()[0]
            print(f"{error}\n", flush=True)
            continue
        figures.update(world.figures)
        digest.update(world.digest.encode())
    return {
        "seeds": [seeds.start, seeds.stop],
        "cpu_s": round(time.process_time() - begun_s, 1),
        "figures": dict(figures),
        "failed": failed,
        "digest": digest.hexdigest()[:16],
    }


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", default="0:1000", help="FIRST:END")
    parser.add_argument("--log", type=Path, help="go on where this file ends")
    parser.add_argument("--bugs", action="store_true", help="say which seed finds each planted bug")
    options = parser.parse_args()
    first, end = map(int, options.seeds.split(":"))
    if options.bugs:
        for name in BUGS:
            print(f"{name}: {_found(name, range(first, end))}", flush=True)
        return 0
    lines: list[dict[str, Any]] = []
    if options.log is not None and options.log.exists():
        lines = [json.loads(line) for line in options.log.read_text().splitlines()]
    done = {line["seeds"][0] for line in lines}
    for start in range(first, end, _AT_ONCE):
        if start not in done:
            lines.append(_many(range(start, min(start + _AT_ONCE, end))))
            if options.log is not None:
                with options.log.open("a") as log:
                    log.write(json.dumps(lines[-1]) + "\n")
    total: Counter[str] = Counter()
    for line in lines:
        total.update(line["figures"])
    failed = {seed: why for line in lines for seed, why in line["failed"].items()}
    digest = sha256("".join(line["digest"] for line in lines).encode()).hexdigest()[:16]
    print(f"{sum(line['cpu_s'] for line in lines):.0f} s of CPU")
    print(f"{dict(total)}, failed: {failed}, digest {digest}")
    return 1 if failed else 0


def _found(name: str, seeds: range) -> str:
    with planted(name):
        for seed in seeds:
            try:
                run(seed)
            except InvariantError as error:
                return str(error).splitlines()[0][:150]
    return "NOT FOUND"


raise SystemExit(_main())
