"""Figures: what was measured, in which round, and how the medians stand to each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from msgspec import Struct, field

__all__ = ["Figure", "Report", "Target", "percentile"]


class Figure(Struct):
    """One quantity of one system, a value for each round."""

    part: str
    case: str
    system: str
    quantity: str
    unit: str
    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.values)


class Target(Struct):
    """A ratio that is to hold: ``quantity`` of graph_ext against that of a peer, or a bound.

    ``at_least`` where more is better, else ``at_most``.
    """

    part: str
    case: str
    what: str
    ratio: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        if self.at_least is not None:
            return self.ratio >= self.at_least
        assert self.at_most is not None  # noqa: S101 - one of the two is set
        return self.ratio <= self.at_most


class Report:
    """All figures of one run."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str, str, str], Figure] = {}
        self.targets: list[Target] = []

    @property
    def figures(self) -> list[Figure]:
        return list(self._figures.values())

    def add(self, part: str, case: str, system: str, **quantities: float) -> None:
        """Add one round's values; a name ends in its unit, as in ``wall_s``."""
        for name, value in quantities.items():
            quantity, _, unit = name.rpartition("__")
            key = (part, case, system, quantity)
            figure = self._figures.setdefault(key, Figure(*key, unit))
            figure.values.append(value)

    def value(self, part: str, case: str, system: str, quantity: str) -> float:
        """The median."""
        return self._figures[part, case, system, quantity].median

    def aim(  # noqa: PLR0913 - what is compared, with what, and how
        self,
        part: str,
        case: str,
        ours: tuple[str, str],
        theirs: tuple[str, str] | float,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> None:
        """Add a target: (system, quantity) against another, or against a number."""
        measured = self.value(part, case, *ours)
        if isinstance(theirs, tuple):
            ratio, what = measured / self.value(part, case, *theirs), f"{ours[1]} / {theirs[0]}'s"
            if theirs[1] != ours[1]:
                what += f" {theirs[1]}"
        else:
            ratio, what = measured / theirs, ours[1]
        self.targets.append(Target(part, case, what, ratio, at_least, at_most))

    def tables(self) -> str:
        """Tables for people: medians, with the least and the largest of the rounds."""
        lines: list[str] = []
        cases = dict.fromkeys((figure.part, figure.case) for figure in self.figures)
        for part, case in cases:
            figures = [f for f in self.figures if (f.part, f.case) == (part, case)]
            rounds = max(len(figure.values) for figure in figures)
            lines += ["", f"{part}: {case} (median of {rounds}, least - most)"]
            quantities = list(dict.fromkeys((f.quantity, f.unit) for f in figures))
            rows = [["", *(f"{name} [{unit}]" for name, unit in quantities)]]
            for system in dict.fromkeys(figure.system for figure in figures):
                row = [system]
                for name, _ in quantities:
                    figure = self._figures.get((part, case, system, name))
                    row.append("" if figure is None else _shown(figure.values))
                rows.append(row)
            lines += _aligned(rows)
        if self.targets:
            lines += ["", "targets"]
            rows = []
            for target in self.targets:
                least = target.at_least is not None
                bound = target.at_least if least else target.at_most
                rows.append(
                    [
                        "met" if target.met else "MISSED",
                        f"{_number(target.ratio)}",
                        f"{'>=' if least else '<='} {bound:g}",
                        f"{target.part}: {target.case}: {target.what}",
                    ]
                )
            lines += _aligned(rows)
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """Everything, for ``--json``."""
        return {
            "figures": self.figures,
            "targets": [
                {"part": t.part, "case": t.case, "what": t.what, "ratio": t.ratio, "met": t.met}
                | ({"at_least": t.at_least} if t.at_least is not None else {"at_most": t.at_most})
                for t in self.targets
            ],
        }


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which a share of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _shown(values: Sequence[float]) -> str:
    middle = _number(median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({_number(min(values))} - {_number(max(values))})"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
