"""What annotations, classes and files become in a blueprint."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, NewType, Optional, TypedDict
from typing import NotRequired as May
from typing import Required as Must

import msgspec
import pydantic
import pytest

import graph_ext as gx
from graph_ext.client.blueprint.annotations import written_property
from graph_ext.client.blueprint.type_name import TypeName
from graph_ext.core.blueprint_rules import check_blueprint
from graph_ext.core.errors import NotFoundError, SchemaError, TooLargeError

Days = NewType("Days", int)


class State(Enum):
    TODO = "todo"
    DONE = "done"


class Number(Enum):
    ONE = 1


@pytest.mark.parametrize(
    ("annotation", "written"),
    [
        (str, {"type": "text"}),
        (float, {"type": "number"}),
        (int, {"type": "integer"}),
        (bool, {"type": "boolean"}),
        (date, {"type": "date"}),
        (datetime, {"type": "datetime"}),
        (timedelta, {"type": "duration"}),
        (int | float, {"type": "number"}),
        (Days, {"type": "integer"}),
        (dict, {"type": "json"}),
        (list[int], {"type": "json"}),
        (Any, {"type": "json"}),
        (int | str, {"type": "json"}),
        (pydantic.HttpUrl, {"type": "url"}),
        (Literal["a", "b"], {"type": "select", "options": ["a", "b"]}),
        (State, {"type": "select", "options": ["todo", "done"]}),
        (list[State], {"type": "multi-select", "options": ["todo", "done"]}),
        (set[Literal["a"]], {"type": "multi-select", "options": ["a"]}),
        (Optional[float], {"type": "number", "required": False}),  # noqa: UP045
        (Literal["a", None], {"type": "select", "options": ["a"], "required": False}),
        (Must[float], {"type": "number", "required": True}),
        (TypeName("Person", "node"), {"type": "reference"}),
        ("url", {"type": "url"}),
        ({"type": "number", "minimum": 1}, {"type": "number", "minimum": 1}),
        (gx.PropertyType(type="json"), {"type": "json"}),
        (
            Annotated[float, msgspec.Meta(ge=0, le=9, title="Effort", description="In days")],
            {"type": "number", "minimum": 0, "maximum": 9, "label": "Effort"}
            | {"description": "In days"},
        ),
        (
            Annotated[int, pydantic.Field(gt=0, lt=9)],
            {"type": "integer", "minimum": 1, "maximum": 8},
        ),
        (Annotated[str, pydantic.Field(pattern="^a")], {"type": "text", "pattern": "^a"}),
        (Annotated[str, "A word"], {"type": "text", "description": "A word"}),
        (
            Annotated[float, {"type": "currency", "currency": "EUR"}],
            {"type": "currency", "currency": "EUR"},
        ),
    ],
)
def test_an_annotation_becomes_a_property(annotation: Any, written: dict[str, Any]) -> None:
    assert written_property(annotation, "Task.x") == written


@pytest.mark.parametrize("annotation", [3, Literal[1, 2], Number, complex(1), ...])
def test_what_can_be_no_property_is_refused(annotation: Any) -> None:
    with pytest.raises(SchemaError, match=r"Task\.x"):
        written_property(annotation, "Task.x")


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[float, msgspec.Meta(gt=0)],
        Annotated[str, msgspec.Meta(min_length=1)],
        Annotated[int, pydantic.Field(multiple_of=2)],
    ],
)
def test_what_a_blueprint_can_not_hold_is_left_out_with_a_warning(annotation: Any) -> None:
    with pytest.warns(UserWarning, match=r"left out of Task\.x"):
        assert set(written_property(annotation, "Task.x")) == {"type"}


class StructTask(msgspec.Struct):
    """Something to do.

    It takes a while.
    """

    name: str
    effort: Annotated[float, msgspec.Meta(ge=0)]
    state: State = State.TODO
    due: date | None = None
    tags: list[str] = []


@dataclasses.dataclass
class DataTask:
    """Something to do.

    It takes a while.
    """

    name: str
    effort: Annotated[float, msgspec.Meta(ge=0)]
    state: State = State.TODO
    due: date | None = None
    tags: list[str] = dataclasses.field(default_factory=list)
    kind: ClassVar[int] = 1


class ModelTask(pydantic.BaseModel):
    """Something to do.

    It takes a while.
    """

    name: str
    effort: float = pydantic.Field(ge=0)
    state: State = State.TODO
    due: date | None = None
    tags: list[str] = pydantic.Field(default_factory=list)


class TupleTask(NamedTuple):
    """Something to do.

    It takes a while.
    """

    name: str
    effort: Annotated[float, msgspec.Meta(ge=0)]
    state: State = State.TODO
    due: date | None = None
    tags: list[str] = []  # noqa: RUF012


class PlainTask:
    """Something to do.

    It takes a while.
    """

    name: str
    effort: Annotated[float, msgspec.Meta(ge=0)]
    state: State = State.TODO
    due: date | None = None
    tags: list[str] = []  # noqa: RUF012


class DictTask(TypedDict):
    effort: float
    note: May[str]


@pytest.mark.parametrize("cls", [StructTask, DataTask, ModelTask, TupleTask, PlainTask])
def test_classes_of_every_kind_become_the_same_type(cls: type) -> None:
    blueprint = gx.blueprint(cls)
    check_blueprint(blueprint)
    assert blueprint.node_types[cls.__name__] == gx.NodeType(
        label="Something to do",
        description="It takes a while.",
        properties={
            "effort": gx.PropertyType(type="number", minimum=0, required=True),
            "state": gx.PropertyType(type="select", options=("todo", "done"), default="todo"),
            "due": gx.PropertyType(type="date"),
            "tags": gx.PropertyType(type="json", default=[]),
        },
    )


def test_a_typed_dict_says_what_must_be_there() -> None:
    assert gx.blueprint(DictTask, StructTask).node_types["DictTask"].properties == {
        "effort": gx.PropertyType(type="number", required=True),
        "note": gx.PropertyType(type="text"),
    }


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_blueprint_is_read_from_a_file_and_from_its_text(tmp_path: Path, suffix: str) -> None:
    text = {
        "yaml": "node_types:\n  Task:\n    properties: {due: {type: date, default: 2026-12-01}}\n",
        "json": '{"node_types": {"Task": {"properties": '
        '{"due": {"type": "date", "default": "2026-12-01"}}}}}',
    }[suffix]
    path = tmp_path / f"plan.{suffix}"
    path.write_text(text, "utf-8-sig")
    due = gx.PropertyType(type="date", default="2026-12-01")
    expected = gx.Blueprint(node_types={"Task": gx.NodeType(properties={"due": due})})
    assert gx.blueprint(path) == gx.blueprint(str(path)) == gx.blueprint(text) == expected
    assert gx.blueprint({"node_types": {"Task": {"properties": {"due": due}}}}) == expected


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (BOMB, TooLargeError, "over 100000 values"),
        ("x" * 2_000_000 + "\n", TooLargeError, "at most 1 MiB"),
        ("node_types: [\n", SchemaError, "line 2 is neither YAML nor JSON"),
        ("- a\n- b\n", SchemaError, "a mapping"),
        ("node_types:\n  Task: {colur: red}\n", SchemaError, "did you mean 'colour'"),
        ("!!python/object/apply:os.getcwd []\n", SchemaError, "neither YAML nor JSON"),
        ("a: &a\n  b: *a\n", SchemaError, "32 deep|over 100000"),
        ("nothing there.yaml", NotFoundError, "no file 'nothing there.yaml'"),
        (".", SchemaError, "can't be read"),
        ("[" * 100_000 + "\n", SchemaError, "neither YAML nor JSON"),
    ],
)
def test_a_text_that_is_no_blueprint_is_refused(
    text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises((error, TooLargeError), match=message):
        gx.blueprint(text)


def test_a_class_with_names_that_are_not_there_is_refused() -> None:
    class Wrong:
        x: "nonsense"  # type: ignore[name-defined]  # noqa: F821, UP037

    with pytest.raises(SchemaError, match="names what is not there: nonsense"):
        gx.blueprint(Wrong)
    with pytest.raises(SchemaError, match="classes"):
        gx.blueprint([1, 2])  # type: ignore[list-item]
