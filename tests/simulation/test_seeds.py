"""Whatever happens, everything holds (docs/protocol.md, 2.3, 3.2 to 3.7, 4.1 to 4.5)."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.simulation.seed import run


def test_everybody_has_what_the_log_says_whatever_happens(seeds: range) -> None:
    for seed in seeds:
        run(seed)


def test_a_seed_says_all_that_happens() -> None:
    assert run(11).digest == run(11).digest != run(12).digest


def test_nothing_follows_from_the_order_of_sets() -> None:
    told = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-m", "tests.simulation", "--seeds", "0:20"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        told.append(done.stdout.splitlines()[-1])
    assert "digest" in told[0]
    assert told[0] == told[1]
