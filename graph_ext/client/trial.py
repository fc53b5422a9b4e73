"""``with g.dry_run() as plan``: what changes would do, asked of the server and not done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from graph_ext.core.events import Event
from graph_ext.core.history import Skipped
from graph_ext.protocol import Planned

__all__ = ["DryRun", "present_dry_run", "trying"]

# what an event's type does, to how many of what
_SAID = {
    "node-created": ("create", "node"),
    "node-deleted": ("delete", "node"),
    "node-updated": ("change", "field"),
    "node-linked": ("create", "link"),
    "node-unlinked": ("delete", "link"),
    "property-changed": ("set", "property"),
    "property-deleted": ("delete", "property"),
    "blueprint-updated": ("replace", "blueprint"),
}


class DryRun:
    """What the changes within a block would do, each by itself to the graph as it stands.

    Attributes
    ----------
    plans : list of Planned
        Of each change, in their order; a change that would change nothing has none.
    """

    def __init__(self) -> None:
        self.plans: list[Planned] = []

    @property
    def count(self) -> int:
        """How many events there would be."""
        return sum(plan.count for plan in self.plans)

    @property
    def events(self) -> list[Event]:
        """What would happen; of each change the first thousand events."""
        return [event for plan in self.plans for event in plan.events]

    @property
    def skipped(self) -> list[Skipped]:
        """What an undo would leave as it is."""
        return [skipped for plan in self.plans for skipped in plan.skipped]

    def __len__(self) -> int:
        return self.count

    def __str__(self) -> str:
        done = Counter(_SAID[str(event.__struct_config__.tag)] for event in self.events)
        parts = [f"{verb} {count} {_plural(noun, count)}" for (verb, noun), count in done.items()]
        more = self.count - sum(done.values())
        if more:
            parts.append(f"make {more} more changes")
        return f"would {', '.join(parts)}" if parts else "would change nothing"

    def __repr__(self) -> str:
        return f"<dry run: {self}>"


_trial: ContextVar[tuple[object, DryRun] | None] = ContextVar("graph_ext_trial", default=None)


@contextmanager
def trying(graph: object) -> Iterator[DryRun]:
    """Have the changes of a graph in this context be dry runs until the block ends."""
    dry_run = DryRun()
    before = _trial.set((graph, dry_run))
    try:
        yield dry_run
    finally:
        _trial.reset(before)


def present_dry_run(graph: object) -> DryRun | None:
    """Return the dry run that a graph's changes belong to now; None: they are meant."""
    trial = _trial.get()
    return trial[1] if trial is not None and trial[0] is graph else None


def _plural(noun: str, count: int) -> str:
    if count == 1:
        return noun
    return "properties" if noun == "property" else f"{noun}s"
