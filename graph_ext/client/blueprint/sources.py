"""Blueprints from what people have: YAML or JSON, files or text, dicts, and classes.

A class is a msgspec Struct, a dataclass, a pydantic model, a TypedDict, a NamedTuple or any other
with annotations. It becomes a node type of its name. Its fields become properties, by the rules of
:mod:`graph_ext.client.blueprint.annotations`, except those that every node has by itself: ``type``,
``name``, ``parent`` and ``position``. A field without a default is required, unless it is Optional.
The first line of the docstring is the type's label, what follows its description.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from graph_ext.client.blueprint.annotations import Written, written_property
from graph_ext.client.elements.values import json_value
from graph_ext.core.blueprint import Blueprint
from graph_ext.core.errors import NotFoundError, SchemaError, TooLargeError
from graph_ext.core.json_values import MAX_PROPERTIES_BYTES, shown

__all__ = ["BlueprintSource", "blueprint_of", "read_blueprint", "written_class"]

BlueprintSource = Blueprint | Mapping[str, Any] | str | Path | type | Iterable[type]
"""What a blueprint can be made of; see :func:`read_blueprint`."""

_OWN = frozenset({"type", "name", "parent", "position"})
_MOST_VALUES = 100_000  # in a file: aliases of YAML can make very many of a few lines


def read_blueprint(*sources: BlueprintSource) -> Blueprint:
    """Make a blueprint: ``gx.blueprint("plan.yaml")``, ``gx.blueprint(Task, Phase)``.

    Parameters
    ----------
    *sources
        Classes, one node type each; or one file (YAML or JSON, by its path), text in one of
        these, dict or Blueprint. A str of one line that does not begin with ``{`` is a path.

    Raises
    ------
    SchemaError
        It is no blueprint; the message says where.
    NotFoundError
        There is no such file.
    TooLargeError
        It is longer than 1 MiB.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from typing import Literal
    >>> @dataclass
    ... class Task:
    ...     '''Something to do'''
    ...     effort: float
    ...     state: Literal["todo", "doing", "done"] = "todo"
    >>> blueprint = gx.blueprint(Task)
    >>> blueprint.node_types["Task"].label
    'Something to do'
    >>> blueprint == gx.blueprint('''
    ... node_types:
    ...   Task:
    ...     label: Something to do
    ...     properties:
    ...       effort: {type: number, required: true}
    ...       state: {type: select, options: [todo, doing, done], default: todo}
    ... ''')
    True
    """
    if len(sources) == 1:
        return blueprint_of(sources[0])
    return blueprint_of(typing.cast("tuple[type, ...]", sources))


def blueprint_of(source: BlueprintSource) -> Blueprint:
    """Make a blueprint of one source; as :func:`read_blueprint`, with classes in a list."""
    if isinstance(source, Blueprint):
        return source
    if isinstance(source, Mapping):
        return Blueprint.from_mapping(_with_annotations(source))
    if isinstance(source, str | Path):
        return Blueprint.from_mapping(_parsed(source))
    classes = [source] if isinstance(source, type) else list(source)
    if not all(isinstance(one, type) for one in classes):
        raise SchemaError(
            f"a blueprint is made of classes, a file, text or a dict, got {shown(source)}"
        )
    return Blueprint.from_mapping({"node_types": dict(map(written_class, classes))})


def written_class(cls: type) -> tuple[str, Written]:
    """Return the name and the node or link type that a class stands for.

    Raises
    ------
    SchemaError
        A field can't be a property.
    """
    written: Written = {"properties": {}}
    label, description = _said(cls)
    for part, text in (("label", label), ("description", description)):
        if text:
            written[part] = text
    for name, annotation, default in _fields(cls):
        if name in _OWN:
            continue
        named = f"{cls.__name__}.{name}"
        expected = written_property(annotation, named)
        if default is not msgspec.NODEFAULT:
            value = json_value(default, name, lambda: f"type {shown(cls.__name__)}")
            if value is not None:
                expected.setdefault("default", value)
        elif expected.get("required") is not False:
            expected["required"] = True
        if not expected.get("required"):
            expected.pop("required", None)
        written["properties"][name] = expected
    return cls.__name__, written


def _with_annotations(mapping: Mapping[str, Any]) -> Written:
    """Return a dict of what people write, in which annotations may stand for properties."""
    written = dict(mapping)
    for kind in ("node_types", "link_types"):
        element_types = written.get(kind)
        if not isinstance(element_types, Mapping):
            continue
        written[kind] = {
            type_id: {
                **element_type,
                "properties": {
                    name: written_property(spec, f"{type_id}.{name}")
                    if not isinstance(spec, str | Mapping | None)
                    else spec
                    for name, spec in element_type["properties"].items()
                },
            }
            if isinstance(element_type, Mapping)
            and isinstance(element_type.get("properties"), Mapping)
            else element_type
            for type_id, element_type in element_types.items()
        }
    return written


def _parsed(source: str | Path) -> Any:
    text, named = source, "this text"
    if isinstance(source, Path) or ("\n" not in source and not source.lstrip().startswith("{")):
        path = Path(source)
        named = str(path)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_PROPERTIES_BYTES + 1)
        except FileNotFoundError:
            raise NotFoundError(f"there is no file {shown(named)}") from None
        except OSError as error:
            raise SchemaError(f"{named} can't be read: {error.strerror}") from None
        text = data.decode("utf-8-sig", errors="replace")
    if len(str(text)) > MAX_PROPERTIES_BYTES:
        raise TooLargeError(f"{named} is no blueprint: that has at most 1 MiB")
    return _plain(_loaded(str(text), named), named)


def _loaded(text: str, named: str) -> Any:
    import yaml  # noqa: PLC0415 (few need it)

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise SchemaError(f"{named}{where} is neither YAML nor JSON: {problem}") from None


def _plain(value: Any, named: str) -> Any:
    """Return what YAML has made of a text as JSON, which it must not outgrow."""
    ahead, count = [value], 0
    while ahead:
        count += 1
        if count > _MOST_VALUES:
            raise TooLargeError(f"{named} is no blueprint: it holds over {_MOST_VALUES} values")
        one = ahead.pop()
        if isinstance(one, dict):
            ahead.extend(one.values())
        elif isinstance(one, list | tuple | set):
            ahead.extend(one)
    if not isinstance(value, dict | None):
        raise SchemaError(f"{named} is no blueprint: that is a mapping, not {shown(value)}")
    return json_value(value, "a part", lambda: "the blueprint")


def _said(cls: type) -> tuple[str, str]:
    """Return the first line of a class's own docstring, and the others."""
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    if text.startswith(f"{cls.__name__}("):  # a dataclass or a NamedTuple makes one by itself
        return "", ""
    first, _, others = text.partition("\n")
    return first.strip().removesuffix("."), others.strip()


def _fields(cls: type) -> Iterator[tuple[str, Any, Any]]:
    """Yield each field's name, annotation, and default (NODEFAULT: it has none)."""
    if issubclass(cls, msgspec.Struct):
        for field in msgspec.structs.fields(cls):
            yield field.encode_name, field.type, _default(field.default, field.default_factory)
    elif hasattr(cls, "model_fields") and hasattr(cls, "model_json_schema"):
        described: Any = typing.Annotated
        for name, info in cls.model_fields.items():
            annotation = described[info.annotation, info]
            factory = info.default_factory or msgspec.NODEFAULT
            default = msgspec.NODEFAULT if info.is_required() else info.default
            yield name, annotation, _default(default, factory)
    else:
        hints = _hints(cls)
        given = dict(_defaults(cls))
        required = getattr(cls, "__required_keys__", None)
        for name, annotation in hints.items():
            if typing.get_origin(annotation) is typing.ClassVar:
                continue
            if required is not None and typing.get_origin(annotation) is None:
                # a TypedDict says it of all of its fields, or field by field
                kind = typing.Required if name in required else typing.NotRequired
                yield name, kind[annotation], msgspec.NODEFAULT
            else:
                yield name, annotation, given.get(name, msgspec.NODEFAULT)


def _hints(cls: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise SchemaError(
            f"an annotation of {cls.__name__} names what is not there: {error.name}",
            fix="name what the module has, or leave out `from __future__ import annotations`",
        ) from None


def _defaults(cls: type) -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(cls):
        for field in dataclasses.fields(cls):
            factory: Any = field.default_factory
            none = dataclasses.MISSING
            yield (
                field.name,
                _default(
                    msgspec.NODEFAULT if field.default is none else field.default,
                    msgspec.NODEFAULT if factory is none else factory,
                ),
            )
    elif hasattr(cls, "_field_defaults"):
        yield from cls._field_defaults.items()
    else:
        yield from (
            (name, value) for one in reversed(cls.__mro__) for name, value in vars(one).items()
        )


def _default(default: Any, factory: Callable[[], Any] | Any) -> Any:
    if default is not msgspec.NODEFAULT and repr(default) != "PydanticUndefined":
        return None if default is msgspec.UNSET else default
    return msgspec.NODEFAULT if factory is msgspec.NODEFAULT else factory()
