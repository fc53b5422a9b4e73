"""Every decoder and reader, fuzzed: what they can't read they refuse, and never in another way."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds

ROOT = Path(__file__).parent.parent.parent
RUNS = 10_000
LONGEST_BYTES = 2048


@pytest.mark.parametrize("target", TARGETS)
def test_what_it_reads_it_reads_without_complaint(target: str) -> None:
    found = list(seeds(target))
    assert found
    for seed in found:
        TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_input_is_read_or_refused(target: str, data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(list(seeds(target)))))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        body[start : start + data.draw(st.integers(0, 9))] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b'"', b"\\ud800", b"NaN", b"[" * 40, b"null"])
        )
    TARGETS[target](bytes(body))


@pytest.mark.parametrize("target", TARGETS)
def test_atheris_finds_nothing(target: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", target, f"-runs={RUNS}", "-seed=1"]
    command += [f"-max_len={LONGEST_BYTES}", "-timeout=20", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    count = re.search(r"Done (\d+) runs", done.stderr)  # it may end a few runs late
    assert count is not None
    assert int(count[1]) >= RUNS
