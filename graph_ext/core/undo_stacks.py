"""Whose turn it is at undo and redo: a stack of each for every actor, derived from the log."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from graph_ext.core.errors import UndoEmptyError

__all__ = ["LoggedCommit", "UndoStacks"]

UNDO_DEPTH = 1000
"""How many commands of an actor can be undone one after the other."""


class LoggedCommit(Protocol):
    """A commit as the stacks need it; the hub's ``LogEntry`` is one."""

    @property
    def rev(self) -> int:
        """Its number."""

    @property
    def actor_id(self) -> str:
        """Who made it."""

    @property
    def undoes(self) -> int | None:
        """The rev that it undoes."""

    @property
    def redoes(self) -> int | None:
        """The rev of the undo that it takes back."""


class UndoStacks:
    """The undo and redo stacks of a session's actors, a function of its log.

    Feed it with every commit of the log, rev ascending; the last thousand an actor are kept.
    """

    def __init__(self) -> None:
        # actor_id -> revs, ascending; what undo and redo take is the last
        self._undo: dict[str, deque[int]] = {}
        self._redo: dict[str, deque[int]] = {}

    def add(self, commit: LoggedCommit) -> None:
        """Take note of the next commit."""
        if commit.undoes is not None:
            self._drop(self._undo, commit.undoes)
            # the history may be told to undo an undo: then that one can't be redone any more
            self._drop(self._redo, commit.undoes)
            self._push(self._redo, commit)
        elif commit.redoes is not None:
            self._drop(self._redo, commit.redoes)
            self._push(self._undo, commit)
        else:
            self._redo.pop(commit.actor_id, None)
            self._push(self._undo, commit)

    def undo_target(self, actor_id: str | None) -> int:
        """Return the rev of an actor's last command that is not undone (None: the session's).

        Raises
        ------
        UndoEmptyError
            There is none.
        """
        stacks = self._undo.values() if actor_id is None else [self._undo.get(actor_id)]
        last = [stack[-1] for stack in stacks if stack]
        if not last:
            raise UndoEmptyError("there is nothing to undo")
        return max(last)

    def redo_target(self, actor_id: str) -> int:
        """Return the rev of an actor's last undo that is not redone.

        Raises
        ------
        UndoEmptyError
            There is none, or the actor has made a new command since.
        """
        stack = self._redo.get(actor_id)
        if not stack:
            raise UndoEmptyError("there is nothing to redo")
        return stack[-1]

    def drop(self, rev: int) -> None:
        """Forget a commit of which nothing is left to undo or redo."""
        self._drop(self._undo, rev)
        self._drop(self._redo, rev)

    def forget(self, floor: int) -> None:
        """Forget the commits up to and including a rev: the log has them no more."""
        for stacks in (self._undo, self._redo):
            for stack in stacks.values():
                while stack and stack[0] <= floor:
                    stack.popleft()

    @staticmethod
    def _push(stacks: dict[str, deque[int]], commit: LoggedCommit) -> None:
        stacks.setdefault(commit.actor_id, deque(maxlen=UNDO_DEPTH)).append(commit.rev)

    @staticmethod
    def _drop(stacks: dict[str, deque[int]], rev: int) -> None:
        for stack in stacks.values():
            if rev in stack:
                stack.remove(rev)
