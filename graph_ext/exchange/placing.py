"""Putting finished files in their places, all of them or none: nobody ever sees half a file."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

__all__ = ["place_files", "placed"]


@contextmanager
def placed(path: Path) -> Iterator[IO[bytes]]:
    """Give a new file to write, which takes the place of what is at a path when all went well.

    Until then, and after an error, what was there stays. A link is followed; a device or a pipe is
    written as it comes.

    Raises
    ------
    OSError
        There is no such folder, or it can't be written.
    """
    path = Path(os.path.realpath(path))
    if path.is_dir():  # before anything is written: another file of a pair may be in its place then
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        # not of tempfile: its files are their maker's only
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    except BaseException as error:
        with suppress(OSError):
            part.unlink()
        if isinstance(error, OSError) and error.filename == str(part):
            error.filename = str(path)  # what people know
        raise


def place_files(bodies: Mapping[Path, bytes]) -> None:
    """Write several files that belong together; none takes its place before all are on the disk.

    Raises
    ------
    OSError
        One of them can't be written.
    """
    with ExitStack() as stack:
        for path, body in bodies.items():
            file = stack.enter_context(placed(path))
            file.write(body)
            # what the disk has no room for fails here, with all in their old state
            file.flush()
            with suppress(OSError):  # a pipe can't
                os.fsync(file.fileno())
