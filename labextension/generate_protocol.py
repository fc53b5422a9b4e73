"""Writes src/protocol.ts from the structs of graph_ext: run it after each change of a message.

``python labextension/generate_protocol.py`` writes, ``--check`` compares and fails where they
differ. The text is as prettier would leave it with this folder's .prettierrc.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph_ext.core import (
    access,
    blueprint,
    commands,
    conformance,
    errors,
    events,
    expectations,
    graph,
    history,
)
from graph_ext.protocol import flat, frames, http, messages

TARGET = Path(__file__).resolve().parent / "src" / "protocol.ts"
WIDTH = 100
MODULES = (
    access,
    blueprint,
    events,
    commands,
    expectations,
    history,
    messages,
    flat,
    graph,
    conformance,
    http,
)
NOT_SENT = {"Message", "Undone"}

# the unions and tuples that have a name of their own, in the order of their modules
ALIASES: dict[str, Any] = {
    "ValueType": blueprint.ValueType,
    "Cardinality": blueprint.Cardinality,
    "Position": events.Position,
    "NodeField": events.NodeField,
    "Event": events.Event,
    "Edit": commands.Edit,
    "Command": commands.Command,
    "Role": access.Role,
    "Action": access.Action,
    "ExpectedField": expectations.ExpectedField,
    "Kind": messages.Kind,
    "View": messages.View,
    "ClientMessage": messages.ClientMessage,
    "ServerMessage": messages.ServerMessage,
    "FlatEvent": flat.FlatEvent,
}

HEADER = """\
/**
 * Every message of the protocol: generated from graph_ext/protocol by generate_protocol.py.
 *
 * Not to be edited. A field with `?` is left out where it has its default.
 */
"""


def generate() -> str:
    """Return the text of protocol.ts."""
    parts = [
        HEADER,
        "export type JSONValue = string | number | boolean | null | JSONValue[] | "
        "{ [key: string]: JSONValue };\n",
        f"export const SUBPROTOCOL = '{messages.SUBPROTOCOL}';\n",
        "/** How large a page of a snapshot or a part of a long commit or batch becomes. */\n"
        f"export const PAGE_BYTES = {messages.PAGE_BYTES};\n",
        "/** How many messages a frame may hold. */\n"
        f"export const MAX_MESSAGES = {frames.MAX_MESSAGES};\n",
        "/** The codes of refusals. */\n" + _list("export const CODES = [", errors.CODES),
        "export type Code = (typeof CODES)[number];\n",
    ]
    for module in MODULES:
        parts.extend(_declarations(module))
    return "\n".join(parts)


def _declarations(module: ModuleType) -> Iterator[str]:
    """Yield what a module declares, each alias after the structs it needs."""
    for name, value in vars(module).items():
        if name.startswith("_") or name in NOT_SENT:
            continue
        if name in ALIASES and _is_home(name, module):
            yield _union(f"export type {name} =", _members(value, but=name), "") + "\n"
        elif (
            inspect.isclass(value)
            and issubclass(value, msgspec.Struct)
            and value.__module__ == module.__name__
        ):
            yield _interface(value)


def _is_home(name: str, module: ModuleType) -> bool:
    return next(m for m in MODULES if name in vars(m)) is module


def _interface(struct: type[msgspec.Struct]) -> str:
    lines = [*_comment(inspect.getdoc(struct) or ""), f"export interface {struct.__name__} {{"]
    config = struct.__struct_config__
    if config.tag is not None:
        lines.append(f"  {config.tag_field}: '{config.tag}';")
    hints = get_type_hints(struct)
    for field in msgspec.structs.fields(struct):
        optional = config.omit_defaults and not field.required
        members = _members(hints[field.name])
        lines.append(_union(f"  {field.name}{'?' if optional else ''}:", members, "  "))
    if len(lines) > 1 and lines[-1].endswith("{"):
        lines[-1] += "}"
        return "\n".join(lines) + "\n"
    return "\n".join([*lines, "}"]) + "\n"


def _comment(text: str) -> list[str]:
    lines = text.replace("``", "`").replace("*/", "* /").splitlines()
    if len(lines) == 1:
        return [f"/** {lines[0]} */"]
    return ["/**", *(f" * {line}".rstrip() for line in lines), " */"]


def _union(left: str, members: list[str], indent: str) -> str:
    line = f"{left} {' | '.join(members)};"
    if len(line) <= WIDTH:
        return line
    return "\n".join([left, *(f"{indent}  | {member}" for member in members)]) + ";"


def _list(left: str, texts: tuple[str, ...]) -> str:
    return left + "\n" + ",\n".join(f"  '{text}'" for text in texts) + "\n] as const;\n"


def _members(hint: Any, but: str = "") -> list[str]:
    """Return a type's alternatives in TypeScript, by their names where they have some."""
    for name, alias in ALIASES.items():
        if name != but and hint == alias:
            return [name]
    if get_origin(hint) is Literal:
        return [f"'{value}'" for value in get_args(hint)]
    if get_origin(hint) not in (Union, UnionType):
        return [_type(hint)]
    arguments = [one for one in get_args(hint) if one is not msgspec.UnsetType]
    members: list[str] = []
    for name, alias in ALIASES.items():
        parts = get_args(alias)
        if name != but and get_origin(alias) in (Union, UnionType) and set(parts) < set(arguments):
            members.append(name)
            arguments = [one for one in arguments if one not in parts]
    for argument in arguments:
        members.extend(one for one in _members(argument) if one not in members)
    return members


def _type(hint: Any) -> str:
    """Return one type in TypeScript."""
    if inspect.isclass(hint) and issubclass(hint, msgspec.Struct):
        return hint.__name__
    simple = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null"}
    if hint in simple:
        return simple[hint]
    if hint is Any:
        return "JSONValue"
    arguments = get_args(hint)
    if get_origin(hint) is dict:
        return f"{{ [key: string]: {' | '.join(_members(arguments[1]))} }}"
    if get_origin(hint) is list or (get_origin(hint) is tuple and arguments[1:] == (...,)):
        members = _members(arguments[0])
        return f"{members[0]}[]" if len(members) == 1 else f"({' | '.join(members)})[]"
    if get_origin(hint) is tuple:
        return f"[{', '.join(_type(argument) for argument in arguments)}]"
    raise TypeError(f"no TypeScript for {hint!r}")


def main() -> int:
    """Write protocol.ts, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and fail where it differs")
    text = generate()
    if not parser.parse_args().check:
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        print("src/protocol.ts is not what generate_protocol.py makes: run it", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
