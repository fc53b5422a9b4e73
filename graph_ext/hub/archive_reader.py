"""Reading an archive that others may have made: nothing in it is trusted.

Called by hub/transfer.py, in worker threads.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from math import isfinite

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from graph_ext.core.errors import (
    BadMessageError,
    DuplicateIdError,
    GraphError,
    TooLargeError,
    UnavailableError,
)
from graph_ext.core.json_text import UNREADABLE, unreadable
from graph_ext.core.json_values import check_id, check_name, check_title, shown
from graph_ext.core.retrace import check_element
from graph_ext.hub.archive import (
    ARCHIVE_VERSION,
    FORMAT,
    GZIP,
    Footer,
    Header,
    NamedRev,
    running_checksum,
)
from graph_ext.hub.draft import entry_of
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.ports import (
    LogEntry,
    Record,
    Restoration,
    Restored,
    Version,
)
from graph_ext.hub.versions import MAX_VERSIONS
from graph_ext.protocol import Actor, Commit, Snapshot, encode

__all__ = ["ArchiveReader"]

_LINE_BYTES = 32 * 1024 * 1024  # the longest line there can be: one change of one large element
_PIECE_BYTES = 1024 * 1024  # decompressed at once
_LABEL_BYTES = 64 * 1024


class _Tag(Struct, frozen=True):
    type: str = ""


_any_line = msgspec.json.Decoder(_Tag)
_header = msgspec.json.Decoder(Header)
_snapshot = msgspec.json.Decoder(Snapshot)
_commit = msgspec.json.Decoder(Commit)
_named_rev = msgspec.json.Decoder(NamedRev)
_footer = msgspec.json.Decoder(Footer)


class ArchiveReader:
    """Reads an archive piece by piece into a session in the making. For worker threads.

    Every line is checked by itself and against those before it. Whether the log leads to the graph
    is for hub/transfer.py to say, once all is there.

    Parameters
    ----------
    into : Restoration
        Where it goes.
    limits : HubLimits
        ``import_bytes`` and ``import_elements``.
    """

    def __init__(self, into: Restoration, limits: HubLimits) -> None:
        self._into = into
        self._limits = limits
        self._unpacker = zlib.decompressobj(wbits=GZIP)
        self._unpacked = 0
        # the begin of a line whose end has not come yet
        self._rest = bytearray()
        self._checksum = running_checksum()
        self._lines = 0
        # what the next line has to be; None behind the footer
        self._next: Callable[[bytes], None] | None = self._take_header
        # set by the header and the first page
        self.rev = self.floor = 0
        self._named = self._total = 0
        self._blueprint = b"{}"
        self._counts = [0, 0]
        # the commit that is being read: its first part without the events, and how many those are
        self._head: Commit | None = None
        self._count = self._part = 0
        self._at_rev = 0
        self._updated_at = into.at
        self._versions: list[Version] = []
        # what goes to the store together
        self._nodes: list[tuple[str, bytes]] = []
        self._links: list[tuple[str, bytes]] = []
        self._records: list[Record] = []
        self._entries: list[LogEntry] = []

    def feed(self, piece: bytes) -> None:
        """Read on.

        Raises
        ------
        BadMessageError
            This is no archive, or a damaged one, or one of a newer version.
        TooLargeError
            It holds more than this server takes.
        UnavailableError
            The store can't be written.
        """
        unpacker = self._unpacker
        text = b""
        # a full piece may have more behind it, even where all that came is used up
        while piece or len(text) == _PIECE_BYTES:
            try:
                text = unpacker.decompress(piece, _PIECE_BYTES)
            except zlib.error as error:
                raise BadMessageError(f"This is no gzip stream: {error}") from error
            piece = unpacker.unconsumed_tail
            self._unpacked += len(text)
            if self._unpacked > self._limits.import_bytes:
                raise TooLargeError(
                    f"An archive may hold {self._limits.import_bytes} bytes, this one holds more"
                )
            self._split(text)
            self._flush()
        if unpacker.unused_data:
            raise BadMessageError("The archive goes on behind its end")

    def finish(self) -> None:
        """Hear that there is no more; the session is whole then (errors: see :meth:`feed`)."""
        if not self._unpacker.eof or self._next is not None:
            raise BadMessageError("The archive is cut off: its end is missing")
        self._into.finish(
            Restored(
                rev=self.rev,
                floor=self.floor,
                blueprint=self._blueprint,
                node_count=self._counts[0],
                link_count=self._counts[1],
                updated_at=self._updated_at,
                versions=self._versions,
            )
        )

    def _split(self, text: bytes) -> None:
        begin = 0
        while (end := text.find(b"\n", begin)) >= 0:
            line = bytes(self._rest) + text[begin:end] if self._rest else text[begin:end]
            self._rest.clear()
            begin = end + 1
            self._take(line)
        self._rest += text[begin:]
        if len(self._rest) > _LINE_BYTES:
            raise TooLargeError(
                f"A line of an archive may have {_LINE_BYTES} bytes, "
                f"line {self._lines + 1} has more"
            )

    def _take(self, line: bytes) -> None:
        if self._next is None:
            raise BadMessageError("The archive goes on behind its end")
        take = self._next
        try:
            take(line)
        except UnavailableError:
            raise
        except GraphError as error:
            refusal = TooLargeError if isinstance(error, TooLargeError) else BadMessageError
            raise refusal(
                f"Line {self._lines + 1} of the archive can't be taken: {error.message}"
            ) from error
        except UNREADABLE as error:
            raise BadMessageError(
                f"Line {self._lines + 1} of the archive can't be read: "
                f"{unreadable(error, line[:_PIECE_BYTES]).message}"
            ) from error
        if take != self._take_footer:
            self._checksum.update(line)
            self._checksum.update(b"\n")
        self._lines += 1

    def _flush(self) -> None:
        try:
            if self._nodes or self._links:
                self._into.write_state(self._nodes, self._links)
                self._nodes, self._links = [], []
            if self._records or self._entries:
                self._into.write_log(self._records, self._entries)
                self._records, self._entries = [], []
        except DuplicateIdError as error:
            raise BadMessageError(f"The archive can't be taken: {error.message}") from error

    def _take_header(self, line: bytes) -> None:
        if _any_line.decode(line).type != FORMAT:
            raise BadMessageError("this is no archive of a session")
        header = _header.decode(line)
        if header.version > ARCHIVE_VERSION:
            raise BadMessageError(
                f"it is of version {header.version}, this graph_ext reads up to {ARCHIVE_VERSION}",
                fix="update graph_ext on this server",
            )
        if not 0 <= header.floor <= header.rev < 2**53:
            raise BadMessageError(f"its log can't go from rev {header.floor} to {header.rev}")
        if not 0 <= header.versions <= MAX_VERSIONS:
            raise TooLargeError(f"a session may have {MAX_VERSIONS} versions")
        self.rev, self.floor, self._named = header.rev, header.floor, header.versions
        self._at_rev = header.floor
        self._next = self._take_first_page

    def _take_first_page(self, line: bytes) -> None:
        page = _snapshot.decode(line)
        if page.blueprint is None:
            raise BadMessageError("the graph begins with its blueprint")
        if not 0 <= page.total <= self._limits.import_elements:
            raise TooLargeError(
                f"a graph may have {self._limits.import_elements} elements, "
                f"this one has {page.total}"
            )
        self._blueprint = encode(page.blueprint)
        self._total = page.total
        self._take_elements(page)

    def _take_page(self, line: bytes) -> None:
        page = _snapshot.decode(line)
        if page.blueprint is not None:
            raise BadMessageError("the blueprint comes twice")
        self._take_elements(page)

    def _take_elements(self, page: Snapshot) -> None:
        if page.rev != self.rev:
            raise BadMessageError(f"the graph is at rev {page.rev}, the archive at {self.rev}")
        if page.nodes and self._counts[1]:
            raise BadMessageError("a node comes after the links")
        for node in page.nodes:
            check_element(node)
            self._nodes.append((node.node_id, encode(node)))
        for link in page.links:
            check_element(link)
            self._links.append((link.link_id, encode(link)))
        self._counts[0] += len(page.nodes)
        self._counts[1] += len(page.links)
        found = sum(self._counts)
        if found > self._total or (found < self._total and not page.more):
            raise BadMessageError(f"the graph has {found} elements, not {self._total} as it says")
        self._next = self._take_page if page.more else self._after_state()

    def _after_state(self) -> Callable[[bytes], None]:
        return self._take_commit if self._at_rev < self.rev else self._after_log()

    def _after_log(self) -> Callable[[bytes], None]:
        return self._take_version if len(self._versions) < self._named else self._take_footer

    def _take_commit(self, line: bytes) -> None:
        commit = _commit.decode(line)
        head = replace(commit, events=[], more=False)
        if self._head is None:
            self._check_head(commit)
            self._head, self._count, self._part = head, 0, 0
        elif head != self._head:
            raise BadMessageError("the parts of a commit do not go together")
        if commit.more and not commit.events:
            raise BadMessageError("a part of a commit has no events")
        body = encode(replace(commit, session_id=self._into.session_id, epoch=self._into.epoch))
        self._records.append(Record(commit.rev, self._part, not commit.more, body))
        self._part += 1
        self._count += len(commit.events)
        if not commit.more:
            self._entries.append(entry_of(commit, self._count))
            self._at_rev = commit.rev
            self._updated_at = commit.at
            self._head = None
            self._next = self._after_state()

    def _check_head(self, commit: Commit) -> None:
        if commit.rev != self._at_rev + 1:
            raise BadMessageError(f"rev {commit.rev} comes after rev {self._at_rev}")
        check_id(commit.command_id, "a command_id", "command_id")
        if commit.client_id:
            check_id(commit.client_id, "a client_id", "client_id")
        _check_actor(commit.actor)
        _check_at(commit.at)
        if len(commit.label.encode()) > _LABEL_BYTES:
            raise TooLargeError("a label is too long")
        for rev in (commit.undoes, commit.redoes):
            if rev is not None and not 0 < rev < commit.rev:
                raise BadMessageError(f"rev {commit.rev} can't undo or redo rev {rev}")
        if commit.undoes is not None and commit.redoes is not None:
            raise BadMessageError("a commit can't both undo and redo")

    def _take_version(self, line: bytes) -> None:
        named = _named_rev.decode(line)
        name = check_title(named.name, "a version's name")
        if name in {version.name for version in self._versions}:
            raise BadMessageError(f"the version {shown(name)} comes twice")
        if not self.floor <= named.rev <= self.rev:
            raise BadMessageError(f"the version {shown(name)} names rev {named.rev}")
        _check_actor(named.actor)
        _check_at(named.at)
        self._versions.append(Version(name, named.rev, named.at, named.actor))
        self._next = self._after_log()

    def _take_footer(self, line: bytes) -> None:
        footer = _footer.decode(line)
        if (footer.lines, footer.checksum) != (self._lines, self._checksum.hexdigest()):
            raise BadMessageError("its checksum is not the one it says: it was damaged or edited")
        self._next = None


def _check_actor(actor: Actor) -> None:
    check_id(actor.actor_id, "an actor_id", "actor.actor_id")
    if actor.name:
        check_name(actor.name, "actor.name")


def _check_at(at: float) -> None:
    if not isfinite(at):
        raise BadMessageError("a time must be finite")
