"""The OpenAPI 3.1 document, made of the table of operations and the structs they read and answer.

docs/openapi.json is this document, checked in. Called by table.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from graph_ext import __version__
from graph_ext.core.errors import CODES
from graph_ext.transports.base import STATUS, Refusal
from graph_ext.transports.operations import Allowed, Operation
from graph_ext.transports.queries import CommonQuery

__all__ = ["codes_of", "document"]

_REF = "#/components/schemas/{name}"
_JSON = "application/json"
_SESSION_ID = {
    "name": "session_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
_ALLOWED: dict[Allowed, str] = {
    "anyone": "Anybody whom the server's authorizer lets read graphs.",
    "create": "Anybody whom the server's authorizer lets write graphs.",
}
_SECURITY_SCHEMES = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`token <the server's token>`. Needs no XSRF token.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "username-<host and port>",
        "description": "Set by the server when somebody logs in.",
    },
    "xsrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-XSRFToken",
        "description": "The value of the cookie `_xsrf`: with a cookie, and for all but GET.",
    },
}
_DESCRIPTION = """\
Live shared graphs in a Jupyter server. What the words mean, and the WebSocket that tells every
change as it happens, is in docs/protocol.md. A refusal changes nothing and has a stable `code`."""


def document(operations: Sequence[Operation], root: str) -> dict[str, Any]:
    """Return the document.

    Parameters
    ----------
    operations : sequence of Operation
        The table.
    root : str
        Where the paths begin, below the server's base URL.
    """
    kinds: list[Any] = [Refusal, CommonQuery]
    for each in operations:
        kinds.extend(kind for kind in (each.query, each.body, each.answer) if kind is not None)
    found, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    schemas = dict(zip(map(_key, kinds), found, strict=True))
    components[Refusal.__name__]["properties"]["code"]["enum"] = list(CODES)
    # queries are spelled out as parameters
    queries = {
        kind: components.pop(kind.__name__)
        for kind in {each.query for each in operations if each.query is not None} | {CommonQuery}
    }
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(f"/{each.path}", {})[each.method.lower()] = _operation(
            each, schemas, queries
        )
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "graph_ext",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [
            {
                "url": f"{{base_url}}{root.removeprefix('/')}",
                "variables": {"base_url": {"default": "/", "description": "The server's own."}},
            }
        ],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }
    # with lists in the place of tuples
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(made))
    return plain


def codes_of(operation: Operation) -> tuple[str, ...]:
    """Return the codes with which an operation may be refused, in the order of all codes."""
    codes = {"BAD_MESSAGE", "FORBIDDEN", "UNAVAILABLE", *operation.refuses}
    if operation.in_session:
        codes |= {"NOT_FOUND", "GONE", "RATE_LIMITED"}
    # a body that nobody reads may be too long as well
    codes.add("TOO_LARGE")
    return tuple(code for code in CODES if code in codes)


def _operation(
    operation: Operation, schemas: dict[str, Any], queries: dict[Any, Any]
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "description": _described(operation),
        "tags": [_tag(operation.path)],
        "security": [
            {"token": []},
            {"cookie": []} if operation.method == "GET" else {"cookie": [], "xsrf": []},
        ],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation, queries)],
    }
    if operation.body is not None:
        content: dict[str, Any] = {"schema": schemas[_key(operation.body)]}
        if operation.example is not None:
            content["example"] = operation.example
        said["requestBody"] = {"required": True, "content": {_JSON: content}}
    elif operation.upload:
        file = {"schema": {"type": "string", "contentMediaType": operation.upload}}
        said["requestBody"] = {"required": True, "content": {operation.upload: file}}
    said["responses"] = {str(operation.status): _answer(operation, schemas), **_refusals(operation)}
    return said


def _described(operation: Operation) -> str:
    allowed = _ALLOWED.get(operation.allow) or f"Roles that allow `{operation.allow}`."
    return f"{operation.description}\n\n{allowed}".strip()


def _tag(path: str) -> str:
    """Group operations by the part of a session that they are about."""
    parts = [part for part in path.split("/") if not part.startswith("{")]
    return parts[1] if len(parts) > 1 else parts[0]


def _path_parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for name in operation.parameters:
        if name == "session_id":
            yield _SESSION_ID
        else:
            yield {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
            }


def _query_parameters(operation: Operation, queries: dict[Any, Any]) -> Iterable[dict[str, Any]]:
    for kind in (operation.query, CommonQuery):
        if kind is None:
            continue
        schema = queries[kind]
        for name, of_value in schema["properties"].items():
            rest = dict(of_value)
            parameter: dict[str, Any] = {"name": name, "in": "query"}
            if description := rest.pop("description", None):
                parameter["description"] = description
            parameter["required"] = name in schema["required"]
            parameter["schema"] = _without_null(rest)
            yield parameter


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter: what has no value is left out of a query."""
    schema = dict(schema)
    if schema.get("default", 0) is None:
        del schema["default"]
    values = [each for each in schema.pop("anyOf", []) if each != {"type": "null"}]
    if len(values) == 1:
        return {**values[0], **schema}
    return {"anyOf": values, **schema} if values else schema


def _answer(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if operation.answer is None:
        return {"description": "Done."}
    schema = {} if operation.answer is bytes else schemas[_key(operation.answer)]
    answer: dict[str, Any] = {
        "description": "The answer.",
        "content": {operation.media_type: {"schema": schema}},
    }
    if operation.status == 201:
        answer["headers"] = {
            "Location": {"description": "Where it is.", "schema": {"type": "string"}}
        }
    return answer


def _refusals(operation: Operation) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for code in codes_of(operation):
        by_status.setdefault(str(int(STATUS[code])), []).append(code)
    return {
        status: {
            "description": f"Refused: {', '.join(codes)}.",
            "content": {
                _JSON: {
                    "schema": {
                        "allOf": [
                            {"$ref": _REF.format(name=Refusal.__name__)},
                            {"properties": {"code": {"enum": codes}}},
                        ]
                    }
                }
            },
        }
        for status, codes in sorted(by_status.items())
    }


def _key(kind: Any) -> str:
    """Tell types apart by how they are written: not all of them can be keys."""
    return repr(kind)
