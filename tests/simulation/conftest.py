"""``--seed=N`` runs that one alone."""

from __future__ import annotations

import pytest

SEEDS = 1000
_AT_ONCE = 25


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="run this seed of the simulation alone")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seeds" not in metafunc.fixturenames:
        return
    seed = metafunc.config.getoption("seed", default=None)
    if seed is not None:
        metafunc.parametrize("seeds", [range(seed, seed + 1)], ids=str)
    else:
        blocks = [range(first, first + _AT_ONCE) for first in range(0, SEEDS, _AT_ONCE)]
        metafunc.parametrize("seeds", blocks, ids=lambda block: f"{block.start}-{block.stop - 1}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("seed", default=None) is not None:
        items[:] = [item for item in items if "seeds" in getattr(item, "fixturenames", ())]
