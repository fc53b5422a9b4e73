"""The slate: short commits that are durable already, and not in the database yet.

A small file beside a session's database. It has its whole length from the beginning, so that
noting a commit is to overwrite some hundred bytes and to sync them, the least that being durable
takes. The database follows soon, and then the slate is written over from its beginning; after a
crash, what stands on it is put into the database before anything else
(docs/decisions/020-slate.md). Owned by writer.py.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec

from graph_ext.core.errors import UnavailableError
from graph_ext.hub.ports import Append
from graph_ext.stores.schema import chained_after

__all__ = ["NOTE_BYTES", "Slate", "size_of", "slate_of", "sync_folder", "waiting_on"]

NOTE_BYTES = 16 * 1024
"""What is longer goes into the database directly: then syncing is the least of it."""

_BYTES = 1024 * 1024
_SUFFIX = ".slate"

_HEAD = struct.Struct("<IQ16s")  # the commits' length, their first rev, the checksum before it
_DIGEST_BYTES = 16
_decoder = msgspec.msgpack.Decoder(list[Append])
_encoder = msgspec.msgpack.Encoder()

# which systems have; the others sync what is known of the file, too
_sync = getattr(os, "fdatasync", os.fsync)


class Slate:
    """The slate of one session, for several threads.

    Parameters
    ----------
    database : Path
        The session's file; the slate stands beside it.
    """

    def __init__(self, database: Path) -> None:
        self._path = slate_of(database)
        # open while it can be written; where the next note goes
        self._file: int | None = None
        self._at = 0
        # what the database has not, oldest first; grows and shrinks with the lock held
        self._commits: list[Append] = []
        self._size = 0
        self._free = Lock()

    @property
    def is_ready(self) -> bool:
        """Whether it can be written."""
        return self._file is not None

    @property
    def size(self) -> int:
        """How many bytes the records have that the database has not."""
        return self._size

    def commits(self) -> tuple[Append, ...]:
        """Return what the database has not, oldest first."""
        with self._free:
            return tuple(self._commits)

    def make(self) -> None:
        """Make the file, durably and with all of its length (OSError).

        Not while there is one, or what is on an old one is not in the database.
        """
        if self._file is not None or self._commits:
            return
        flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_BINARY", 0)
        file = os.open(self._path, flags, 0o600)
        try:
            # written, not only asked for: a place that was never written costs more to sync
            _write_at(file, bytes(_BYTES), 0)
            os.fsync(file)
            sync_folder(self._path.parent)
        except BaseException:
            os.close(file)
            self._remove()
            raise
        self._file, self._at = file, 0

    def note(self, commits: Sequence[Append], before: bytes) -> bool:
        """Make commits durable that follow a checksum; False where there is no room (OSError)."""
        body = _encoder.encode(commits)
        note = _HEAD.pack(len(body), commits[0].entry.rev, before.ljust(16, b"\0")) + body
        note += _digest(note)
        with self._free:
            if self._file is None or len(body) > NOTE_BYTES or self._at + len(note) > _BYTES:
                return False
            _write_at(self._file, note, self._at)
            _sync(self._file)
            self._at += len(note)
            self._commits += commits
            self._size += size_of(commits)
        return True

    def erase(self, count: int) -> None:
        """Forget the oldest commits: the database has them, durably."""
        with self._free:
            self._size -= size_of(self._commits[:count])
            del self._commits[:count]
            if not self._commits:
                self._at = 0

    def close(self) -> None:
        """Let go of the file; where the database has everything, there is none any more."""
        with self._free:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            if not self._commits:
                self._remove()

    def _remove(self) -> None:
        # what stays is no harm: the database has all of it
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def slate_of(database: Path) -> Path:
    """Return where the slate of a session's file is."""
    return database.with_suffix(_SUFFIX)


def waiting_on(database: Path, rev: int, chained: bytes) -> list[Append]:
    """Read what a crash has left: the commits that follow a file's last one without a gap.

    Parameters
    ----------
    database : Path
        The session's file.
    rev : int
        Its last commit.
    chained : bytes
        The checksum of its last record. What does not follow from that is of an earlier time, for
        notes are written over, not wiped.

    Raises
    ------
    UnavailableError
        What follows can't be understood.
    OSError
        The disk fails.
    """
    found: list[Append] = []
    try:
        content = slate_of(database).read_bytes()
    except FileNotFoundError:
        return found
    # those of earlier times stand behind the newer ones
    for first, before, body in sorted(_notes(content), key=lambda note: note[0]):
        if first == rev + 1 and before == chained.ljust(16, b"\0"):
            try:
                commits = _decoder.decode(body)
            except msgspec.MsgspecError as error:
                raise UnavailableError(
                    "Its last changes were saved by another graph_ext, whose server was killed",
                    fix="open it once with that version, and stop the server properly",
                ) from error
            found += commits
            rev, chained = commits[-1].entry.rev, chained_after(chained, commits)
    return found


def _notes(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Give (first rev, checksum before it, commits) of each whole note from the beginning on."""
    at = 0
    while at + _HEAD.size + _DIGEST_BYTES <= len(content):
        length, first, before = _HEAD.unpack_from(content, at)
        end = at + _HEAD.size + length
        if not length or content[end : end + _DIGEST_BYTES] != _digest(content[at:end]):
            return
        yield first, before, content[at + _HEAD.size : end]
        at = end + _DIGEST_BYTES


def size_of(commits: Sequence[Append]) -> int:
    """How many bytes their records have."""
    return sum([len(record.body) for commit in commits for record in commit.records])


def _digest(note: bytes) -> bytes:
    return hashlib.blake2b(note, digest_size=_DIGEST_BYTES).digest()


def _write_at(file: int, data: bytes, at: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, at, os.SEEK_SET)
        done = os.write(file, data)
    else:
        done = os.pwrite(file, data, at)
    if done != len(data):
        raise OSError(f"{done} of {len(data)} bytes were written")


def sync_folder(folder: Path) -> None:
    """Make a file's new name durable, where the system has a way."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
