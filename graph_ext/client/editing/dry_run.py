"""``with g.dry_run() as plan``: what changes would do, asked of the server and not done."""

from __future__ import annotations

from collections import Counter

from graph_ext.client.editing.scope import Scope
from graph_ext.core.events import Event
from graph_ext.core.history import Skipped
from graph_ext.protocol import Planned

__all__ = ["DryRun"]

_TOLD = 1000  # so many events of a change that is planned here are kept, as by the server

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


class DryRun(Scope):
    """What the changes within a block would do, each by itself to the graph as it stands.

    Attributes
    ----------
    plans : list of Planned
        Of each change, in their order; a change that would change nothing has none.
    """

    def __init__(self, graph: object) -> None:
        super().__init__(graph)
        self.plans: list[Planned] = []

    def add_events(self, session_id: str, rev: int, events: list[Event]) -> Planned:
        """Add what a change would do that was planned here, in a batch's draft."""
        planned = Planned(
            session_id=session_id,
            command_id="",
            rev=rev,
            count=len(events),
            events=events[:_TOLD],
        )
        self.plans.append(planned)
        return planned

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


def _plural(noun: str, count: int) -> str:
    if count == 1:
        return noun
    return "properties" if noun == "property" else f"{noun}s"
