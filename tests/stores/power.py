"""Power cuts: a program is traced, and at any moment of it a disk says what would be left.

What was written and not yet synced may be there or not, write by write, and torn. Made of
strace's output; -shm files are memory and lock files say nothing, so both are left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

_CALLS = "openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,rename"
_HEX = re.compile(rb"(?:\\x[0-9a-f]{2})+")
_CALL = re.compile(rb"^\d+ +(\w+)\((.*)\) += (-?\d+)", re.DOTALL)
_UNFINISHED = re.compile(rb"^(\d+) +(.*) <unfinished \.\.\.>$", re.DOTALL)
_RESUMED = re.compile(rb"^(\d+) +<\.\.\. \w+ resumed>(.*)$", re.DOTALL)
_DESCRIPTOR = re.compile(rb"^\d+<([^>]*)>")
_STRING = re.compile(rb'"([^"]*)"')
_SECTOR = 512
_ROOT = Path(__file__).parents[2]  # where `tests` is found


@dataclass
class Call:
    """A system call on a file of the traced folder, or an acknowledgement."""

    name: str
    file: str = ""
    to: str = ""
    data: bytes = b""
    offset: int = 0


def trace(folder: Path, program: str, output: Path) -> list[Call]:
    """Run a Python program on a folder; return what it did there, and what it said (``write``)."""
    strace = ["strace", "-f", "-y", "-xx", "-s", "2000000", "-e", f"trace={_CALLS}"]
    subprocess.run(
        [*strace, "-o", str(output), sys.executable, "-c", program, str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=_ROOT,
    )
    return list(_calls(output.read_bytes().splitlines(), str(folder)))


def _calls(lines: Sequence[bytes], folder: str) -> Iterator[Call]:
    begun: dict[bytes, bytes] = {}
    for line in lines:
        if match := _UNFINISHED.match(line):
            begun[match[1]] = line[: match.end(2)]
            continue
        if match := _RESUMED.match(line):
            line = begun.pop(match[1]) + match[2]  # noqa: PLW2901 - the line as it would have been
        found = _CALL.match(line)
        if found is not None and not found[3].startswith(b"-"):
            call = _call(found[1].decode(), found[2], folder)
            if call is not None:
                yield call


def _call(name: str, arguments: bytes, folder: str) -> Call | None:
    texts = [_plain(text) for text in _STRING.findall(arguments)]
    descriptor = _DESCRIPTOR.match(arguments)
    path = _plain(descriptor[1]).decode() if descriptor else ""
    if name == "write":
        return (
            Call("said", data=texts[0]) if b"<pipe:" in arguments or "/dev/null" in path else None
        )
    if name in {"openat", "unlink", "rename"}:
        path = texts[0].decode()
    if not path.startswith(folder):
        return None
    numbers = re.findall(rb", (\d+)", _STRING.sub(b'""', arguments))
    match name:
        case "openat":
            return Call("made", path) if b"O_CREAT" in arguments else None
        case "rename":
            return Call("renamed", path, to=texts[1].decode())
        case "pwrite64":
            return Call("wrote", path, data=texts[0], offset=int(numbers[-1]))
        case "ftruncate":
            return Call("cut", path, offset=int(numbers[-1]))
        case "unlink":
            return Call("removed", path)
        case _:
            return Call("synced", path)


def _plain(text: bytes) -> bytes:
    return _HEX.sub(lambda match: bytes.fromhex(match[0].replace(b"\\x", b"").decode()), text)


@dataclass
class _File:
    durable: bytes = b""
    waiting: list[Call] = field(default_factory=list)


class Disk:
    """What a folder's files would be after a power cut."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self._files: dict[str, _File] = {}
        # names that a cut may bring back: removed or renamed, the folder not synced since
        self._ghosts: dict[str, _File] = {}

    def do(self, call: Call) -> None:
        """Take the next call."""
        if call.file.endswith(("-shm", ".lock")):
            return
        match call.name:
            case "made":
                self._files.setdefault(call.file, _File())
            case "wrote" | "cut":
                self._files[call.file].waiting.append(call)
            case "synced" if call.file == self.folder:
                self._ghosts.clear()
            case "synced":
                file = self._files[call.file]
                file.durable, file.waiting = _applied(file.durable, file.waiting), []
            case "removed":
                self._ghosts[call.file] = self._files.pop(call.file)
            case "renamed":
                self._files[call.to] = self._files.pop(call.file)
            case _:
                pass

    def cut(self, random: Random, into: Path) -> None:
        """Write what is left into a folder."""
        into.mkdir()
        files = {name: file for name, file in self._ghosts.items() if random.random() < 0.5}
        for name, file in {**files, **self._files}.items():
            kept = [_torn(call, random) for call in file.waiting if random.random() < 0.5]
            content = _applied(file.durable, kept)
            (into / Path(name).name).write_bytes(content)


def _applied(content: bytes, calls: Sequence[Call]) -> bytes:
    data = bytearray(content)
    for call in calls:
        if call.name == "cut":
            data[call.offset :] = bytes(max(0, call.offset - len(data)))
            continue
        end = call.offset + len(call.data)
        if len(data) < end:
            data += bytes(end - len(data))
        data[call.offset : end] = call.data
    return bytes(data)


def _torn(call: Call, random: Random) -> Call:
    """Return a write of which perhaps only the first sectors have reached the disk."""
    if call.name != "wrote" or len(call.data) <= _SECTOR or random.random() < 0.8:
        return call
    whole = random.randrange(len(call.data) // _SECTOR) * _SECTOR
    return Call("wrote", call.file, data=call.data[:whole], offset=call.offset)
