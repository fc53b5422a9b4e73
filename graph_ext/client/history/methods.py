"""A graph's past: its history, the graph as it was, what differs, forks, named versions."""

from __future__ import annotations

import operator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, overload

from graph_ext.client.followed import FollowedGraph
from graph_ext.client.history.blame import ElementBlame, LastChange, find_blame
from graph_ext.client.history.diff import GraphDiff
from graph_ext.client.history.log import CommitPages, History
from graph_ext.client.history.past import PastGraph, load_past
from graph_ext.client.history.versions import Versions, version_path
from graph_ext.core.diff import Diff
from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import shown
from graph_ext.protocol import SessionInfo
from graph_ext.protocol.http import HistoryEntry, Version

if TYPE_CHECKING:
    from graph_ext.client.graph import SharedGraph

__all__ = ["GraphWithHistory", "Moment"]

Moment = int | str | datetime | Version | HistoryEntry
"""A rev, a version's name, a time, or a version or commit itself."""


class GraphWithHistory(FollowedGraph):
    """A followed graph whose past can be looked at."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._commit_pages = CommitPages()

    @property
    def history(self) -> History:
        """The commits: who, when, what for. ``g.history[-5:]``, ``g.history[12]`` (rev 12)."""
        return History(self, self._commit_pages)

    def at(self, when: Moment) -> PastGraph:
        """Return the graph as it was: read like any other, but not to be changed.

        Parameters
        ----------
        when : int, str, datetime, Version or commit
            A rev (0: the empty graph), a version's name, a time (without a zone: this machine's),
            or one of ``g.versions`` or ``g.history``.

        Returns
        -------
        PastGraph
            It stays as it is, and needs no connection. A change raises ReadOnlyError;
            :meth:`fork` makes a graph that can be changed.

        Raises
        ------
        GraphError
            NOT_FOUND (no such rev or version), GONE (the log no longer reaches back to it), or
            the server can't be reached.

        Examples
        --------
        >>> g.nodes["Design"]["effort"] = 4
        >>> g.at(1).nodes["Design"]["effort"]
        3
        """
        rev = self.rev_of(when)
        return self.connection.io.run(partial(load_past, self, rev), "the reading of a past graph")

    def diff(self, before: Moment, after: Moment | None = None) -> GraphDiff:
        """Tell what makes the graph at one rev of the graph at another.

        Parameters
        ----------
        before, after : int, str, datetime, Version or commit
            As for :meth:`at`, in either order; without ``after``, the graph as it is now.

        Returns
        -------
        GraphDiff
            Print it, iterate it, or look at its ``nodes`` and ``links``.

        Raises
        ------
        GraphError
            As :meth:`at`.

        Examples
        --------
        >>> g.nodes["Design"]["effort"] = 4
        >>> g.remove_edge("Design", "Build")
        >>> print(g.diff(6))
        'example graph_ext...' from rev 6 to 8: 1 node changed, 1 link removed
        ~ node 'Design': effort 3 -> 4
        - link ('Design', 'Build', 0) (blocks)
        """
        from_rev = self.rev_of(before)
        to_rev = self.live_replica.rev if after is None else self.rev_of(after)
        return GraphDiff(self, self.ask("GET", f"diff?from_rev={from_rev}&to_rev={to_rev}", Diff))

    @overload
    def blame(self, element: object) -> ElementBlame: ...
    @overload
    def blame(self, element: object, property: str) -> LastChange: ...
    @overload
    def blame(self, element: object, *, field: str) -> LastChange: ...
    def blame(
        self,
        element: object,
        property: str | None = None,  # noqa: A002 (as people call it)
        *,
        field: str | None = None,
    ) -> ElementBlame | LastChange:
        """Tell who has last changed what of a node or a link, and when.

        Parameters
        ----------
        element : key, (u, v), (u, v, key), link_id or view
            Which node or link; it may be deleted by now.
        property : str, optional
            Of this property alone.
        field : {"name", "parent_id", "order", "position", "exists"}, optional
            Of this field alone; ``exists``: who has made or deleted it.

        Returns
        -------
        LastChange or ElementBlame
            ``rev``, ``actor``, ``when``, ``old_value``, ``new_value``; without a property or
            field, those of every property, by name.

        Raises
        ------
        GraphError
            NOT_FOUND (the log knows of no such element, or property of it), GONE (the log no
            longer reaches back to it), or the server can't be reached.

        Examples
        --------
        >>> g.nodes["Design"]["effort"] = 4
        >>> last = g.blame("Design", "effort")
        >>> last.rev, last.old_value, last.new_value
        (7, 3, 4)
        >>> {name: last.rev for name, last in g.blame("Design").items()}
        {'effort': 7, 'state': 1}
        """
        return find_blame(self, element, property, field)

    def fork(self, name: str, at: Moment | None = None) -> SharedGraph:
        """Make a session of this one's graph and history, and open it; you own it.

        Parameters
        ----------
        name : str
            What it is called.
        at : int, str, datetime, Version or commit, optional
            As it was then, as for :meth:`at`; by default as it is now.

        Raises
        ------
        GraphError
            DUPLICATE_ID (there is a session of that name), FORBIDDEN (you may not make sessions
            here), or as :meth:`at`.

        Examples
        --------
        >>> with g.fork(f"{g.name}, without a roof", at=3) as what_if:
        ...     print(list(what_if))
        ['Design', 'Build', 'Walls']
        """
        from graph_ext.client.opening import open_over  # noqa: PLC0415 (it makes these graphs)

        body: dict[str, Any] = {"name": name}
        if at is not None:
            body["rev"] = self.rev_of(at)
        made = self.ask("POST", "fork", SessionInfo, body)
        return open_over(self.connection, made.name, create=False, timeout_s=self.timeout_s)

    def save_version(self, name: str, at: Moment | None = None) -> Version:
        """Give a rev a name; the log never lets go of it, nor of what comes after.

        Parameters
        ----------
        name : str
            Unique in this session, 1 to 256 characters.
        at : int, str, datetime, Version or commit, optional
            Which, as for :meth:`at`; by default what this replica shows.

        Raises
        ------
        GraphError
            DUPLICATE_ID (there is a version of that name), SCHEMA (that is no name), FORBIDDEN
            (you may only read here), or as :meth:`at`.

        Examples
        --------
        >>> g.save_version("before review").rev
        6
        >>> len(g.at("before review"))
        4
        """
        rev = self.live_replica.rev if at is None else self.rev_of(at)
        return self.ask("PUT", version_path(name), Version, {"rev": rev})

    @property
    def versions(self) -> Versions:
        """The revs that have a name: ``g.versions["before review"].rev``, ``.remove(name)``."""
        return Versions(self.ask)

    def rev_of(self, when: Moment) -> int:
        """Return the rev that is meant (GraphError, TypeError)."""
        match when:
            case str():
                return self.versions[when].rev
            case datetime():
                return self.history.at(when.timestamp())
            case Version() | HistoryEntry():
                return when.rev
        try:
            rev = operator.index(when)
        except TypeError:
            raise TypeError(
                f"a moment is a rev, a version's name or a datetime, got {shown(when)}"
            ) from None
        if rev < 0:
            raise SchemaError(
                f"a rev counts from 0, got {rev}", fix="g.history[-1].rev is the last one"
            )
        return rev
