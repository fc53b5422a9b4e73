"""From events to what the store writes and followers read: encoded once, here.

A long commit becomes several records of about PAGE_BYTES. Called by hub/session.py, for long
commits in a worker thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from graph_ext.core.events import (
    BlueprintUpdated,
    Event,
    NodeCreated,
    NodeDeleted,
    NodeLinked,
    NodeUnlinked,
    NodeUpdated,
    PropertyChanged,
    PropertyDeleted,
)
from graph_ext.core.graph import Graph
from graph_ext.hub.ports import Append, LogEntry, Record, SnapshotPage
from graph_ext.hub.quiet import discard_here
from graph_ext.protocol import PAGE_BYTES, Commit, encode

__all__ = ["draft", "encode_page", "entry_of"]

_NODE_TAG = b'{"type":"node-created",'
_LINK_TAG = b'{"type":"node-linked",'


def draft(head: Commit, events: Sequence[Event], graph: Graph) -> Append:
    """Encode a commit and the state it leaves behind.

    Parameters
    ----------
    head : Commit
        The commit without its events.
    events : sequence of Event
        Applied to the graph already.
    graph : Graph
        As it stands after them.
    """
    # the head without its events ends in `[]}`
    begin = encode(head)[:-2]
    blueprint: bytes | None = None
    if len(events) == 1:  # what most commits have
        (event,) = events
        body = encode(event)
        nodes, links = _changes(events, [body], graph)
        records = [Record(head.rev, 0, True, b"".join((begin, body, b"]}")))]
        if isinstance(event, BlueprintUpdated):
            blueprint = encode(graph.blueprint)
    else:
        bodies = [encode(event) for event in events]
        nodes, links = _changes(events, bodies, graph)
        records = _records(head.rev, begin, bodies)
        discard_here(bodies)
        if any(isinstance(event, BlueprintUpdated) for event in events):
            blueprint = encode(graph.blueprint)
    return Append(
        entry=entry_of(head, len(events)),
        records=records,
        nodes=nodes,
        links=links,
        node_count=len(graph.nodes),
        link_count=len(graph.links),
        blueprint=blueprint,
    )


def entry_of(head: Commit, count: int) -> LogEntry:
    """Return the log entry of a commit of ``count`` events."""
    return LogEntry(
        rev=head.rev,
        actor_id=head.actor.actor_id,
        actor_name=head.actor.name,
        command_id=head.command_id,
        at=head.at,
        label=head.label,
        undoes=head.undoes,
        redoes=head.redoes,
        count=count,
    )


def _records(rev: int, begin: bytes, bodies: Iterable[bytes]) -> list[Record]:
    records: list[Record] = []
    page: list[bytes] = []
    size = len(begin)
    for body in bodies:
        size += len(body) + 1
        if page and size > PAGE_BYTES:
            page_body = b'%b%b],"more":true}' % (begin, b",".join(page))
            records.append(Record(rev, len(records), False, page_body))
            page = []
            size = len(begin) + len(body) + 1
        page.append(body)
    records.append(Record(rev, len(records), True, b"%b%b]}" % (begin, b",".join(page))))
    return records


_Changes = list[tuple[str, bytes | None]]


def _changes(
    events: Sequence[Event], bodies: Sequence[bytes], graph: Graph
) -> tuple[_Changes, _Changes]:
    """Find the rows that the events change: those deleted, then those that stand."""
    # id -> its row, where the creation event alone says what it is; None where the graph is asked
    nodes: dict[str, bytes | None] = {}
    links: dict[str, bytes | None] = {}
    gone: tuple[_Changes, _Changes] = ([], [])
    for event, body in zip(events, bodies, strict=True):
        match event:
            case NodeCreated():
                nodes[event.node_id] = b"{" + body[len(_NODE_TAG) :]
            case NodeLinked():
                links[event.link_id] = b"{" + body[len(_LINK_TAG) :]
            case NodeUpdated():
                nodes[event.node_id] = None
            case PropertyChanged() | PropertyDeleted():
                if event.node_id is not None:
                    nodes[event.node_id] = None
                elif event.link_id is not None:
                    links[event.link_id] = None
            case NodeDeleted():
                nodes.pop(event.node_id, None)
                gone[0].append((event.node_id, None))
            case NodeUnlinked():
                links.pop(event.link_id, None)
                gone[1].append((event.link_id, None))
            case BlueprintUpdated():
                pass
            case _:
                assert_never(event)
    for key, row in nodes.items():
        gone[0].append((key, row or encode(graph.nodes[key])))
    for key, row in links.items():
        gone[1].append((key, row or encode(graph.links[key])))
    return gone


def encode_page(session_id: str, epoch: str, page: SnapshotPage) -> bytes:
    """Return a ``snapshot`` message made of elements that are encoded already."""
    fields = [
        b'{"type":"snapshot","session_id":"%b","epoch":"%b","rev":%d'
        % (session_id.encode(), epoch.encode(), page.rev)
    ]
    if page.blueprint is not None:
        fields.append(b'"total":%d,"blueprint":%b' % (page.total, page.blueprint))
    if page.nodes:
        fields.append(b'"nodes":[%b]' % b",".join(page.nodes))
    if page.links:
        fields.append(b'"links":[%b]' % b",".join(page.links))
    if not page.last:
        fields.append(b'"more":true')
    return b",".join(fields) + b"}"
