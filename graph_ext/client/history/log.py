"""``g.history``: a session's commits without their events: who, when, what for, how much.

Read from the server when somebody looks, a page at a time, and kept: what is in a log stays so.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Any, overload

from graph_ext.client.followed import FollowedGraph
from graph_ext.core.errors import GoneError, GraphError, NotFoundError
from graph_ext.protocol.http import Commits, HistoryEntry, HistoryPage

__all__ = ["History", "LoggedCommit", "LoggedCommits", "local_time"]

_PAGE = 200  # commits
_PAGES_KEPT = 100
_SHOWN = 10


class LoggedCommit(HistoryEntry, frozen=True, kw_only=True):
    """A commit without its events: ``rev``, ``at``, ``actor``, ``label``, ``count``, ``undoes``.

    ``at``: Unix seconds, UTC. ``count``: how many events.
    """

    @property
    def when(self) -> datetime:
        """When, in this machine's time zone."""
        return local_time(self.at)

    @property
    def who(self) -> str:
        """The name of who has made it."""
        return self.actor.name or self.actor.actor_id

    @property
    def what(self) -> str:
        """Its label; of an undo or redo, of which rev; else ""."""
        if self.undoes is not None:
            return f"undo of rev {self.undoes}"
        if self.redoes is not None:
            return f"redo of rev {self.redoes}"
        return self.label

    def __repr__(self) -> str:
        return f"<rev {self.rev}, {self._when()}, {self.who}: {self._what()}>"

    def row(self) -> tuple[str, str, str, str, str]:
        """Return it as a table shows it: rev, when, who, what, how many events."""
        return str(self.rev), self._when(), self.who, self.what, str(self.count)

    def _when(self) -> str:
        return f"{self.when:%Y-%m-%d %H:%M:%S}"

    def _what(self) -> str:
        events = f"{self.count} event{'' if self.count == 1 else 's'}"
        return f"{self.what} ({events})" if self.what else events


_TITLES = ("rev", "when", "who", "what", "events")


class LoggedCommits(list[LoggedCommit]):
    """Some commits, oldest first: a list that looks like a table."""

    def __repr__(self) -> str:
        return _text(self) if self else "no commits"

    def _repr_html_(self) -> str:
        return _html(self)


class _Page(HistoryPage, frozen=True, kw_only=True):
    entries: list[LoggedCommit]  # type: ignore[assignment]


class CommitPages:
    """Pages of a session's commits that were read, those looked at last at the end.

    The graph keeps these, not its History: that one holds the graph, which would never be let go.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # whole pages by number, all of one history of the replica
        self.pages: OrderedDict[int, list[LoggedCommit]] = OrderedDict()
        self.history = 0


class History:
    """A session's commits by their revs: ``g.history[12]``, ``g.history[-5:]``.

    A rev is what numbers commits: ``[12]`` is rev 12, ``[-1]`` the last, ``[10:20]`` revs 10 to
    19, as a list. Whatever is asked here raises GraphError: the server can't be reached.

    Parameters
    ----------
    graph : FollowedGraph
        Whose.
    kept : CommitPages
        What was read of it before.
    """

    def __init__(self, graph: FollowedGraph, kept: CommitPages) -> None:
        self._graph = graph
        self._kept = kept

    @property
    def floor(self) -> int:
        """The rev up to which the server's log is gone; 0: it is whole."""
        return self._graph.ask(
            "GET", f"commits?since={self._graph.live_replica.rev}", Commits
        ).floor

    def __len__(self) -> int:
        """How many commits there are to be looked at."""
        return max(0, self._graph.live_replica.rev - self.floor)

    def __bool__(self) -> bool:
        return self._graph.live_replica.rev > 0

    @overload
    def __getitem__(self, rev: int) -> LoggedCommit: ...
    @overload
    def __getitem__(self, rev: slice) -> LoggedCommits: ...
    def __getitem__(self, rev: int | slice) -> LoggedCommit | LoggedCommits:
        last = self._graph.live_replica.rev
        if isinstance(rev, slice):
            if rev.step not in {None, 1}:
                raise ValueError("a slice of the history has no step: reversed(g.history) is there")
            start = 1 if rev.start is None else _counted(rev.start, last)
            stop = last + 1 if rev.stop is None else _counted(rev.stop, last)
            return LoggedCommits(self._between(max(1, start), min(last + 1, stop)))
        wanted = _counted(rev, last)
        if not 1 <= wanted <= last:
            raise NotFoundError(f"there is no commit of rev {wanted}, they are 1 to {last}")
        for commit in self._between(wanted, wanted + 1):
            return commit
        raise GoneError(f"the log of {self._graph.name!r} no longer reaches back to rev {wanted}")

    def __iter__(self) -> Iterator[LoggedCommit]:
        """Go through all of them, oldest first, up to the last of now."""
        return self._between(1, self._graph.live_replica.rev + 1)

    def __reversed__(self) -> Iterator[LoggedCommit]:
        for number in range((self._graph.live_replica.rev - 1) // _PAGE, -1, -1):
            page = self._page(number)
            if not page:
                return
            yield from reversed(page)

    def at(self, seconds: float) -> int:
        """Return the last rev that was there at a time (Unix seconds); by the server's clock.

        Raises
        ------
        GoneError
            The log does not reach back to it.
        """
        floor = self.floor
        low, high = floor, self._graph.live_replica.rev
        while low < high:
            middle = (low + high + 1) // 2
            if self[middle].at <= seconds:
                low = middle
            else:
                high = middle - 1
        if low == floor and floor:
            raise GoneError(
                f"the log of {self._graph.name!r} does not reach back to {local_time(seconds)}",
                fix=f"its first commit is rev {floor + 1}",
            )
        return low

    def __repr__(self) -> str:
        return self._shown(_text, " ")

    def _repr_html_(self) -> str:
        return self._shown(_html, "<br>")

    def _shown(self, table: Any, line: str) -> str:
        name, last = self._graph.name, self._graph.live_replica.rev
        if not last:
            return f"no commits in {name!r} yet" if line == " " else "no commits yet"
        try:
            newest = self[max(1, last + 1 - _SHOWN) :]
        except GraphError as error:
            text = f"history of {name!r}: {error}"
            return text if line == " " else escape(text)
        before = last - len(newest)
        return str(table(newest, f"... {before} before these" if before else ""))

    # --- pages ----------------------------------------------------------------------------------

    def _between(self, start: int, stop: int) -> Iterator[LoggedCommit]:
        """Read the commits of some revs, ascending, as far as the log has them."""
        rev = start
        while rev < stop:
            number = (rev - 1) // _PAGE
            for commit in self._page(number):
                if rev <= commit.rev < stop:
                    yield commit
            rev = (number + 1) * _PAGE + 1

    def _page(self, number: int) -> list[LoggedCommit]:
        history = self._graph.live_replica.history
        kept = self._kept
        with kept.lock:
            if history != kept.history:
                kept.pages.clear()
                kept.history = history
            page = kept.pages.get(number)
            if page is not None:
                kept.pages.move_to_end(number)
                return page
        end = (number + 1) * _PAGE + 1
        path = f"history?before_rev={end}&limit={_PAGE}"
        found = self._graph.ask("GET", path, _Page).entries[::-1]
        page = [commit for commit in found if commit.rev > number * _PAGE]
        if len(page) == _PAGE:
            with kept.lock:
                if history == kept.history:
                    kept.pages[number] = page
                    if len(kept.pages) > _PAGES_KEPT:
                        kept.pages.popitem(last=False)
        return page


def local_time(at: float) -> datetime:
    """Return a moment (Unix seconds) in this machine's time zone."""
    return datetime.fromtimestamp(at).astimezone()


def _counted(rev: int, last: int) -> int:
    return last + 1 + rev if rev < 0 else rev


def _text(commits: Iterable[LoggedCommit], more: str = "") -> str:
    rows = [_TITLES, *(commit.row() for commit in commits)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    lines = [
        "  ".join(
            # numbers to the right
            cell.rjust(width) if column in {0, 4} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], *([more] if more else []), *lines[1:]])


def _html(commits: Iterable[LoggedCommit], more: str = "") -> str:
    def row(cells: Iterable[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"

    rows = [row(commit.row(), "td") for commit in commits]
    if more:
        rows.insert(0, f'<tr><td colspan="{len(_TITLES)}">{escape(more)}</td></tr>')
    return f"<table><thead>{row(_TITLES, 'th')}</thead><tbody>{''.join(rows)}</tbody></table>"
