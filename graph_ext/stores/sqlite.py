"""The embedded store: one SQLite file (WAL, synchronous=FULL) per session, and a catalog.

Everything that touches the disk runs in threads of the store's own. A lock file beside each open
session keeps other servers out of it. Made by extension.py.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from graph_ext.core.access import Member, Members
from graph_ext.core.errors import DuplicateIdError, UnavailableError
from graph_ext.hub.ports import CatalogEntry, Restoration, Sharing
from graph_ext.stores.catalog import Catalog, session_files
from graph_ext.stores.recognising import Reached, recognise
from graph_ext.stores.restoring import SqliteRestoration, new_file
from graph_ext.stores.schema import speaking_of
from graph_ext.stores.session_file import SqliteSession
from graph_ext.stores.slate import sync_folder

__all__ = ["SqliteStore"]

_T = TypeVar("_T")

_PART = ".part"
_ABANDONED_S = 7 * 24 * 3600.0  # a crash left it


class SqliteStore:
    """Sessions in a folder.

    Parameters
    ----------
    folder : Path
        Made on the first write.
    server : str
        For people: how this server is called in the message that another one gives when a session
        is open here.
    """

    def __init__(self, folder: Path, server: str = "") -> None:
        self._folder = folder
        self._server = server or f"process {os.getpid()}"
        self._catalog = Catalog(folder)
        # the catalog's own thread, so that its file and its memory are used one at a time
        self._catalog_thread = ThreadPoolExecutor(1, "graph_ext-catalog")
        # reads never wait for the disk to take a write
        self._reading = ThreadPoolExecutor(4, "graph_ext-read")
        # session_id -> those that nobody sees yet; used in the catalog's thread
        self._restoring: dict[str, SqliteRestoration] = {}
        # session_id -> those open here
        self._open: dict[str, SqliteSession] = {}

    async def list(self) -> list[CatalogEntry]:
        """Every session, by name."""
        return await self._in_catalog("The list of sessions can't be read", self._catalog.entries)

    async def create(
        self, session_id: str, name: str, epoch: str, at: float, owner: Member | None = None
    ) -> CatalogEntry:
        """Make an empty session, and its owner with it (DuplicateIdError, UnavailableError)."""
        files = session_files(self._folder, session_id)

        def make() -> CatalogEntry:
            # the file first: what a crash leaves between the two is a file that nobody lists
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                new_file(files[0], session_id, epoch, at).close()
                return self._catalog.add(session_id, name, at, owner)
            except (sqlite3.Error, OSError, DuplicateIdError):
                _remove(files)
                raise

        return await self._in_catalog("The session could not be made", make)

    async def restore(self, session_id: str, epoch: str, at: float) -> SqliteRestoration:
        """Begin a session that nobody sees (UnavailableError)."""
        path = self._folder / f"{session_id}{_PART}"

        def begin() -> SqliteRestoration:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _remove(
                file
                for file in self._folder.glob(f"*{_PART}*")
                if at - file.stat().st_mtime > _ABANDONED_S
            )
            self._restoring[session_id] = SqliteRestoration(path, session_id, epoch, at)
            return self._restoring[session_id]

        return await self._in_catalog("The session could not be made", begin)

    async def adopt(
        self, restoration: Restoration, name: str, owner: Member | None = None
    ) -> CatalogEntry:
        """Make a finished restoration a session (DuplicateIdError, UnavailableError)."""
        session_id = restoration.session_id
        files = session_files(self._folder, session_id)

        def adopt() -> CatalogEntry:
            part = self._folder / f"{session_id}{_PART}"
            part.rename(files[0])
            sync_folder(self._folder)
            try:
                self._catalog.add(session_id, name, restoration.at, owner)
            except BaseException:
                files[0].rename(part)
                raise
            del self._restoring[session_id]
            return next(e for e in self._catalog.entries() if e.session_id == session_id)

        return await self._in_catalog("The session could not be made", adopt)

    async def discard(self, restoration: Restoration) -> None:
        """Leave nothing of a restoration."""

        def remove() -> None:
            begun = self._restoring.pop(restoration.session_id, None)
            if begun is not None:
                begun.close()
            _remove(self._folder.glob(f"{restoration.session_id}{_PART}*"))

        await self._in_catalog("The session could not be removed", remove)

    async def rename(self, session_id: str, name: str) -> None:
        """Give a session another name (DuplicateIdError, NotFoundError, UnavailableError)."""
        await self._in_catalog(
            "The session could not be renamed", self._catalog.rename, session_id, name
        )

    async def delete(self, session_id: str) -> None:
        """Forget a session for good, also one that is open here (NotFoundError, UnavailableError).

        Its files stay until :meth:`tidy`: so nothing is lost where this fails, and whatever is read
        from an open one meanwhile is there.
        """

        def forget() -> None:
            self._catalog.check(session_id)
            session = self._open.get(session_id)
            # one that is open here has its lock already
            lock = None if session is not None and session.is_open else self._lock(session_id)
            try:
                self._catalog.remove(session_id)
            finally:
                if lock is not None:
                    lock.release()

        await self._in_catalog("The session could not be deleted", forget)

    async def tidy(self) -> None:
        """Remove the files of deleted sessions that nobody has open any more (UnavailableError)."""

        def tidy() -> None:
            for session_id in self._catalog.deleted():
                try:
                    lock = self._lock(session_id)
                except UnavailableError:
                    continue  # it is still being closed
                try:
                    _remove(session_files(self._folder, session_id))
                finally:
                    lock.release()
                # gone for good before the note is: a power cut could bring them back
                sync_folder(self._folder)
                self._catalog.tidied(session_id)
                self._open.pop(session_id, None)

        await self._in_catalog("What deleted graphs have left can't be removed", tidy)

    async def open(self, session_id: str) -> SqliteSession:
        """Open a session for this server alone (NotFoundError, UnavailableError)."""

        def take() -> SqliteSession:
            reached = self._catalog.reached(session_id)
            lock = self._lock(session_id)
            try:
                path = session_files(self._folder, session_id)[0]
                if reached is not None:
                    recognise(path, reached)
                return SqliteSession(path, lock, self._reading, partial(self._note, session_id))
            except BaseException:
                lock.release()
                raise

        session = await self._in_catalog("The session's file can't be opened", take)
        self._open[session_id] = session
        return session

    def _note(self, session_id: str, reached: Reached) -> None:
        """Note up to where a file goes; where that can't be, another is not recognised for once."""
        with suppress(sqlite3.Error, OSError):
            self._catalog.reach(session_id, reached)

    async def members(self, since: int) -> tuple[int, Mapping[str, Members]]:
        """Read the members of the sessions where they have changed (UnavailableError)."""
        return await self._in_catalog("The members can't be read", self._catalog.members, since)

    async def sharing(self, session_id: str) -> Sharing:
        """Read a session's members and invitations (NotFoundError, UnavailableError)."""
        return await self._in_catalog(
            "The members can't be read", self._catalog.sharing, session_id
        )

    async def share(self, session_id: str, change: Callable[[Sharing], Sharing]) -> Sharing:
        """Change them in one step (NotFoundError, UnavailableError, what ``change`` raises)."""
        return await self._in_catalog(
            "The members could not be changed", self._catalog.share, session_id, change
        )

    async def invited(self, token_hash: bytes) -> tuple[str, str] | None:
        """Find the (session_id, invitation_id) of a link (UnavailableError)."""
        return await self._in_catalog(
            "The invitations can't be read", self._catalog.invited, token_hash
        )

    async def close(self) -> None:
        """Close every session, and end the threads."""
        for session in self._open.values():
            await session.close()
        self._open.clear()
        for threads in (self._catalog_thread, self._reading):
            threads.shutdown(wait=False)

    def _lock(self, session_id: str) -> FileLock:
        path = session_files(self._folder, session_id)[3]
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            holder = ""
            with suppress(OSError):
                holder = path.read_text()
            raise UnavailableError(
                f"Another Jupyter server has this session open ({holder or 'it left no name'})",
                fix="use that server, or stop it",
            ) from None
        with suppress(OSError):  # where the system lets nobody write into a locked file
            path.write_text(self._server)
        return lock

    async def _in_catalog(self, failing: str, function: Callable[..., _T], *args: Any) -> _T:
        def call() -> _T:
            with speaking_of(failing):
                return function(*args)

        return await asyncio.get_running_loop().run_in_executor(self._catalog_thread, call)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
