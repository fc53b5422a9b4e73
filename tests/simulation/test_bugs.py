"""The simulation finds bugs: each of those planted, within the seeds that CI runs."""

from __future__ import annotations

import re

import pytest

from tests.simulation.bugs import BUGS, planted
from tests.simulation.conftest import SEEDS
from tests.simulation.seed import InvariantError, run

_BROKEN = re.compile(r"(Attribute|Type|Name)Error\(|the simulation itself")


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    found = first_found(name)
    assert found
    # by what it does: when the code around it changes, a bug may not run any more
    assert not _BROKEN.search(found)


def first_found(name: str) -> str:
    """Say what the first seed that finds a bug says; empty: none does."""
    with planted(name):
        for seed in range(SEEDS):
            try:
                run(seed)
            except InvariantError as error:
                return str(error).splitlines()[0]
    return ""
