"""``with g.batch("Import Q3")``: many lines, one commit.

See docs/decisions/017-batches.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from graph_ext.client.editing.conditions import Conditions
from graph_ext.client.editing.draft import Draft, Mark
from graph_ext.client.editing.dry_run import DryRun
from graph_ext.client.editing.scope import Scope, innermost
from graph_ext.client.session.collector import collector_paused
from graph_ext.client.session.pending import Receipt
from graph_ext.core.commands import Batch, Command

if TYPE_CHECKING:
    from graph_ext.client.followed import FollowedGraph

__all__ = ["GraphBatch"]


class GraphBatch(Scope):
    """A block of changes that are made together at its end. Made by ``g.batch``.

    Parameters
    ----------
    graph : FollowedGraph
        Whose.
    label : str
        What the history calls it.
    progress : bool, optional
        Whether to show a progress bar.
    """

    def __init__(self, graph: FollowedGraph, label: str, progress: bool | None) -> None:
        super().__init__(graph)
        self._of = graph
        # what the history calls it; may be changed within the block
        self.label = label
        # the rev that it became; None: not made yet, refused, or there was nothing to make
        self.rev: int | None = None
        self._progress = progress
        # what it has come to: of a block in a batch, that batch's
        self._draft: Draft | None = None
        # where that stood at the beginning; None: it began here
        self._mark: Mark | None = None
        # of a block in a dry run in a batch: what it is for
        self._trial: DryRun | None = None
        self._count = 0

    @property
    def draft(self) -> Draft:
        """What it has come to, while the block is at work."""
        if self._draft is None:
            raise RuntimeError("a batch is at work only within its block")
        return self._draft

    def __len__(self) -> int:
        """How many edits it has."""
        return self._count if self._draft is None else len(self._draft.edits) - self._first

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        state = "at work" if self._draft is not None else f"rev {self.rev}" if self.rev else "over"
        return f"<batch {self.label!r}: {len(self)} edits, {state}>"

    def __enter__(self) -> Self:
        outer = innermost(self._of, GraphBatch)
        if outer is None:
            self._draft = Draft(self._of.live_replica)
        else:
            self._draft = outer.draft
            self._mark = self._draft.mark()
            trial = innermost(self._of, DryRun)
            self._trial = trial if trial and trial.around(GraphBatch) is outer else None
        return super().__enter__()

    def end(self, error: BaseException | None) -> None:
        """Send what the batch has come to, or take it back (GraphError)."""
        draft = self.draft
        self._count = len(self)
        self._draft = None
        if self._mark is None:
            draft.replica.end()
            if error is None and draft.edits:
                self._send(draft)
        elif error is not None:
            draft.back_to(self._mark)
        elif self._trial is not None:
            events = draft.back_to(self._mark)
            self._trial.add_events(self._of.session_id, draft.replica.rev + 1, events)

    def submit(
        self, command: Command, conditions: Conditions, progress: bool | None = None
    ) -> Receipt:
        """Make a change part of the batch, or of a dry run within it (GraphError)."""
        draft, trial = self.draft, innermost(self._of, DryRun)
        rev = draft.replica.rev
        if trial is not None and trial.around(GraphBatch) is self:
            events = draft.try_out(command, conditions)
            return Receipt(rev + 1, planned=trial.add_events(self._of.session_id, rev + 1, events))
        draft.take(command, conditions, progress)
        return Receipt(rev)

    def _send(self, draft: Draft) -> None:
        """Make it all one commit, or ask what that would do (GraphError)."""
        conditions = draft.conditions
        with collector_paused(len(draft.edits)):
            receipt = self._of.submit(
                Batch(draft.edits, self.label or draft.label),
                expect=conditions.expect,
                base_rev=conditions.base_rev,
                progress=self._progress,
            )
        if receipt.planned is None:
            self.rev = receipt.rev

    @property
    def _first(self) -> int:
        return 0 if self._mark is None else self._mark[0]
