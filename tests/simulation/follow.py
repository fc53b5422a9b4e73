"""What one client gets of one session over one socket, held against what was durable.

Used by connection.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from graph_ext.protocol import Commit, Joined, Snapshot
from tests.simulation.invariants import Truth

__all__ = ["Follow"]


class Follow(Struct):
    """What one client gets of one session over one socket: it has to be dense and true.

    ``rev``: the last that came whole; None before the first commit and while a snapshot is coming.
    ``sinces``: after which it may go on.
    """

    truth: Truth
    who: str
    rev: int | None = None
    sinces: Sequence[int] = ()
    page_rev: int | None = None

    def joined(self, joined: Joined, sinces: Sequence[int]) -> None:
        """Begin anew; ``sinces``: what was asked for over this socket."""
        self.rev = None
        self.sinces = tuple(sinces) if joined.mode == "resume" else ()
        self.page_rev = None
        if joined.mode == "resume" and not sinces:
            self.truth.fail(f"{self.who} resumes, and has nothing")
        elif joined.mode == "resume" and max(sinces) < joined.floor:
            self.truth.fail(f"{self.who} resumes after {sinces}, below the floor {joined.floor}")
        if joined.rev > self.truth.rev:
            self.truth.fail(f"{self.who} was told rev {joined.rev}, which is not durable")

    def snapshot(self, page: Snapshot) -> None:
        """Take a page."""
        if self.page_rev is not None and page.rev != self.page_rev:
            self.truth.fail(f"{self.who} got pages of revs {self.page_rev} and {page.rev}")
        self.page_rev = page.rev
        if not page.more:
            self.rev, self.page_rev = page.rev, None

    def commit(self, commit: Commit, durable: int, floor: int, far: int) -> None:
        """Take a commit, or a part of one.

        ``durable`` and ``floor`` of the log were so when it was sent; only who is behind by more
        than ``far`` commits, or has fallen behind the floor, may be shown a gap.
        """
        truth, who = self.truth, self.who
        if commit.rev > durable:
            truth.fail(f"{who} was sent rev {commit.rev} when rev {durable} was durable")
            return
        entry = truth.entries[commit.rev - 1]
        if (entry.command_id, entry.actor_id) != (commit.command_id, commit.actor.actor_id):
            truth.fail(
                f"{who} got rev {commit.rev} as {commit.command_id} of {commit.actor.actor_id}; "
                f"it is {entry.command_id} of {entry.actor_id}"
            )
        if self.rev is None and self.sinces and commit.events:
            at = commit.rev - 1
            self.rev = at if at in self.sinces else max(self.sinces)
        if self.rev is None or commit.rev <= self.rev:
            if commit.events:
                truth.fail(f"{who} got rev {commit.rev} while it was at {self.rev}")
            return
        if commit.rev != self.rev + 1 and floor <= self.rev and commit.rev - self.rev <= far:
            truth.fail(f"{who} got rev {commit.rev} after rev {self.rev}")
        if not commit.more:
            self.rev = commit.rev
