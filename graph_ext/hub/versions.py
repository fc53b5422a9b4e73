"""The named revs of a session: the log never lets go of them. Owned by hub/session.py."""

from __future__ import annotations

from collections.abc import Callable

from graph_ext.core.errors import TooLargeError
from graph_ext.core.json_values import check_title
from graph_ext.hub.ports import SessionStore, Version
from graph_ext.protocol import Actor

__all__ = ["MAX_VERSIONS", "Versions"]

MAX_VERSIONS = 1000
"""How many a session may have."""

_NAME = "A version's name"


class Versions:
    """The named revs of one session.

    Parameters
    ----------
    store : SessionStore
        Keeps them.
    published : callable
        Gives the last rev that anybody may see.
    clock : callable
        Unix seconds, UTC.
    """

    def __init__(
        self, store: SessionStore, published: Callable[[], int], clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._published = published
        self._clock = clock

    async def list(self) -> list[Version]:
        """Read all of them, by rev (UnavailableError)."""
        return await self._store.versions()

    async def set(self, name: str, actor: Actor, rev: int | None = None) -> Version:
        """Name a rev (None: the last); durable before it returns.

        Raises
        ------
        SchemaError
            The name is none.
        TooLargeError
            The session has as many as it may have.
        DuplicateIdError
            There is a version of that name.
        NotFoundError, GoneError
            There is no such rev yet, or the log no longer reaches back to it.
        ReadOnlyError, UnavailableError
            The log is damaged; the disk is full or fails.
        """
        name = check_title(name, _NAME)
        if len(await self._store.versions()) >= MAX_VERSIONS:
            raise TooLargeError(
                f"A session may have {MAX_VERSIONS} versions, this one has as many",
                fix="remove one of them",
            )
        last = self._published()
        version = Version(name, last if rev is None else rev, self._clock(), actor)
        await self._store.set_version(version)
        return version

    async def remove(self, name: str) -> None:
        """Take a name away; the rev stays.

        Raises
        ------
        SchemaError, NotFoundError
            That can't be a name; there is no version of that name.
        ReadOnlyError, UnavailableError
            The log is damaged; the disk is full or fails.
        """
        await self._store.remove_version(check_title(name, _NAME))
