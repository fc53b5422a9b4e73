"""From events to what the store writes and followers read: encoded once, here.

A long commit becomes several records of about PAGE_BYTES. Called by hub/session.py, for long
commits in a worker thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from msgspec.structs import replace

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
from graph_ext.core.graph import Graph, Link, Node
from graph_ext.hub.ports import Append, LogEntry, Record, SnapshotPage
from graph_ext.hub.quiet import discard_here
from graph_ext.protocol import PAGE_BYTES, Commit, encode

__all__ = ["draft", "encode_page", "entry_of"]


def draft(commit: Commit, graph: Graph) -> Append:
    """Encode a commit and the state it leaves behind.

    Parameters
    ----------
    commit : Commit
        With its events, which are applied to the graph already.
    graph : Graph
        As it stands after them.
    """
    events = commit.events
    blueprint: bytes | None = None
    nodes: list[_Row] = []
    links: list[_Row] = []
    if len(events) == 1:  # what most commits have
        records = [Record(commit.rev, 0, True, encode(commit))]
        node_id, link_id = _changed(events[0])
        if node_id is not None:
            nodes.append(_row(node_id, graph.nodes))
        elif link_id is not None:
            links.append(_row(link_id, graph.links))
        else:
            blueprint = encode(graph.blueprint)
    else:
        bodies = [encode(event) for event in events]
        records = _records(commit, bodies)
        nodes, links = _changes(events, bodies, graph)
        discard_here(bodies)
        if any(isinstance(event, BlueprintUpdated) for event in events):
            blueprint = encode(graph.blueprint)
    return Append(
        entry_of(commit, len(events)),
        records,
        nodes,
        links,
        len(graph.nodes),
        len(graph.links),
        blueprint,
    )


def entry_of(head: Commit, count: int) -> LogEntry:
    """Return the log entry of a commit of ``count`` events."""
    actor = head.actor
    return LogEntry(
        head.rev,
        actor.actor_id,
        actor.name,
        head.command_id,
        head.at,
        head.label,
        head.undoes,
        head.redoes,
        count,
    )


def _records(commit: Commit, bodies: Sequence[bytes]) -> list[Record]:
    """Encode a commit of many events, or none, in as many parts as it takes."""
    # without its events it ends in `[]}`
    begin = encode(replace(commit, events=[]))[:-2]
    records: list[Record] = []
    page: list[bytes] = []
    size = len(begin)
    for body in bodies:
        size += len(body) + 1
        if page and size > PAGE_BYTES:
            page_body = b'%b%b],"more":true}' % (begin, b",".join(page))
            records.append(Record(commit.rev, len(records), False, page_body))
            page = []
            size = len(begin) + len(body) + 1
        page.append(body)
    records.append(Record(commit.rev, len(records), True, b"%b%b]}" % (begin, b",".join(page))))
    return records


_NODE_TAG = b'{"type":"node-created",'
_LINK_TAG = b'{"type":"node-linked",'

_Row = tuple[str, bytes | None]


def _row(element_id: str, elements: Mapping[str, Node] | Mapping[str, Link]) -> _Row:
    """Return the row of an element as it stands now, or as it is gone."""
    element = elements.get(element_id)
    return element_id, None if element is None else encode(element)


def _changed(event: Event) -> tuple[str | None, str | None]:
    """Return the node_id or the link_id of what an event changes; neither: the blueprint."""
    match event:  # what comes most stands first: each case costs its time
        case PropertyChanged() | PropertyDeleted():
            return event.node_id, event.link_id
        case NodeCreated() | NodeUpdated() | NodeDeleted():
            return event.node_id, None
        case NodeLinked() | NodeUnlinked():
            return None, event.link_id
        case BlueprintUpdated():
            return None, None
        case _:
            assert_never(event)


def _changes(
    events: Sequence[Event], bodies: Sequence[bytes], graph: Graph
) -> tuple[list[_Row], list[_Row]]:
    """Find the rows that many events change: those deleted, then those that stand."""
    # by id, in the order of their first change; where the creation alone says what it is, its row
    nodes: dict[str, bytes | None] = {}
    links: dict[str, bytes | None] = {}
    gone: tuple[list[_Row], list[_Row]] = ([], [])
    for event, body in zip(events, bodies, strict=True):
        if type(event) is NodeLinked:  # what long commits have most
            links[event.link_id] = b"{" + body[len(_LINK_TAG) :]
        elif type(event) is NodeCreated:
            nodes[event.node_id] = b"{" + body[len(_NODE_TAG) :]
        elif isinstance(event, NodeDeleted):
            nodes.pop(event.node_id, None)
            gone[0].append((event.node_id, None))
        elif isinstance(event, NodeUnlinked):
            links.pop(event.link_id, None)
            gone[1].append((event.link_id, None))
        else:
            node_id, link_id = _changed(event)
            if node_id is not None:
                nodes[node_id] = None
            elif link_id is not None:
                links[link_id] = None
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
