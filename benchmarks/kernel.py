"""The kernel's side beside what people use there today: each measure is a module of its own.

A measure is ``measure(report, folder, rounds, quick=...)``: it adds its figures and its targets
under the part ``kernel``. New ones go in ``MEASURES``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from benchmarks import kernel_networkx, kernel_opening, kernel_widget
from benchmarks.figures import Report

__all__ = ["MEASURES", "run"]

PART = "kernel"

MEASURES: tuple[Callable[..., None], ...] = (
    kernel_widget.measure,
    kernel_networkx.measure,
    kernel_opening.measure,
)


async def run(report: Report, folder: Path, rounds: int, *, quick: bool) -> None:
    """Measure one after another, each with a folder of its own."""
    for measure in MEASURES:
        at = folder / measure.__module__.rpartition(".")[2]
        # a measure may use an event loop of its own
        await asyncio.to_thread(measure, report, at, rounds, quick=quick)
