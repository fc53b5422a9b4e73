"""The OpenAPI document: valid, checked in, and what the server says of itself (rule 6.11)."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate

from graph_ext.core.errors import CODES
from graph_ext.transports.base import STATUS
from graph_ext.transports.operations import Operation
from graph_ext.transports.table import OPERATIONS, openapi
from tests.transports.conftest import API, Server

EXAMPLE = re.compile(r"```json (request|answer) (\w+)\n(.*?)```", re.DOTALL)
PROTOCOL = (Path(__file__).parents[2] / "docs/protocol.md").read_text()
EXAMPLES = EXAMPLE.findall(PROTOCOL)
ROW = re.compile(r"^\| `(GET|POST|PUT|PATCH|DELETE) ([^`]+)` \|.*\| ([\w-]+) \|$", re.MULTILINE)
CHECKED_IN = Path(__file__).parents[2] / "docs/openapi.json"


def names(operation: Operation) -> str:
    return operation.operation_id


def said(operation: Operation) -> Any:
    return openapi()["paths"][f"/{operation.path}"][operation.method.lower()]


def test_the_document_is_valid_openapi() -> None:
    validate(openapi())


def test_the_document_that_is_checked_in_is_that_of_the_table() -> None:
    assert json.loads(CHECKED_IN.read_text()) == openapi(), "run docs/generate_openapi.py"


async def test_the_server_serves_it(server: Server) -> None:
    answer = await server.fetch(f"{API}/openapi.json")
    assert json.loads(answer.body) == openapi()


def test_every_code_has_a_status_and_is_named_in_the_document() -> None:
    assert set(STATUS) == set(CODES)
    assert openapi()["components"]["schemas"]["Refusal"]["properties"]["code"]["enum"] == [*CODES]


def test_operations_have_names_of_their_own_and_say_what_they_do() -> None:
    assert len({each.operation_id for each in OPERATIONS}) == len(OPERATIONS)
    assert len({(each.method, each.path) for each in OPERATIONS}) == len(OPERATIONS)
    assert all(each.summary for each in OPERATIONS)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.example], ids=names)
def test_an_example_is_a_body(operation: Operation) -> None:
    assert said(operation)["requestBody"]["content"]["application/json"]["example"]
    msgspec.json.decode(json.dumps(operation.example), type=operation.body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=names)
def test_what_changes_something_is_no_get(operation: Operation) -> None:
    reads = {"anyone", "read"}
    assert operation.method != "GET" or operation.allow in reads | {"share"}


def test_the_protocol_reference_lists_every_operation_and_who_may() -> None:
    listed = {(method, path): allow for method, path, allow in ROW.findall(PROTOCOL)}
    assert listed == {(each.method, each.path): each.allow for each in OPERATIONS}


@pytest.mark.parametrize(("side", "name", "text"), EXAMPLES)
def test_an_example_of_the_protocol_reference_is_what_the_operation_takes_or_gives(
    side: str, name: str, text: str
) -> None:
    (operation,) = [each for each in OPERATIONS if each.operation_id == name]
    kind = operation.body if side == "request" else operation.answer
    value = msgspec.json.decode(text, type=kind)
    assert set(msgspec.json.decode(text)) <= set(msgspec.to_builtins(value)) | {"blueprint"}
