"""What reads bytes that somebody else wrote: each must read them, or refuse them in its own words.

A target takes any bytes and returns; it raises only where the product is wrong. Fuzzed by atheris
(``python -m tests.fuzz TARGET``) and, a little, by every run of the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import msgspec

from graph_ext.client.elements.keys import key_of, node_id_of
from graph_ext.core.blueprint import Blueprint, PropertyType, ValueType
from graph_ext.core.blueprint_rules import check_blueprint
from graph_ext.core.commands import Batch, Redo, Undo, execute
from graph_ext.core.errors import GraphError
from graph_ext.core.events import Event
from graph_ext.core.expectations import check_expectations
from graph_ext.core.graph import Graph
from graph_ext.core.json_schema import json_schema
from graph_ext.core.patterns import compile_pattern
from graph_ext.core.property_values import property_problem
from graph_ext.exchange import Format, read_file
from graph_ext.protocol import (
    Commit,
    SubmitCommand,
    UnreadableMessage,
    decode_client_frame,
    decode_server_frame,
    encode,
    spell_out,
)
from tests.commits import counter, state_of

__all__ = ["TARGETS", "seeds"]

Target = Callable[[bytes], None]

_FILES = Path(__file__).parent.parent / "exchange" / "files"
_PROTOCOL = Path(__file__).parent.parent.parent / "docs" / "protocol.md"


def client_frame(data: bytes) -> None:
    """A client's frame; its commands are carried out, all or nothing."""
    try:
        messages = decode_client_frame(data)
    except GraphError as error:
        _said(error)
        return
    graph = Graph()
    new_id = counter("made-")
    for message in messages:
        if isinstance(message, UnreadableMessage):
            _said(message.error)
        elif isinstance(message, SubmitCommand) and not isinstance(message.command, Undo | Redo):
            before = state_of(graph)
            try:
                check_expectations(graph, message.expect)
                events = execute(graph, message.command, new_id)
            except GraphError as error:
                _said(error)
                assert state_of(graph) == before
            else:
                decode_server_frame(_commit(events))
        else:
            decode_client_frame(encode(message))


def server_frame(data: bytes) -> None:
    """A server's frame, as a client reads it."""
    try:
        messages = decode_server_frame(data)
    except GraphError as error:
        _said(error)
        return
    for message in messages:
        decode_server_frame(encode(message))
        if isinstance(message, Commit):
            for event in spell_out(message):
                encode(event)


def blueprint(data: bytes) -> None:
    """A blueprint as people write it in JSON."""
    try:
        written = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return
    try:
        made = Blueprint.from_mapping(written)
        check_blueprint(made)
    except GraphError as error:
        _said(error)
        return
    for type_id in [*made.node_types, *made.link_types]:
        encode(json_schema(made, type_id))
    assert Blueprint.from_mapping(msgspec.to_builtins(made)) == made


def pattern(data: bytes) -> None:
    """A pattern and a text, a line each."""
    written, _, text = data.decode(errors="replace").partition("\n")
    try:
        compiled = compile_pattern(written)
    except GraphError as error:
        _said(error)
        return
    compiled.search(text[:1000])


def property_value(data: bytes) -> None:
    """A value of every type of property."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return
    for kind in get_args(ValueType):
        problem = property_problem(PropertyType(type=kind, options=("a", "b")), value)
        assert problem is None or problem.encode()


def key(data: bytes) -> None:
    """An id as Python's key, and back."""
    text = data.decode(errors="replace")
    if text:
        assert node_id_of(key_of(text)) == text


def _reader(name: Format | None) -> Target:
    def read(data: bytes) -> None:
        try:
            file = read_file(data, name)
            for node in file.nodes:
                encode(node)
            execute(Graph(), Batch([*file.nodes, *file.links]), counter("made-"))
        except GraphError as error:
            _said(error)

    return read


def _said(error: GraphError) -> None:
    """A refusal can be sent to whoever is refused."""
    assert error.code
    assert str(error).encode()


def _commit(events: Sequence[Event]) -> bytes:
    head = {"session_id": "s", "epoch": "e", "rev": 1, "command_id": "c", "client_id": "me"}
    more = {"type": "commit", "actor": {"actor_id": "a"}, "at": 1.0, "events": events}
    return encode({**head, **more})


TARGETS: dict[str, Target] = {
    "client-frame": client_frame,
    "server-frame": server_frame,
    "blueprint": blueprint,
    "pattern": pattern,
    "property-value": property_value,
    "key": key,
    "any-file": _reader(None),
    **{f"file-{name}": _reader(name) for name in get_args(Format)},
}
"""Every target, by its name."""


def seeds(target: str) -> Iterator[bytes]:
    """Inputs that the target reads without complaint, to start from."""
    match target:
        case "client-frame" | "server-frame":
            kind = target.split("-", maxsplit=1)[0]
            for block in _PROTOCOL.read_text().split(f"```json {kind}\n")[1:]:
                yield block.split("```")[0].encode()
        case "blueprint":
            task = {
                "properties": {
                    "effort": {"type": "number", "minimum": 0},
                    "state": {"type": "select", "options": ["todo", "done"]},
                    "text": {"pattern": "^a+b"},
                },
                "allowed_children": ["Task"],
            }
            blocks = {"acyclic": True, "source_types": ["Task"], "cardinality": "one-to-many"}
            yield encode(
                {"node_types": {"Task": task}, "link_types": {"blocks": blocks}, "directed": True}
            )
        case "pattern":
            yield b"^(a|b)+[c-e]{2,3}\\d?$\nababcc1"
            yield b"\\u{1F600}|[^\\w\\s]*?\nx"
        case "property-value":
            for text in (
                '"2026-11-24"', '"2026-11-24T10:00:00Z"', '"P1DT2H"', '"https://a.b/c"', "1e308",
                '["a", "b"]', "true", "-9007199254740991", '{"a": [null]}',
            ):  # fmt: skip
                yield text.encode()
        case "key":
            for text in ("Design", "42", '"42"', '["a",1]', "-0", "[[],1.5,null]"):
                yield text.encode()
        case _:
            for path in sorted(_FILES.iterdir()):
                yield path.read_bytes()
