"""The simulation finds bugs: each of those planted, within the seeds that CI runs."""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS, planted
from tests.simulation.conftest import SEEDS
from tests.simulation.seed import InvariantError, run


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    assert first_seed(name) is not None


def first_seed(name: str) -> int | None:
    """Return the first seed that finds a bug."""
    with planted(name):
        for seed in range(SEEDS):
            try:
                run(seed)
            except InvariantError:
                return seed
    return None
